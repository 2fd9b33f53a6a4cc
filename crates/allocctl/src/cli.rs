//! The whole command line: what may stand before and after a noun. `allocctl NOUN` lists, `allocctl NOUN VERB` does.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use allocd_client::endpoint::Endpoint;
use allocd_types::id::Caller;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::command::{
    audit, check, cluster, completions, declines, exclusions, export, hosts, import, leases, man, networks,
    pools, release, render, reservations, watch, why,
};
use crate::complaint::complain;
use crate::environment;
use crate::failure::{EXIT_CODES, Failure};
use crate::input;
use crate::output::Format;

/// What follows the long help.
const AFTER_HELP: &str = "\
Every flag has a twin in the environment: ALLOCCTL_ and its name, such as ALLOCCTL_DRY_RUN=1 for --dry-run.
A configuration file may hold endpoints, timeout_seconds and caller; see --config.";

/// Looks at and changes the leases of an allocd cluster: MAC addresses, epair units and IP addresses of VNET jails.
#[derive(Debug, Parser)]
#[command(
    name = "allocctl",
    version,
    disable_help_subcommand = true,
    subcommand_value_name = "NOUN",
    subcommand_help_heading = "Nouns",
    after_help = "Exit codes, environment and configuration: allocctl --help",
    after_long_help = format!("{EXIT_CODES}\n\n{AFTER_HELP}"),
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) noun: Noun,
}

/// What may be said with every noun.
#[derive(Debug, Args)]
#[command(next_help_heading = "With every noun")]
pub(crate) struct Options {
    /// The members to ask, with commas between; any of them will do. Nothing said: those of `allocd dev`.
    #[arg(long, global = true, value_delimiter = ',', value_name = "HOST:PORT,...")]
    pub(crate) endpoints: Vec<Endpoint>,
    /// The configuration file. Nothing said: ~/.config/allocctl.toml, else /usr/local/etc/allocd/allocctl.toml, if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How the answer is written.
    #[arg(long, short, global = true, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    pub(crate) output: Format,
    /// How long a call may take in all, retries included, such as 5s or 1m [default: 10s].
    #[arg(long, global = true, value_parser = input::duration, value_name = "TIME")]
    pub(crate) timeout: Option<Duration>,
    /// What to call ourselves in the cluster's records [default: allocctl and the user's name].
    #[arg(long, global = true, value_parser = input::caller, value_name = "NAME")]
    pub(crate) caller: Option<Caller>,
    /// Let the asked member answer from its own state, which may be behind.
    #[arg(long, global = true)]
    pub(crate) stale: bool,
}

/// What there is to look at and to change.
#[derive(Debug, Subcommand)]
pub(crate) enum Noun {
    /// What jails hold: units, MAC addresses and IP addresses.
    #[command(alias = "lease")]
    Leases(leases::Leases),
    /// Layer-2 segments with their subnets.
    #[command(alias = "network")]
    Networks(networks::Networks),
    /// The pools of MAC addresses and of interface units, and how full every pool is.
    #[command(alias = "pool")]
    Pools(pools::Pools),
    /// The jail servers.
    #[command(alias = "host")]
    Hosts(hosts::Hosts),
    /// Values set aside for a named holder.
    #[command(alias = "reservation")]
    Reservations(reservations::Reservations),
    /// Values that are never handed out.
    #[command(alias = "exclusion")]
    Exclusions(exclusions::Exclusions),
    /// Values that somebody else on the wire uses.
    #[command(alias = "decline")]
    Declines(declines::Declines),
    /// Take over an inventory of jails.
    Import(import::Import),
    /// Write leases as an inventory, CSV or JSON.
    Export(export::Export),
    /// Check every invariant of the cluster's state, and report what is left over.
    Check(check::Check),
    /// Give back what is left over, by a report that somebody has looked at.
    Release(release::Release),
    /// Tell who changed what, as far back as the asked member keeps it.
    Audit(audit::Audit),
    /// Tell everything known about a MAC, an IP address, a jail or an interface.
    Why(why::Why),
    /// Write the files or commands that give a jail its interfaces.
    Render(render::Render),
    /// Follow what changes, until interrupted.
    Watch(watch::Watch),
    /// The cluster itself.
    Cluster(cluster::Cluster),
    /// Write a shell's completions to stdout.
    Completions(completions::Completions),
    /// Write the manual.
    Man(man::Man),
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
    refuse_lost_flags(&mut command, &matches)?;
    Cli::from_arg_matches(&matches).map_err(|error| Failure::Usage(error.format(&mut command)))
}

/// `allocctl leases --host h1 get leases/1`: a flag of the list before another verb would be lost without a word.
fn refuse_lost_flags(command: &mut Command, matches: &ArgMatches) -> Result<(), Failure> {
    let Some((noun, of_noun)) = matches.subcommand() else { return Ok(()) };
    let Some((verb, _)) = of_noun.subcommand() else { return Ok(()) };
    let found = command.find_subcommand(noun).and_then(|found| {
        let own = found.get_arguments().filter(|argument| !argument.is_global_set());
        let mut given = own.filter(|argument| {
            let id = argument.get_id().as_str();
            of_noun.try_contains_id(id).unwrap_or(false)
                && of_noun.value_source(id) == Some(ValueSource::CommandLine)
        });
        given.next().map(ToString::to_string)
    });
    match found {
        None => Ok(()),
        Some(flag) => {
            let message = format!("{flag} belongs to the list of {noun}, not to `{noun} {verb}`");
            Err(Failure::Usage(command.error(ErrorKind::ArgumentConflict, message)))
        }
    }
}
