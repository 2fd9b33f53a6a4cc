//! The sentence, hint and values of rejections about hosts, their agents and moves.

use super::Problem;
use crate::decline::LeasePart;
use crate::holder::Holder;
use crate::host::HostState;
use crate::id::{Incarnation, LeaseId, MoveId};
use crate::name::HostName;
use crate::reason::Reason;
use crate::value::Value;

pub(super) fn host_not_active(host: &HostName, state: HostState) -> Problem {
    let hint = match state {
        HostState::Active | HostState::Draining => {
            format!("use another host, or end the drain: `allocctl hosts activate {host}`")
        }
        HostState::Fenced => {
            "use another host, or bring this one back: its agent tears down and reports".to_owned()
        }
    };
    Problem::new(Reason::HostNotActive, format!("{host} is {state} and gets no leases"))
        .hint(hint)
        .about("host", host)
        .with("state", state)
}

pub(super) fn stale_incarnation(host: &HostName, given: Incarnation, current: Incarnation) -> Problem {
    let message = format!("{host} has registered anew since: {current}, not {given}");
    Problem::new(Reason::StaleIncarnation, message).hint("stop the older agent").about("host", host)
}

pub(super) fn host_fenced(host: &HostName) -> Problem {
    Problem::new(Reason::HostFenced, format!("{host} was fenced: what it had may be in use elsewhere"))
        .hint("tear down everything on it, and let its agent report that nothing is left")
        .about("host", host)
}

pub(super) fn host_not_returned(host: &HostName) -> Problem {
    Problem::new(Reason::HostFenced, format!("{host} is fenced and has not come back"))
        .hint("start it: its agent tears down, reports, and the host is active again; or delete the host")
        .about("host", host)
}

pub(super) fn on_other_host(lease: LeaseId, host: &HostName, holder: &Holder) -> Problem {
    let name = lease.resource_name();
    Problem::new(Reason::OnOtherHost, format!("{name} is not on {host}: it is {holder}'s"))
        .hint("read the lease again; do not use its values here")
        .about("lease", name)
        .with("holder", holder)
}

pub(super) fn releasing(lease: LeaseId, holder: &Holder) -> Problem {
    let name = lease.resource_name();
    let host = &holder.host;
    Problem::new(
        Reason::LeaseReleasing,
        format!(
            "{name} of {holder} was given back, and {host} has still to confirm that nothing of it is left"
        ),
    )
    .hint(format!(
        "wait for {host}'s agent; if the jail is off for certain: `allocctl leases release {name} --force`"
    ))
    .about("lease", name)
    .with("holder", holder)
}

pub(super) fn nothing_to_confirm(lease: LeaseId) -> Problem {
    let name = lease.resource_name();
    Problem::new(Reason::NothingToConfirm, format!("{name} is neither given back nor moving"))
        .hint("read the lease again: its host should have it")
        .about("lease", name)
}

pub(super) fn not_of_lease(lease: LeaseId, part: LeasePart) -> Problem {
    let name = lease.resource_name();
    Problem::new(Reason::ValueNotOfLease, format!("{name} has no such value: {part}"))
        .hint("read the lease again; it may have got another one")
        .about("lease", name)
}

pub(super) fn not_declined(value: &Value) -> Problem {
    Problem::new(Reason::DeclineNotFound, format!("nobody has declined {value}, or that was cleared since"))
        .hint("see which values were declined: `allocctl declines`")
        .with("value", value)
}

pub(super) fn moving(lease: LeaseId, to: &HostName, id: MoveId) -> Problem {
    let name = lease.resource_name();
    Problem::new(Reason::LeaseMoving, format!("{name} moves to {to} already (move {id})"))
        .hint(format!("wait until it is there, or stop it: `allocctl leases move {name} --cancel`"))
        .about("lease", name)
        .with("to", to)
        .with("move", id)
}

pub(super) fn not_moving(lease: LeaseId) -> Problem {
    let name = lease.resource_name();
    Problem::new(Reason::LeaseNotMoving, format!("{name} does not move, or not by that move"))
        .hint(format!("see where it is: `allocctl leases get {name}`"))
        .about("lease", name)
}

pub(super) fn moves_to_itself(lease: LeaseId, host: &HostName) -> Problem {
    let name = lease.resource_name();
    Problem::new(Reason::LeaseNotMoving, format!("{name} is on {host} already"))
        .hint("name another host, or none")
        .about("lease", name)
}
