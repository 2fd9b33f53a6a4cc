//! A backup of the cluster as a file: whole, proven and synced, or not there.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::HumanBytes;

use crate::failure::Failure;
use crate::progress::bar;
use crate::session::Session;

/// Writes a backup.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file. One that is there is not overwritten.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Overwrite a file that is there, once the new one is whole.
    #[arg(long)]
    overwrite: bool,
}

pub(crate) async fn run(session: &Session, backup: &Backup) -> Result<(), Failure> {
    let path = &backup.file;
    if path.exists() && !backup.overwrite {
        let message = format!("{} is there already", path.display());
        let hint = Some("choose another name, or say --overwrite".to_owned());
        return Err(Failure::Input { message, hint });
    }
    let Some(name) = path.file_name() else {
        return Err(Failure::input(format!("{} names no file", path.display())));
    };
    let mut aside = name.to_owned();
    aside.push(".part");
    let aside = path.with_file_name(aside);
    let written = write(session, &aside).await;
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(failure) => {
            // The failure says more than that this could not be removed either.
            let _ = fs::remove_file(&aside);
            return Err(failure);
        }
    };
    fs::rename(&aside, path).and_then(|()| sync_directory(path)).map_err(failed("rename", path))?;
    session.output.note(&format!("{} in {}", HumanBytes(bytes), path.display()));
    Ok(())
}

/// Writes all parts; how many bytes there were.
async fn write(session: &Session, path: &Path) -> Result<u64, Failure> {
    let mut parts = session.client.backup().await?;
    let mut file = File::create(path).map_err(failed("create", path))?;
    let progress = bar("backup", 0);
    let mut bytes = 0;
    while let Some(part) = parts.next().await? {
        file.write_all(&part.bytes).map_err(failed("write", path))?;
        bytes += u64::try_from(part.bytes.len()).unwrap_or(u64::MAX);
        progress.set_length(part.records_total);
        progress.set_position(part.records);
    }
    progress.finish_and_clear();
    file.sync_all().map_err(failed("sync", path))?;
    Ok(bytes)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    File::open(parent)?.sync_all()
}

fn failed(attempt: &'static str, path: &Path) -> impl Fn(io::Error) -> Failure + use<> {
    let path = path.to_owned();
    move |source| Failure::File { attempt, path: path.clone(), source }
}
