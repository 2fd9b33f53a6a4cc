//! What the border takes, the machine has to stand: requests in a row, each a frame of its kind. After all of them the machine is
//! sound, and a snapshot of it survives.

use allocd_proto::request::Mutation;
use allocd_proto::v1;
use allocd_replica::codec::{Stamp, decode_entry, encode_entry, level_of, store_request};
use allocd_replica::{Level, Snapshot, SnapshotDecoder};
use allocd_state::command::{Command, Entry, Request};
use allocd_state::machine::Machine;
use allocd_types::id::{Caller, RequestId};
use allocd_types::request::{Batch, Deletion};
use allocd_types::time::{ClusterTime, WallTime};
use allocd_types::violation::Violations;
use prost::Message;

use crate::frames::Frames;

/// Most requests of one input: what more would show, fewer show sooner.
const REQUESTS_MAX: usize = 64;
/// The kind of a frame that lets time pass: so many seconds.
const TIME: u8 = 255;

/// Reads a request, if the border takes it.
type Reading = fn(&[u8]) -> Option<Command>;

/// What each kind of a frame stands for. New ones go to the end: the corpus counts on the numbers.
const KINDS: &[Reading] = &[
    |bytes| wish::<v1::CreateNetworkRequest, _>(bytes).map(Command::CreateNetwork),
    |bytes| wish::<v1::UpdateNetworkRequest, _>(bytes).map(Command::UpdateNetwork),
    |bytes| {
        wish::<v1::DeleteNetworkRequest, _>(bytes)
            .map(|Deletion { name, missing }| Command::DeleteNetwork(name, missing))
    },
    |bytes| wish::<v1::CreatePoolRequest, _>(bytes).map(Command::CreatePool),
    |bytes| wish::<v1::UpdatePoolRequest, _>(bytes).map(Command::UpdatePool),
    |bytes| {
        wish::<v1::DeletePoolRequest, _>(bytes)
            .map(|Deletion { name, missing }| Command::DeletePool(name, missing))
    },
    |bytes| wish::<v1::CreateHostRequest, _>(bytes).map(Command::CreateHost),
    |bytes| wish::<v1::RegisterHostRequest, _>(bytes).map(Command::RegisterHost),
    |bytes| {
        wish::<v1::DeleteHostRequest, _>(bytes)
            .map(|Deletion { name, missing }| Command::DeleteHost(name, missing))
    },
    |bytes| wish::<v1::CreateReservationRequest, _>(bytes).map(Command::CreateReservation),
    |bytes| {
        wish::<v1::DeleteReservationRequest, _>(bytes)
            .map(|Deletion { name, missing }| Command::DeleteReservation(name, missing))
    },
    |bytes| wish::<v1::CreateExclusionRequest, _>(bytes).map(Command::CreateExclusion),
    |bytes| {
        wish::<v1::DeleteExclusionRequest, _>(bytes)
            .map(|Deletion { name, missing }| Command::DeleteExclusion(name, missing))
    },
    |bytes| wish::<v1::AllocateLeaseRequest, _>(bytes).map(Command::Allocate),
    |bytes| {
        wish::<v1::BatchAllocateLeasesRequest, _>(bytes)
            .map(|Batch { items, mode }| Command::BatchAllocate(items, mode))
    },
    |bytes| wish::<v1::RenewLeaseRequest, _>(bytes).map(Command::Renew),
    |bytes| wish::<v1::ReleaseLeaseRequest, _>(bytes).map(Command::Release),
    |bytes| wish::<v1::ImportRequest, _>(bytes).map(Command::Import),
    |bytes| wish::<v1::ActivateHostRequest, _>(bytes).map(Command::ActivateHost),
    |bytes| wish::<v1::DrainHostRequest, _>(bytes).map(Command::DrainHost),
    |bytes| wish::<v1::FenceHostRequest, _>(bytes).map(Command::FenceHost),
    |bytes| wish::<v1::ReconcileHostRequest, _>(bytes).map(Command::ReconcileHost),
    |bytes| wish::<v1::BindLeaseRequest, _>(bytes).map(Command::BindLease),
    |bytes| wish::<v1::ConfirmTeardownRequest, _>(bytes).map(Command::ConfirmTeardown),
    |bytes| wish::<v1::MoveLeaseRequest, _>(bytes).map(Command::MoveLease),
    |bytes| wish::<v1::CancelMoveRequest, _>(bytes).map(Command::CancelMove),
    |bytes| wish::<v1::DeclineLeaseRequest, _>(bytes).map(Command::DeclineLease),
    |bytes| wish::<v1::ClearDeclineRequest, _>(bytes).map(Command::ClearDecline),
    |bytes| wish::<v1::AdoptLeaseRequest, _>(bytes).map(Command::AdoptLease),
];

pub(crate) fn run(data: &[u8]) {
    let mut machine = Machine::new();
    let (mut index, mut seconds) = (0, 0);
    for (kind, bytes) in Frames::of(data).take(REQUESTS_MAX) {
        let command = if kind == TIME {
            seconds += bytes.first_chunk().map_or(1, |bytes| u64::from(u16::from_le_bytes(*bytes)));
            Command::Tick
        } else {
            let Some(command) = KINDS.get(usize::from(kind)).and_then(|read| read(bytes)) else { continue };
            command
        };
        index += 1;
        machine.apply(&through_the_log(entry(index, seconds, command)));
    }
    let flaws = machine.state().check();
    assert!(flaws.is_empty(), "the machine is sound: {flaws:?}");
    let snapshot = Snapshot { index, term: 1, level: Level::FIRST, machine };
    let mut decoder = SnapshotDecoder::new();
    for part in snapshot.parts(usize::MAX) {
        decoder.read(&part).expect("what was written is read");
    }
    assert_eq!(decoder.finish(), Ok(snapshot), "a snapshot survives");
}

/// The wish of a request that the border takes.
fn wish<M, T>(bytes: &[u8]) -> Option<T>
where
    M: Message + Default,
    Mutation<T>: TryFrom<M, Error = Violations>,
{
    Mutation::try_from(M::decode(bytes).ok()?).ok().map(|mutation| mutation.wish)
}

fn entry(index: u64, seconds: u64, command: Command) -> Entry {
    let request = Request {
        request_id: RequestId::new(&format!("r{index}")).expect("short and printable"),
        caller: Caller::new("fuzz").expect("short and printable"),
        expires_at: ClusterTime::from_millis(u64::MAX),
        command,
    };
    Entry {
        index,
        stamped_at: ClusterTime::from_millis(seconds * 1_000),
        labelled_at: WallTime::from_unix_millis(seconds * 1_000),
        entropy: index,
        commands: vec![request],
    }
}

/// The entry as it comes out of the log.
fn through_the_log(entry: Entry) -> Entry {
    let Entry { index, stamped_at, labelled_at, entropy, .. } = entry;
    let level = level_of(&entry.commands[0].command);
    let stored = entry.commands.iter().map(store_request).collect();
    let bytes = encode_entry(level, Stamp { stamped_at, labelled_at, entropy }, stored);
    let read = decode_entry(index, bytes.into(), Level::NEWEST).expect("what was written is read");
    assert_eq!(read, (level, entry), "an entry survives");
    read.1
}
