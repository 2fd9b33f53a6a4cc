//! One pipe of a program, and what came out of it: the first bytes are kept, and the others are read and thrown away, so that
//! a program that says too much is not held up.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};

/// Read at once.
const CHUNK_BYTES: usize = 64 << 10;

/// A pipe, and the beginning of what came out of it.
pub(super) struct Capture {
    /// None once it is closed at the other end.
    pipe: Option<File>,
    kept: Vec<u8>,
    bytes_max: usize,
    is_cut: bool,
}

impl Capture {
    pub(super) fn new(pipe: Option<OwnedFd>, bytes_max: usize) -> Self {
        Self { pipe: pipe.map(File::from), kept: Vec::new(), bytes_max, is_cut: false }
    }

    /// The pipe, if something may still come.
    pub(super) fn pipe(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(|pipe| pipe.as_fd())
    }

    /// Reads what is there, if something is; returns how much it was.
    pub(super) fn read_if(&mut self, is_ready: bool) -> io::Result<usize> {
        let Some(pipe) = self.pipe.as_mut().filter(|_| is_ready) else { return Ok(0) };
        let mut chunk = [0; CHUNK_BYTES];
        let bytes = match pipe.read(&mut chunk) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(0),
            Err(error) => return Err(error),
        };
        if bytes == 0 {
            self.pipe = None;
        }
        let room = self.bytes_max - self.kept.len();
        self.kept.extend_from_slice(&chunk[..bytes.min(room)]);
        self.is_cut |= bytes > room;
        Ok(bytes)
    }

    /// What was kept, as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept).into_owned()
    }

    /// True if more came than was kept.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }
}
