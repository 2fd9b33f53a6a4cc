//! The sentence, hint and values of every rejection.

use super::{Problem, agent};
use crate::address::Prefix;
use crate::holder::Holder;
use crate::id::{Generation, LeaseId, RequestId};
use crate::kind::InterfaceKind;
use crate::name::{ExclusionName, HostName, NetworkName, PoolName, ReservationName, VrfName};
use crate::pool::PoolRef;
use crate::reason::Reason;
use crate::rejection::{Difference, Rejection, Subject};
use crate::time::Span;
use crate::usage::Counts;
use crate::value::Value;

impl From<&Rejection> for Problem {
    fn from(rejection: &Rejection) -> Self {
        match rejection {
            Rejection::NotFound(subject) => not_found(subject),
            Rejection::Exists(subject) => exists(subject),
            Rejection::HolderHasLease { holder, lease, differences } => holder_has_lease(holder, *lease, differences),
            Rejection::Taken { value, lease, holder } => {
                value_problem(Reason::ValueTaken, value, &format!("is held by {holder} ({})", lease.resource_name()))
                    .hint("ask for another value, or for none and take what is given")
                    .with("holder", holder)
                    .with("lease", lease.resource_name())
            }
            Rejection::Resting { value, rests_for } => {
                value_problem(Reason::ValueResting, value, &format!("rests for {rests_for} more after its last lease"))
                    .hint("wait until then, or ask for another value")
                    .retry_after(*rests_for)
            }
            Rejection::Reserved { value, reservation, holder } => reserved(value, reservation, holder),
            Rejection::Excluded { value, exclusion } => excluded(value, exclusion),
            Rejection::NotAHost { address, why } => Self::new(Reason::ValueExcluded, format!("{address} is {why}"))
                .hint("ask for another address")
                .with("value", address),
            Rejection::OutsidePool { value, network } => {
                value_problem(Reason::ValueOutsidePool, value, &format!("is in no pool of network {network}"))
                    .hint(format!("see what the network has: `allocctl networks get {network} -o wide`"))
                    .with("network", network)
            }
            Rejection::NotOfKind { value, kind } => not_of_kind(value, *kind),
            Rejection::NoSubnet { network, family } => {
                Self::new(Reason::NoSubnet, format!("network {network} has no {family} subnet"))
                    .hint(format!("add one (`allocctl networks update {network} --subnet PREFIX`), or ask for no {family} address"))
                    .about("network", network)
            }
            Rejection::SubnetOverlap { prefix, other, network, vrf } => subnet_overlap(*prefix, *other, network, vrf),
            Rejection::BlockOverlap { block, other, pool } => {
                Self::new(Reason::BlockOverlap, format!("{block} overlaps {other} of pool {pool}"))
                    .hint("choose another block")
                    .about("pool", pool)
            }
            Rejection::NoMacPool { pool } => no_mac_pool(pool),
            Rejection::InUse { subject, users, by } => in_use(subject, *users, by),
            Rejection::Fenced { lease, given, current } => fenced(*lease, *given, *current),
            Rejection::StaleIncarnation { host, given, current } => {
                agent::stale_incarnation(host, *given, *current)
            }
            Rejection::HostUuidInUse { host, other } => host_uuid_in_use(host, other),
            Rejection::RequestIdReused { request_id } => request_id_reused(request_id),
            Rejection::Superseded { lease, generation } => superseded(*lease, *generation),
            Rejection::Permanent { lease } => permanent(*lease),
            Rejection::Expired { request_id } => expired(request_id),
            Rejection::Exhausted { pool, counts, next_free_in } => exhausted(pool, counts, *next_free_in),
            Rejection::LeasesPerHost { host, leases_max } => leases_per_host(host, *leases_max),
            Rejection::Recovering { hosts, rests_for } => recovering(*hosts, *rests_for),
            Rejection::NotRecovering => not_recovering(),
            Rejection::HostNotActive { host, state } => agent::host_not_active(host, *state),
            Rejection::HostFenced { host } => agent::host_fenced(host),
            Rejection::HostNotReturned { host } => agent::host_not_returned(host),
            Rejection::OnOtherHost { lease, host, holder } => agent::on_other_host(*lease, host, holder),
            Rejection::Releasing { lease, holder } => agent::releasing(*lease, holder),
            Rejection::NothingToConfirm { lease } => agent::nothing_to_confirm(*lease),
            Rejection::NotOfLease { lease, part } => agent::not_of_lease(*lease, *part),
            Rejection::NotDeclined { value } => agent::not_declined(value),
            Rejection::Moving { lease, to, id } => agent::moving(*lease, to, *id),
            Rejection::NotMoving { lease } => agent::not_moving(*lease),
            Rejection::MovesToItself { lease, host } => agent::moves_to_itself(*lease, host),
            Rejection::InBatch { position, rejection } => {
                let inner = Self::from(&**rejection);
                let message = format!("nothing of the batch was done: item {position}: {}", inner.message);
                Self { message, ..inner }.with("position", position)
            }
        }
    }
}

