//! Decisions about pools.

use allocd_types::allocation::MissingResource;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::limits::LINK_QUARANTINE_SECONDS_DEFAULT;
use allocd_types::mac::{Mac, MacBlock};
use allocd_types::name::PoolName;
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::rejection::{Rejection, Subject};
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;

use super::{changed, recovery, unchanged};
use crate::context::Context;
use crate::event::{Event, SpaceRef};
use crate::response::{Decision, Response};
use crate::state::{PoolEntry, State, pool_ranges};

/// First octets of prefixes a cluster may draw for itself: unicast, locally administered, low nibble 2 (IEEE 802c's
/// administratively assigned quadrant), and not 02 or 52, which others generate.
const OWN_FIRST_OCTETS: [u8; 12] = [0x12, 0x22, 0x32, 0x42, 0x62, 0x72, 0x82, 0x92, 0xb2, 0xc2, 0xd2, 0xf2];
/// The length of a prefix that a cluster draws for itself.
const OWN_PREFIX_BITS: u8 = 24;
/// How often a cluster draws before it says what is in the way.
const OWN_DRAWS_MAX: usize = 64;

pub(super) fn create(state: &State, context: &mut Context, spec: &PoolSpec) -> Result<Decision, Rejection> {
    let subject = Subject::Pool(spec.name.clone());
    match state.pool(&spec.name) {
        Some(found) if is_as_asked(found, spec) => return Ok(unchanged(Response::Pool((**found).clone()))),
        Some(_) => return Err(Rejection::Exists(subject)),
        None => {}
    }
    let spec = match &spec.values {
        PoolValues::Mac { blocks } if blocks.is_empty() => {
            let values = PoolValues::Mac { blocks: vec![own_block(state, context)?] };
            PoolSpec { values, ..spec.clone() }
        }
        PoolValues::Mac { .. } | PoolValues::Index { .. } => spec.clone(),
    };
    match &spec.values {
        PoolValues::Mac { blocks } => check_blocks(state, &spec.name, blocks)?,
        PoolValues::Index { kind, scope, .. } => check_kind(state, &spec.name, *kind, *scope)?,
    }
    let opened = match &spec.values {
        PoolValues::Mac { .. } => recovery::opened(state, vec![SpaceRef::Mac(spec.name.clone())]),
        PoolValues::Index { .. } => None,
    };
    let events = [Event::PoolCreated(spec.clone())].into_iter().chain(opened).collect();
    Ok(Decision { response: Response::Pool(spec), events, after: None })
}

/// A pool without blocks asks for whatever the cluster draws; asked again, it is what was drawn.
fn is_as_asked(found: &PoolSpec, spec: &PoolSpec) -> bool {
    *found == with_drawn(spec, found)
}

/// The MAC pool that a cluster makes for itself: `default`, with a prefix of its own.
pub(super) fn drawn(state: &State, context: &mut Context) -> Result<PoolSpec, Rejection> {
    Ok(PoolSpec {
        name: PoolName::unsaid(),
        values: PoolValues::Mac { blocks: vec![own_block(state, context)?] },
        quarantine: Span::from_seconds(LINK_QUARANTINE_SECONDS_DEFAULT),
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    })
}

/// Draws a block until one meets nothing that is there, so often that only a cluster without room for one is refused.
pub(super) fn own_block(state: &State, context: &mut Context) -> Result<MacBlock, Rejection> {
    let mut drawn = || {
        let [choice, second, third, ..] = context.entropy.draw().to_le_bytes();
        let first = OWN_FIRST_OCTETS[usize::from(choice) % OWN_FIRST_OCTETS.len()];
        let base = Mac::new([first, second, third, 0, 0, 0]);
        let block = MacBlock::new(base, OWN_PREFIX_BITS).expect("the last three octets are zero");
        check_blocks(state, &PoolName::unsaid(), &[block]).map(|()| block)
    };
    let mut last = drawn();
    for _ in 1..OWN_DRAWS_MAX {
        if last.is_ok() {
            break;
        }
        last = drawn();
    }
    last
}

pub(super) fn update(state: &State, spec: &PoolSpec) -> Result<Decision, Rejection> {
    let subject = Subject::Pool(spec.name.clone());
    let Some(pool) = state.allocations.pools.get(&spec.name) else {
        return Err(Rejection::NotFound(subject));
    };
    if is_as_asked(&pool.spec, spec) {
        return Ok(unchanged(Response::Pool((*pool.spec).clone())));
    }
    let spec = &with_drawn(spec, &pool.spec);
    match (&pool.spec.values, &spec.values) {
        (PoolValues::Mac { .. }, PoolValues::Mac { blocks }) => {
            check_kept(pool, spec)?;
            check_blocks(state, &spec.name, blocks)?;
        }
        (
            PoolValues::Index { kind, scope, .. },
            PoolValues::Index { kind: new_kind, scope: new_scope, .. },
        ) if kind == new_kind && scope == new_scope => {}
        (
            PoolValues::Mac { .. } | PoolValues::Index { .. },
            PoolValues::Mac { .. } | PoolValues::Index { .. },
        ) => {
            return Err(Rejection::Exists(subject));
        }
    }
    Ok(changed(Response::Pool(spec.clone()), Event::PoolUpdated(spec.clone())))
}

