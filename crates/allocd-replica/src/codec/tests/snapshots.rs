//! A snapshot survives its bytes, whatever parts they come in, and any other bytes are refused.

use std::sync::Arc;

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::snapshot_record::Content;
use allocd_state::command::{Command, Entry, Request};
use allocd_state::event::{RestingValue, SpaceRef};
use allocd_state::machine::Machine;
use allocd_state::memory::RememberedRequest;
use allocd_state::record::{LeaseRecord, Lifetime};
use allocd_state::snapshot::{FormerLeaseRecord, HostRecord, ValueRecord};
use allocd_state::space::{Memory, Rest};
use allocd_types::allocation::*;
use allocd_types::decline::Decline;
use allocd_types::id::{Caller, Incarnation, LeaseId, RequestId};
use allocd_types::lease::LeaseState;
use allocd_types::time::{ClusterTime, WallTime};
use proptest::prelude::*;
use prost::Message as _;

use super::any_outcome::remembered;
use super::{any, any_agent, any_outcome};
use crate::codec::{CodecError, Level, Snapshot, SnapshotCodecError, SnapshotDecoder, Stored};

/// A machine that has done all of this.
fn machine(commands: Vec<Command>) -> Machine {
    let mut machine = Machine::new();
    for (number, command) in (1..).zip(commands) {
        let request = Request {
            request_id: RequestId::new(&format!("r{number}")).unwrap(),
            caller: Caller::new("test").unwrap(),
            expires_at: ClusterTime::from_millis(u64::MAX),
            command,
        };
        let entry = Entry {
            index: number,
            stamped_at: ClusterTime::from_millis(number * 400_000),
            labelled_at: WallTime::from_unix_millis(1_700_000_000_000),
            entropy: number,
            commands: vec![request],
        };
        machine.apply(&entry);
    }
    machine
}

pub(super) fn snapshot() -> Snapshot {
    let network = v1::Network {
        name: "lan".to_owned(),
        vrf: "default".to_owned(),
        bridge: "bridge0".to_owned(),
        subnets: vec![v1::Subnet { address: vec![10, 0, 0, 0], prefix_length: 24, ..v1::Subnet::default() }],
        mac_pool: "default".to_owned(),
        quarantine_ms: 1_000_000,
        thresholds: Some(v1::Thresholds { warning_percent: 80, critical_percent: 95 }),
        ..v1::Network::default()
    };
    let wish = |jail: &str| v1::Allocation {
        holder: Some(v1::Holder {
            host: "h1".to_owned(),
            jail: jail.to_owned(),
            interface: "net0".to_owned(),
        }),
        network: "lan".to_owned(),
        kind: 1,
        ipv4: 1,
        ipv6: 1,
        pinned_macs: Some(v1::Macs::default()),
        ..v1::Allocation::default()
    };
    let allocate = |jail: &str| Command::Allocate(Stored::load(wish(jail)).unwrap());
    let holder = Stored::load(wish("gone").holder.unwrap()).unwrap();
    let release = ReleaseSpec {
        lease: LeaseRef::Holder(holder),
        generation: None,
        missing: MissingResource::Refuse,
        teardown: Teardown::Awaited,
    };
    let host = v1::Host { name: "h1".to_owned(), ..v1::Host::default() };
    let machine = machine(vec![
        Command::CreateNetwork(Stored::load(network).unwrap()),
        Command::CreateHost(Stored::load(host).unwrap()),
        allocate("web"),
        allocate("gone"),
        Command::Release(release),
        Command::Tick,
    ]);
    assert_eq!(machine.state().lease_count(), 1);
    Snapshot { index: 17, term: 3, level: Level::FIRST, machine }
}

fn bytes(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.parts(usize::MAX).flatten().collect()
}

