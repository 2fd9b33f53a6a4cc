//! The manual, from the same table as the help.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man as Page;

use crate::cli;
use crate::failure::Failure;
use crate::output::{Format, Output};

/// Writes the manual.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write a page for every command into this directory. Nothing said: the first page goes to stdout.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(man: &Man) -> Result<(), Failure> {
    let mut command = cli::command();
    // Building fills in what the commands have in common.
    command.build();
    match &man.out {
        None => Output::new(Format::Table).bytes(&page(command)?),
        Some(directory) => {
            let failed = |source| Failure::File { attempt: "make", path: directory.clone(), source };
            fs::create_dir_all(directory).map_err(failed)?;
            write_all(&command, "allocctl", directory)
        }
    }
}

/// A page for the command and for each one below it: allocctl.1, allocctl-leases.1, allocctl-leases-get.1.
fn write_all(command: &Command, name: &str, directory: &Path) -> Result<(), Failure> {
    let path = directory.join(format!("{name}.1"));
    let text = page(command.clone().name(name.to_owned()))?;
    fs::write(&path, text).map_err(|source| Failure::File { attempt: "write", path, source })?;
    command.get_subcommands().try_for_each(|below| {
        let name = format!("{name}-{}", below.get_name());
        write_all(below, &name, directory)
    })
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    Page::new(command).render(&mut text).map_err(Failure::Output)?;
    Ok(text)
}
