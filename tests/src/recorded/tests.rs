//! Each promise, broken in a record of a few lines: the judge has to see it.

use allocd_state::response::Response;
use allocd_types::address::Prefix;
use allocd_types::grant::{Granted, Novelty};
use allocd_types::id::{Generation, Revision};
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::{LeaseState, LeasedAddress};
use allocd_types::mac::Macs;
use allocd_types::name::{InterfaceName, NetworkName, VrfName};
use allocd_types::time::WallTime;

use super::watched::record_of;
use super::*;
use crate::sim::wish;

/// The lease of a jail with a number, with an address that ends in another one.
fn lease(number: u64, address: u8) -> Lease {
    let subnet: Prefix = "10.0.0.0/24".parse().unwrap();
    let address = format!("10.0.0.{address}").parse().unwrap();
    Lease {
        id: LeaseId::new(number),
        holder: format!("h0/j{number}").parse().unwrap(),
        network: NetworkName::new("lan").unwrap(),
        kind: InterfaceKind::Address,
        index: None,
        ifname_a: None,
        ifname_b: None,
        macs: Macs::None,
        mac_beside: None,
        addresses: vec![LeasedAddress { address, subnet, gateway: None, vrf: VrfName::unsaid() }],
        bridge: InterfaceName::new("bridge0").unwrap(),
        vlan: None,
        mtu: None,
        resolvers: Vec::new(),
        state: LeaseState::Granted,
        is_delivered: false,
        migration: None,
        suspicion: None,
        generation: Generation { timeline: 1, revision: Revision::new(number) },
        remaining: None,
        is_unconfirmed: false,
        granted_at: WallTime::default(),
        labels: Labels::default().with(wish::OPERATION_LABEL, &number.to_string()),
    }
}

impl Record {
    /// A lease is asked for, answered and used; the revision is its number.
    fn grants(&self, lease: &Lease) {
        let number = lease.id.get();
        self.asked(number, Ask::Do(wish::allocate(&lease.holder, None, number)));
        let granted = Granted { lease: lease.clone(), novelty: Novelty::New };
        let result = Box::new(Ok(Response::Lease(granted)));
        self.answered(number, Outcome::Applied { revision: number, result });
        self.uses(lease, UseUntil::Forever);
    }

    /// A member tells of it, after the answer.
    fn tells(&self, member: u64, revision: u64, lease: &Lease) {
        self.told(member, revision, vec![Event::LeaseGranted(Arc::new(record_of(lease)))]);
    }
}

#[test]
fn what_is_there_as_it_was_answered_is_well() {
    let record = Record::default();
    for lease in [lease(1, 1), lease(2, 2)] {
        record.grants(&lease);
        record.tells(1, lease.id.get(), &lease);
    }
    let summary = record.judge(&[kept(1, 2, &[lease(1, 1), lease(2, 2)])]);
    assert_eq!((summary.asked, summary.answered, summary.granted, summary.revision), (2, 2, 2, 2));
}

#[test]
#[should_panic(expected = "durable")]
fn an_acknowledged_lease_that_a_member_lacks_is_seen() {
    let record = Record::default();
    record.grants(&lease(1, 1));
    record.tells(1, 1, &lease(1, 1));
    record.judge(&[kept(2, 1, &[])]);
}

#[test]
#[should_panic(expected = "holders")]
fn a_value_that_two_use_is_seen() {
    let record = Record::default();
    record.uses(&lease(1, 1), UseUntil::Forever);
    record.uses(&lease(2, 1), UseUntil::Forever);
    record.judge(&[]);
}

#[test]
#[should_panic(expected = "history")]
fn an_answer_with_other_values_than_were_granted_is_seen() {
    let record = Record::default();
    record.grants(&lease(1, 1));
    record.tells(1, 1, &lease(1, 2));
    record.judge(&[]);
}

#[test]
#[should_panic(expected = "once")]
fn a_request_that_takes_effect_twice_is_seen() {
    let record = Record::default();
    record.tells(1, 1, &lease(1, 1));
    let again = Lease { id: LeaseId::new(2), labels: lease(1, 1).labels, ..lease(2, 2) };
    record.tells(1, 2, &again);
    record.judge(&[]);
}

#[test]
#[should_panic(expected = "tell revision 1 differently")]
fn members_that_tell_different_things_are_seen() {
    let record = Record::default();
    record.tells(1, 1, &lease(1, 1));
    record.tells(2, 1, &lease(1, 2));
    record.judge(&[]);
}

#[test]
#[should_panic(expected = "what member 1 has")]
fn a_lease_that_nobody_was_told_of_is_seen() {
    let record = Record::default();
    record.told(1, 1, Vec::new());
    record.judge(&[kept(1, 1, &[lease(1, 1)])]);
}
