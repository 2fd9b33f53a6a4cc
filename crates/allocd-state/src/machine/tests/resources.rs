//! What may become of networks and pools while their values are in use.

use allocd_types::allocation::MissingResource;
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::{Mac, MacBlock};
use allocd_types::name::{ExclusionName, NetworkName, PoolName};
use allocd_types::network::NetworkSpec;
use allocd_types::pool::{IndexScope, PoolRef, PoolSpec, PoolValues};
use allocd_types::problem::Problem;
use allocd_types::rejection::Rejection;
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;

use super::scene::{Scene, host, lan, v4, wish};
use crate::command::Command;
use crate::response::Response;

fn pool(name: &str, values: PoolValues) -> PoolSpec {
    PoolSpec {
        name: PoolName::new(name).unwrap(),
        values,
        quarantine: Span::from_seconds(300),
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    }
}

fn macs(name: &str, blocks: &[&str]) -> PoolSpec {
    pool(name, PoolValues::Mac { blocks: blocks.iter().map(|block| block.parse().unwrap()).collect() })
}

fn indices(name: &str, scope: IndexScope) -> PoolSpec {
    let (kind, first, last) = (InterfaceKind::Epair, UnitIndex::FIRST, UnitIndex::new(99).unwrap());
    pool(name, PoolValues::Index { kind, first, last, scope })
}

#[test]
fn a_network_takes_its_macs_from_a_pool_of_macs_only() {
    let mut scene = Scene::small();
    scene.yes(Command::CreatePool(indices("units", IndexScope::Cluster)));
    let other = lan("other", &[("10.0.0.0/24", None)]);
    let wrong = NetworkSpec { mac_pool: PoolName::new("units").unwrap(), ..other };
    let rejection = scene.no(Command::CreateNetwork(wrong));
    assert_eq!(Problem::from(&rejection).message, "pool units hands out indices, not MAC addresses");
    let changed = scene.machine.state().network(&NetworkName::new("lan").unwrap()).unwrap();
    let wrong = NetworkSpec { mac_pool: PoolName::new("units").unwrap(), ..(**changed).clone() };
    assert!(matches!(scene.no(Command::UpdateNetwork(wrong)), Rejection::NoMacPool { .. }));
}

#[test]
fn macs_of_no_pool_are_excluded_and_put_back_beside_every_pool() {
    let mut scene = Scene::small();
    let mac = |text: &str| text.parse::<Mac>().unwrap();
    // The scene's self-check runs after each step.
    scene.yes(Command::CreateExclusion(ExclusionSpec {
        name: ExclusionName::new("seen").unwrap(),
        values: ExcludedValues::Macs { first: mac("02:00:00:00:00:0a"), last: mac("02:00:00:00:00:0b") },
        reason: String::new(),
        labels: Labels::default(),
    }));
    scene.lease(wish("h1/a"));
    scene.yes(Command::DeleteExclusion(ExclusionName::new("seen").unwrap(), MissingResource::Refuse));
}

#[test]
fn a_pool_that_only_says_the_units_of_hosts_is_not_full() {
    let mut scene = Scene::small();
    scene.yes(Command::CreatePool(indices("units", IndexScope::Host)));
    scene.lease(wish("h1/a"));
    let usages = scene.machine.state().usages();
    let told: Vec<String> = usages.iter().map(|usage| usage.pool.to_string()).collect();
    assert!(!told.contains(&"epair indices of the cluster".to_owned()), "{told:?}");
    let of_host = usages.iter().find(|usage| matches!(usage.pool, PoolRef::HostIndex(..))).unwrap();
    assert_eq!((of_host.counts.leased, of_host.counts.total()), (1, 100));
}

#[test]
fn a_pool_that_is_changed_without_blocks_keeps_those_it_has() {
    let mut scene = Scene::small();
    let lease = scene.lease(wish("h1/a"));
    let calm = PoolSpec { quarantine: Span::from_seconds(60), ..macs("default", &[]) };
    let Response::Pool(changed) = scene.yes(Command::UpdatePool(calm)) else { panic!("a pool") };
    let PoolValues::Mac { blocks } = &changed.values else { panic!("a pool of MACs") };
    assert!(blocks[0].contains(lease.macs.a().unwrap()), "{blocks:?}");
    assert_eq!(changed.quarantine, Span::from_seconds(60));
}

#[test]
fn an_address_that_a_jail_has_becomes_no_gateway() {
    let mut scene = Scene::small();
    let lease = scene.lease(wish("h1/a"));
    assert_eq!(v4(&lease), "192.168.48.2");
    let moved = lan("lan", &[("192.168.48.0/29", Some("192.168.48.2")), ("fd00:48::/64", None)]);
    assert!(matches!(scene.no(Command::UpdateNetwork(moved.clone())), Rejection::InUse { users: 1, .. }));
    scene.release(&lease);
    scene.yes(Command::UpdateNetwork(moved));
    // The old gateway may be handed out now, the new one may not.
    assert_eq!(v4(&scene.lease(wish("h1/a"))), "192.168.48.1");
}

#[test]
fn a_cluster_draws_until_its_prefix_meets_no_other() {
    let mut scene = Scene::empty();
    // Everything a cluster could draw is in a pool, but for what begins with f2.
    for first in [0x12, 0x22, 0x32, 0x42, 0x62, 0x72, 0x82, 0x92, 0xb2, 0xc2, 0xd2] {
        for quarter in 0..4_u8 {
            let second = |at: u8| quarter * 64 + at;
            let block = |at| MacBlock::new(Mac::new([first, second(at), 0, 0, 0, 0]), 16).unwrap();
            let values = PoolValues::Mac { blocks: (0..64).map(block).collect() };
            scene.yes(Command::CreatePool(pool(&format!("p{first}-{quarter}"), values)));
        }
    }
    scene.yes(Command::CreateNetwork(lan("lan", &[("10.0.0.0/24", None)])));
    scene.yes(Command::CreateHost(host("h1")));
    assert_eq!(scene.lease(wish("h1/a")).macs.a().unwrap().octets()[0], 0xf2);
}
