//! Reading records back: by their places, some at a time, each proven again.

use allocd_replica::log::{LogError, Position, Record, check_range};
use prost::bytes::Bytes;

use super::directory::{Directory, Storage};
use super::frame::{self, Body, Place, RECORD_OVERHEAD_BYTES, usize_of};
use super::{Journal, Segment, failed};

/// The least and the most that is read from a file at a time, unless one record is larger.
const WINDOW_BYTES_MIN: u64 = 4 * 1_024;
const WINDOW_BYTES_MAX: u64 = 256 * 1_024;

/// A part of a segment that was read.
#[derive(Default)]
struct Window {
    start: Place,
    bytes: Vec<u8>,
}

impl<D: Directory> Journal<D> {
    pub(crate) fn read(&self, low: u64, high: u64, bytes_max: u64) -> Result<Vec<Record>, LogError> {
        let catalog = &self.contents.catalog;
        check_range(low, high, catalog.base().index + 1, catalog.last_index())?;
        let wanted = bytes_max.saturating_add(u64::from(RECORD_OVERHEAD_BYTES));
        let wanted = wanted.clamp(WINDOW_BYTES_MIN, WINDOW_BYTES_MAX);
        let (mut records, mut window, mut bytes) = (Vec::new(), Window::default(), 0);
        for index in low..high {
            let record = self.read_one(index, wanted, &mut window)?;
            bytes += u64::try_from(record.bytes.len()).expect("a length fits");
            if index > low && bytes > bytes_max {
                break;
            }
            records.push(record);
        }
        Ok(records)
    }

    fn read_one(&self, index: u64, wanted: u64, window: &mut Window) -> Result<Record, LogError> {
        let corrupted = |reason| LogError::Corrupted { index, reason };
        let place = self.contents.catalog.place(index).ok_or_else(|| corrupted("it is missing"))?;
        let bytes = match self.pending_at(place) {
            Some(pending) => pending,
            None => self.written_at(place, wanted, window)?,
        };
        let frame = frame::read(bytes, self.log, place);
        match frame.map(|frame| frame.body) {
            Some(Body::Record { at: Position { index: found, term }, bytes }) if found == index => {
                Ok(Record { index, term, bytes: Bytes::copy_from_slice(bytes) })
            }
            Some(_) => Err(corrupted("another frame is in its place")),
            None => Err(corrupted("its checksum does not match")),
        }
    }

    /// What is not yet written, from a place on.
    fn pending_at(&self, place: Place) -> Option<&[u8]> {
        let is_last = place.segment == self.last_segment().number;
        let at = place.offset.checked_sub(self.pending_from).filter(|_| is_last)?;
        self.pending.get(usize_of(at)..)
    }

    /// What is written, from a place on: a whole frame at least, if there is one.
    fn written_at<'a>(
        &self,
        place: Place,
        wanted: u64,
        window: &'a mut Window,
    ) -> Result<&'a [u8], LogError> {
        let segment = self.segment(place.segment);
        if window.frame_at(place).is_none() {
            window.fill(segment, place, wanted)?;
        }
        if let Some(length) = frame::stated_length(&window.bytes).filter(|_| window.frame_at(place).is_none())
        {
            window.fill(segment, place, u64::try_from(length).expect("a length fits"))?;
        }
        Ok(window.frame_at(place).unwrap_or_default())
    }

    fn segment(&self, number: u32) -> &Segment<D::File> {
        let at = number.checked_sub(self.segments[0].number).map(usize_of);
        at.and_then(|at| self.segments.get(at)).expect("a record lies in a segment of the journal")
    }
}

impl Window {
    /// What was read from a place on, if a whole frame is there.
    fn frame_at(&self, place: Place) -> Option<&[u8]> {
        let at =
            place.offset.checked_sub(self.start.offset).filter(|_| place.segment == self.start.segment)?;
        let bytes = self.bytes.get(usize_of(at)..)?;
        (frame::stated_length(bytes)? <= bytes.len()).then_some(bytes)
    }

    fn fill<F: Storage>(&mut self, segment: &Segment<F>, place: Place, wanted: u64) -> Result<(), LogError> {
        let length = wanted.min(u64::from(segment.bytes.saturating_sub(place.offset)));
        self.start = place;
        self.bytes.resize(usize::try_from(length).expect("a segment fits into memory"), 0);
        let read = segment.file.read_exact_at(&mut self.bytes, u64::from(place.offset));
        read.map_err(failed("read the log"))
    }
}
