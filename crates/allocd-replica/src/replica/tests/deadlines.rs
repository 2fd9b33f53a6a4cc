//! What is due falls by the leader's tick, and not without one.

use allocd_state::command::Command;
use allocd_state::event::{Event, FreedCause};
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::id::MemberId;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::name::{InterfaceName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;

use super::cluster::{Cluster, TICK_MILLIS, create_host};
use crate::effects::Unavailable;

const TTL_TICKS: u64 = 200;

fn network() -> NetworkSpec {
    NetworkSpec {
        name: NetworkName::new("lan").unwrap(),
        vrf: VrfName::unsaid(),
        bridge: InterfaceName::new("bridge0").unwrap(),
        vlan: None,
        mtu: None,
        subnets: vec![SubnetSpec {
            prefix: "10.0.0.0/24".parse().unwrap(),
            gateway: None,
            ranges: Vec::new(),
        }],
        mac_pool: PoolName::unsaid(),
        rename_prefix: None,
        resolvers: Vec::new(),
        quarantine: Span::from_seconds(5),
        free_suspects_after: None,
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    }
}

/// A lease of addresses alone, for [`TTL_TICKS`].
fn allocation(jail: &str) -> AllocationSpec {
    AllocationSpec {
        holder: format!("h1/{jail}").parse().unwrap(),
        network: NetworkName::new("lan").unwrap(),
        kind: InterfaceKind::Address,
        ipv4: FamilyWish::Required,
        ipv6: FamilyWish::IfSubnets,
        pins: Pins::none(),
        ttl: Some(Span::from_millis(TTL_TICKS * TICK_MILLIS)),
        existing: ExistingLease::Return,
        labels: Labels::default(),
    }
}

fn with_leases() -> (Cluster, u64) {
    let (mut cluster, leader) = Cluster::with_leader();
    cluster.apply(leader, "network", Command::CreateNetwork(network()));
    cluster.apply(leader, "host", create_host("h1"));
    for jail in ["a", "b", "c"] {
        cluster.apply(leader, jail, Command::Allocate(allocation(jail)));
    }
    (cluster, leader)
}

fn expired(cluster: &Cluster, id: u64) -> usize {
    let is_it = |event: &&Event| matches!(event, Event::LeaseFreed { cause: FreedCause::Expired, .. });
    cluster.events[&id].iter().filter(is_it).count()
}

#[test]
fn leases_fall_at_their_deadline_on_every_member() {
    let (mut cluster, leader) = with_leases();
    cluster.ticks(TTL_TICKS - 1);
    assert_eq!(expired(&cluster, leader), 0);
    cluster.ticks(3);
    for id in [1, 2, 3] {
        assert_eq!(expired(&cluster, id), 3, "member {id}");
    }
    // Their values rest, and become free by a later tick; then nothing is due, and no tick is proposed any more.
    cluster.ticks(60);
    let rested =
        cluster.events[&leader].iter().filter(|event| matches!(event, Event::ValueRested(_))).count();
    assert_eq!(rested, 3);
    let last = cluster.status(leader).last;
    cluster.ticks(1_000);
    assert_eq!(cluster.status(leader).last, last);
    cluster.assert_equal();
}

#[test]
fn one_tick_is_on_its_way_at_a_time() {
    let (mut cluster, leader) = with_leases();
    cluster.ticks(TTL_TICKS - 1);
    // No majority answers for a moment, shorter than an election takes.
    cluster.isolated.insert(leader);
    let last = cluster.status(leader).last;
    for _ in 0..5 {
        cluster.tick_one(leader);
        cluster.advance(leader);
    }
    cluster.tick();
    cluster.tick();
    assert_eq!(cluster.status(leader).last, last + 1);
}

#[test]
fn nothing_falls_while_nobody_leads() {
    let (mut cluster, _) = with_leases();
    cluster.isolated.extend([1, 2, 3]);
    cluster.ticks(50 * TTL_TICKS);
    cluster.isolated.clear();
    let leader = cluster.elect();
    assert_eq!(expired(&cluster, leader), 0);
    // Time goes on with the new leader, from where it stood.
    cluster.ticks(TTL_TICKS);
    assert_eq!(expired(&cluster, leader), 3);
}

#[test]
fn a_read_counts_what_remains_from_the_leaders_clock() {
    let (mut cluster, leader) = with_leases();
    let follower = cluster.others(leader)[0];
    // Nothing is proposed for half of the lifetime: the state's own time stands still.
    cluster.ticks(TTL_TICKS / 2);
    let (asked, elsewhere) = (cluster.read(leader), cluster.read(follower));
    cluster.settle();
    let state = cluster.reads[&asked].as_ref().unwrap();
    let lease = state.lease_of(&allocation("a").holder).unwrap();
    let remaining = state.told(lease).remaining.unwrap();
    assert!(remaining <= Span::from_millis(TTL_TICKS / 2 * TICK_MILLIS), "{remaining}");
    // A follower has no clock to count by, and says who has.
    let refused = cluster.reads[&elsewhere].as_ref().unwrap_err();
    assert_eq!(*refused, Unavailable::NotLeader { leader: Some(MemberId::new(leader)) });
}
