//! Files and differences as text, tables and JSON. The names of JSON's fields are a contract.

use comfy_table::{ContentArrangement, Table, presets};
use freebsd_config::setup::{Difference, Finding, SetupFile};
use serde::Serialize;

use super::compare::ComparedFile;

#[derive(Serialize)]
struct JsonFile<'a> {
    path: &'a str,
    purpose: &'a str,
    is_fragment: bool,
    contents: &'a str,
}

#[derive(Serialize)]
struct JsonComparedFile<'a> {
    path: &'a str,
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    item: &'a str,
    finding: &'static str,
    have: Option<&'a str>,
    want: Option<&'a str>,
    error: Option<String>,
}

/// The files, each below a line that every one of them takes for a comment.
pub(super) fn text(files: &[SetupFile]) -> String {
    let file = |file: &SetupFile| {
        let SetupFile { path, purpose, contents, is_fragment, .. } = file;
        let how = if *is_fragment { "add to" } else { "the whole of" };
        format!("##### {how} {path}: {purpose}\n{contents}")
    };
    files.iter().map(file).collect::<Vec<_>>().join("\n")
}

/// The files without what is in them.
pub(super) fn table(files: &[SetupFile]) -> String {
    let row = |file: &SetupFile| {
        let part = if file.is_fragment { "part" } else { "whole" };
        [file.path.clone(), part.to_owned(), file.purpose.to_owned()]
    };
    laid_out(["FILE", "PART", "PURPOSE"], files.iter().map(row))
}

/// The files as an array.
pub(super) fn json(files: &[SetupFile]) -> String {
    let files = files.iter().map(|file| JsonFile {
        path: &file.path,
        purpose: file.purpose,
        is_fragment: file.is_fragment,
        contents: &file.contents,
    });
    written(&files.collect::<Vec<_>>())
}

/// What is not as it should be, in lines.
pub(super) fn diff_text(files: &[ComparedFile]) -> String {
    let line = |path: &str, Difference { item, finding }: &Difference| {
        let Cells { finding, have, want } = cells(finding);
        let is = if have.is_empty() { finding } else { &format!("{finding} ({have})") };
        format!("{path}: {item} is {is}, and should be {want}\n")
    };
    wrong(files).map(|(path, item)| line(path, item)).collect()
}

/// What is not as it should be, as a table.
pub(super) fn diff_table(files: &[ComparedFile]) -> String {
    if files.iter().all(ComparedFile::is_there) {
        return String::new();
    }
    let row = |(path, item): (&str, &Difference)| {
        let Cells { finding, have, want } = cells(&item.finding);
        [path.to_owned(), item.item.clone(), finding.to_owned(), have, want]
    };
    laid_out(["FILE", "ITEM", "FINDING", "HAVE", "WANT"], wrong(files).map(row))
}

/// Every item of every file as an array.
pub(super) fn diff_json(files: &[ComparedFile]) -> String {
    let files = files
        .iter()
        .map(|file| JsonComparedFile { path: &file.path, items: file.items.iter().map(json_item).collect() });
    written(&files.collect::<Vec<_>>())
}

/// How much is there.
pub(super) fn summary(files: &[ComparedFile]) -> String {
    let all = || files.iter().flat_map(|file| &file.items);
    let count = |name: &str| all().filter(|item| cells(&item.finding).finding == name).count();
    let counts = ["there", "missing", "different", "not understood"];
    let counts: Vec<String> = counts.iter().map(|name| format!("{} {name}", count(name))).collect();
    format!("{} items in {} files: {}", all().count(), files.len(), counts.join(", "))
}

/// Why something is not understood, each reason once.
pub(super) fn notes(files: &[ComparedFile]) -> Vec<String> {
    let reasons = wrong(files).filter_map(|(path, item)| match &item.finding {
        Finding::NotUnderstood { error, .. } => Some(format!("{path}: {error}")),
        Finding::There | Finding::Missing { .. } | Finding::Different { .. } => None,
    });
    let mut notes: Vec<String> = reasons.collect();
    notes.dedup();
    notes
}

/// A finding in words.
struct Cells {
    finding: &'static str,
    have: String,
    want: String,
}

fn cells(finding: &Finding) -> Cells {
    let (finding, have, want) = match finding {
        Finding::There => ("there", "", ""),
        Finding::Missing { want } => ("missing", "", want.as_str()),
        Finding::Different { have, want } => ("different", have.as_str(), want.as_str()),
        Finding::NotUnderstood { want, .. } => ("not understood", "", want.as_str()),
    };
    Cells { finding, have: shown(have), want: want.to_owned() }
}

/// What stands in a file of somebody else, which may be anything.
fn shown(text: &str) -> String {
    if text.contains(char::is_control) { text.escape_debug().to_string() } else { text.to_owned() }
}

fn json_item(Difference { item, finding }: &Difference) -> JsonItem<'_> {
    let name = cells(finding).finding;
    let (have, want, error) = match finding {
        Finding::There => (None, None, None),
        Finding::Missing { want } => (None, Some(want), None),
        Finding::Different { have, want } => (Some(have), Some(want), None),
        Finding::NotUnderstood { want, error } => (None, Some(want), Some(error.to_string())),
    };
    JsonItem { item, finding: name, have: have.map(String::as_str), want: want.map(String::as_str), error }
}

/// Every item that is not as it should be, with its file.
fn wrong(files: &[ComparedFile]) -> impl Iterator<Item = (&str, &Difference)> {
    files.iter().flat_map(|file| {
        let items = file.items.iter().filter(|item| item.finding != Finding::There);
        items.map(|item| (file.path.as_str(), item))
    })
}

/// A table without lines: columns stand below each other, and no cell is ever broken or cut.
fn laid_out<const N: usize>(titles: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(titles);
    table.add_rows(rows);
    for at in 0..N {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, 2));
        }
    }
    table.to_string().lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn written<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value).expect("names and texts are JSON");
    format!("{text}\n")
}
