//! `alloc-agent adopt`: takes over an interface or a running jail that is just as its leases have it.

use allocd_types::name::JailName;
use clap::Args;

use crate::cli::{Format, Options};
use crate::failure::{Failure, chain};
use crate::pass::Adoption;
use crate::surroundings::{Surroundings, note, write};
use crate::view::{plan_json, plan_text};

/// Takes a jail over.
#[derive(Debug, Args)]
pub(crate) struct Adopt {
    /// The jail.
    #[arg(value_name = "JAIL")]
    jail: JailName,
    /// How it is written.
    #[arg(long, short, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    output: Format,
}

/// Takes a jail over.
pub(crate) fn run(options: &Options, adopt: &Adopt) -> Result<(), Failure> {
    let surroundings = Surroundings::new(options)?;
    let (adoption, report) = surroundings.agent()?.adopt(&adopt.jail)?;
    report.away.iter().chain(&report.unseen).chain(&report.problems).for_each(|text| note(text));
    let refused = |why: &str| Failure::Findings(format!("{} is not taken over: {why}", adopt.jail));
    match adoption {
        Adoption::NotWanted(why) => Err(refused(&why)),
        Adoption::Compared(plan) => {
            write(adopt.output, &plan_text(&plan), &plan_json(&plan))?;
            let failure = report.outcomes.iter().find_map(|outcome| outcome.failure.as_ref());
            match failure {
                Some(failure) => Err(refused(&chain(failure))),
                None if plan.jails.iter().any(|part| !part.findings.is_empty()) => {
                    Err(refused("it is not as its leases have it"))
                }
                None => Ok(()),
            }
        }
    }
}
