//! All that came out, before anybody writes it down.

use super::row::Row;
use super::table::cells;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) rows: Vec<Row>,
    pub(super) figures: Vec<Figure>,
    pub(super) plots: Vec<Plot>,
    /// What a reader of the figures has to know.
    pub(super) notes: Vec<String>,
    /// What could not be measured here, and why.
    pub(super) missing: Vec<String>,
}

/// The middle of what one thing came to.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) what: String,
    pub(super) clients: u32,
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// Something to be drawn, over an axis that doubles.
#[derive(Debug)]
pub(super) struct Plot {
    /// The file's name without its ending.
    pub(super) file: &'static str,
    pub(super) title: &'static str,
    pub(super) x: &'static str,
    pub(super) y: &'static str,
    pub(super) series: Vec<Series>,
}

/// One line of a plot.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
}

impl Findings {
    /// Keeps a note, and says it at once.
    pub(super) fn note(&mut self, note: String) {
        println!("NOTE: {note}");
        self.notes.push(note);
    }

    /// Keeps a row, and says it at once.
    pub(super) fn tell(&mut self, row: Row) {
        let [metric, _, ours, theirs, unit, ratio, ..] = cells(&row);
        let beside = if theirs.is_empty() { String::new() } else { format!(" / {theirs} = {ratio}") };
        println!("  {metric}: {ours}{beside} {unit}");
        self.rows.push(row);
    }

    /// Keeps what is missing, and says it at once and loudly.
    pub(super) fn lacks(&mut self, what: String) {
        println!("NOT MEASURED: {what}");
        self.missing.push(what);
    }
}
