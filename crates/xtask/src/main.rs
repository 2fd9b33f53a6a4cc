//! Chores of the house: `cargo xtask test` is everything that CI runs, `tidy` holds the rules no compiler knows,
//! `freebsd-check` type-checks the workspace for the system it is made for. None of them edits the tree, but for a whole
//! `bench`, which writes its figures into docs/, and `fuzz --keep`, which adds to its corpus.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to the person who started it")]

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use context::Context;

mod bench;
mod context;
mod debian;
mod demo;
mod freebsd;
mod fuzz;
mod lab;
mod loopback;
mod members;
mod process;
mod progress;
mod test;
mod tidy;

/// Chores of the house.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Shows the main job from start to end on a cluster of three processes, and cleans up after itself.
    Demo(demo::Options),
    /// Measures the cluster beside three members of etcd, and how its cost grows.
    Bench(bench::Options),
    /// Lets the fuzzer search for inputs that a decoder does not stand.
    Fuzz(fuzz::Options),
    /// Plays jail servers on one wire of Linux, with real packets, and shows what came of it.
    Lab(lab::Options),
    /// Runs everything that CI runs, in order, and stops at the first failure.
    Test(test::Options),
    /// Checks the house rules that no compiler knows.
    Tidy,
    /// Type-checks the workspace for FreeBSD, without a FreeBSD machine where Debian's packages can be had.
    FreebsdCheck,
}

fn main() -> ExitCode {
    match run(Cli::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<()> {
    let context = Context::locate()?;
    match chore {
        Chore::Demo(options) => demo::run(&context, &options),
        Chore::Bench(options) => bench::run(&context, &options),
        Chore::Fuzz(options) => fuzz::run(&context, &options),
        Chore::Lab(options) => lab::run(&context, &options).map(drop),
        Chore::Test(options) => test::run(&context, &options),
        Chore::Tidy => tidy::run(&context).map(drop),
        Chore::FreebsdCheck => freebsd::run(&context).map(|verdict| println!("freebsd-check: {verdict}")),
    }
}
