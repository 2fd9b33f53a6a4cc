//! The kernel: its release, network stacks for jails, the drivers of cables and bridges, and what does not go with them.

use allocd_types::kind::InterfaceKind;
use freebsd_config::{Release, ReleaseError};
use freebsd_host::Sysctl;

use super::facts::SCTP;
use super::finding::{Finding, Outcome};
use super::situation::Situation;

/// From this level on the kernel takes no more modules (security(7)).
const LEVEL_WITHOUT_MODULES: i32 = 1;

pub(super) fn findings(situation: &Situation) -> Vec<Finding> {
    let always =
        [release(situation), vimage(situation), cloners(situation), pf(situation), securelevel(situation)];
    always.into_iter().chain(sctp(situation)).collect()
}

fn release(situation: &Situation) -> Finding {
    situation.host.kernel.judge("kernel.release", |kernel| match kernel.release.parse::<Release>() {
        Ok(_) => Outcome::ok(format!("FreeBSD {}", kernel.release)),
        Err(error @ ReleaseError::TooOld { .. }) => {
            Outcome::fail(error.to_string(), "run the agent on a later release")
        }
        Err(error @ ReleaseError::Malformed { .. }) => Outcome::warn(
            format!("{error}; checks that depend on the release are skipped"),
            "compare with what `alloc-agent setup --release` says for the release that it is made of",
        ),
    })
}

fn vimage(situation: &Situation) -> Finding {
    let host = &situation.host;
    host.has_vimage.and(&host.release).judge("kernel.vimage", |(has_vimage, release)| match has_vimage {
        true => Outcome::ok("the kernel has network stacks for jails"),
        false if **release < Release::FIRST_WITH_VIMAGE_IN_GENERIC => Outcome::fail(
            "the kernel has no network stacks for jails: GENERIC has no VIMAGE before FreeBSD 12",
            "build a kernel with what `alloc-agent setup` shows, and boot it",
        ),
        false => Outcome::fail(
            "the kernel has no network stacks for jails, although GENERIC has",
            "boot GENERIC, or add `options VIMAGE` to this kernel's configuration",
        ),
    })
}

fn cloners(situation: &Situation) -> Finding {
    situation.host.cloners.judge("kernel.cloners", |cloners| {
        let missing: Vec<&str> = drivers(situation)
            .into_iter()
            .filter(|driver| !cloners.iter().any(|seen| seen.as_str() == *driver))
            .collect();
        if missing.is_empty() {
            return Outcome::ok("ifconfig makes all that jails need");
        }
        let mut modules: Vec<&str> = missing.iter().map(|driver| module(situation, driver)).collect();
        modules.dedup();
        let modules = modules.join(" ");
        Outcome::fail(
            format!("ifconfig cannot make interfaces of {}: no driver", missing.join(", ")),
            format!("kldload {modules}, and kld_list=\"{modules}\" in /etc/rc.conf for the next boot"),
        )
    })
}

/// What has to be made: always cables and bridges, and what leases are for.
fn drivers(situation: &Situation) -> Vec<&'static str> {
    let mut drivers = vec!["epair", "bridge"];
    for kind in [InterfaceKind::Tap, InterfaceKind::Tun] {
        if situation.leases().iter().any(|lease| lease.kind == kind) {
            drivers.push(kind.as_str());
        }
    }
    drivers
}

/// The module that a driver comes in; tap(4) and tun(4) are one from FreeBSD 12 on.
fn module(situation: &Situation, driver: &str) -> &'static str {
    let is_old = situation.is_before(Release::FIRST_WITH_TUNTAP);
    match driver {
        "bridge" => "if_bridge",
        "tap" if is_old => "if_tap",
        "tun" if is_old => "if_tun",
        "tap" | "tun" => "if_tuntap",
        _ => "if_epair",
    }
}

fn pf(situation: &Situation) -> Finding {
    let host = &situation.host;
    let facts = host.has_pf.and(&host.has_vimage);
    facts.and(&host.release).judge("kernel.pf", |((has_pf, has_vimage), release)| {
        let bears_vimage = **release >= Release::FIRST_WITH_PF_BESIDE_VIMAGE;
        match (has_pf, has_vimage) {
            (false, _) => Outcome::ok("pf is not loaded"),
            (true, _) if bears_vimage => Outcome::ok("pf is loaded, and bears network stacks for jails"),
            (true, true) => Outcome::fail(
                "pf is loaded: before FreeBSD 11 the kernel panics as soon as a jail gets its network stack",
                "boot without pf (pf_enable=\"NO\", no `device pf`, no pf in kld_list) and filter with ipfw",
            ),
            (true, false) => Outcome::warn(
                "pf is loaded: before FreeBSD 11 a kernel with VIMAGE panics with it",
                "leave pf out of the kernel with VIMAGE, and filter with ipfw",
            ),
        }
    })
}

fn securelevel(situation: &Situation) -> Finding {
    let level = situation.host.sysctl(Sysctl::SECURITY_LEVEL);
    level.judge_value("kernel.securelevel", |level| {
        let Ok(level) = level.parse::<i32>() else {
            return Outcome::skipped(format!("{level:?} is no security level"));
        };
        if level < LEVEL_WITHOUT_MODULES {
            return Outcome::ok(format!("the security level is {level}, which forbids nothing that jails need"));
        }
        let cloners = situation.host.cloners.get();
        let has = |driver: &str| cloners.is_some_and(|all| all.iter().any(|seen| seen.as_str() == driver));
        if drivers(situation).into_iter().all(has) {
            Outcome::warn(
                format!("at security level {level} no module can be loaded; those that jails need are there"),
                "keep them in kld_list, which is dealt with before the level is raised",
            )
        } else {
            Outcome::fail(
                format!("at security level {level} no module can be loaded, and drivers that jails need are missing"),
                "kld_list=\"if_bridge if_epair\" in /etc/rc.conf, and boot",
            )
        }
    })
}

/// Only where it matters, which is known once the release is.
fn sctp(situation: &Situation) -> Option<Finding> {
    if !situation.is_before(Release::FIRST_WITH_SCTP_BESIDE_VIMAGE) {
        return None;
    }
    let facts = situation.host.sysctl(SCTP).and(&situation.host.has_vimage);
    let finding = facts.judge("kernel.sctp", |(sctp, has_vimage)| match (sctp, has_vimage) {
        (None, _) | (Some(_), false) => Outcome::ok("SCTP and network stacks for jails do not meet"),
        (Some(_), true) => Outcome::fail(
            "the kernel has SCTP, which does not work together with VIMAGE before FreeBSD 10",
            "build the kernel with `nooptions SCTP`, as `alloc-agent setup` shows",
        ),
    });
    Some(finding)
}

#[cfg(test)]
mod tests;
