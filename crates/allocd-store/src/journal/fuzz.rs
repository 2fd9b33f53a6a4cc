//! A journal of any frames, for a fuzzer: with the checksums, chains and marks that no fuzzer guesses, in segments that are nothing
//! but bytes.

use std::io;

use super::directory::{Directory, Storage};
use super::frame::{self, ALIGNMENT, Body, LogId, Place, Setting, usize_of};
use super::mark::{HEAD_BYTES, Mark};
use super::names;
use super::recovery::{Recovered, recover};

const LOG: LogId = LogId(7);
/// Begins the next segment, whether the one before is sealed or not.
const NEXT_SEGMENT: u8 = 0;
/// Added to a kind: the frame vouches for all before it.
const VOUCHES: u8 = 0x80;
/// From this one on, bytes are put in as they are.
const FIRST_UNKNOWN: u8 = 8;

/// Reads a journal of these frames, each a kind and the bytes of its body.
///
/// # Panics
/// If a journal that is taken for sound has a record that cannot be found.
pub fn read_frames<'a>(frames: impl Iterator<Item = (u8, &'a [u8])>) {
    let segments = Segments(written(frames));
    // Whatever is refused, is refused with a reason; what is taken has all that it says to have.
    let Ok(Some(found)) = recover(&segments, LOG) else { return };
    for index in found.contents.catalog.base().index.saturating_add(1)..=found.contents.catalog.last_index() {
        check_record(&segments, &found, index);
    }
}

fn check_record(segments: &Segments, found: &Recovered, index: u64) {
    let place = found.contents.catalog.place(index).expect("a record is somewhere");
    let bytes = &segments.0[usize_of(place.segment) - 1][usize_of(place.offset)..];
    let frame = frame::read(bytes, LOG, place).expect("a sound frame lies there");
    let Body::Record { at, .. } = frame.body else { panic!("{:?} lies in the place of {index}", frame.body) };
    assert_eq!(Some(at.term), found.contents.catalog.term(at.index), "the record {index} is another");
    assert_eq!(at.index, index, "the record is another");
}

/// The segments that such frames make.
fn written<'a>(frames: impl Iterator<Item = (u8, &'a [u8])>) -> Vec<Vec<u8>> {
    let head = || vec![0; usize_of(HEAD_BYTES)];
    let (mut segments, mut bytes, mut chain) = (Vec::new(), head(), 0);
    for (kind, body) in frames {
        let number = u32::try_from(segments.len()).expect("an input is short") + 1;
        let place = Place { segment: number, offset: u32::try_from(bytes.len()).expect("an input is short") };
        match kind & !VOUCHES {
            NEXT_SEGMENT => segments.push(std::mem::replace(&mut bytes, head())),
            FIRST_UNKNOWN.. => {
                bytes.extend_from_slice(body);
                bytes.resize(bytes.len().next_multiple_of(usize_of(ALIGNMENT)), 0);
            }
            known => {
                let synced = if kind & VOUCHES == 0 { Place::default() } else { place };
                let setting = Setting { log: LOG, place, previous: chain, synced };
                chain = frame::write_raw(&mut bytes, setting, u32::from(known), |into| {
                    into.extend_from_slice(body);
                });
            }
        }
    }
    segments.push(bytes);
    for (bytes, segment) in segments.iter_mut().zip(1..) {
        let length = u32::try_from(bytes.len()).expect("an input is short");
        let mark = Mark { log: LOG, segment, bytes: length, synced: Place::default() }.write();
        bytes[..mark.len()].copy_from_slice(&mark);
    }
    segments
}

/// A directory of segments that are only read.
struct Segments(Vec<Vec<u8>>);

impl Directory for Segments {
    type File = Vec<u8>;

    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.iter().zip(1..).map(|(_, number)| names::segment(number)).collect())
    }

    fn open(&self, name: &str) -> io::Result<Vec<u8>> {
        let found = self.0.iter().zip(1..).find(|(_, number)| names::segment(*number) == name);
        found.map(|(bytes, _)| bytes.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn create(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn remove(&self, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Storage for Vec<u8> {
    fn length(&self) -> io::Result<u64> {
        u64::try_from(self.len()).map_err(io::Error::other)
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let found = self.get(start..).and_then(|rest| rest.get(..bytes.len()));
        bytes.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_all_at(&self, _: &[u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}
