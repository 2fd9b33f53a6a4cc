//! `alloc-agent doctor`: whether this host can be a jail server, check by check.
//!
//! ```text
//!   probe    what programs show ─┐
//!   files    what files say ─────┼─► Situation ─► judge ─► Finding, one a line ─► report
//!   leases, configuration ───────┘        pure
//! ```
//!
//! A command is run and a file is read once, whatever number of checks looks at it. What could not be seen makes its checks
//! skipped, with the reason, and never ok. Nothing is changed.

mod addresses;
mod bridge;
mod clock;
mod devfs;
mod epairs;
mod examine;
#[cfg(test)]
mod example;
mod fact;
mod facts;
mod files;
mod finding;
mod jail_conf;
mod jails;
mod judge;
mod kernel;
mod machine;
mod macs;
mod probe;
mod rc_conf;
mod recorder;
mod report;
mod situation;
#[cfg(test)]
mod tests;
mod uplink;
mod wanted;

use std::io::{self, Write as _};

use clap::{Args, ValueEnum};
use freebsd_host::SystemRunner;

use self::finding::{Finding, Verdict};
use crate::cli::Options;
use crate::failure::Failure;
use crate::files::Files;

/// What follows the help.
const AFTER_HELP: &str = "\
Verdicts:
  ok       it is as it should be
  skipped  it is not known: what the check looks at could not be seen, or there is nothing to look at yet
  warn     it works, or may work, and will hurt somebody some day
  fail     jails will not work, or will disturb others

The exit code is by the worst: 0 if all are ok, 1 if one is fail, 6 if none is fail and not all are ok.

Examples:
  alloc-agent doctor
  alloc-agent doctor -o json | jq '.[] | select(.verdict == \"fail\")'";

/// Checks whether this host can be a jail server, and says what to do where it cannot. Changes nothing.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Doctor {
    /// How the findings are written.
    #[arg(long, short, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    output: Format,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each.
    Table,
    /// A JSON array of objects.
    Json,
}

/// Examines this host.
pub(crate) fn run(options: &Options, doctor: &Doctor) -> Result<(), Failure> {
    let findings = examine::examine(SystemRunner, &Files::of_machine(), &options.config);
    io::stdout().write_all(doctor.output.text(&findings).as_bytes()).map_err(Failure::Output)?;
    // If stderr is gone, nobody wants to know.
    let _ = writeln!(io::stderr(), "{}", report::summary(&findings));
    conclude(&findings)
}

/// What the worst verdict means to a script.
fn conclude(findings: &[Finding]) -> Result<(), Failure> {
    match findings.iter().map(|finding| finding.verdict).max() {
        None | Some(Verdict::Ok) => Ok(()),
        Some(Verdict::Skipped | Verdict::Warn) => Err(Failure::Doubts),
        Some(Verdict::Fail) => Err(Failure::No),
    }
}

impl Format {
    fn text(self, findings: &[Finding]) -> String {
        match self {
            Self::Table => report::lines(findings),
            Self::Json => report::json(findings),
        }
    }
}
