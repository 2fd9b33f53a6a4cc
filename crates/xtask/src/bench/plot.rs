//! Plots as SVG. Both axes are logarithmic: what is compared differs by factors, and a factor is then the same distance
//! everywhere.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use plotters::prelude::*;

use super::findings::Plot;

/// Width and height, in points.
const SIZE: (u32, u32) = (720, 420);
/// How much room is left beside the outermost points.
const MARGIN: f64 = 1.4;

/// Writes a plot below `dir`. One without a point is not written.
pub(super) fn write(plot: &Plot, dir: &Path) -> Result<()> {
    let Some((x, y)) = bounds(plot) else { return Ok(()) };
    let path = dir.join(format!("{}.svg", plot.file));
    let mut text = String::new();
    draw(plot, x, y, &mut text).map_err(|error| anyhow!("cannot draw {}: {error}", path.display()))?;
    // The library leaves blanks at line ends.
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    fs::write(&path, lines.join("\n") + "\n").with_context(|| format!("cannot write {}", path.display()))
}

type Bounds = std::ops::Range<f64>;

fn draw(plot: &Plot, x: Bounds, y: Bounds, text: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(plot.title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(x.log_scale(), y.log_scale())?;
    chart.configure_mesh().x_desc(plot.x).y_desc(plot.y).light_line_style(WHITE).draw()?;
    for (at, series) in plot.series.iter().enumerate() {
        let colour = Palette99::pick(at).to_rgba();
        let points = series.points.iter().copied();
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)).point_size(3))?
            .label(series.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .position(SeriesLabelPosition::UpperLeft)
        .draw()?;
    root.present()?;
    Ok(())
}

/// The ranges that all points lie in.
fn bounds(plot: &Plot) -> Option<(Bounds, Bounds)> {
    let points = || plot.series.iter().flat_map(|series| &series.points);
    let of = |part: fn(&(f64, f64)) -> f64| {
        let values = || points().map(part).filter(|value| *value > 0.0);
        let (least, most) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
        Some(least / MARGIN..most * MARGIN)
    };
    Some((of(|point| point.0)?, of(|point| point.1)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::findings::Series;

    #[test]
    fn a_plot_names_its_axes_and_series() {
        let points = vec![(1.0, 800.0), (256.0, 12_000.0)];
        let series = vec![Series { name: "allocate", points }];
        let plot = Plot { file: "throughput", title: "a title", x: "clients", y: "calls", series };
        let dir = tempfile::tempdir().unwrap();
        write(&plot, dir.path()).unwrap();
        let text = fs::read_to_string(dir.path().join("throughput.svg")).unwrap();
        for part in ["<svg", "a title", "clients", "calls", "allocate"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn a_plot_without_points_is_not_written() {
        let plot = Plot { file: "empty", title: "", x: "", y: "", series: Vec::new() };
        let dir = tempfile::tempdir().unwrap();
        write(&plot, dir.path()).unwrap();
        assert!(!dir.path().join("empty.svg").exists());
    }
}
