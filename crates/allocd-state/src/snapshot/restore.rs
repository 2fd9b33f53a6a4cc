//! A machine from records, one after the other. What `evolve` does for an event is done here for a record, by the same code; only
//! leases are put into what finds them all at once (`leases`).

mod leases;

use std::sync::Arc;

use allocd_types::address::address_bits;
use allocd_types::decline::Decline;
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::host::{HostRegistration, HostSpec, SeenOnHost};
use allocd_types::id::LeaseId;
use allocd_types::index::UnitIndex;
use allocd_types::network::NetworkSpec;
use allocd_types::pool::{PoolSpec, PoolValues};
use allocd_types::reservation::ReservationSpec;

use self::leases::Gathered;
use super::{End, FormerLeaseRecord, Head, HostRecord, SnapshotError, SnapshotRecord, ValueRecord};
use crate::event::{Event, RestingValue, SpaceRef};
use crate::evolve::evolve;
use crate::machine::Machine;
use crate::memory::{RememberedRequest, RequestMemory};
use crate::record::LeaseRecord;
use crate::space::Memory;
use crate::state::{Allocations, FormerLease, State};

/// No cluster counts as far in its life; a counter that says so is damage, and would soon be at its end.
const COUNTER_MAX: u64 = u64::MAX / 2;
/// The same for the timeline, which each restore moves on.
const TIMELINE_MAX: u32 = u32::MAX / 2;

/// Takes a machine's records and makes the machine.
#[derive(Debug, Default)]
pub struct MachineBuilder {
    state: State,
    memory: RequestMemory,
    /// The id that the next lease gets; what ids there are lie below.
    next_lease: LeaseId,
    records: u64,
    /// The leases that came last and are not in every index yet.
    leases: Gathered,
    /// The rank of the last record.
    rank: Option<u8>,
    end: Option<End>,
}

impl MachineBuilder {
    /// A builder that has no record yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// [`SnapshotError`] if it does not fit those before it. The builder must not be used any further then.
    pub fn add(&mut self, record: SnapshotRecord) -> Result<(), SnapshotError> {
        let kind = record.kind();
        let is_head = matches!(record, SnapshotRecord::Head(_));
        let rank = record.rank();
        if self.rank.is_none() != is_head
            || self.rank.is_some_and(|before| rank < before)
            || self.end.is_some()
        {
            return Err(SnapshotError::OutOfOrder { kind });
        }
        if self.rank != Some(rank) {
            self.settle_leases()?;
        }
        self.rank = Some(rank);
        let fitted = match record {
            SnapshotRecord::Head(head) => self.begin(&head),
            SnapshotRecord::Pool(spec) => self.pool(&spec),
            SnapshotRecord::Host(host) => self.host(host),
            SnapshotRecord::Network(spec) => self.network(&spec),
            SnapshotRecord::Exclusion(spec) => self.exclusion(&spec),
            SnapshotRecord::Reservation(spec) => self.reservation(&spec),
            SnapshotRecord::Lease(lease) => self.lease(lease),
            SnapshotRecord::FormerLease(former) => self.former(former),
            SnapshotRecord::Value(value) => self.value(&value),
            SnapshotRecord::Decline(decline) => self.decline(decline),
            SnapshotRecord::Request(request) => self.request(request),
            SnapshotRecord::End(end) => {
                self.end = Some(end);
                return Ok(());
            }
        };
        self.records += 1;
        fitted.map_err(|Misfit(subject)| SnapshotError::Misfit { kind, subject })
    }

    /// Makes the machine, once its end was taken and if it is sound. Takes time in the order of everything there is.
    ///
    /// # Errors
    /// [`SnapshotError`] if records are missing or the machine would break an invariant.
    pub fn build(self) -> Result<Machine, SnapshotError> {
        let told = self.end.map_or(0, |end| end.records);
        if self.rank != Some(SnapshotRecord::End(End { records: told }).rank()) || told != self.records {
            return Err(SnapshotError::Incomplete { found: self.records, told });
        }
        debug_assert!(
            self.state.check_restored().is_empty() == self.state.check().is_empty(),
            "what the builder sees to needs no check afterwards"
        );
        match self.state.check_restored().into_iter().next() {
            Some(flaw) => Err(SnapshotError::Broken(flaw)),
            None => Ok(Machine::of_parts(self.state, self.memory)),
        }
    }

    /// Puts the leases that came into every index, before anything follows that looks there.
    fn settle_leases(&mut self) -> Result<(), SnapshotError> {
        let settled = std::mem::take(&mut self.leases).settle(&mut self.state.allocations);
        settled.map_err(|Misfit(subject)| SnapshotError::Misfit { kind: "lease", subject })
    }

    fn begin(&mut self, head: &Head) -> Result<(), Misfit> {
        let Head { now, revision, timeline, ref recovery, next_lease, next_request } = *head;
        let counters = [revision.get(), next_lease.get(), next_request];
        require(counters.into_iter().all(|counter| counter <= COUNTER_MAX), "a counter near its end")?;
        require(timeline <= TIMELINE_MAX, "a timeline near its end")?;
        (self.state.now, self.state.revision) = (now, revision);
        (self.state.allocations.timeline, self.state.allocations.next_lease) = (timeline, next_lease);
        self.state.allocations.recovery.clone_from(recovery);
        self.next_lease = next_lease;
        self.memory = RequestMemory::beginning_at(next_request);
        Ok(())
    }

    fn pool(&mut self, spec: &PoolSpec) -> Result<(), Misfit> {
        let is_in_order = match spec.values {
            PoolValues::Mac { .. } => true,
            PoolValues::Index { first, last, .. } => first <= last,
        };
        require(is_in_order && self.state.pool(&spec.name).is_none(), &spec.name)?;
        evolve(&mut self.state, &Event::PoolCreated(spec.clone()));
        Ok(())
    }

