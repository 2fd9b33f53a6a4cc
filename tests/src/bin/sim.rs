//! `sim`: runs the simulator over seeds, and says what it found.
//!
//! Exit codes: 0 if no seed showed a violation, 1 if one did, 2 if the command line cannot be understood.
#![expect(clippy::print_stdout, reason = "a command line talks to people")]

use std::io::IsTerminal as _;
use std::ops::Range;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use allocd_tests::sim::counts::Counts;
use allocd_tests::sim::fault::Fault;
use allocd_tests::sim::run::{Options, Report, run};
use allocd_tests::sim::trace::Trace;
use clap::Parser;
use indicatif::ProgressBar;

/// Runs a whole cluster under a seed that decides everything, and judges what it does.
#[derive(Parser)]
#[command(name = "sim")]
struct Arguments {
    /// The seeds to run, from A up to but not with B.
    #[arg(long, value_name = "A..B", default_value = "0..100", value_parser = seeds)]
    seeds: Range<u64>,
    /// Begin no further seed after so many minutes.
    #[arg(long, value_name = "M")]
    minutes: Option<u64>,
    /// Run this seed alone.
    #[arg(long, value_name = "S", conflicts_with_all = ["seeds", "minutes"])]
    seed: Option<u64>,
    /// Show everything that happens.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Put in one deliberate fault, which has to be found.
    #[arg(long, value_name = "NAME")]
    fault: Option<Fault>,
    /// Name the faults there are, one a line, and end.
    #[arg(long)]
    list_faults: bool,
    /// Let holders be held up for longer than values rest, which the design excludes.
    #[arg(long)]
    beyond_bounds: bool,
    /// Let no member come or go.
    #[arg(long)]
    steady: bool,
    /// Print one JSON object a line for each seed.
    #[arg(long)]
    json: bool,
    /// Go on after a violation.
    #[arg(long)]
    keep_going: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list_faults {
        Fault::ALL.iter().for_each(|fault| println!("{}", fault.name()));
        return ExitCode::SUCCESS;
    }
    // A panic is reported as what it is: a violation, or a disk's doing.
    std::panic::set_hook(Box::new(|_| {}));
    let seeds = arguments.seed.map_or(arguments.seeds.clone(), |seed| seed..seed + 1);
    let ends_at = arguments.minutes.map(|minutes| Instant::now() + Duration::from_secs(minutes * 60));
    let progress = progress(&arguments, &seeds);
    let mut violations = 0_u64;
    for seed in seeds {
        if ends_at.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        let options = Options {
            fault: arguments.fault,
            is_beyond_bounds: arguments.beyond_bounds,
            is_steady: arguments.steady,
        };
        let trace = if arguments.trace { Trace::shown(|line| println!("{line}")) } else { Trace::silent() };
        let report = run(seed, options, trace);
        progress.suspend(|| tell(&report, arguments.json));
        progress.inc(1);
        violations += u64::from(report.violation.is_some());
        if violations > 0 && !arguments.keep_going {
            break;
        }
    }
    progress.finish_and_clear();
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Shows how far it is, where somebody looks and nothing else is shown.
fn progress(arguments: &Arguments, seeds: &Range<u64>) -> ProgressBar {
    if arguments.trace || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    ProgressBar::new(seeds.end.saturating_sub(seeds.start))
}

fn tell(report: &Report, is_json: bool) {
    let Report { seed, counts, digest, violation } = report;
    if is_json {
        println!("{}", serde_json::to_string(report).expect("a report is plain data"));
    } else {
        let Counts { operations, elections, crashes, partitions, snapshots, .. } = counts;
        let Counts { restores, membership_changes, moved, declined, fenced, .. } = counts;
        println!(
            "seed {seed}: {operations} operations, {elections} elections, {crashes} crashes, {partitions} partitions, {snapshots} snapshots, {restores} restores, {membership_changes} changes of members, {moved} moves, {declined} declines, {fenced} fences, digest {digest}"
        );
    }
    if let Some(violation) = violation {
        let hint = format!("hint: sim --seed {seed} --trace shows how it came to it");
        complain(&format!("seed {seed}: {violation}\n{hint}"));
    }
}

/// Data goes to stdout, everything else to stderr.
#[expect(clippy::print_stderr, reason = "a command line talks to people")]
fn complain(text: &str) {
    eprintln!("{text}");
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let bounds = text.split_once("..").and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    match bounds {
        Some((low, high)) if low < high => Ok(low..high),
        Some(_) | None => Err("two numbers with .. between, the first one below the second".to_owned()),
    }
}
