//! Who changed what: the hub's recent changes, each with its author, as it was and as it became.
//!
//! What a thing was before is what the last kept change made of it, so the oldest changes of a thing may not know it, and say so.
//! Nothing is put into words before somebody asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use allocd_types::audit::{AuditListing, AuditPage, AuditRecord};
use allocd_types::change::Change;
use allocd_types::host::Host;
use allocd_types::id::Revision;
use allocd_types::lease::Lease;
use allocd_types::network::NetworkSpec;
use allocd_types::page::{Page, PageSpec, PageToken};
use allocd_types::pool::{PoolSpec, PoolValues};

use crate::watch_hub::Told;

/// A page of what is kept.
pub(super) fn page(first_revision: Revision, kept: &[Arc<Told>], listing: &AuditListing) -> AuditPage {
    let after = listing.page.token.as_ref().map(place);
    let records = records(kept)
        .into_iter()
        .filter(|(at, record)| after.is_none_or(|after| *at > after) && listing.filter.matches(record));
    AuditPage { page: cut(records, &listing.page), first_revision }
}

/// A record's place: its revision, and its number in it.
type Place = (u64, usize);

/// A token that no member made means the start.
fn place(token: &PageToken) -> Place {
    let read = token
        .as_str()
        .split_once('.')
        .and_then(|(revision, number)| Some((revision.parse().ok()?, number.parse().ok()?)));
    read.unwrap_or_default()
}

fn cut(records: impl Iterator<Item = (Place, AuditRecord)>, spec: &PageSpec) -> Page<AuditRecord> {
    let mut rest = records.peekable();
    let (places, items): (Vec<Place>, Vec<AuditRecord>) = rest.by_ref().take(spec.size()).unzip();
    let last = places.last().filter(|_| rest.peek().is_some());
    let next = last.and_then(|(revision, number)| PageToken::new(&format!("{revision}.{number}")).ok());
    Page { items, next }
}

fn records(kept: &[Arc<Told>]) -> Vec<(Place, AuditRecord)> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut records = Vec::new();
    for told in kept {
        let changes = told.changes.iter().flatten().filter_map(Made::of);
        for (number, Made { resource, holder, was, after }) in (1..).zip(changes) {
            let kept = known.insert(resource.clone(), after.clone());
            let before = match was {
                Was::Nothing => Some(String::new()),
                Was::Told(text) => Some(text),
                Was::AsKept => kept,
            };
            let by = &told.by;
            let record = AuditRecord {
                revision: told.revision,
                at: by.labelled_at,
                caller: by.caller.clone(),
                request_id: by.request_id.clone(),
                request: by.command.to_owned(),
                resource,
                holder,
                before,
                after,
            };
            records.push(((told.revision.get(), number), record));
        }
    }
    records
}

/// What a change made of a thing.
struct Made {
    resource: String,
    holder: String,
    was: Was,
    /// Empty if it is not there any more.
    after: String,
}

/// What the thing was before.
enum Was {
    /// It was not there.
    Nothing,
    /// What the change itself tells.
    Told(String),
    /// What the last kept change made of it.
    AsKept,
}

impl Made {
    /// Nothing, if the change is nobody's doing or only goes on with what was.
    fn of(change: &Change) -> Option<Self> {
        Some(match change {
            Change::LeaseRenewed(_) | Change::ValueRested(_) => return None,
            Change::LeaseGranted(lease) => Self::of_lease(lease, Was::Nothing, of_lease(lease)),
            Change::LeaseBound(lease)
            | Change::LeaseAdopted(lease)
            | Change::LeaseReleasing(lease)
            | Change::LeaseMoveBegun(lease)
            | Change::LeaseMoveCancelled(lease)
            | Change::LeaseMoved { from: _, lease }
            | Change::LeaseDeclined { lease, decline: _ }
            | Change::LeaseSuspected(lease)
            | Change::LeaseFound(lease) => Self::of_lease(lease, Was::AsKept, of_lease(lease)),
            Change::LeaseReleased(lease) | Change::LeaseExpired(lease) => {
                Self::of_lease(lease, Was::Told(of_lease(lease)), String::new())
            }
            Change::SuspectFreed(lease) => {
                let was = format!("{}, suspect for too long", of_lease(lease));
                Self::of_lease(lease, Was::Told(was), String::new())
            }
            Change::HostCreated(host) => Self::of_host(host.spec.name.as_str(), Was::Nothing, of_host(host)),
            Change::HostRegistered(host) | Change::HostStateChanged(host) | Change::HostReturned(host) => {
                Self::of_host(host.spec.name.as_str(), Was::AsKept, of_host(host))
            }
            Change::HostDeleted(name) => Self::of_host(name.as_str(), Was::AsKept, String::new()),
            Change::DeclineNoted(decline) => Self {
                holder: decline.holder.to_string(),
                ..Self::new(
                    "values",
                    &decline.value.to_string(),
                    Was::AsKept,
                    "in use by somebody else".to_owned(),
                )
            },
            Change::DeclineCleared(value) => {
                let was = Was::Told("in use by somebody else".to_owned());
                Self::new("values", &value.to_string(), was, String::new())
            }
            Change::NetworkCreated(network) => {
                Self::new("networks", network.name.as_str(), Was::Nothing, of_network(network))
            }
            Change::NetworkUpdated(network) => {
                Self::new("networks", network.name.as_str(), Was::AsKept, of_network(network))
            }
            Change::NetworkDeleted(name) => Self::gone("networks", name.as_str()),
            Change::PoolCreated(pool) => Self::new("pools", pool.name.as_str(), Was::Nothing, of_pool(pool)),
            Change::PoolUpdated(pool) => Self::new("pools", pool.name.as_str(), Was::AsKept, of_pool(pool)),
            Change::PoolDeleted(name) => Self::gone("pools", name.as_str()),
            Change::ReservationCreated(reservation) => {
                let after = format!("for {} on {}", reservation.holder, reservation.network);
                Self::new("reservations", reservation.name.as_str(), Was::Nothing, after)
            }
            Change::ReservationDeleted(name) => Self::gone("reservations", name.as_str()),
            Change::ExclusionCreated(exclusion) => {
                Self::new("exclusions", exclusion.name.as_str(), Was::Nothing, exclusion.values.to_string())
            }
            Change::ExclusionDeleted(name) => Self::gone("exclusions", name.as_str()),
            Change::RecoveryChanged(status) => {
                let after = match &status.open {
                    Some(open) => format!("{} hosts not confirmed", open.hosts.len()),
                    None => "ended".to_owned(),
                };
                Self::new("recoveries", &status.timeline.to_string(), Was::AsKept, after)
            }
        })
    }

