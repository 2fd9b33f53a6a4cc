//! How the journal lies in a segment: frames, one behind the other, each on a multiple of 8 bytes.
//!
//! ```text
//! checksum 4 | body length 4 | previous checksum 4 | kind 4 | synced: segment 4, offset 4 | body | zeros up to 8
//! ```
//!
//! The checksum covers the log's id and the frame's place as well: a frame of another log, or one that an earlier use of the
//! file left behind, is none. *Previous* chains a frame to the one before, so that nothing can be left out in between. *Synced*
//! is the place before which all was durable when the frame was written: a sound frame proves that what lies before that
//! place was once safe, and damage there is damage, not a write that power interrupted. Numbers are big-endian.
//!
//! Reading a frame is a pure function of bytes: whatever they are, it gives a frame or says that there is none.

use allocd_replica::log::{Configuration, HardState, Position};
use prost::bytes::Bytes;

/// What tells one log's files from another's, drawn when the log is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LogId(pub(crate) u64);

/// A place in the journal: a segment, and an offset in its file. Places are ordered as the journal was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The segment's number, from 1; 0 is before all of them.
    pub(crate) segment: u32,
    pub(crate) offset: u32,
}

/// What every frame begins with.
pub(crate) const HEADER_BYTES: u32 = 24;
const HEADER: usize = 24;
/// The room that the last frame of a segment takes.
pub(crate) const SEALED_BYTES: u32 = HEADER_BYTES;
/// Frames begin on a multiple of this.
pub(crate) const ALIGNMENT: u32 = 8;
/// What a record's frame adds to its bytes, at most.
pub(crate) const RECORD_OVERHEAD_BYTES: u32 = HEADER_BYTES + 16 + ALIGNMENT;

/// All that a journal says, but for its records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The entry before the first record.
    pub(crate) base: Position,
    /// The last entry: a record's, or the base.
    pub(crate) last: Position,
    pub(crate) hard_state: HardState,
    pub(crate) configuration: Option<Configuration>,
}

/// What a frame says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body<'a> {
    /// The first of each segment: all that the segments before it came to, so that they can go.
    Start(Standing),
    /// An entry of the log. If its index is taken, that record and all behind it are gone.
    Record {
        at: Position,
        bytes: &'a [u8],
    },
    HardState(HardState),
    Configuration(Configuration),
    /// The log begins behind this entry of its own.
    Base(Position),
    /// All records are gone, and the log begins behind an entry that it never had.
    Replaced(Position),
    /// The last of a segment: the journal goes on in the next one, which exists.
    Sealed,
}

/// A sound frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) checksum: u32,
    pub(crate) previous: u32,
    pub(crate) synced: Place,
    /// How far it is to the next frame.
    pub(crate) length: u32,
    pub(crate) body: Body<'a>,
}

/// Where a frame is put, and what it vouches for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) log: LogId,
    pub(crate) place: Place,
    pub(crate) previous: u32,
    pub(crate) synced: Place,
}

/// How much room a frame takes.
pub(crate) fn length(body: &Body<'_>) -> u32 {
    let bytes = match body {
        Body::Start(standing) => {
            let configuration = standing.configuration.as_ref().map_or(0, |found| 8 + found.bytes.len());
            24 + 16 + 16 + configuration
        }
        Body::Record { bytes, .. } => 16 + bytes.len(),
        Body::HardState(_) => 24,
        Body::Configuration(configuration) => 8 + configuration.bytes.len(),
        Body::Base(_) | Body::Replaced(_) => 16,
        Body::Sealed => 0,
    };
    let bytes = u32::try_from(bytes).expect("a record is far below 4 GiB");
    (HEADER_BYTES + bytes).next_multiple_of(ALIGNMENT)
}

/// Adds a frame to bytes that end where it begins, and returns its checksum.
pub(crate) fn write(into: &mut Vec<u8>, setting: Setting, body: &Body<'_>) -> u32 {
    write_raw(into, setting, kind(body), |into| write_body(into, body))
}

/// The same for a body of any bytes, which need be none of its kind.
pub(super) fn write_raw(
    into: &mut Vec<u8>,
    setting: Setting,
    kind: u32,
    write_body: impl FnOnce(&mut Vec<u8>),
) -> u32 {
    let start = into.len();
    into.extend([0; 8]);
    into.extend(setting.previous.to_be_bytes());
    into.extend(kind.to_be_bytes());
    into.extend(setting.synced.segment.to_be_bytes());
    into.extend(setting.synced.offset.to_be_bytes());
    let body_start = into.len();
    write_body(into);
    let body_length = u32::try_from(into.len() - body_start).expect("a record is far below 4 GiB");
    into[start + 4..start + 8].copy_from_slice(&body_length.to_be_bytes());
    let checksum = checksum(setting.log, setting.place, &into[start + 4..]);
    into[start..start + 4].copy_from_slice(&checksum.to_be_bytes());
    into.resize(into.len().next_multiple_of(usize_of(ALIGNMENT)), 0);
    checksum
}

/// Reads the frame at the start of bytes that lie at a place. `None` if there is none, or none of this log, or none for this
/// place.
pub(crate) fn read(bytes: &[u8], log: LogId, place: Place) -> Option<Frame<'_>> {
    let header = Header::read(bytes)?;
    // What is cheap comes first: a whole segment is searched this way.
    let is_plausible = KINDS.contains(&header.kind) && header.synced.segment <= place.segment;
    let covered = if is_plausible { bytes.get(4..HEADER + header.body)? } else { return None };
    if header.checksum != checksum(log, place, covered) {
        return None;
    }
    let body = read_body(header.kind, &covered[HEADER - 4..])?;
    let (checksum, previous, synced) = (header.checksum, header.previous, header.synced);
    Some(Frame { checksum, previous, synced, length: length(&body), body })
}

