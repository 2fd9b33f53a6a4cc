//! The clock: a lease with a lifetime is given back by it.

use freebsd_config::rc_conf::is_yes;

use super::finding::{Finding, Outcome};
use super::situation::Situation;

/// The switches of what keeps a clock right, in rc.conf(5).
const DAEMONS: [&str; 3] = ["ntpd_enable", "chronyd_enable", "openntpd_enable"];

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    vec![daemon(situation)]
}

fn daemon(situation: &Situation) -> Finding {
    let [ntpd, chronyd, openntpd] = DAEMONS.map(|name| situation.files.rc_conf.get(name));
    ntpd.and(&chronyd).and(&openntpd).judge("clock.daemon", |((ntpd, chronyd), openntpd)| {
        let is_kept = [ntpd, chronyd, openntpd].iter().any(|value| value.as_deref().is_some_and(is_yes));
        if is_kept {
            return Outcome::ok("the clock is kept at the right rate from boot on");
        }
        let with_lifetime = situation.leases().iter().filter(|lease| lease.remaining.is_some()).count();
        let remedy = "ntpd_enable=\"YES\" in /etc/rc.conf, and `service ntpd start`";
        if with_lifetime > 0 {
            Outcome::fail(
                format!(
                    "nothing keeps the clock at the right rate, and {with_lifetime} of the leases end by it"
                ),
                remedy,
            )
        } else {
            Outcome::warn(
                "nothing keeps the clock at the right rate: a lease with a lifetime would end by it",
                remedy,
            )
        }
    })
}

#[cfg(test)]
mod tests;