    fn new(collection: &str, name: &str, was: Was, after: String) -> Self {
        Self { resource: format!("{collection}/{name}"), holder: String::new(), was, after }
    }

    fn gone(collection: &str, name: &str) -> Self {
        Self::new(collection, name, Was::AsKept, String::new())
    }

    fn of_host(name: &str, was: Was, after: String) -> Self {
        Self { holder: name.to_owned(), ..Self::new("hosts", name, was, after) }
    }

    fn of_lease(lease: &Lease, was: Was, after: String) -> Self {
        Self { resource: lease.id.resource_name(), holder: lease.holder.to_string(), was, after }
    }
}

fn of_lease(lease: &Lease) -> String {
    let mut text = format!("{} on {}", lease.state, lease.holder.host);
    if let Some(migration) = &lease.migration {
        text.push_str(&format!(", moving to {}", migration.to));
    }
    if lease.suspicion.is_some() {
        text.push_str(", suspect");
    }
    let macs = lease.macs.iter().map(|mac| mac.to_string());
    let addresses = lease.addresses.iter().map(|held| held.address.to_string());
    let names = lease.ifname_a.iter().map(ToString::to_string);
    for value in names.chain(macs).chain(addresses) {
        text.push(' ');
        text.push_str(&value);
    }
    text
}

fn of_host(host: &Host) -> String {
    format!("{}, start {} of its agent", host.state, host.incarnation)
}

fn of_network(network: &NetworkSpec) -> String {
    let subnets: Vec<String> = network.subnets.iter().map(|subnet| subnet.prefix.to_string()).collect();
    let frees = network.free_suspects_after.map(|span| format!(", frees suspects after {span}"));
    format!("on {} with {}{}", network.bridge, subnets.join(" "), frees.unwrap_or_default())
}

fn of_pool(pool: &PoolSpec) -> String {
    let values = match &pool.values {
        PoolValues::Mac { blocks } => blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        PoolValues::Index { kind, first, last, scope: _ } => format!("{kind}{first}-{last}"),
    };
    format!("{values}, quarantine {}", pool.quarantine)
}

#[cfg(test)]
mod tests {
    use allocd_replica::Author;
    use allocd_types::audit::AuditFilter;
    use allocd_types::id::{Caller, RequestId};
    use allocd_types::name::HostName;
    use allocd_types::time::{ClusterTime, WallTime};
    use allocd_types::violation::Violations;

    use super::*;

    fn told(revision: u64, caller: &str, changes: Vec<Option<Change>>) -> Arc<Told> {
        let by = Author {
            caller: Caller::new(caller).unwrap(),
            request_id: RequestId::new("r1").unwrap(),
            command: "DeleteHost",
            labelled_at: WallTime::from_unix_millis(revision * 1_000),
        };
        Arc::new(Told { revision: Revision::new(revision), now: ClusterTime::default(), by, changes })
    }

    fn gone(name: &str) -> Option<Change> {
        Some(Change::HostDeleted(HostName::new(name).unwrap()))
    }

    fn listing(size: usize, filter: AuditFilter) -> AuditListing {
        let page = PageSpec::check("page_size", size, &mut Violations::default()).unwrap();
        AuditListing { page, filter }
    }

    #[test]
    fn pages_tell_every_record_once() {
        let kept = [told(7, "ops", vec![gone("a"), None, gone("b")]), told(8, "ops", vec![gone("c")])];
        let mut listing = listing(2, AuditFilter::default());
        let first = page(Revision::new(7), &kept, &listing);
        let resources = |page: &AuditPage| -> Vec<String> {
            page.page.items.iter().map(|record| record.resource.clone()).collect()
        };
        assert_eq!(resources(&first), ["hosts/a", "hosts/b"]);
        listing.page = listing.page.at(first.page.next.unwrap());
        let second = page(Revision::new(7), &kept, &listing);
        assert_eq!((resources(&second), second.page.next), (vec!["hosts/c".to_owned()], None));
    }

    #[test]
    fn what_a_thing_was_is_known_from_the_change_before_or_not_at_all() {
        let kept = [told(7, "ops", vec![gone("a")]), told(8, "other", vec![gone("a")])];
        let all = page(Revision::new(7), &kept, &listing(0, AuditFilter::default())).page.items;
        let before: Vec<Option<&str>> = all.iter().map(|record| record.before.as_deref()).collect();
        assert_eq!(before, [None, Some("")]);
        // What a filter leaves out is known all the same.
        let filter = AuditFilter { caller: Caller::new("other").ok(), ..AuditFilter::default() };
        let others = page(Revision::new(7), &kept, &listing(0, filter)).page.items;
        assert_eq!((others.len(), others[0].before.as_deref()), (1, Some("")));
    }
}