/// How much room the frame at the start of these bytes says to take, sound or not.
pub(crate) fn stated_length(bytes: &[u8]) -> Option<usize> {
    Header::read(bytes).map(|header| HEADER + header.body)
}

struct Header {
    checksum: u32,
    body: usize,
    previous: u32,
    kind: u32,
    synced: Place,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (words, _) = bytes.first_chunk::<HEADER>()?.as_chunks::<4>();
        let [checksum, body, previous, kind, segment, offset] = *words else { return None };
        Some(Self {
            checksum: u32::from_be_bytes(checksum),
            body: usize_of(u32::from_be_bytes(body)),
            previous: u32::from_be_bytes(previous),
            kind: u32::from_be_bytes(kind),
            synced: Place { segment: u32::from_be_bytes(segment), offset: u32::from_be_bytes(offset) },
        })
    }
}

const START: u32 = 1;
const RECORD: u32 = 2;
const HARD_STATE: u32 = 3;
const CONFIGURATION: u32 = 4;
const BASE: u32 = 5;
const REPLACED: u32 = 6;
const SEALED: u32 = 7;
const KINDS: std::ops::RangeInclusive<u32> = START..=SEALED;

const fn kind(body: &Body<'_>) -> u32 {
    match body {
        Body::Start(_) => START,
        Body::Record { .. } => RECORD,
        Body::HardState(_) => HARD_STATE,
        Body::Configuration(_) => CONFIGURATION,
        Body::Base(_) => BASE,
        Body::Replaced(_) => REPLACED,
        Body::Sealed => SEALED,
    }
}

fn write_body(into: &mut Vec<u8>, body: &Body<'_>) {
    match body {
        Body::Start(Standing { base, last, hard_state, configuration }) => {
            write_hard_state(into, *hard_state);
            write_position(into, *base);
            write_position(into, *last);
            if let Some(configuration) = configuration {
                write_configuration(into, configuration);
            }
        }
        Body::Record { at, bytes } => {
            write_position(into, *at);
            into.extend_from_slice(bytes);
        }
        Body::HardState(hard_state) => write_hard_state(into, *hard_state),
        Body::Configuration(configuration) => write_configuration(into, configuration),
        Body::Base(at) | Body::Replaced(at) => write_position(into, *at),
        Body::Sealed => {}
    }
}

fn read_body(kind: u32, bytes: &[u8]) -> Option<Body<'_>> {
    let whole = |(body, rest): (Body<'static>, &[u8])| rest.is_empty().then_some(body);
    match kind {
        START => {
            let (hard_state, rest) = read_hard_state(bytes)?;
            let (base, rest) = read_position(rest)?;
            let (last, rest) = read_position(rest)?;
            let configuration = if rest.is_empty() { None } else { Some(read_configuration(rest)?) };
            Some(Body::Start(Standing { base, last, hard_state, configuration }))
        }
        RECORD => {
            let (at, bytes) = read_position(bytes)?;
            Some(Body::Record { at, bytes })
        }
        HARD_STATE => {
            read_hard_state(bytes).map(|(found, rest)| (Body::HardState(found), rest)).and_then(whole)
        }
        CONFIGURATION => read_configuration(bytes).map(Body::Configuration),
        BASE => read_position(bytes).map(|(at, rest)| (Body::Base(at), rest)).and_then(whole),
        REPLACED => read_position(bytes).map(|(at, rest)| (Body::Replaced(at), rest)).and_then(whole),
        SEALED => bytes.is_empty().then_some(Body::Sealed),
        _ => None,
    }
}

fn write_position(into: &mut Vec<u8>, at: Position) {
    into.extend(at.index.to_be_bytes());
    into.extend(at.term.to_be_bytes());
}

fn read_position(bytes: &[u8]) -> Option<(Position, &[u8])> {
    let (index, rest) = read_number(bytes)?;
    let (term, rest) = read_number(rest)?;
    Some((Position { index, term }, rest))
}

fn write_hard_state(into: &mut Vec<u8>, hard_state: HardState) {
    for number in [hard_state.term, hard_state.vote, hard_state.commit] {
        into.extend(number.to_be_bytes());
    }
}

fn read_hard_state(bytes: &[u8]) -> Option<(HardState, &[u8])> {
    let (term, rest) = read_number(bytes)?;
    let (vote, rest) = read_number(rest)?;
    let (commit, rest) = read_number(rest)?;
    Some((HardState { term, vote, commit }, rest))
}

fn write_configuration(into: &mut Vec<u8>, configuration: &Configuration) {
    into.extend(configuration.applied.to_be_bytes());
    into.extend_from_slice(&configuration.bytes);
}

fn read_configuration(bytes: &[u8]) -> Option<Configuration> {
    let (applied, bytes) = read_number(bytes)?;
    Some(Configuration { applied, bytes: Bytes::copy_from_slice(bytes) })
}

fn read_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_be_bytes(*number), rest))
}

fn checksum(log: LogId, place: Place, covered: &[u8]) -> u32 {
    let mut bound = [0; 16];
    bound[..8].copy_from_slice(&log.0.to_be_bytes());
    bound[8..12].copy_from_slice(&place.segment.to_be_bytes());
    bound[12..].copy_from_slice(&place.offset.to_be_bytes());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&bound);
    hasher.update(covered);
    hasher.finalize()
}

#[expect(
    clippy::as_conversions,
    reason = "there is no other one that is const, and every target has 32 bits"
)]
pub(crate) const fn usize_of(offset: u32) -> usize {
    offset as usize
}

#[cfg(test)]
mod tests;
