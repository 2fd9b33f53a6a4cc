//! What the simulator's clients wish for: one network, small pools, so that values are used again and again.

use std::collections::BTreeMap;

use allocd_state::command::Command;
use allocd_types::allocation::{
    AllocationSpec, ExistingLease, FamilyWish, LeaseRef, MissingResource, Pins, ReleaseSpec, RenewalSpec,
    Teardown,
};
use allocd_types::grant::BatchMode;
use allocd_types::holder::Holder;
use allocd_types::host::HostSpec;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::Lease;
use allocd_types::mac::{Mac, MacBlock};
use allocd_types::name::{HostName, InterfaceName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation};
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;

use super::values::{ADDRESS_QUARANTINE, LINK_QUARANTINE};

/// The label that carries an operation's number into what it makes.
pub const OPERATION_LABEL: &str = "operation";
/// The one subnet: five addresses beside the gateway.
pub const SUBNET: &str = "10.0.0.0/29";
/// The subnet of hosts with agents: six addresses.
const MANAGED_SUBNET: &str = "10.0.1.0/29";
/// What the network and the pool of hosts with agents are called.
const MANAGED: &str = "managed";
/// How long the leases of a batch last: there are few values.
const BATCH_TTL: Span = Span::from_seconds(2);
/// Eight pairs of MACs.
const BLOCK_BITS: u8 = 44;

/// What has to be there before anybody can get a lease.
#[must_use]
pub fn setup(hosts: u64) -> Vec<Command> {
    let base = Mac::new([0x12, 0, 0, 0, 0, 0]);
    let blocks = vec![MacBlock::new(base, BLOCK_BITS).expect("a block")];
    let last = UnitIndex::new(15).expect("a unit");
    let units = PoolValues::Index {
        kind: InterfaceKind::Epair,
        first: UnitIndex::FIRST,
        last,
        scope: IndexScope::Host,
    };
    let pools = [pool("macs", PoolValues::Mac { blocks }), pool("units", units)];
    let hosts = (0..hosts).map(|number| create_host(&host_name(number), 0));
    pools.into_iter().chain([Command::CreateNetwork(network())]).chain(hosts).collect()
}

/// What has to be there before hosts with agents can get a lease: a network and pools of their own, for what they have they keep.
/// The network keeps suspects for so long, or until somebody frees them.
#[must_use]
pub fn managed_setup(hosts: &[HostName], free_suspects_after: Option<Span>) -> Vec<Command> {
    let base = Mac::new([0x22, 0, 0, 0, 0, 0]);
    let blocks = vec![MacBlock::new(base, BLOCK_BITS).expect("a block")];
    let prefix = MANAGED_SUBNET.parse().expect("a prefix");
    let subnets = vec![SubnetSpec { prefix, gateway: None, ranges: Vec::new() }];
    let mac_pool = PoolName::new(MANAGED).expect("a name");
    let network = NetworkSpec { name: managed_lan(), subnets, mac_pool, free_suspects_after, ..network() };
    let hosts = hosts.iter().map(|host| create_host(host.as_str(), 0));
    let pool = pool(MANAGED, PoolValues::Mac { blocks });
    [pool, Command::CreateNetwork(network)].into_iter().chain(hosts).collect()
}

/// Asks for a lease on a host with an agent.
#[must_use]
pub fn allocate_managed(holder: &Holder, operation: u64) -> Command {
    Command::Allocate(AllocationSpec { network: managed_lan(), ..lease(holder, None, operation) })
}

fn managed_lan() -> NetworkName {
    NetworkName::new(MANAGED).expect("a name")
}

/// The name of an agent's host.
#[must_use]
pub fn host_name(number: u64) -> String {
    format!("h{number}")
}

/// Makes a host, once for each operation.
#[must_use]
pub fn create_host(name: &str, operation: u64) -> Command {
    let labels = if operation == 0 { Labels::default() } else { labels(operation) };
    Command::CreateHost(HostSpec { name: host(name), bridges: BTreeMap::new(), labels })
}

/// Deletes a host.
#[must_use]
pub fn delete_host(name: &str) -> Command {
    Command::DeleteHost(host(name), MissingResource::Allow)
}

/// Asks for a lease.
#[must_use]
pub fn allocate(holder: &Holder, ttl: Option<Span>, operation: u64) -> Command {
    Command::Allocate(lease(holder, ttl, operation))
}

