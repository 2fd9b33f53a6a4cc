//! The files of a journal: the next segment, made ready before it is needed, and old ones that are used again.
//!
//! A segment is written in full before it gets its name, so that a flush changes no length and no allocation: the system then
//! has nothing to sync but the bytes. Zeros are written for that, which every file system understands; an old segment saves
//! even those. A name is durable before anything counts on it.

use std::io;

use super::directory::{Directory, Storage as _};
use super::frame::{LogId, Place};
use super::mark::{HEAD_BYTES, Mark};
use super::names;

/// How many old segments are kept to be used again.
const SPARES_MAX: usize = 4;

/// How much of the next segment is written at a time.
const PORTION_BYTES: u32 = 256 * 1_024;

/// A segment that is part of the journal.
#[derive(Debug)]
pub(crate) struct Segment<F> {
    pub(crate) number: u32,
    pub(crate) bytes: u32,
    pub(crate) file: F,
}

/// A directory, and what is ready in it.
#[derive(Debug)]
pub(crate) struct Files<D: Directory> {
    directory: D,
    log: LogId,
    /// How long a segment is, unless one record needs more.
    segment_bytes: u32,
    spares: Vec<String>,
    prepared: Option<Prepared<D::File>>,
}

#[derive(Debug)]
struct Prepared<F> {
    file: F,
    written: u32,
}

impl<D: Directory> Files<D> {
    pub(crate) const fn new(directory: D, log: LogId, segment_bytes: u32) -> Self {
        Self { directory, log, segment_bytes, spares: Vec::new(), prepared: None }
    }

    /// Removes what is of no use, and takes over what can be used again.
    pub(crate) fn adopt(&mut self, leftovers: &[String], spares: &[String]) -> io::Result<()> {
        leftovers.iter().try_for_each(|name| self.directory.remove(name))?;
        for name in spares {
            let is_usual = self.directory.open(name)?.length()? == u64::from(self.segment_bytes);
            if is_usual && self.spares.len() < SPARES_MAX {
                self.spares.push(name.clone());
            } else {
                self.directory.remove(name)?;
            }
        }
        self.directory.sync()
    }

    /// Opens a segment that is part of the journal.
    pub(crate) fn open(&self, number: u32, bytes: u32) -> io::Result<Segment<D::File>> {
        Ok(Segment { number, bytes, file: self.directory.open(&names::segment(number))? })
    }

    /// Makes the next segment, which vouches for nothing yet. Once this returned, no power cut takes it away.
    pub(crate) fn next(&mut self, number: u32, bytes_min: u32) -> io::Result<Segment<D::File>> {
        let name = if bytes_min > self.segment_bytes {
            // An unusual one takes the place of one that was being made ready.
            self.prepared = None;
            self.prepare(bytes_min.next_multiple_of(HEAD_BYTES))?;
            names::PREPARED.to_owned()
        } else if let Some(spare) = self.spares.pop() {
            spare
        } else {
            while !self.is_ready() {
                self.prepare_some()?;
            }
            names::PREPARED.to_owned()
        };
        if name == names::PREPARED {
            self.prepared = None;
        }
        self.directory.rename(&name, &names::segment(number))?;
        self.directory.sync()?;
        let file = self.directory.open(&names::segment(number))?;
        let bytes = u32::try_from(file.length()?).expect("it was made no longer");
        let segment = Segment { number, bytes, file };
        self.mark(&segment, Place::default())?;
        segment.file.sync()?;
        Ok(segment)
    }

    /// Writes a segment's mark. It becomes durable with the segment's next sync.
    pub(crate) fn mark(&self, segment: &Segment<D::File>, synced: Place) -> io::Result<()> {
        let mark = Mark { log: self.log, segment: segment.number, bytes: segment.bytes, synced };
        segment.file.write_all_at(&mark.write(), 0)
    }

    /// Whether the next segment costs no more than a name.
    pub(crate) fn is_ready(&self) -> bool {
        let is_prepared =
            self.prepared.as_ref().is_some_and(|prepared| prepared.written >= self.segment_bytes);
        is_prepared || !self.spares.is_empty()
    }

    /// Makes some of the next segment ready.
    pub(crate) fn prepare_some(&mut self) -> io::Result<()> {
        let written = self.prepared.as_ref().map_or(0, |prepared| prepared.written);
        self.prepare(PORTION_BYTES.min(self.segment_bytes - written))
    }

    /// Takes a segment out of the journal, and keeps its file if there is use for it.
    pub(crate) fn retire(&mut self, segment: Segment<D::File>) -> io::Result<()> {
        let Segment { number, bytes, .. } = segment;
        if bytes != self.segment_bytes || self.spares.len() >= SPARES_MAX {
            return self.directory.remove(&names::segment(number));
        }
        let spare = names::spare(number);
        self.directory.rename(&names::segment(number), &spare)?;
        self.spares.push(spare);
        Ok(())
    }

    fn prepare(&mut self, portion: u32) -> io::Result<()> {
        let mut prepared = match self.prepared.take() {
            Some(prepared) => prepared,
            None => Prepared { file: self.directory.create(names::PREPARED)?, written: 0 },
        };
        let zeros = vec![0; super::frame::usize_of(portion)];
        prepared.file.write_all_at(&zeros, u64::from(prepared.written))?;
        prepared.file.sync()?;
        prepared.written += portion;
        self.prepared = Some(prepared);
        Ok(())
    }
}
