//! `alloc-agent plan`: what a pass would do now, and why, without doing it.

use crate::cli::{Format, Options};
use crate::failure::Failure;
use crate::pass::LookInto;
use crate::surroundings::{Surroundings, ask, write};
use crate::view::{plan_json, plan_text};

/// Shows the plan.
pub(crate) fn run(options: &Options, format: Format) -> Result<(), Failure> {
    let surroundings = Surroundings::new(options)?;
    let mut agent = surroundings.agent()?;
    let told = ask(&mut agent);
    let (_, seen, plan) = agent.preview(told, LookInto::EveryJail)?;
    write(format, &plan_text(&plan), &plan_json(&plan))?;
    if seen.failures.is_empty() { Ok(()) } else { Err(Failure::Findings(seen.failures.join("; "))) }
}
