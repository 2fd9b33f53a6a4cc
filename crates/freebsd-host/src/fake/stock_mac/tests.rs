//! The kernel's rules against what was seen on real machines and what follows from them.

use std::collections::BTreeSet;

use super::*;

const UUID: &str = "a1b2c3d4-0000-11ee-8000-0123456789ab";

fn macs(release: Release) -> StockMacs {
    StockMacs::new(Identity::new(UUID, release))
}

#[test]
fn an_old_kernel_counts_interfaces_behind_what_the_stack_held() {
    let identity = Identity { uninitialised: [0xff, 0x50], ..Identity::new(UUID, Release::new(10, 0)) };
    let [a, b] = StockMacs::new(identity).epair(EpairRule::Index, [0x10, 0x11], 1, "0");
    // The second is the address in the article's comment.
    assert_eq!((a.to_string(), b.to_string()), ("02:ff:50:00:10:0a".into(), "02:ff:50:00:11:0b".into()));
}

#[test]
fn two_old_kernels_that_count_alike_make_the_same_macs() {
    let same = || Identity { uninitialised: [0xff, 0x50], ..Identity::new("one", Release::new(10, 4)) };
    let other = Identity { hostuuid: "two".to_owned(), hostid: 7, ..same() };
    let of = |identity| StockMacs::new(identity).epair(EpairRule::Index, [4, 5], 0, "0");
    assert_eq!(of(same()), of(other));
}

#[test]
fn lookup3_is_bob_jenkins() {
    // hashword() of lookup3.c for these keys, worked out apart from this code.
    assert_eq!(jenkins_hash32([0, 0, 0]), 0x1b68_e557);
    assert_eq!(jenkins_hash32([7, 0x1234_5678, 0]), 0x1b05_ca8f);
}

#[test]
fn a_newer_kernel_never_uses_an_index_twice() {
    let mut macs = macs(Release::new(12, 1));
    let drawn: BTreeSet<Mac> = (0..50).flat_map(|_| macs.epair(EpairRule::Counter, [4, 5], 0, "0")).collect();
    assert_eq!(drawn.len(), 100);
    assert!(drawn.iter().all(|mac| mac.octets()[0] == 0x02 && [0x0a, 0x0b].contains(&mac.octets()[5])));
}

#[test]
fn cloned_machines_make_the_same_sequence() {
    let (mut one, mut two) = (macs(Release::new(14, 1)), macs(Release::new(14, 1)));
    for unit in 0..5 {
        let pair = |macs: &mut StockMacs| macs.epair(EpairRule::Counter, [4, 5], unit, "0");
        assert_eq!(pair(&mut one), pair(&mut two));
    }
}

#[test]
fn generated_addresses_depend_on_machine_interface_and_jail_alone() {
    let mut macs = macs(Release::new(15, 0));
    let first = macs.epair(EpairRule::Generated, [4, 5], 3, "0");
    assert_eq!(first, macs.epair(EpairRule::Generated, [40, 50], 3, "0"));
    assert_ne!(first, macs.epair(EpairRule::Generated, [4, 5], 3, "web01"));
    assert!(first.iter().all(|mac| mac.octets()[..4] == [0x58, 0x9c, 0xfc, 0x10]));
}

#[test]
fn a_signed_digest_is_squeezed_into_few_values() {
    let of = |bytes: [u8; 3], rule| {
        let mut digest = [0; 20];
        digest[..3].copy_from_slice(&bytes);
        Digest(digest).address(rule).to_string()
    };
    // A last byte from 0x80 on fills all above it: the signature that is seen in the field.
    assert_eq!(of([0x00, 0x00, 0xc8], GeneratedRule::SignedDigest), "58:9c:fc:10:ff:c8");
    assert_eq!(of([0x00, 0x81, 0x10], GeneratedRule::SignedDigest), "58:9c:fc:10:81:10");
    assert_eq!(of([0x10, 0x01, 0x10], GeneratedRule::SignedDigest), "58:9c:fc:10:01:10");
    assert_eq!(of([0x0f, 0x39, 0x10], GeneratedRule::UnsignedDigest), "58:9c:fc:00:39:10");
    assert_eq!(of([0xab, 0xcd, 0xef], GeneratedRule::TwoBytes), "58:9c:fc:10:ab:cd");
}

#[test]
fn a_machine_without_a_hostuuid_draws_at_random() {
    let mut macs = StockMacs::new(Identity::new(NO_HOSTUUID, Release::new(15, 0)));
    let (one, two) = (macs.generated("epair0a", "0"), macs.generated("epair0a", "0"));
    assert!(one != two && one.is_local() && !one.is_multicast());
}
