//! `alloc-agent status`: each lease with its interface, as it is now. It asks nobody but this host.

use clap::Args;

use crate::cli::{Format, Options};
use crate::clock::{Clock as _, MachineClock};
use crate::failure::Failure;
use crate::pass::LookInto;
use crate::surroundings::{Surroundings, write};
use crate::view::{Row, rows, status_json, status_text};

/// Shows the state.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Look into every jail, too: one command for each.
    #[arg(long)]
    inside: bool,
    /// How it is written.
    #[arg(long, short, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    output: Format,
}

/// Shows the state.
pub(crate) fn run(options: &Options, status: &Status) -> Result<(), Failure> {
    let surroundings = Surroundings::new(options)?;
    let mut agent = surroundings.agent()?;
    let into = if status.inside { LookInto::EveryJail } else { LookInto::NoJail };
    let (_, seen, plan) = agent.preview(None, into)?;
    let rows = rows((agent.store.cache(), MachineClock.now()), &seen, &plan);
    write(status.output, &status_text(&rows), &status_json(&rows))?;
    let drifted = rows.iter().filter(|row| Row::has_drift(row)).count();
    if drifted == 0 {
        Ok(())
    } else {
        Err(Failure::Findings(format!("{drifted} jails differ from their leases")))
    }
}
