//! Every command survives the log, and what is not understood is refused.

mod any;
mod any_agent;
mod any_outcome;
mod backups;
mod snapshots;

use allocd_proto::storage::v1;
use allocd_state::command::{Command, Entry, Request};
use allocd_types::time::{ClusterTime, WallTime};
use proptest::prelude::*;
use prost::Message as _;
use prost::bytes::Bytes;

use super::*;

fn encode(entry: &Entry) -> Vec<u8> {
    let stamp =
        Stamp { stamped_at: entry.stamped_at, labelled_at: entry.labelled_at, entropy: entry.entropy };
    let levels = entry.commands.iter().map(|request| level_of(&request.command));
    let level = levels.max().unwrap_or_default();
    encode_entry(level, stamp, entry.commands.iter().map(store_request).collect())
}

fn read(index: u64, bytes: impl Into<Bytes>) -> Result<Entry, CodecError> {
    decode_entry(index, bytes.into(), Level::NEWEST).map(|(_, entry)| entry)
}

proptest! {
    #[test]
    fn an_entry_survives_the_log(entry in any::entry()) {
        let bytes = encode(&entry);
        let found = read(entry.index, bytes.clone()).unwrap();
        // The same entry is also the same bytes again, on every member.
        prop_assert_eq!(encode(&found), bytes);
        prop_assert_eq!(found, entry);
    }

    #[test]
    fn the_size_of_a_request_in_its_entry_is_known(requests in proptest::collection::vec(any::request(), 1..4)) {
        let stored: Vec<StoredRequest> = requests.iter().map(store_request).collect();
        let stamp = Stamp { stamped_at: ClusterTime::default(), labelled_at: WallTime::default(), entropy: 0 };
        let empty = encode_entry(Level::FIRST, stamp, Vec::new()).len();
        let sizes: usize = stored.iter().map(size_in_entry).sum();
        prop_assert_eq!(encode_entry(Level::FIRST, stamp, stored).len(), empty + sizes);
    }

    #[test]
    fn a_program_understands_all_that_it_writes(request in any::request()) {
        let level = level_of(&request.command);
        prop_assert!((Level::FIRST..=Level::NEWEST).contains(&level));
    }

    #[test]
    fn any_bytes_are_an_entry_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        // It must not panic, and what it takes has to be what it would write.
        if let Ok(entry) = read(1, bytes) {
            prop_assert_eq!(read(1, encode(&entry)).unwrap(), entry);
        }
    }
}

fn tick() -> v1::Entry {
    let command = v1::Command { kind: Some(v1::command::Kind::Tick(v1::Tick {})) };
    let request = v1::Request {
        request_id: "r".to_owned(),
        caller: "c".to_owned(),
        expires_at_ms: 1,
        command: Some(command),
    };
    v1::Entry { format: 1, requests: vec![request], ..v1::Entry::default() }
}

fn decode(entry: &v1::Entry) -> Result<Entry, CodecError> {
    read(1, entry.encode_to_vec())
}

#[test]
fn an_entry_of_a_newer_format_is_refused() {
    assert!(decode(&tick()).is_ok());
    let (found, understood) = (Level::new(Level::NEWEST.get() + 1), Level::NEWEST);
    let newer = v1::Entry { format: found.get(), ..tick() };
    assert_eq!(decode(&newer), Err(CodecError::NewerFormat { found, understood }));
    let formless = v1::Entry { format: 0, ..tick() };
    assert_eq!(decode(&formless), Err(CodecError::Unknown { field: "format" }));
}

#[test]
fn only_a_network_that_frees_suspects_needs_a_member_that_knows_of_it() {
    let of = |free_suspects_after_ms| {
        let thresholds = Some(v1::Thresholds { warning_percent: 80, critical_percent: 95 });
        let network = v1::Network {
            name: "lan".to_owned(),
            vrf: "default".to_owned(),
            bridge: "bridge0".to_owned(),
            mac_pool: "default".to_owned(),
            free_suspects_after_ms,
            thresholds,
            ..v1::Network::default()
        };
        level_of(&Command::UpdateNetwork(Stored::load(network).unwrap()))
    };
    assert_eq!((of(None), of(Some(3_600_000))), (Level::FIRST, Level::SUSPECTS));
}

