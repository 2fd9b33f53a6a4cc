//! The bench from start to end: what is needed is fetched and built, the sides are measured in turn, what came out is told
//! and written down. Every process that was started is ended by the way, and directories are removed, also where something
//! fails or somebody interrupts.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use tokio::signal::unix::{SignalKind, signal};

use super::document::{self, Setting};
use super::etcd::Program;
use super::findings::Findings;
use super::options::{Options, Plan};
use super::sides::Sides;
use super::table::table;
use super::{machine, scale, throughput};
use crate::context::Context;
use crate::process::Tool;
use crate::progress::chapter;

/// A machine on which more wants to run than this is disturbed.
const LOAD_MAX: f64 = 0.5;

/// Measures; fails if something does not run, never for a goal that is not met.
pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    if cfg!(debug_assertions) {
        return run_optimised(context);
    }
    let allocd = allocd(context)?;
    let plan = Plan::new(options);
    let mut findings = Findings::default();
    let etcd = match Program::get(context) {
        Ok(program) => Some(program),
        Err(error) => {
            findings.lacks(format!(
                "etcd: {error:#}; hint: it is fetched from Debian, on Debian, with a network"
            ));
            None
        }
    };
    if options.quick {
        findings.note("a quick run: it shows that everything runs, and its figures mean little".to_owned());
    } else if let Some(load) = machine::load().filter(|load| *load > LOAD_MAX) {
        findings
            .note(format!("the machine was busy before this began (load {load:.2}): figures are disturbed"));
    }
    let setting = setting(context, etcd.as_ref());
    println!("{}; {}", setting.machine, setting.etcd);
    // One thread for all clients: the members need the others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let measured = runtime.block_on(async {
        tokio::select! {
            measured = measure(&allocd, etcd.as_ref(), &context.target, &plan, &mut findings) => measured,
            stopped = told_to_stop() => stopped.and_then(|()| bail!("interrupted")),
        }
    });
    measured?;
    tell(&findings);
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&findings.rows)? + "\n";
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    document(context, options, &setting, &findings)?;
    verdict(options, &findings)
}

/// Comes true at SIGINT or SIGTERM: what was started has to be ended.
async fn told_to_stop() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot listen for SIGINT"),
        _ = terminate.recv() => Ok(()),
    }
}

fn setting(context: &Context, etcd: Option<&Program>) -> Setting {
    Setting {
        date: jiff::Zoned::now().date().to_string(),
        machine: machine::describe(&context.target),
        etcd: etcd.map_or_else(|| "no etcd".to_owned(), |program| program.version.clone()),
    }
}

/// Only a whole run has figures for the documentation; any other says that it leaves them alone.
fn document(context: &Context, options: &Options, setting: &Setting, findings: &Findings) -> Result<()> {
    if !options.is_whole() || !findings.missing.is_empty() {
        println!("docs/performance.md is left as it is: only a whole run, with nothing missing, writes it");
        return Ok(());
    }
    document::write(&context.root, setting, findings)
}

/// An optimised build of this program does the same; this one would be measured itself.
fn run_optimised(context: &Context) -> Result<()> {
    context.build_release()?;
    Err(Tool::new(context.target.join("release/xtask")).args(std::env::args_os().skip(1)).become_it())
}

fn allocd(context: &Context) -> Result<PathBuf> {
    context.build_release()?;
    Ok(context.target.join("release/allocd"))
}

async fn measure(
    allocd: &Path,
    etcd: Option<&Program>,
    disk: &Path,
    plan: &Plan,
    findings: &mut Findings,
) -> Result<()> {
    {
        let sides = Sides::start(allocd, etcd, disk).await?;
        for missing in sides.missing() {
            findings.lacks(missing);
        }
        throughput::measure(&sides, plan, findings).await?;
    }
    scale::measure(allocd, disk, plan, findings).await
}

fn tell(findings: &Findings) {
    chapter("what came of it");
    println!("{}", table(&findings.rows));
    findings.notes.iter().for_each(|note| println!("note: {note}"));
    let met = findings.rows.iter().filter(|row| row.met == Some(true)).count();
    let judged = findings.rows.iter().filter(|row| row.met.is_some()).count();
    println!("{met} of {judged} goals are met");
}

/// A run that lacks something says PARTIAL. Only a quick one may: a full run without its yardstick has failed.
fn verdict(options: &Options, findings: &Findings) -> Result<()> {
    if findings.missing.is_empty() {
        return Ok(());
    }
    let missing = findings.missing.join("; ");
    println!("PARTIAL: {missing}");
    if options.quick { Ok(()) } else { bail!("not everything could be measured: {missing}") }
}
