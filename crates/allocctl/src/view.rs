//! How resources look: as JSON with the names of the API's messages, and as rows of a table. One file a noun.

pub(crate) mod audit;
pub(crate) mod change;
pub(crate) mod cluster;
pub(crate) mod decline;
pub(crate) mod exclusion;
pub(crate) mod host;
pub(crate) mod import;
pub(crate) mod lease;
pub(crate) mod left_over;
pub(crate) mod network;
pub(crate) mod pool;
pub(crate) mod recovery;
pub(crate) mod reservation;
pub(crate) mod usage;
pub(crate) mod value;

use std::collections::BTreeMap;
use std::fmt::Display;

use allocd_types::id::Revision;
use allocd_types::label::Labels;
use allocd_types::time::ClusterTime;
use serde::Serialize;

/// Something that lists are made of.
pub(crate) trait Resource {
    /// Its JSON.
    type Json: Serialize;
    /// What several of it are called.
    const PLURAL: &'static str;
    /// The columns of its table.
    const COLUMNS: &'static [Column];

    /// Its JSON.
    fn json(&self) -> Self::Json;
    /// What it is called in commands.
    fn name(&self) -> String;
    /// Its row, a cell for every column.
    fn cells(&self) -> Vec<String>;
}

/// A column of a table.
pub(crate) struct Column {
    /// What stands above it.
    pub(crate) title: &'static str,
    /// Which tables have it.
    pub(crate) width: Width,
    /// On which side its cells stand.
    pub(crate) align: Align,
}

/// How much a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// What matters most.
    Narrow,
    /// Everything.
    Wide,
}

/// On which side the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A column of text in every table.
pub(crate) const fn text(title: &'static str) -> Column {
    Column { title, width: Width::Narrow, align: Align::Left }
}

/// A column of numbers in every table.
pub(crate) const fn number(title: &'static str) -> Column {
    Column { title, width: Width::Narrow, align: Align::Right }
}

/// A column of wide tables.
pub(crate) const fn wide(title: &'static str) -> Column {
    Column { title, width: Width::Wide, align: Align::Left }
}

/// A column of numbers in wide tables.
pub(crate) const fn wide_number(title: &'static str) -> Column {
    Column { title, width: Width::Wide, align: Align::Right }
}

/// What was done where nothing is left to show.
#[derive(Serialize)]
pub(crate) struct DoneJson {
    /// What it was done to.
    pub(crate) name: String,
    /// The revision of the state that the answer is from.
    pub(crate) revision: u64,
    /// The cluster time of that state.
    pub(crate) cluster_time_ms: u64,
}

impl DoneJson {
    /// Done to this, as of then.
    pub(crate) fn new(name: &impl Display, revision: Revision, now: ClusterTime) -> Self {
        Self { name: name.to_string(), revision: revision.get(), cluster_time_ms: now.millis() }
    }
}

/// Labels as a JSON object.
pub(crate) fn labels_json(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Labels in a cell.
pub(crate) fn labels_cell(labels: &Labels) -> String {
    joined(labels.iter().map(|(key, value)| format!("{key}={value}")))
}

/// What there may be none of, as the API's empty string.
pub(crate) fn or_empty(value: Option<&impl Display>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}

/// What there may be none of, in a cell.
pub(crate) fn or_dash(value: Option<&impl Display>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// Several in a cell.
pub(crate) fn joined<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    if texts.is_empty() { "-".to_owned() } else { texts.join(",") }
}