#[test]
fn an_older_member_reads_all_that_does_not_need_a_newer_one() {
    let understood = Level::FIRST;
    let of = |format| v1::Entry { format, ..tick() }.encode_to_vec();
    assert!(decode_entry(1, of(1).into(), understood).is_ok());
    let newer = CodecError::NewerFormat { found: Level::new(2), understood };
    assert_eq!(decode_entry(1, of(2).into(), understood), Err(newer));
    let (level, _) = decode_entry(1, of(2).into(), Level::new(3)).unwrap();
    assert_eq!(level, Level::new(2));
}

#[test]
fn a_command_without_a_name_here_is_refused() {
    let mut entry = tick();
    entry.requests[0].command = Some(v1::Command { kind: None });
    assert_eq!(decode(&entry), Err(CodecError::Unknown { field: "command" }));
    // A newer member's command is an unknown field to this one: the key of field 2000, and no bytes.
    let mut bytes = v1::Entry { requests: Vec::new(), ..tick() }.encode_to_vec();
    let command = [0x82, 0x7d, 0];
    let request = [&[0x0a, 1, b'r', 0x12, 1, b'c', 0x22, 3][..], &command[..]].concat();
    bytes.extend([0x2a, u8::try_from(request.len()).unwrap()]);
    bytes.extend(request);
    assert_eq!(read(1, bytes), Err(CodecError::Unknown { field: "command" }));
}

#[test]
fn a_variant_without_a_name_here_is_refused() {
    let mut deletion = tick();
    let pool = v1::IndexPool { kind: 99, ..v1::IndexPool::default() };
    let pool =
        v1::Pool { name: "p".to_owned(), values: Some(v1::pool::Values::Index(pool)), ..v1::Pool::default() };
    deletion.requests[0].command = Some(v1::Command { kind: Some(v1::command::Kind::CreatePool(pool)) });
    assert_eq!(decode(&deletion), Err(CodecError::Unknown { field: "kind of interface" }));
}

#[test]
fn a_name_that_is_none_is_refused_by_its_field() {
    let mut entry = tick();
    entry.requests[0].request_id = String::new();
    assert!(matches!(decode(&entry), Err(CodecError::Invalid { field: "request id", .. })));
}

#[test]
fn labels_are_not_judged_a_second_time() {
    let mut entry = tick();
    let labels = [("No Key Of Today".to_owned(), "x".repeat(10_000))].into();
    let host = v1::Host { name: "h1".to_owned(), labels, ..v1::Host::default() };
    entry.requests[0].command = Some(v1::Command { kind: Some(v1::command::Kind::CreateHost(host)) });
    assert!(decode(&entry).is_ok());
}

/// A log that was written by the first allocd is read by every later one: these bytes never change.
#[test]
fn bytes_of_the_first_format_are_read() {
    let bytes = [
        0x08, 1, 0x10, 5, 0x18, 6, 0x21, 7, 0, 0, 0, 0, 0, 0, 0, 0x2a, 12, 0x0a, 1, b'r', 0x12, 1, b'c',
        0x18, 9, 0x22, 2, 0x0a, 0,
    ];
    let request = Request {
        request_id: allocd_types::id::RequestId::new("r").unwrap(),
        caller: allocd_types::id::Caller::new("c").unwrap(),
        expires_at: ClusterTime::from_millis(9),
        command: Command::Tick,
    };
    let entry = Entry {
        index: 3,
        stamped_at: ClusterTime::from_millis(5),
        labelled_at: WallTime::from_unix_millis(6),
        entropy: 7,
        commands: vec![request],
    };
    assert_eq!(encode(&entry), bytes);
    assert_eq!(read(3, bytes.to_vec()), Ok(entry));
}
