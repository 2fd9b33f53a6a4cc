//! The allocd daemon: one member of a cluster that hands out unique MACs, epair indices and addresses.
//!
//! ```text
//!   gRPC ─► forward ─► service ─► door ─► replica task ─► peers
//!                                   ▲          │
//!                                   └── view ◄─┴──► watch hub
//! ```
#![expect(clippy::print_stderr, reason = "the outermost place tells the person who started it")]

mod config;
mod connections;
mod contacts;
mod dev;
mod disk_thread;
mod door;
mod forward;
mod inbox;
mod join;
mod logging;
mod lookup;
mod member;
mod peers;
mod perform;
mod phase;
mod post;
mod replica_task;
mod restore;
mod service;
mod snapshots;
mod view;
mod watch_hub;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{CommandFactory as _, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::member::{Member, bind};

/// Hands out unique MACs, epair indices and addresses across FreeBSD jail servers.
#[derive(Debug, Parser)]
#[command(name = "allocd", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run one member of a cluster.
    Serve(ServeOptions),
    /// Run three members in this process, to try things out: data in a temporary directory, ports 7421 to 7423.
    Dev(dev::Options),
    /// Check a configuration file and say what is wrong with it.
    CheckConfig(ServeOptions),
    /// Begin a new cluster of one member with a backup. It hands nothing out before its recovery has ended.
    Restore(restore::Options),
    /// Print a completion script.
    Completions {
        /// For which shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff.
    Man,
}

#[derive(Debug, clap::Args)]
struct ServeOptions {
    /// The configuration file; see allocd.toml.sample for every key.
    #[arg(
        long,
        env = "ALLOCD_CONFIG",
        default_value = "/usr/local/etc/allocd/allocd.toml",
        value_name = "FILE"
    )]
    config: PathBuf,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    match cli.verb {
        Verb::Serve(options) => {
            let config = Config::read(&options.config)?;
            runtime(config.threads)?.block_on(serve(config))
        }
        Verb::Dev(options) => {
            runtime(config::threads())?.block_on(async { dev::run(options, told_to_stop()?).await })
        }
        Verb::CheckConfig(options) => {
            let Config { member, cluster, .. } = Config::read(&options.config)?;
            print(format!("{}: member {member} of cluster {cluster}\n", options.config.display()).into())
        }
        Verb::Restore(options) => print(restore::run(&options)?.into()),
        Verb::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "allocd", &mut script);
            print(script)
        }
        Verb::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page).context("cannot make the page")?;
            print(page)
        }
    }
}

/// What runs everything that does not block, on as many threads.
fn runtime(threads: usize) -> Result<Runtime> {
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder.worker_threads(threads).enable_all().build().context("cannot start the runtime")
}

/// Writes data to stdout. That nobody reads on is no error.
fn print(data: Vec<u8>) -> Result<()> {
    match io::stdout().write_all(&data) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error).context("cannot write"),
        Ok(()) | Err(_) => Ok(()),
    }
}

async fn serve(config: Config) -> Result<()> {
    logging::start(config.log_format, logging::filter(&config.log_filter)?)?;
    let stop = told_to_stop()?;
    let listener = bind(config.listen).await?;
    if !config.listen.ip().is_loopback() {
        tracing::warn!(listen = %config.listen, "listens beyond loopback without identities: anybody who reaches it may do anything");
    }
    Member::start(&config, listener).await?.run(stop).await
}

/// Comes true at SIGTERM or SIGINT.
fn told_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
