//! The log itself: a journal of frames in segments, written at its end only, with one sync for a flush.
//!
//! Whatever changes the log is a frame: a record, the hard state, the configuration, a base. Frames lie in the order of the
//! calls and are chained, so what a power cut leaves is what was written up to some point. A record in place of an older one
//! is a frame like any other: what it replaces stays where it is and is out of the log by what comes after it. Nothing is
//! ever overwritten, so nothing old can come back. A segment begins with all that those before it came to, so they can go
//! once their records are out of the log.
//!
//! Frames are collected in memory until a flush writes and syncs them together. Then the mark is written ([`mark`]), which the
//! next flush makes durable along with its own frames, or a quiet moment, or the close. How a journal is read again, and what
//! is taken for damage, is in [`recovery`].

mod catalog;
mod contents;
mod directory;
mod files;
mod frame;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod mark;
mod names;
mod reading;
mod recovery;

use std::collections::VecDeque;
use std::io;

use allocd_replica::log::{Configuration, HardState, LogError, Position, Record, Tail, check_order};

use self::contents::Contents;
use self::directory::Storage;
pub(crate) use self::directory::{Directory, OsDirectory};
use self::files::{Files, Segment};
use self::frame::{Body, SEALED_BYTES, Setting};
pub(crate) use self::frame::{LogId, Place};
pub(crate) use self::mark::HEAD_BYTES;
pub(crate) use self::names::segment as segment_name;
pub(crate) use self::recovery::{Recovered, recover};

/// How long a segment is, unless one record needs more.
pub(crate) const SEGMENT_BYTES: u32 = 4 * 1_024 * 1_024;

/// After so many rounds without a flush the mark is synced, which nobody waits for then.
const QUIET_ROUNDS: u32 = 64;

/// A durable log, but for its snapshots.
#[derive(Debug)]
pub(crate) struct Journal<D: Directory> {
    log: LogId,
    files: Files<D>,
    /// Oldest first; the last one is written to.
    segments: VecDeque<Segment<D::File>>,
    contents: Contents,
    /// The hard state as it was set last; a frame says so before the next one of another kind, and at a flush.
    hard_state: HardState,
    /// Frames that are not yet written, and where they belong.
    pending: Vec<u8>,
    pending_from: u32,
    /// The checksum of the last frame.
    chain: u32,
    /// All before it is durable.
    synced: Place,
    /// Segments before this one can go.
    needed_from: u32,
    mark: MarkState,
    has_failed: bool,
}

/// How far the mark of the last segment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MarkState {
    /// It was written so many rounds ago and not synced.
    Written {
        rounds: u32,
    },
    Durable,
}

impl<D: Directory> Journal<D> {
    /// Makes a new journal in place of all that is there.
    pub(crate) fn create(directory: D, log: LogId, segment_bytes: u32) -> Result<Self, LogError> {
        let listed = names::sort(directory.names().map_err(failed("list the log's directory"))?);
        let all = listed.segments.iter().map(|&number| names::segment(number)).chain(listed.leftovers);
        let old: Vec<String> = all.chain(listed.spares).collect();
        let mut files = Files::new(directory, log, segment_bytes);
        files.adopt(&old, &[]).map_err(failed("clear the log's directory"))?;
        let first = files.next(1, segment_bytes).map_err(failed("create a segment"))?;
        let end = Place { segment: 1, offset: HEAD_BYTES };
        let mut journal = Self::at(files, log, VecDeque::from([first]), Contents::default(), end, 0);
        journal.start();
        journal.flush()?;
        Ok(journal)
    }

    /// Goes on with a journal that was read. What nothing vouches for may not have reached the disk: it is written again, and
    /// durable, before it counts.
    pub(crate) fn resume(
        directory: D,
        log: LogId,
        segment_bytes: u32,
        recovered: Recovered,
    ) -> Result<Self, LogError> {
        let Recovered { segments, contents, end, chain, vouched, leftovers, spares } = recovered;
        let mut files = Files::new(directory, log, segment_bytes);
        files.adopt(&leftovers, &spares).map_err(failed("clear the log's directory"))?;
        let open = |(number, bytes)| files.open(number, bytes);
        let opened: io::Result<VecDeque<_>> = segments.into_iter().map(open).collect();
        let segments = opened.map_err(failed("open the log"))?;
        let again = segments.iter().try_for_each(|segment| write_again(segment, vouched, end));
        again.map_err(failed("make what was found durable"))?;
        let last = segments.back().expect("a journal has a segment");
        let marked = files.mark(last, end).and_then(|()| last.file.sync());
        marked.map_err(failed("mark how far the log is durable"))?;
        let mut journal = Self::at(files, log, segments, contents, end, chain);
        journal.mark = MarkState::Durable;
        Ok(journal)
    }

