//! The leases of a snapshot, put into every index in the order of that index.
//!
//! Leases come in the order of their ids, and their MACs and holders lie anywhere in what finds them: one by one, each would touch
//! memory that none has touched for long. So values and holders are gathered, sorted, and put in one after the other; and what
//! two leases share lies side by side then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::kind::InterfaceKind;
use allocd_types::name::HostName;

use super::Misfit;
use crate::event::SpaceRef;
use crate::evolve::{enter, enter_suspects};
use crate::record::LeaseRecord;
use crate::state::{Allocations, Holders};

/// What leases that are known already will have.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The values that are no host's own.
    values: BTreeMap<SpaceRef, Vec<(u128, LeaseId)>>,
    hosts: BTreeMap<HostName, OfHost>,
}

/// What leases on a host will have there.
#[derive(Debug, Default)]
struct OfHost {
    /// By the numbers of the holders.
    holders: Vec<(u64, LeaseId)>,
    units: BTreeMap<InterfaceKind, Vec<(u128, LeaseId)>>,
}

impl Gathered {
    /// Takes the next lease: from now on it is known by its id.
    pub(super) fn add(&mut self, all: &mut Allocations, record: Arc<LeaseRecord>) {
        let holder = (Holders::number(&record.holder), record.id);
        self.hosts.entry(record.holder.host.clone()).or_default().holders.push(holder);
        for place in all.places(&record) {
            let value = (place.number, record.id);
            match place.space {
                SpaceRef::HostIndex(name, kind) => {
                    self.hosts.entry(name).or_default().units.entry(kind).or_default().push(value);
                }
                space @ (SpaceRef::Mac(_)
                | SpaceRef::ForeignMac
                | SpaceRef::ClusterIndex(_)
                | SpaceRef::Subnet(..)) => self.values.entry(space).or_default().push(value),
            }
        }
        enter(all, record);
    }

    /// Puts everything where it belongs.
    pub(super) fn settle(self, all: &mut Allocations) -> Result<(), Misfit> {
        let Self { values, hosts } = self;
        values.into_iter().try_for_each(|(space, values)| lease_values(all, &space, values))?;
        for (name, host) in hosts {
            enter_holders(all, &name, host.holders)?;
            for (kind, values) in host.units {
                lease_values(all, &SpaceRef::HostIndex(name.clone(), kind), values)?;
            }
            enter_suspects(all, &name);
        }
        Ok(())
    }
}

/// Leases values of a space; each may have one lease.
fn lease_values(
    all: &mut Allocations,
    space: &SpaceRef,
    mut values: Vec<(u128, LeaseId)>,
) -> Result<(), Misfit> {
    values.sort_unstable();
    let has_two = values.windows(2).find(|pair| pair[0].0 == pair[1].0);
    if let Some([(number, one), (_, other)]) = has_two {
        return Err(Misfit(format!("{one} and {other}, which share {number} in {space:?}")));
    }
    if all.space(space).is_none() {
        return Err(Misfit(format!("{}, for there is no {space:?}", names(&values))));
    }
    all.edit(space, |space| {
        values.into_iter().for_each(|(number, lease)| {
            space.lease(number, lease);
        });
        None
    });
    Ok(())
}

/// Lets a host know its holders; each may have one lease.
fn enter_holders(
    all: &mut Allocations,
    host: &HostName,
    mut leases: Vec<(u64, LeaseId)>,
) -> Result<(), Misfit> {
    leases.sort_unstable();
    for alike in leases.chunk_by(|one, other| one.0 == other.0).filter(|alike| alike.len() > 1) {
        let holders: BTreeSet<&Holder> =
            alike.iter().filter_map(|(_, id)| all.leases.get(id)).map(|record| &record.holder).collect();
        if holders.len() < alike.len() {
            return Err(Misfit(format!("{}, which are of one holder on {host}", names(alike))));
        }
    }
    let Some(entry) = all.host_mut(host) else {
        return Err(Misfit(format!("{}, for there is no host {host}", names(&leases))));
    };
    leases.into_iter().for_each(|(number, id)| entry.holders.insert_numbered(number, id));
    Ok(())
}

/// The leases among these, a few of them.
fn names<N>(leases: &[(N, LeaseId)]) -> String {
    const TOLD: usize = 3;
    let told: Vec<String> = leases.iter().take(TOLD).map(|(_, id)| id.to_string()).collect();
    told.join(", ")
}