fn not_found(subject: &Subject) -> Problem {
    let (reason, noun) = match subject {
        Subject::Network(_) => (Reason::NetworkNotFound, "networks"),
        Subject::Pool(_) => (Reason::PoolNotFound, "pools"),
        Subject::Host(_) => (Reason::HostNotFound, "hosts"),
        Subject::Lease(_) => (Reason::LeaseNotFound, "leases"),
        Subject::Reservation(_) => (Reason::ReservationNotFound, "reservations"),
        Subject::Exclusion(_) => (Reason::ExclusionNotFound, "exclusions"),
    };
    let (kind, name) = (subject.kind(), subject.name());
    let create = match subject {
        Subject::Host(_) => format!(", or `allocctl hosts create {name}`"),
        Subject::Network(_)
        | Subject::Pool(_)
        | Subject::Lease(_)
        | Subject::Reservation(_)
        | Subject::Exclusion(_) => String::new(),
    };
    Problem::new(reason, format!("there is no {kind} {name}"))
        .hint(format!("see which there are: `allocctl {noun}`{create}"))
        .about(kind, name)
}

fn exists(subject: &Subject) -> Problem {
    let (kind, name) = (subject.kind(), subject.name());
    Problem::new(Reason::ResourceExists, format!("there is another {kind} {name} already"))
        .hint(format!("choose another name, or look at it: `allocctl {kind}s get {name}`"))
        .about(kind, name)
}

fn holder_has_lease(holder: &Holder, lease: LeaseId, differences: &[Difference]) -> Problem {
    let name = lease.resource_name();
    let problem =
        Problem::new(Reason::HolderHasLease, format!("{holder} already has {name}{}", told(differences)))
            .hint(format!("keep it (`allocctl leases get {name}`), or release it first"))
            .about("lease", &name)
            .with("holder", holder);
    differences.iter().fold(problem, |problem, difference| problem.with(&difference.field, &difference.has))
}

fn told(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let told: Vec<String> = differences
        .iter()
        .map(|difference| format!("{} {} instead of {}", difference.field, difference.has, difference.wanted))
        .collect();
    format!(" with {}", told.join(", "))
}

fn value_problem(reason: Reason, value: &Value, what: &str) -> Problem {
    Problem::new(reason, format!("{value} {what}")).with("value", value)
}

fn reserved(value: &Value, reservation: &ReservationName, holder: &Holder) -> Problem {
    value_problem(
        Reason::ValueReserved,
        value,
        &format!("is reserved for {holder} (reservation {reservation})"),
    )
    .hint(format!(
        "ask for another value, or delete the reservation (`allocctl reservations delete {reservation}`)"
    ))
    .with("holder", holder)
    .with("reservation", reservation)
}

fn excluded(value: &Value, exclusion: &ExclusionName) -> Problem {
    value_problem(Reason::ValueExcluded, value, &format!("is excluded (exclusion {exclusion})"))
        .hint(format!(
            "ask for another value, or lift the exclusion (`allocctl exclusions delete {exclusion}`)"
        ))
        .with("exclusion", exclusion)
}

fn not_of_kind(value: &Value, kind: InterfaceKind) -> Problem {
    value_problem(Reason::ValueOutsidePool, value, &format!("cannot belong to an interface of kind {kind}"))
        .hint("leave the value out, or ask for another kind")
}

fn subnet_overlap(prefix: Prefix, other: Prefix, network: &NetworkName, vrf: &VrfName) -> Problem {
    Problem::new(
        Reason::SubnetOverlap,
        format!("{prefix} overlaps {other} of network {network} in VRF {vrf}"),
    )
    .hint("choose another prefix, or put the network into a VRF of its own")
    .about("network", network)
    .with("vrf", vrf)
}

