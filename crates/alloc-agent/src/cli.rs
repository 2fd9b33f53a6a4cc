//! The whole command line: `alloc-agent VERB`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use crate::command::{adopt, render, run, status};
use crate::complaint::complain;
use crate::doctor;
use crate::environment;
use crate::failure::{EXIT_CODES, Failure};
use crate::setup;

/// What follows the long help.
const AFTER_HELP: &str = "\
Every flag has a twin in the environment: ALLOC_AGENT_ and its name, such as ALLOC_AGENT_CONFIG for --config.
Every key of the configuration, with its default, is in alloc-agent.toml.sample.";

/// Turns the leases of a jail server into running VNET jails.
#[derive(Debug, Parser)]
#[command(
    name = "alloc-agent",
    version,
    disable_help_subcommand = true,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    after_help = "Exit codes and environment: alloc-agent --help",
    after_long_help = format!("{EXIT_CODES}\n\n{AFTER_HELP}"),
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What may be said with every verb.
#[derive(Debug, Args)]
#[command(next_help_heading = "With every verb")]
pub(crate) struct Options {
    /// The configuration file.
    #[arg(
        long,
        global = true,
        default_value = "/usr/local/etc/allocd/alloc-agent.toml",
        value_name = "FILE"
    )]
    pub(crate) config: PathBuf,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Build and keep the jails of this host until told to stop.
    Run(run::Run),
    /// Bring the files of jails in line before rc.d/jail starts them, and start none.
    Boot,
    /// Take interfaces down at the end of their leases, beside the agent, until it is killed.
    Watchdog,
    /// Show what would be done now, and why.
    Plan {
        /// How it is written.
        #[arg(long, short, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
        output: Format,
    },
    /// Write the files of permanent leases.
    Render(render::Render),
    /// Show each lease with its jail and interface as they are now.
    Status(status::Status),
    /// Take over an interface or a running jail that is just as its leases have it.
    Adopt(adopt::Adopt),
    /// Check the configuration and say everything that is wrong with it.
    CheckConfig,
    Doctor(doctor::Doctor),
    Setup(setup::Setup),
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// One JSON document, whose names are a contract.
    Json,
}

/// The command with everything that is added to it by rule.
pub(crate) fn command() -> Command {
    environment::with_twins(Cli::command())
}

/// Reads the command line.
pub(crate) fn parse() -> Result<Cli, Failure> {
    let mut command = command();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let matches =
        command.try_get_matches_from_mut(&arguments).map_err(|error| complain(error, &arguments))?;
    Cli::from_arg_matches(&matches).map_err(|error| Failure::Usage(error.format(&mut command)))
}
