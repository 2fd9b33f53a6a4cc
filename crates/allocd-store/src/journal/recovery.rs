//! Reading a journal again, and telling what power interrupted from what was damaged.
//!
//! Frames are read from the oldest segment on. Where the next one is not sound, the journal ends, or is broken. It ends if
//! nothing that lies there was ever durable: then it was not acknowledged, and may go. It is broken if anything vouches that
//! what lies there was durable: the mark at the segment's head, or *any* sound frame behind, in this segment or a later one, by
//! the place before which all was durable when it was written. A segment that was sealed needs the next one, and that one
//! its mark; a segment shorter than it says was cut. Nothing is changed here: whoever is refused finds the files as they were.

use super::contents::Contents;
use super::directory::{Directory, Storage as _};
use super::frame::{self, ALIGNMENT, Body, Frame, LogId, Place, usize_of};
use super::mark::{HEAD_BYTES, Mark};
use super::names;
use crate::damage::Damage;

static ZEROS: [u8; usize_of(HEAD_BYTES)] = [0; usize_of(HEAD_BYTES)];

/// A journal that was read whole.
#[derive(Debug)]
pub(crate) struct Recovered {
    /// The numbers of the segments and how long they are, oldest first. The last one is written to.
    pub(crate) segments: Vec<(u32, u32)>,
    pub(crate) contents: Contents,
    /// Where the next frame goes: the first one of a segment, or behind the last.
    pub(crate) end: Place,
    /// The checksum of the last frame.
    pub(crate) chain: u32,
    /// What vouches for being durable reaches to here, at least.
    pub(crate) vouched: Place,
    /// Names that are of no use.
    pub(crate) leftovers: Vec<String>,
    /// Names of old segments that can be used again.
    pub(crate) spares: Vec<String>,
}

/// Reads the journal of a log. `None` if there is not a single segment.
pub(crate) fn recover<D: Directory>(directory: &D, log: LogId) -> Result<Option<Recovered>, Damage> {
    let listed =
        names::sort(directory.names().map_err(|source| Damage::unreadable("the directory", source))?);
    let Some(first) = listed.segments.first().copied() else { return Ok(None) };
    let mut reader = Reader {
        log,
        segments: Vec::new(),
        contents: Contents::default(),
        end: Place { segment: first, offset: HEAD_BYTES },
        chain: 0,
        vouched: Place::default(),
    };
    let mut unused = listed.segments.as_slice();
    while let Some((&number, rest)) = unused.split_first() {
        let bytes = load(directory, number)?;
        if reader.read(number, &bytes)? {
            unused = rest;
            continue;
        }
        // The end, unless something behind vouches for more.
        reader.vouch(&bytes);
        for &later in rest {
            reader.vouch_later(later, &load(directory, later)?);
        }
        unused = rest;
        break;
    }
    reader.finish()?;
    let Reader { segments, contents, end, chain, vouched, .. } = reader;
    let leftovers = unused.iter().map(|&number| names::segment(number)).chain(listed.leftovers).collect();
    Ok(Some(Recovered { segments, contents, end, chain, vouched, leftovers, spares: listed.spares }))
}

fn load<D: Directory>(directory: &D, number: u32) -> Result<Vec<u8>, Damage> {
    let read = || {
        let file = directory.open(&names::segment(number))?;
        let mut bytes = vec![0; usize::try_from(file.length()?).expect("a segment fits into memory")];
        file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    };
    read().map_err(|source| Damage::unreadable(names::segment(number), source))
}

/// What was read so far.
struct Reader {
    log: LogId,
    segments: Vec<(u32, u32)>,
    contents: Contents,
    end: Place,
    chain: u32,
    vouched: Place,
}