fn in_use(subject: &Subject, users: u64, by: &str) -> Problem {
    let (kind, name) = (subject.kind(), subject.name());
    Problem::new(Reason::ResourceInUse, format!("{kind} {name} is in use: {users} {by}"))
        .hint("release or delete those first")
        .about(kind, name)
        .with("users", users)
}

fn no_mac_pool(pool: &PoolName) -> Problem {
    Problem::new(Reason::PoolNotFound, format!("pool {pool} hands out indices, not MAC addresses"))
        .hint("name a pool of MAC addresses, or none for the cluster's own; see `allocctl pools`")
        .about("pool", pool)
}

fn fenced(lease: LeaseId, given: Generation, current: Generation) -> Problem {
    let name = lease.resource_name();
    Problem::new(Reason::Fenced, format!("{name} is at generation {current}, not {given}"))
        .hint("read the lease again and decide anew; do not use the old values")
        .about("lease", name)
        .with("generation", current)
}

fn host_uuid_in_use(host: &HostName, other: &HostName) -> Problem {
    Problem::new(
        Reason::HostUuidInUse,
        format!("{host} has the hostuuid of {other}: one is a clone of the other"),
    )
    .hint("remove /etc/hostid on the clone, run `service hostid onerestart`, and reboot it")
    .about("host", other)
}

fn request_id_reused(request_id: &RequestId) -> Problem {
    Problem::new(Reason::RequestIdReused, format!("request id {request_id} was used for another request"))
        .hint("use a new request id for each request and keep it only over its retries")
        .with("request_id", request_id)
}

fn superseded(lease: LeaseId, generation: Generation) -> Problem {
    let name = lease.resource_name();
    let message =
        format!("the request was answered before, but {name} has changed since generation {generation}");
    Problem::new(Reason::Superseded, message)
        .hint("read the lease again; ask with a new request id if you still want one")
        .about("lease", name)
}

fn permanent(lease: LeaseId) -> Problem {
    let name = lease.resource_name();
    Problem::new(Reason::LeaseIsPermanent, format!("{name} is permanent: it has no lifetime to prolong"))
        .hint("nothing needs to be done to keep it")
        .about("lease", name)
}

fn leases_per_host(host: &HostName, leases_max: u32) -> Problem {
    let message = format!("{host} has {leases_max} leases, as many as a host may have");
    Problem::new(Reason::LeasesPerHost, message).hint("release some, or use another host").about("host", host)
}

fn not_recovering() -> Problem {
    Problem::new(
        Reason::NotRecovering,
        "the cluster is not in recovery, so there is nothing to skip or to take over",
    )
    .hint("to keep values from being handed out, exclude them: `allocctl exclusions create`")
}

fn recovering(hosts: u64, rests_for: Span) -> Problem {
    let left = match (hosts, rests_for) {
        (0, Span::ZERO) => "nobody has said yet that there are no other hosts".to_owned(),
        (0, rests) => format!("values freed after the backup may rest for {rests} more"),
        (1, _) => "one host is not confirmed yet".to_owned(),
        (hosts, _) => format!("{hosts} hosts are not confirmed yet"),
    };
    Problem::new(
        Reason::Recovering,
        format!("the cluster was restored from a backup and is in recovery: {left}"),
    )
    .hint("see what is left: `allocctl cluster recovery status`")
    .with("hosts", hosts)
    .with("rests_for", rests_for)
}

fn expired(request_id: &RequestId) -> Problem {
    let message = format!("request {request_id} came to its turn after its deadline; nothing was done");
    Problem::new(Reason::RequestExpired, message)
        .hint("try again with a new request id")
        .with("request_id", request_id)
}

fn exhausted(pool: &PoolRef, counts: &Counts, next_free_in: Option<Span>) -> Problem {
    let next = next_free_in.map_or_else(
        || "none comes free by itself".to_owned(),
        |span| format!("the next comes free in {span}"),
    );
    let problem = Problem::new(Reason::PoolExhausted, format!("{pool}: no value left ({counts}; {next})"))
        .hint("release leases, lift exclusions or reservations, or give the pool more values")
        .about("pool", pool)
        .with("leased", counts.leased)
        .with("reserved", counts.reserved)
        .with("quarantined", counts.quarantined)
        .with("excluded", counts.excluded)
        .with("total", counts.total());
    match next_free_in {
        Some(span) => problem.retry_after(span),
        None => problem,
    }
}
