//! What jails see of /dev: the rule sets that they get have to be loaded.

use freebsd_config::Release;
use freebsd_config::setup::JAIL_RULESET;

use super::finding::{Finding, Outcome};
use super::situation::Situation;

/// The rule set for jails with network stacks of their own, where the system has one.
const VNET_RULESET: u16 = 5;

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    situation.wanted.rulesets.iter().map(|wanted| ruleset(situation, *wanted)).collect()
}

fn ruleset(situation: &Situation, wanted: u16) -> Finding {
    let facts = situation.host.rulesets.and(&situation.host.release);
    facts.judge("devfs.ruleset", |(rulesets, release)| {
        if rulesets.contains(&wanted) {
            return Outcome::ok(format!("rule set {wanted}, which jails get, is loaded"));
        }
        let danger = "a jail with it may see every device of the host";
        if wanted == VNET_RULESET && **release < Release::FIRST_WITH_VNET_RULESET {
            return Outcome::fail(
                format!("jails get rule set {wanted}, which the system has from FreeBSD 13 on: {danger}"),
                format!("devfs_ruleset = {JAIL_RULESET} in the agent's configuration, with what `alloc-agent setup` shows for /etc/devfs.rules"),
            );
        }
        Outcome::fail(
            format!("jails get rule set {wanted}, and it is not loaded: {danger}"),
            "put it into /etc/devfs.rules (`alloc-agent setup` shows one), then `service devfs restart`",
        )
    })
}

#[cfg(test)]
mod tests;
