//! `alloc-agent render`: the files of permanent leases, where they belong or below another directory.

use std::fs;
use std::path::{Path, PathBuf};

use allocd_client::deadline::HolderTime;
use clap::Args;
use freebsd_config::Release;
use serde::Serialize;

use crate::cli::{Format, Options};
use crate::cluster::{Cluster as _, Remote};
use crate::config::Config;
use crate::failure::{Failure, chain};
use crate::pass::{LookInto, as_told};
use crate::surroundings::{Surroundings, ask, note, write};
use crate::want::{Build, DesiredHost, WantedFile};

/// Writes files.
#[derive(Debug, Args)]
pub(crate) struct Render {
    /// Write below this directory instead, leases that are not taken up yet among them; nothing of the host is touched.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// With --out, the FreeBSD release to write for, such as 10 or 14.1: it is done anywhere, on this host or not.
    #[arg(long, value_name = "RELEASE", requires = "out")]
    release: Option<Release>,
}

#[derive(Serialize)]
struct Rendered {
    files: Vec<String>,
}

/// Writes files.
pub(crate) fn run(options: &Options, render: &Render) -> Result<(), Failure> {
    if let (Some(directory), Some(release)) = (&render.out, render.release) {
        return tell(anywhere(options, directory, release)?);
    }
    let surroundings = Surroundings::new(options)?;
    let mut agent = surroundings.agent()?;
    let paths = match &render.out {
        Some(directory) => {
            let told = ask(&mut agent);
            let (want, _, _) = agent.preview(told, LookInto::NoJail)?;
            below(directory, &want)?
        }
        None => {
            let report = agent.render()?;
            if let Some(away) = &report.away {
                note(&format!("{away}; these are the files of leases that were taken up before"));
            }
            report.problems.iter().for_each(|problem| note(problem));
            if let Some(failure) = report.outcomes.iter().find_map(|outcome| outcome.failure.as_ref()) {
                return Err(Failure::Findings(chain(failure)));
            }
            report.written
        }
    };
    tell(paths)
}

fn tell(paths: Vec<String>) -> Result<(), Failure> {
    let text: String = paths.iter().map(|path| format!("{path}\n")).collect();
    write(Format::Table, &text, &Rendered { files: paths })
}

/// Writes what the configuration's host would get, wherever this is.
fn anywhere(options: &Options, directory: &Path, release: Release) -> Result<Vec<String>, Failure> {
    let config = Config::read(&options.config)?;
    let mut remote = Remote::new(&config).map_err(|error| Failure::Broken(Box::new(error)))?;
    let told = remote.leases().map_err(|error| Failure::Broken(Box::new(error)))?;
    below(directory, &as_told(told, (HolderTime::default(), true), (&config.jails, release)))
}

/// Writes every file that is wanted below a directory, each at its own path.
fn below(directory: &Path, want: &DesiredHost) -> Result<Vec<String>, Failure> {
    let mut paths = Vec::new();
    for (jail, desired) in &want.jails {
        match &desired.build {
            Build::Jail(wanted) => {
                if let Some(WantedFile { path, text }) = &wanted.file {
                    let place = directory.join(path.trim_start_matches('/'));
                    let parent = place.parent().unwrap_or(directory);
                    let written = fs::create_dir_all(parent).and_then(|()| fs::write(&place, text));
                    written.map_err(|source| Failure::File { path: place.clone(), source })?;
                    paths.push(place.display().to_string());
                }
            }
            Build::Refused(why) => note(&format!("jail {jail}: {why}")),
            Build::Nothing | Build::Later => {}
        }
    }
    Ok(paths)
}
