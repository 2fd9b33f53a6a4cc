//! What counts for which lease, for how long, and over a restart.

use std::net::Ipv4Addr;

use allocd_types::decline::{EvidenceSource, Kept};
use allocd_types::id::Revision;
use allocd_types::time::Span;
use proptest::prelude::*;

use super::case::HOUR_MS;
use super::*;
use crate::example::lease;

const LINE: &str = "arp: 02:00:00:00:00:99 is using my IP address 10.0.0.7 on epair7b!";
const ADDRESS: LeasePart = LeasePart::Address(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 7)));

/// A host with web01, bound at this revision.
fn bound_at(revision: u64) -> BTreeMap<LeaseId, Lease> {
    let mut lease = lease(17, "web01", 7);
    lease.state = LeaseState::Bound;
    lease.generation.revision = Revision::new(revision);
    [(lease.id, lease)].into()
}

fn lines(text: &[&str]) -> Vec<String> {
    text.iter().map(|line| (*line).to_owned()).collect()
}

fn heard(conflicts: &mut Conflicts, text: &[&str], revision: u64) -> usize {
    conflicts.hear(&lines(text), &bound_at(revision), 0).len()
}

fn kept(why: KeptWhy, seconds: u32) -> Answer {
    Answer::kept(Kept { why, retry_after: Some(Span::from_seconds(seconds)) }, 0)
}

/// A host where somebody else has the address of web01.
fn taken() -> Conflicts {
    let mut conflicts = Conflicts::default();
    heard(&mut conflicts, &[], 42);
    assert_eq!(heard(&mut conflicts, &[LINE], 42), 1);
    conflicts
}

#[test]
fn what_was_said_before_anybody_listened_counts_for_nothing() {
    let mut conflicts = Conflicts::default();
    assert_eq!(heard(&mut conflicts, &[LINE, LINE], 42), 0);
    assert_eq!(heard(&mut conflicts, &[LINE, LINE], 42), 0);
    assert_eq!(heard(&mut conflicts, &[LINE, LINE, LINE], 42), 1);
}

#[test]
fn what_was_said_before_a_lease_was_bound_as_it_is_counts_for_nothing() {
    let mut conflicts = Conflicts::default();
    heard(&mut conflicts, &[], 42);
    // It was bound anew at some time between the looks, and the line is from one side of that or the other.
    assert_eq!(heard(&mut conflicts, &[LINE], 43), 0);
    assert_eq!(heard(&mut conflicts, &[LINE], 43), 0);
    assert_eq!(heard(&mut conflicts, &[LINE, LINE], 43), 1);
}

#[test]
fn of_a_lease_that_is_not_in_use_nothing_is_heard() {
    let mut conflicts = Conflicts::default();
    let mut leases = bound_at(42);
    conflicts.hear(&[], &leases, 0);
    for lease in leases.values_mut() {
        lease.is_unconfirmed = true;
    }
    assert_eq!(conflicts.hear(&lines(&[LINE]), &leases, 0), []);
}

#[test]
fn a_case_is_said_once_and_ends_with_its_generation() {
    let mut conflicts = taken();
    let unsaid = conflicts.unsaid();
    let [(lease, part, case)] = &unsaid[..] else { panic!("{unsaid:?}") };
    assert_eq!((*lease, *part, case.evidence.text.as_str()), (LeaseId::new(17), ADDRESS, LINE));
    conflicts.answer(*lease, *part, kept(KeptWhy::PoolShare, 60));
    // The kernel goes on telling of it.
    heard(&mut conflicts, &[LINE, LINE], 42);
    assert_eq!(conflicts.unsaid(), []);
    conflicts.forget(&bound_at(42), 59_999);
    assert_eq!(conflicts.cases().count(), 1);
    conflicts.forget(&bound_at(43), 0);
    assert_eq!(conflicts.cases().count(), 0);
}

#[test]
fn a_kept_value_is_told_again_after_the_time_that_the_answer_gives() {
    let mut conflicts = taken();
    conflicts.answer(LeaseId::new(17), ADDRESS, kept(KeptWhy::PoolShare, 60));
    conflicts.forget(&bound_at(42), 60_000);
    assert_eq!(conflicts.cases().count(), 0);
    assert_eq!(heard(&mut conflicts, &[LINE], 42), 0, "what was heard is judged");
    assert_eq!(heard(&mut conflicts, &[LINE, LINE], 42), 1);
    assert_eq!(conflicts.unsaid().len(), 1);
}

#[test]
fn a_clock_that_was_set_back_makes_nobody_wait_for_longer_than_the_answer_said() {
    let mut conflicts = taken();
    let late = Kept { why: KeptWhy::PoolShare, retry_after: Some(Span::from_seconds(60)) };
    conflicts.answer(LeaseId::new(17), ADDRESS, Answer::kept(late, 10 * HOUR_MS));
    conflicts.forget(&bound_at(42), HOUR_MS);
    assert_eq!(conflicts.cases().count(), 1);
    conflicts.forget(&bound_at(42), HOUR_MS + 60_000);
    assert_eq!(conflicts.cases().count(), 0);
}

#[test]
fn only_the_bound_of_the_host_holds_for_all_its_values() {
    let mut conflicts = taken();
    conflicts.answer(LeaseId::new(17), ADDRESS, kept(KeptWhy::PoolShare, 60));
    assert_eq!(conflicts.hold(), None);
    let of_host = kept(KeptWhy::HostRate, 60);
    conflicts.answer(LeaseId::new(17), ADDRESS, of_host);
    assert_eq!(conflicts.hold(), Some(of_host));
}

#[test]
fn everything_is_read_as_it_was_written_and_a_changed_file_is_not_believed() {
    let text = file::text(&full());
    assert_eq!(file::read(&text), Ok(full()));
    let changed = text.replace("web02", "web03").replace("\"said_ms\": 5", "\"said_ms\": 6");
    assert_eq!(file::read(&changed), Err("its digest is not that of its contents".to_owned()));
}

/// With one of everything.
fn full() -> Conflicts {
    let mut conflicts = taken();
    let generation = bound_at(42)[&LeaseId::new(17)].generation;
    let evidence =
        Evidence::new(EvidenceSource::Dad, "epair7b: a line", Some("02:00:00:00:00:99".parse().unwrap()));
    let address = "fd00::7".parse().unwrap();
    for (at, matter) in [
        Matter::Taken(LeasePart::Macs),
        Matter::Taken(LeasePart::Index),
        Matter::Taken(LeasePart::Address(address)),
        Matter::Suspected(address),
        Matter::NextDoor("10.0.0.7".parse().unwrap(), LeaseId::new(18)),
        Matter::Elsewhere,
        Matter::Loop,
    ]
    .into_iter()
    .enumerate()
    {
        let whys = [
            Why::Hint,
            Why::Policy,
            Why::Refused,
            Why::Kept(KeptWhy::HostRate),
            Why::Kept(KeptWhy::PoolShare),
        ];
        let why = whys.get(at).copied().unwrap_or(Why::Kept(KeptWhy::Exhausted));
        let answer = Some(Answer { why, said_ms: 5, wait_ms: 7 });
        let case = Case { generation, evidence: evidence.clone(), answer };
        conflicts.cases.insert((LeaseId::new(17), matter), case);
    }
    conflicts
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = file::read(&text);
    }
}