/// A pool of MACs that is changed without saying its blocks keeps those it has.
fn with_drawn(spec: &PoolSpec, found: &PoolSpec) -> PoolSpec {
    match (&spec.values, &found.values) {
        (PoolValues::Mac { blocks }, PoolValues::Mac { .. }) if blocks.is_empty() => {
            PoolSpec { values: found.values.clone(), ..spec.clone() }
        }
        (
            PoolValues::Mac { .. } | PoolValues::Index { .. },
            PoolValues::Mac { .. } | PoolValues::Index { .. },
        ) => spec.clone(),
    }
}

pub(super) fn delete(
    state: &State,
    name: &PoolName,
    missing: MissingResource,
) -> Result<Decision, Rejection> {
    let subject = Subject::Pool(name.clone());
    let Some(pool) = state.allocations.pools.get(name) else {
        return match missing {
            MissingResource::Allow => Ok(unchanged(Response::Done)),
            MissingResource::Refuse => Err(Rejection::NotFound(subject)),
        };
    };
    let users = u64::try_from(pool.space.used_within(0, u128::MAX)).unwrap_or(u64::MAX);
    if users > 0 {
        return Err(Rejection::InUse { subject, users, by: "leased, reserved or resting values".into() });
    }
    let networks = state.allocations.networks.values().filter(|network| network.spec.mac_pool == *name);
    let users: u64 = networks.map(|_| 1).sum();
    if users > 0 {
        return Err(Rejection::InUse { subject, users, by: "networks".into() });
    }
    Ok(changed(Response::Done, Event::PoolDeleted(name.clone())))
}

/// Blocks of different pools do not overlap, and no foreign MAC that is held lies in one.
fn check_blocks(state: &State, name: &PoolName, blocks: &[MacBlock]) -> Result<(), Rejection> {
    for block in blocks {
        let others = state.allocations.pools.values().filter(|pool| pool.spec.name != *name);
        for pool in others {
            let PoolValues::Mac { blocks } = &pool.spec.values else { continue };
            if let Some(other) = blocks.iter().find(|other| other.overlaps(*block)) {
                return Err(Rejection::BlockOverlap {
                    block: *block,
                    other: *other,
                    pool: pool.spec.name.clone(),
                });
            }
        }
        let (first, last) = (u128::from(block.first().bits()), u128::from(block.last().bits()));
        let users = state.allocations.foreign_macs.used_within(first, last);
        if users > 0 {
            let users = u64::try_from(users).unwrap_or(u64::MAX);
            let subject = Subject::Pool(name.clone());
            return Err(Rejection::InUse {
                subject,
                users,
                by: "MACs of no pool that lie in the block".into(),
            });
        }
    }
    Ok(())
}

/// What a pool loses must not be held.
fn check_kept(pool: &PoolEntry, spec: &PoolSpec) -> Result<(), Rejection> {
    let kept = pool_ranges(&spec.values);
    let users: usize = pool
        .space
        .ranges()
        .iter()
        .filter(|range| !kept.contains(range))
        .map(|(first, last)| pool.space.used_within(*first, *last))
        .sum();
    if users > 0 {
        let (subject, users) = (Subject::Pool(spec.name.clone()), u64::try_from(users).unwrap_or(u64::MAX));
        return Err(Rejection::InUse {
            subject,
            users,
            by: "leased, reserved or resting MACs of blocks that would go".into(),
        });
    }
    Ok(())
}

/// A kind has one pool; to be unique in the cluster from now on, nothing may be unique per host only.
fn check_kind(
    state: &State,
    name: &PoolName,
    kind: InterfaceKind,
    scope: IndexScope,
) -> Result<(), Rejection> {
    if let Some(other) = state.allocations.index_pools.get(&kind).filter(|other| *other != name) {
        return Err(Rejection::Exists(Subject::Pool(other.clone())));
    }
    if scope == IndexScope::Host {
        return Ok(());
    }
    let spaces = state
        .allocations
        .hosts
        .keys()
        .filter_map(|host| state.space(&SpaceRef::HostIndex(host.clone(), kind)));
    let users: usize = spaces.map(|space| space.used_within(0, u128::MAX)).sum();
    if users > 0 {
        let users = u64::try_from(users).unwrap_or(u64::MAX);
        let subject = Subject::Pool(name.clone());
        return Err(Rejection::InUse {
            subject,
            users,
            by: "indices of that kind, unique on their hosts only".into(),
        });
    }
    Ok(())
}