impl Reader {
    /// Reads the next segment. False if the journal ends in it.
    fn read(&mut self, number: u32, bytes: &[u8]) -> Result<bool, Damage> {
        if number != self.end.segment {
            return Err(Damage::missing(names::segment(self.end.segment)));
        }
        let mark = Mark::read(bytes);
        if mark.is_some_and(|mark| mark.log != self.log) {
            return Err(Damage::at(self.end, "it belongs to another log"));
        }
        let is_first = self.segments.is_empty();
        let Some(size) = self.size(mark, bytes) else {
            let reason =
                "neither its head nor its first frame is sound, and the segment before it is complete";
            return Err(Damage::at(
                self.end,
                if is_first { "it does not begin with a sound frame" } else { reason },
            ));
        };
        if u64::from(size) > u64::try_from(bytes.len()).expect("a length fits") {
            return Err(Damage::at(self.end, "its file was cut short"));
        }
        self.segments.push((number, size));
        while let Some(frame) = self.next(bytes) {
            let place = self.end;
            if self.end.offset == HEAD_BYTES && self.segments.len() == 1 {
                let Body::Start(standing) = &frame.body else { break };
                self.contents = Contents::begin(standing).map_err(|reason| Damage::at(place, reason))?;
            }
            self.contents.take(&frame.body, place).map_err(|reason| Damage::at(place, reason))?;
            (self.chain, self.vouched) = (frame.checksum, self.vouched.max(frame.synced));
            if frame.body == Body::Sealed {
                self.end = Place { segment: number + 1, offset: HEAD_BYTES };
                return Ok(true);
            }
            self.end.offset += frame.length;
        }
        if is_first && self.end.offset == HEAD_BYTES {
            return Err(Damage::at(self.end, "it does not begin with a sound frame"));
        }
        Ok(false)
    }

    /// How long a segment's file has to be, as its mark says, or else its own length if its first frame is sound.
    fn size(&self, mark: Option<Mark>, bytes: &[u8]) -> Option<u32> {
        match mark.filter(|mark| mark.segment == self.end.segment) {
            Some(mark) => Some(mark.bytes),
            None => self.next(bytes).and_then(|_| u32::try_from(bytes.len()).ok()),
        }
    }

    /// The frame that continues what was read.
    fn next<'a>(&self, bytes: &'a [u8]) -> Option<Frame<'a>> {
        let frame = frame::read(bytes.get(usize_of(self.end.offset)..)?, self.log, self.end)?;
        let continues = frame.previous == self.chain || self.contents_are_unknown();
        continues.then_some(frame)
    }

    fn contents_are_unknown(&self) -> bool {
        self.segments.len() <= 1 && self.end.offset == HEAD_BYTES
    }

    /// Hears what the segment in which the journal ends has to say of it.
    fn vouch(&mut self, bytes: &[u8]) {
        self.vouch_from(self.end, bytes);
    }

    fn vouch_later(&mut self, number: u32, bytes: &[u8]) {
        self.vouch_from(Place { segment: number, offset: HEAD_BYTES }, bytes);
    }

    fn vouch_from(&mut self, from: Place, bytes: &[u8]) {
        if let Some(mark) =
            Mark::read(bytes).filter(|mark| mark.log == self.log && mark.segment == from.segment)
        {
            self.vouched = self.vouched.max(mark.synced);
        }
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        for start in (from.offset..length).step_by(usize_of(HEAD_BYTES)) {
            let block = start..length.min(start.saturating_add(HEAD_BYTES));
            // Most of a segment that is not full yet. No frame begins with a header of zeros.
            if bytes[usize_of(block.start)..usize_of(block.end)] == ZEROS[..usize_of(block.end - block.start)]
            {
                continue;
            }
            for offset in block.step_by(usize_of(ALIGNMENT)) {
                let found = frame::read(&bytes[usize_of(offset)..], self.log, Place { offset, ..from });
                self.vouched = self.vouched.max(found.map_or(Place::default(), |frame| frame.synced));
            }
        }
    }

    /// Refuses a journal that is broken, and one whose first segments are gone.
    fn finish(&self) -> Result<(), Damage> {
        if self.segments.last().is_none_or(|&(number, _)| number != self.end.segment) {
            return Err(Damage::missing(names::segment(self.end.segment)));
        }
        if self.vouched > self.end {
            return Err(Damage::at(self.end, "what is there was durable, and is not sound any more"));
        }
        match self.contents.catalog.missing() {
            Some(index) => {
                Err(Damage::RecordsMissing { first: index, oldest: names::segment(self.segments[0].0) })
            }
            None => Ok(()),
        }
    }
}
