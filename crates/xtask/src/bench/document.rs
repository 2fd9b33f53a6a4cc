//! The figures in docs/performance.md: what stands between two marks is written anew, the text around it is people's.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::findings::Findings;
use super::plot;
use super::table::{cells, short};

/// The text with the figures.
const DOCUMENT: &str = "docs/performance.md";
/// Where plots go; the text links to them.
const PLOTS: &str = "performance";
const BEGIN: &str = "<!-- figures: written by cargo xtask bench -->";
const END: &str = "<!-- end of figures -->";

/// What has to stand beside figures.
pub(super) struct Setting {
    pub(super) date: String,
    pub(super) machine: String,
    pub(super) etcd: String,
}

/// Writes the plots and the figures.
pub(super) fn write(root: &Path, setting: &Setting, findings: &Findings) -> Result<()> {
    let path = root.join(DOCUMENT);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {DOCUMENT}"))?;
    let dir = path.with_file_name(PLOTS);
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    findings.plots.iter().try_for_each(|drawn| plot::write(drawn, &dir))?;
    let text = replaced(&text, &figures(setting, findings)).with_context(|| {
        format!(
            "{DOCUMENT} lacks the marks of the figures; hint: put `{BEGIN}` and `{END}` where they belong"
        )
    })?;
    fs::write(&path, text).with_context(|| format!("cannot write {DOCUMENT}"))
}

/// The text with something else between the marks.
fn replaced(text: &str, figures: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{figures}\n{END}{after}"))
}

fn figures(setting: &Setting, findings: &Findings) -> String {
    let Setting { date, machine, etcd } = setting;
    let mut text = format!("`cargo xtask bench`, {date}. {machine}. {etcd}.\n\n");
    for note in &findings.notes {
        text += &format!("- {note}\n");
    }
    if !findings.notes.is_empty() {
        text.push('\n');
    }
    let head = ["metric", "clients", "ours", "theirs", "unit", "ratio", "goal", "met"];
    line(&mut text, &head.map(str::to_owned));
    text += "|---|--:|--:|--:|---|--:|---|---|\n";
    findings.rows.iter().for_each(|row| line(&mut text, &cells(row)));
    text += "\nEach figure is the median of the windows.\n\n";
    line(&mut text, &["what", "clients", "calls/s", "p50 ms", "p99 ms"].map(str::to_owned));
    text += "|---|--:|--:|--:|--:|\n";
    for figure in &findings.figures {
        let numbers = [figure.per_second, figure.p50_ms, figure.p99_ms].map(short);
        let [rate, p50, p99] = numbers;
        line(&mut text, &[figure.what.clone(), figure.clients.to_string(), rate, p50, p99]);
    }
    text.push('\n');
    for plot in &findings.plots {
        text += &format!("![{} over {}]({PLOTS}/{}.svg)\n", plot.y, plot.x, plot.file);
    }
    text
}

fn line(text: &mut String, cells: &[String]) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let text = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nafter\n");
        let new = replaced(&text, "new\n").unwrap();
        assert_eq!(new, format!("# Title\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter\n"));
        assert_eq!(replaced(&new, "new\n").unwrap(), new);
    }

    #[test]
    fn a_text_without_marks_is_left_alone() {
        assert_eq!(replaced("# Title\n", "new"), None);
    }
}