    fn at(
        files: Files<D>,
        log: LogId,
        segments: VecDeque<Segment<D::File>>,
        contents: Contents,
        end: Place,
        chain: u32,
    ) -> Self {
        Self {
            log,
            files,
            needed_from: segments[0].number,
            segments,
            hard_state: contents.hard_state,
            contents,
            pending: Vec::new(),
            pending_from: end.offset,
            chain,
            synced: end,
            mark: MarkState::Written { rounds: 0 },
            has_failed: false,
        }
    }

    pub(crate) const fn hard_state(&self) -> HardState {
        self.hard_state
    }

    pub(crate) const fn configuration(&self) -> Option<&Configuration> {
        self.contents.configuration.as_ref()
    }

    pub(crate) const fn base(&self) -> Position {
        self.contents.catalog.base()
    }

    pub(crate) const fn last_index(&self) -> u64 {
        self.contents.catalog.last_index()
    }

    /// Whether an entry is in the log, or is its base.
    pub(crate) fn has(&self, at: Position) -> bool {
        self.contents.catalog.term(at.index) == Some(at.term)
    }

    pub(crate) fn append(&mut self, records: &[Record]) -> Result<(), LogError> {
        let Some(head) = records.first() else { return Ok(()) };
        let catalog = &self.contents.catalog;
        let tail = Tail {
            first: catalog.base().index + 1,
            last: catalog.last_index(),
            commit: self.hard_state.commit,
        };
        check_order(records, tail, catalog.term(head.index.saturating_sub(1)).unwrap_or(0))?;
        self.note_hard_state()?;
        for Record { index, term, bytes } in records {
            self.push(&Body::Record { at: Position { index: *index, term: *term }, bytes })?;
        }
        Ok(())
    }

    pub(crate) const fn set_hard_state(&mut self, hard_state: HardState) {
        self.hard_state = hard_state;
    }

    pub(crate) fn set_configuration(&mut self, configuration: Configuration) -> Result<(), LogError> {
        self.note_hard_state()?;
        self.push(&Body::Configuration(configuration))
    }

    /// Lets the log begin behind one of its entries. What is before it goes once that is durable.
    pub(crate) fn set_base(&mut self, index: u64) -> Result<(), LogError> {
        self.note_hard_state()?;
        let term = self.contents.catalog.term(index).expect("a log begins behind one of its entries");
        self.push(&Body::Base(Position { index, term }))
    }

    /// Removes all records, and lets the log begin behind an entry that it does not have.
    pub(crate) fn replace(&mut self, base: Position) -> Result<(), LogError> {
        self.note_hard_state()?;
        self.push(&Body::Replaced(base))
    }

    /// Writes and syncs all that is not yet.
    pub(crate) fn flush(&mut self) -> Result<(), LogError> {
        self.note_hard_state()?;
        if self.pending.is_empty() {
            return Ok(());
        }
        let synced = self.sync_pending();
        self.note_failure("write and sync the log", synced)?;
        self.needed_from = self.contents.catalog.first_segment().unwrap_or(self.synced.segment);
        let marked = self.files.mark(self.last_segment(), self.synced);
        self.mark = MarkState::Written { rounds: 0 };
        self.note_failure("mark how far the log is durable", marked)
    }

    /// Takes up to so many segments that nobody needs out of the journal, makes some of the next one ready, and syncs the mark
    /// after a while of quiet. False once there is no segment left to take out.
    pub(crate) fn tidy(&mut self, removals_max: usize) -> Result<bool, LogError> {
        self.refuse_after_failure("tidy the log up")?;
        for _ in 0..removals_max {
            let Some(old) = self.segments.pop_front_if(|oldest| oldest.number < self.needed_from) else {
                break;
            };
            let retired = self.files.retire(old);
            self.note_failure("remove a segment of the log", retired)?;
        }
        // The next one is wanted soon, and nothing of it is there.
        if self.end().offset > self.last_segment().bytes / 4 && !self.files.is_ready() {
            let prepared = self.files.prepare_some();
            self.note_failure("prepare a segment of the log", prepared)?;
        }
        self.sync_mark_when_quiet()?;
        Ok(self.segments[0].number < self.needed_from)
    }

    fn sync_mark_when_quiet(&mut self) -> Result<(), LogError> {
        match self.mark {
            MarkState::Written { rounds } if rounds < QUIET_ROUNDS => {
                self.mark = MarkState::Written { rounds: rounds + 1 };
                Ok(())
            }
            MarkState::Written { .. } => self.sync_mark(),
            MarkState::Durable => Ok(()),
        }
    }

