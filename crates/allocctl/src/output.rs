//! Where answers go: stdout, in the format that was asked for. Notes that are no data go to stderr.
//!
//! JSON has the names of the API's messages, with every field always there: a contract. Tables are for eyes and may change.

use std::io::{self, BufWriter, Write as _};

use clap::ValueEnum;
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use crate::failure::Failure;
use crate::view::{Align, Resource, Width};

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table of what matters most.
    Table,
    /// A table with everything that fits a line.
    Wide,
    /// One JSON document: an array for a list, an object for one thing.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Names only, one a line.
    Name,
}

/// Where answers go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    format: Format,
}

impl Output {
    /// Answers in this format.
    pub(crate) const fn new(format: Format) -> Self {
        Self { format }
    }

    /// The format.
    pub(crate) const fn format(self) -> Format {
        self.format
    }

    /// Writes a list. That there is nothing is told too, where it would look like a mistake.
    pub(crate) fn list<R: Resource>(self, resources: &[R]) -> Result<(), Failure> {
        match self.format {
            Format::Table | Format::Wide if resources.is_empty() => {
                self.note(&format!("there are no {}", R::PLURAL));
                Ok(())
            }
            Format::Table => self.text(&table(resources, Width::Narrow)),
            Format::Wide => self.text(&table(resources, Width::Wide)),
            Format::Json => self.json(&resources.iter().map(Resource::json).collect::<Vec<_>>()),
            Format::Jsonl => {
                self.text(&json_lines(&resources.iter().map(Resource::json).collect::<Vec<_>>())?)
            }
            Format::Name => self.text(&names(resources)),
        }
    }

    /// Writes one resource.
    pub(crate) fn one<R: Resource>(self, resource: &R) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.json(&resource.json()),
            Format::Table | Format::Wide | Format::Jsonl | Format::Name => {
                self.list(std::slice::from_ref(resource))
            }
        }
    }

    /// Writes what is no table: a text for people, or the same as JSON, or its name.
    pub(crate) fn report<J: Serialize>(self, text: &str, json: &J, name: &str) -> Result<(), Failure> {
        match self.format {
            Format::Table | Format::Wide => self.text(text),
            Format::Json => self.json(json),
            Format::Jsonl => self.text(&(to_line(json)? + "\n")),
            Format::Name => self.text(&format!("{name}\n")),
        }
    }

    /// Writes one JSON document.
    pub(crate) fn json<J: Serialize>(self, json: &J) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(json).map_err(io::Error::from).map_err(Failure::Output)?;
        self.text(&(text + "\n"))
    }

    /// Writes text as it is.
    pub(crate) fn text(self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    /// Writes bytes as they are, all of them before it returns.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = BufWriter::new(io::stdout().lock());
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| {
            if error.kind() == io::ErrorKind::BrokenPipe {
                Failure::ClosedPipe
            } else {
                Failure::Output(error)
            }
        })
    }

    /// Tells a person something that is no data.
    pub(crate) fn note(self, text: &str) {
        // If stderr is gone, nobody wants to know.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// One JSON object in one line.
pub(crate) fn to_line<J: Serialize>(json: &J) -> Result<String, Failure> {
    serde_json::to_string(json).map_err(io::Error::from).map_err(Failure::Output)
}

/// One JSON object a line.
pub(crate) fn json_lines<J: Serialize>(objects: &[J]) -> Result<String, Failure> {
    objects.iter().map(|object| Ok(to_line(object)? + "\n")).collect()
}

fn names<R: Resource>(resources: &[R]) -> String {
    resources.iter().map(|resource| resource.name() + "\n").collect()
}

/// A table without lines: columns stand below each other, and no cell is ever broken or cut.
fn table<R: Resource>(resources: &[R], width: Width) -> String {
    let shown = || {
        R::COLUMNS
            .iter()
            .enumerate()
            .filter(|(_, column)| width == Width::Wide || column.width == Width::Narrow)
    };
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(shown().map(|(_, column)| column.title));
    for resource in resources {
        let cells = resource.cells();
        assert_eq!(cells.len(), R::COLUMNS.len(), "a row has a cell for every column");
        table.add_row(shown().map(|(at, _)| cells.get(at).map_or("", String::as_str)));
    }
    for (at, (_, column)) in shown().enumerate() {
        if let Some(laid_out) = table.column_mut(at) {
            laid_out.set_padding((0, 2));
            laid_out.set_cell_alignment(match column.align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
    }
    let lines = table.to_string();
    lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}
