//! `alloc-agent boot`: before rc.d/jail starts the jails, their files are brought in line with their leases.
//!
//! It waits for the cluster as long as the configuration says and goes by what is known then. No jail is started here, and a
//! failure here keeps none from starting.

use crate::cli::Options;
use crate::failure::Failure;
use crate::pass::{Asked, Extent};
use crate::report;
use crate::surroundings::Surroundings;

/// Brings files in line.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let surroundings = Surroundings::new(options)?;
    let mut agent = surroundings.agent()?;
    agent.cluster.ask_for(surroundings.config.boot_wait);
    let destructive_max = surroundings.config.policy.destructive_max;
    let made = agent.pass(Asked { destructive_max, extent: Extent::Boot })?;
    report::log(&made);
    if made.is_good() {
        Ok(())
    } else {
        Err(Failure::Findings("not everything could be brought in line".to_owned()))
    }
}
