//! How many appends a second become durable: the log, beside what it replaced and beside the least that a disk has to do.
//!
//! ```text
//! cargo run --release -p allocd-store --example appends [-- DIRECTORY]
//! ```
//!
//! Three stores take turns on the same disk: the log, sled with a sync of its own after each flush (what the log was on before),
//! and a file that is written beforehand, with one `fdatasync` a batch. What is told is the median of the turns.
#![expect(clippy::print_stdout, reason = "it is there to be read")]

use std::env;
use std::error::Error;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use allocd_replica::log::{LogStore as _, Record};
use allocd_store::{DiskLog, Owner};
use allocd_types::id::{ClusterId, MemberId};

/// Entries in a batch.
const BATCHES: [u64; 4] = [1, 16, 128, 1_024];
/// Bytes of an entry: a lease is asked for with about as many.
const ENTRY_BYTES: usize = 200;
/// How long a turn lasts.
const TURN: Duration = Duration::from_secs(2);
/// How many turns each store has.
const TURNS: usize = 5;
/// The file that is written beforehand: more than a turn fills.
const FILE_BYTES: u64 = 512 * 1_024 * 1_024;

/// Appends one batch and makes it durable.
type Append<'a> = Box<dyn FnMut(u64) -> Result<(), Box<dyn Error>> + 'a>;

fn main() -> Result<(), Box<dyn Error>> {
    let parent = env::args_os().nth(1).unwrap_or_else(|| ".".into());
    println!("{:>6} {:>12} {:>12} {:>12}   durable appends a second", "batch", "log", "sled", "file");
    for batch in BATCHES {
        let mut rates = [const { Vec::new() }; 3];
        for _ in 0..TURNS {
            let directory = tempfile::tempdir_in(&parent)?;
            for (rate, append) in rates.iter_mut().zip(stores(directory.path())?) {
                rate.push(turn(append, batch)?);
            }
        }
        let [log, sled, file] = rates.map(median);
        println!("{batch:>6} {log:>12} {sled:>12} {file:>12}");
    }
    Ok(())
}

/// Appends for one turn; how many entries a second were durable.
fn turn(mut append: Append<'_>, batch: u64) -> Result<u64, Box<dyn Error>> {
    let begun = Instant::now();
    let mut entries = 0;
    while begun.elapsed() < TURN {
        append(batch)?;
        entries += batch;
    }
    let millis = u64::try_from(begun.elapsed().as_millis())?.max(1);
    Ok(entries * 1_000 / millis)
}

fn median(mut rates: Vec<u64>) -> u64 {
    rates.sort_unstable();
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn stores(directory: &Path) -> Result<[Append<'static>; 3], Box<dyn Error>> {
    Ok([log(directory)?, sled_tree(directory)?, file(directory)?])
}

fn log(directory: &Path) -> Result<Append<'static>, Box<dyn Error>> {
    let owner = Owner { cluster: ClusterId::new("appends")?, member: MemberId::new(1) };
    let mut log = DiskLog::open(&directory.join("log"), &owner)?;
    Ok(Box::new(move |batch| {
        let first = log.last_index() + 1;
        let record = |index| Record { index, term: 1, bytes: vec![7; ENTRY_BYTES].into() };
        log.append(&(first..first + batch).map(record).collect::<Vec<_>>())?;
        Ok(log.flush()?)
    }))
}

fn sled_tree(directory: &Path) -> Result<Append<'static>, Box<dyn Error>> {
    let path = directory.join("sled");
    let tree = sled::Config::new().path(&path).flush_every_ms(None).open()?;
    let file = File::options().read(true).write(true).open(path.join("db"))?;
    let mut next = 0_u64;
    Ok(Box::new(move |batch| {
        for _ in 0..batch {
            tree.insert(next.to_be_bytes(), vec![7; ENTRY_BYTES])?;
            next += 1;
        }
        tree.flush()?;
        Ok(file.sync_data()?)
    }))
}

fn file(directory: &Path) -> Result<Append<'static>, Box<dyn Error>> {
    let file = File::options().create_new(true).write(true).open(directory.join("file"))?;
    let zeros = vec![0; 1_024 * 1_024];
    for at in (0..FILE_BYTES).step_by(zeros.len()) {
        file.write_all_at(&zeros, at)?;
    }
    file.sync_all()?;
    let mut at = 0;
    Ok(Box::new(move |batch| {
        let bytes = vec![7; ENTRY_BYTES * usize::try_from(batch)?];
        let length = u64::try_from(bytes.len())?;
        if at + length > FILE_BYTES {
            at = 0;
        }
        file.write_all_at(&bytes, at)?;
        at += length;
        Ok(file.sync_data()?)
    }))
}