    fn host(&mut self, record: HostRecord) -> Result<(), Misfit> {
        let HostRecord { spec, state, incarnation, uuid, release, suspects } = record;
        let HostSpec { name, .. } = &*spec;
        let all = &self.state.allocations;
        let has_uuid = uuid.as_ref().is_some_and(|uuid| all.host_uuids.contains_key(uuid));
        require(incarnation.get() <= COUNTER_MAX, name)?;
        require(!has_uuid && !all.hosts.contains_key(name), name)?;
        evolve(&mut self.state, &Event::HostCreated((*spec).clone()));
        if let Some(host) = self.state.allocations.host_mut(name) {
            host.state = state;
            host.incarnation = incarnation;
            host.suspects = suspects.into_iter().collect();
        }
        if let Some(uuid) = uuid {
            let registration =
                HostRegistration { host: name.clone(), uuid, release, seen: SeenOnHost::default() };
            evolve(&mut self.state, &Event::HostRegistered { registration, incarnation });
        }
        Ok(())
    }

    fn network(&mut self, spec: &NetworkSpec) -> Result<(), Misfit> {
        require(self.state.network(&spec.name).is_none(), &spec.name)?;
        evolve(&mut self.state, &Event::NetworkCreated(spec.clone()));
        Ok(())
    }

    fn exclusion(&mut self, spec: &ExclusionSpec) -> Result<(), Misfit> {
        let is_in_order = match &spec.values {
            ExcludedValues::Addresses { .. } => true,
            ExcludedValues::Macs { first, last } => first <= last,
            ExcludedValues::Indices { first, last, .. } => first <= last,
        };
        require(is_in_order && self.state.exclusion(&spec.name).is_none(), &spec.name)?;
        evolve(&mut self.state, &Event::ExclusionCreated(spec.clone()));
        Ok(())
    }

    fn reservation(&mut self, spec: &ReservationSpec) -> Result<(), Misfit> {
        require(self.state.reservation(&spec.name).is_none(), &spec.name)?;
        evolve(&mut self.state, &Event::ReservationCreated(spec.clone()));
        Ok(())
    }

    fn lease(&mut self, mut lease: Arc<LeaseRecord>) -> Result<(), Misfit> {
        let is_new = self.state.lease(lease.id).is_none();
        require(is_new && lease.id < self.next_lease, lease.id)?;
        Arc::make_mut(&mut lease).share_names(&self.state.allocations);
        self.leases.add(&mut self.state.allocations, lease);
        Ok(())
    }

    fn former(&mut self, former: FormerLeaseRecord) -> Result<(), Misfit> {
        let FormerLeaseRecord { lease: record, is_last_of_holder } = former;
        let all = &mut self.state.allocations;
        let (id, holder) = (record.id, record.holder.clone());
        let is_new = !all.former.contains_key(&id) && !all.leases.contains_key(&id);
        require(is_new && id < self.next_lease, id)?;
        if is_last_of_holder {
            let host = all.host_mut(&holder.host).ok_or_else(|| Misfit(id.to_string()))?;
            host.former_holders.insert(&holder, id);
        }
        all.former.insert(id, FormerLease { record, remembered_by: 0 });
        Ok(())
    }

    fn value(&mut self, record: &ValueRecord) -> Result<(), Misfit> {
        let ValueRecord { value, memory, rest } = record;
        let subject = || Misfit(format!("{} in {:?}", value.number, value.space));
        let all = &mut self.state.allocations;
        if memory.lease != Memory::NOBODY {
            let former = all.former.get_mut(&memory.lease).ok_or_else(subject)?;
            former.remembered_by = former.remembered_by.saturating_add(1);
        }
        let mut is_taken = false;
        if is_in_space(all, value) {
            all.edit(&value.space, |space| {
                is_taken = space.remember(value.number, *memory, *rest);
                None
            });
        }
        is_taken.then_some(()).ok_or_else(subject)
    }

    fn decline(&mut self, decline: Arc<Decline>) -> Result<(), Misfit> {
        let is_new = !self.state.allocations.declines.contains_key(&decline.value);
        require(is_new, &decline.value)?;
        evolve(&mut self.state, &Event::DeclineNoted(decline));
        Ok(())
    }

    fn request(&mut self, request: RememberedRequest) -> Result<(), Misfit> {
        let (caller, request_id) = (request.caller.clone(), request.request_id.clone());
        require(self.memory.put_back(request), format_args!("{request_id} of {caller}"))
    }
}

/// What does not fit.
struct Misfit(String);

fn require(fits: bool, subject: impl ToString) -> Result<(), Misfit> {
    if fits { Ok(()) } else { Err(Misfit(subject.to_string())) }
}

/// Whether the number is one that the space, if it is there, can have.
fn is_in_space(all: &Allocations, value: &RestingValue) -> bool {
    let RestingValue { space, number } = value;
    match space {
        SpaceRef::Mac(_) => number >> 47 == 0,
        SpaceRef::ForeignMac => number >> 48 == 0,
        SpaceRef::HostIndex(..) | SpaceRef::ClusterIndex(_) => *number <= u128::from(UnitIndex::LAST.get()),
        SpaceRef::Subnet(network, first) => {
            let subnets = all.networks.get(network).map_or(&[][..], |network| &network.spec.subnets);
            subnets.iter().map(|subnet| subnet.prefix.range()).any(|range| {
                range.first() == *first
                    && (address_bits(range.first())..=address_bits(range.last())).contains(number)
            })
        }
    }
}