    fn sync_mark(&mut self) -> Result<(), LogError> {
        let synced = self.last_segment().file.sync();
        self.note_failure("sync the log's mark", synced)?;
        self.mark = MarkState::Durable;
        Ok(())
    }

    /// The hard state is not written for its own sake: of several in a row the last one counts.
    fn note_hard_state(&mut self) -> Result<(), LogError> {
        if self.hard_state == self.contents.hard_state {
            return Ok(());
        }
        self.push(&Body::HardState(self.hard_state))
    }

    fn push(&mut self, body: &Body<'_>) -> Result<(), LogError> {
        self.refuse_after_failure("add to the log")?;
        let length = frame::length(body);
        if self.end().offset == HEAD_BYTES {
            self.start();
        }
        if self.end().offset + length + SEALED_BYTES > self.last_segment().bytes {
            self.roll(length)?;
        }
        self.add(body);
        Ok(())
    }

    /// Goes on in the next segment. This one is sealed and durable before anything is written there, and the next one has its
    /// name before this one says so: a sealed segment without a next one has lost it.
    fn roll(&mut self, length: u32) -> Result<(), LogError> {
        let start = frame::length(&Body::Start(self.contents.standing()));
        let number = self.last_segment().number + 1;
        let next = self.files.next(number, HEAD_BYTES + start + length + SEALED_BYTES);
        let next = self.note_failure("create a segment of the log", next)?;
        self.add(&Body::Sealed);
        let sealed = self.sync_pending();
        self.note_failure("seal a segment of the log", sealed)?;
        self.segments.push_back(next);
        self.pending_from = HEAD_BYTES;
        self.mark = MarkState::Durable;
        self.start();
        Ok(())
    }

    fn start(&mut self) {
        self.add(&Body::Start(self.contents.standing()));
    }

    fn add(&mut self, body: &Body<'_>) {
        let place = self.end();
        let setting = Setting { log: self.log, place, previous: self.chain, synced: self.synced };
        self.chain = frame::write(&mut self.pending, setting, body);
        self.contents.take(body, place).expect("what does not fit is refused before");
    }

    fn sync_pending(&mut self) -> io::Result<()> {
        let file = &self.last_segment().file;
        file.write_all_at(&self.pending, u64::from(self.pending_from))?;
        file.sync()?;
        self.synced = self.end();
        self.pending_from = self.synced.offset;
        self.pending.clear();
        Ok(())
    }

    /// Where the next frame goes.
    fn end(&self) -> Place {
        let pending = u32::try_from(self.pending.len()).expect("it fits into a segment");
        Place { segment: self.last_segment().number, offset: self.pending_from + pending }
    }

    fn last_segment(&self) -> &Segment<D::File> {
        self.segments.back().expect("a journal has a segment")
    }

    /// What is durable after a failure is not known: a log that failed once does nothing more.
    fn note_failure<T>(&mut self, attempt: &'static str, done: io::Result<T>) -> Result<T, LogError> {
        self.has_failed |= done.is_err();
        done.map_err(failed(attempt))
    }

    fn refuse_after_failure(&self, attempt: &'static str) -> Result<(), LogError> {
        let reason = || failed(attempt)(io::Error::other("the log has failed before"));
        if self.has_failed { Err(reason()) } else { Ok(()) }
    }
}

/// A close makes durable what can be: the last frames, and the mark. Nobody was promised either, so a failure breaks nothing.
impl<D: Directory> Drop for Journal<D> {
    fn drop(&mut self) {
        if !self.has_failed && self.flush().is_ok() && self.mark != MarkState::Durable {
            let _ = self.sync_mark();
        }
    }
}

fn failed(attempt: &'static str) -> impl Fn(io::Error) -> LogError {
    move |source| LogError::Failed { attempt, source: Box::new(source) }
}

/// Writes again what lies in a segment between two places, and syncs it.
fn write_again<F: Storage>(segment: &Segment<F>, from: Place, to: Place) -> io::Result<()> {
    if segment.number < from.segment {
        return Ok(());
    }
    let start = if segment.number == from.segment { from.offset } else { HEAD_BYTES };
    let end = if segment.number == to.segment { to.offset } else { segment.bytes };
    let mut bytes = vec![0; frame::usize_of(end.saturating_sub(start))];
    segment.file.read_exact_at(&mut bytes, u64::from(start))?;
    segment.file.write_all_at(&bytes, u64::from(start))?;
    segment.file.sync()
}

#[cfg(test)]
mod tests;