fn decode(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Snapshot, SnapshotCodecError> {
    let mut decoder = SnapshotDecoder::new();
    for part in parts {
        decoder.read(part.as_ref())?;
    }
    decoder.finish()
}

#[test]
fn a_snapshot_survives_in_parts_of_any_size() {
    let snapshot = snapshot();
    let whole = bytes(&snapshot);
    for size in [1, 7, 1_900, 1_024 * 1_024] {
        let parts: Vec<_> = snapshot.parts(size).collect();
        assert!(parts.iter().rev().skip(1).all(|part| part.len() == size), "all but the last are full");
        assert_eq!(parts.concat(), whole);
        assert_eq!(decode(parts).unwrap(), snapshot);
    }
    assert_eq!(decode([whole]).unwrap().machine.digest(), snapshot.machine.digest());
}

#[test]
fn any_changed_byte_and_any_cut_is_refused() {
    let whole = bytes(&snapshot());
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(decode([changed]).is_err(), "byte {at} changed");
        assert!(decode([&whole[..at]]).is_err(), "cut at byte {at}");
    }
    assert!(decode([&whole[..], &[0]]).is_err(), "a byte too many");
    assert!(decode([&whole[..], &whole[..]]).is_err(), "twice");
}

#[test]
fn a_snapshot_of_a_newer_format_is_refused() {
    let head = |format| {
        let head = v1::SnapshotHead { format, ..v1::SnapshotHead::default() };
        v1::SnapshotRecord { content: Some(Content::Head(head)) }.encode_length_delimited_to_vec()
    };
    let (found, understood) = (Level::new(Level::NEWEST.get() + 1), Level::NEWEST);
    assert_eq!(decode([head(found.get())]), Err(CodecError::NewerFormat { found, understood }.into()));
    assert_eq!(decode([head(0)]), Err(CodecError::Unknown { field: "format" }.into()));
}

#[test]
fn a_record_without_a_name_here_is_refused() {
    let nameless = v1::SnapshotRecord { content: None }.encode_length_delimited_to_vec();
    assert_eq!(decode([nameless]), Err(CodecError::Unknown { field: "record" }.into()));
}

#[test]
fn a_length_beyond_all_bounds_is_refused_before_it_is_believed() {
    let too_long = SnapshotCodecError::Damaged { reason: "a record is too long" };
    assert_eq!(decode([[0xff, 0xff, 0xff, 0xff, 0x7f]]), Err(too_long));
    assert!(matches!(decode([[0xff; 11]]), Err(SnapshotCodecError::Damaged { .. })));
}

fn space() -> impl Strategy<Value = SpaceRef> {
    let name = |text: String| text.parse().unwrap();
    prop_oneof![
        "[a-z]{1,9}".prop_map(move |pool| SpaceRef::Mac(pool.parse().unwrap())),
        Just(SpaceRef::ForeignMac),
        (any::host_name(), any::kind()).prop_map(|(host, kind)| SpaceRef::HostIndex(host, kind)),
        any::kind().prop_map(SpaceRef::ClusterIndex),
        ("[a-z]{1,9}".prop_map(name), any::address())
            .prop_map(|(network, first)| SpaceRef::Subnet(network, first)),
    ]
}

fn value() -> impl Strategy<Value = ValueRecord> {
    let rests = prop_oneof![Just(Rest::Resting), Just(Rest::Rested)];
    (space(), proptest::num::u128::ANY, proptest::num::u64::ANY, proptest::num::u64::ANY, rests).prop_map(
        |(space, number, lease, until, rest)| ValueRecord {
            value: RestingValue { space, number },
            memory: Memory { lease: LeaseId::new(lease), rests_until: ClusterTime::from_millis(until) },
            rest,
        },
    )
}

fn lease() -> impl Strategy<Value = LeaseRecord> {
    let of_whom = (proptest::num::u64::ANY, any::holder(), "[a-z]{1,9}", any::kind());
    let values =
        (proptest::option::of(any::unit()), any::macs(), proptest::collection::vec(any::address(), 0..3));
    let lifetime = (any::span(), proptest::num::u64::ANY)
        .prop_map(|(ttl, ends_at)| Lifetime { ttl, ends_at: ClusterTime::from_millis(ends_at) });
    let rest = (any::generation(), proptest::option::of(lifetime), proptest::num::u64::ANY, any::labels());
    let states = proptest::sample::select(LeaseState::ALL.to_vec());
    let retired = proptest::collection::vec(any_outcome::value(), 0..3);
    let stands = (states, proptest::bool::ANY, proptest::option::of(any_agent::migration()), retired);
    (of_whom, values, rest, stands).prop_map(
        |(
            (id, holder, network, kind),
            (index, macs, addresses),
            (generation, lifetime, granted_at, labels),
            (state, is_delivered, migration, retired),
        )| {
            LeaseRecord {
                id: LeaseId::new(id),
                holder,
                network: network.parse().unwrap(),
                kind,
                index,
                macs,
                addresses,
                state,
                is_delivered,
                migration: migration.map(Arc::new),
                retired: (!retired.is_empty()).then(|| Arc::new(retired)),
                generation,
                lifetime,
                granted_at: WallTime::from_unix_millis(granted_at),
                labels,
            }
        },
    )
}