/// Asks for a lease to be taken over in recovery: with all that the holder lives with.
#[must_use]
pub fn adopt(lives: &Lease, ttl: Option<Span>, operation: u64) -> Command {
    let addresses = lives.addresses.iter().map(|leased| leased.address).collect();
    let pins = Pins { index: lives.index, macs: lives.macs, addresses };
    Command::Allocate(AllocationSpec { pins, ..lease(&lives.holder, ttl, operation) })
}

/// Asks for two leases in one command, all or nothing, with a wish that cannot be met: nothing may come of it.
#[must_use]
pub fn refused_batch(operation: u64) -> Command {
    Command::BatchAllocate(batch(operation), BatchMode::AllOrNothing)
}

/// Asks for the same, whatever can be met of it.
#[must_use]
pub fn partial_batch(operation: u64) -> Command {
    Command::BatchAllocate(batch(operation), BatchMode::PartialOk)
}

/// Two wishes of nobody else's, which end by themselves, and one on a host that is not there. They want no address, for jails leave
/// none.
fn batch(operation: u64) -> Vec<AllocationSpec> {
    let wish = |at: usize, host: &str| {
        let holder = format!("{host}/batch{at}_").parse().expect("a holder");
        let labels = Labels::default().with(OPERATION_LABEL, &format!("{operation}.{at}"));
        AllocationSpec { ipv4: FamilyWish::Unwanted, labels, ..lease(&holder, Some(BATCH_TTL), operation) }
    };
    vec![wish(0, &host_name(0)), wish(1, &host_name(0)), wish(2, "nowhere")]
}

fn lease(holder: &Holder, ttl: Option<Span>, operation: u64) -> AllocationSpec {
    AllocationSpec {
        holder: holder.clone(),
        network: lan(),
        kind: InterfaceKind::Epair,
        ipv4: FamilyWish::Required,
        ipv6: FamilyWish::IfSubnets,
        pins: Pins::none(),
        ttl,
        existing: ExistingLease::Return,
        labels: labels(operation),
    }
}

/// Vouches for hosts, and for there being no others.
#[must_use]
pub fn confirm(hosts: impl IntoIterator<Item = HostName>) -> Command {
    let hosts = hosts.into_iter().collect();
    Command::ConfirmRecovery(RecoveryConfirmation { hosts, others: OtherHosts::None })
}

/// Makes pools of the other kinds of units, so that nothing rests longer than the simulator has time for.
#[must_use]
pub fn other_units() -> Vec<Command> {
    let kinds =
        InterfaceKind::ALL.into_iter().filter(|kind| kind.has_index() && *kind != InterfaceKind::Epair);
    let (first, last) = (UnitIndex::FIRST, UnitIndex::LAST);
    let values = |kind| PoolValues::Index { kind, first, last, scope: IndexScope::Host };
    kinds.map(|kind| pool(kind.as_str(), values(kind))).collect()
}

/// Prolongs a lease.
#[must_use]
pub const fn renew(lease: LeaseId, generation: Generation) -> Command {
    Command::Renew(RenewalSpec { lease: LeaseRef::Id(lease), generation: Some(generation), ttl: None })
}

/// Gives a lease back.
#[must_use]
pub const fn release(lease: LeaseId, generation: Generation) -> Command {
    let (lease, generation) = (LeaseRef::Id(lease), Some(generation));
    Command::Release(ReleaseSpec {
        lease,
        generation,
        missing: MissingResource::Allow,
        teardown: Teardown::Awaited,
    })
}

fn network() -> NetworkSpec {
    let gateway = Some("10.0.0.1".parse().expect("an address"));
    let prefix = SUBNET.parse().expect("a prefix");
    NetworkSpec {
        name: lan(),
        vrf: VrfName::unsaid(),
        bridge: InterfaceName::new("bridge0").expect("a name"),
        vlan: None,
        mtu: None,
        subnets: vec![SubnetSpec { prefix, gateway, ranges: Vec::new() }],
        mac_pool: PoolName::new("macs").expect("a name"),
        rename_prefix: None,
        resolvers: Vec::new(),
        quarantine: ADDRESS_QUARANTINE,
        free_suspects_after: None,
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    }
}

fn pool(name: &str, values: PoolValues) -> Command {
    let (thresholds, labels) = (Thresholds::default(), Labels::default());
    let name = PoolName::new(name).expect("a name");
    Command::CreatePool(PoolSpec { name, values, quarantine: LINK_QUARANTINE, thresholds, labels })
}

fn labels(operation: u64) -> Labels {
    Labels::default().with(OPERATION_LABEL, &operation.to_string())
}

fn lan() -> NetworkName {
    NetworkName::new("lan").expect("a name")
}

fn host(name: &str) -> HostName {
    HostName::new(name).expect("a name")
}