proptest! {
    #[test]
    fn a_remembered_request_survives(request in remembered()) {
        let message = v1::RequestOutcome::decode(&request.store().encode_to_vec()[..]).unwrap();
        prop_assert_eq!(RememberedRequest::load(message).unwrap(), request);
    }

    #[test]
    fn a_decline_survives(decline in any_agent::decline()) {
        let message = v1::Decline::decode(&decline.store().encode_to_vec()[..]).unwrap();
        prop_assert_eq!(Decline::load(message).unwrap(), decline);
    }

    #[test]
    fn a_remembered_value_survives(value in value()) {
        let message = v1::RememberedValue::decode(&value.store().encode_to_vec()[..]).unwrap();
        prop_assert_eq!(ValueRecord::load(message).unwrap(), value);
    }

    #[test]
    fn a_lease_survives_living_and_former(lease in lease(), is_last_of_holder in proptest::bool::ANY) {
        let message = v1::Lease::decode(&lease.store().encode_to_vec()[..]).unwrap();
        prop_assert_eq!(&LeaseRecord::load(message).unwrap(), &lease);
        let former = FormerLeaseRecord { lease: Arc::new(lease), is_last_of_holder };
        let message = v1::FormerLease::decode(&former.store().encode_to_vec()[..]).unwrap();
        prop_assert_eq!(FormerLeaseRecord::load(message).unwrap(), former);
    }

    #[test]
    fn a_host_survives(
        spec in any::host(),
        state in any_agent::host_state(),
        uuid in proptest::option::of(any_agent::uuid()),
        release in any_agent::release(),
        incarnation in proptest::num::u64::ANY,
        suspects in any_agent::suspects(),
    ) {
        let (spec, incarnation) = (Arc::new(spec), Incarnation::new(incarnation));
        let host = HostRecord { spec, state, incarnation, uuid, release, suspects };
        let message = v1::KnownHost::decode(&host.store().encode_to_vec()[..]).unwrap();
        prop_assert_eq!(HostRecord::load(message).unwrap(), host);
    }

    #[test]
    fn suspects_of_a_snapshot_of_before_are_suspect_since_ever(suspects in any_agent::suspects()) {
        let host = v1::Host { name: "h1".to_owned(), ..v1::Host::default() };
        let known = v1::KnownHost {
            host: Some(host),
            state: v1::HostState::Active.into(),
            suspects: suspects.iter().map(|(lease, _)| lease.get()).collect(),
            ..v1::KnownHost::default()
        };
        let since_ever = suspects.iter().map(|(lease, _)| (*lease, ClusterTime::default()));
        prop_assert_eq!(HostRecord::load(known.clone()).unwrap().suspects, since_ever.collect::<Vec<_>>());
        // What says something of some says it of all.
        let suspected_at_ms = vec![1; suspects.len() + 1];
        let wrong = v1::KnownHost { suspected_at_ms, ..known };
        prop_assert!(HostRecord::load(wrong).is_err());
    }

    #[test]
    fn any_bytes_are_a_snapshot_or_an_error(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
        start in 0_usize..300,
    ) {
        // Alone, and in place of what follows the start of a real one.
        prop_assert!(decode([&bytes]).is_err());
        let whole = self::bytes(&snapshot());
        prop_assert!(decode([&whole[..start.min(whole.len() - 1)], &bytes]).is_err());
    }
}
