//! A file system in a file: what has reached the file is what is left when the power fails.
//!
//! The kernel writes to the file what the file system hands to its disk, and no more. So a copy of the file, taken at a moment,
//! is the disk as that moment found it. The file system's own clocks are slowed down, so that nothing reaches the disk by itself
//! while a test runs: what is there was synced.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use allocd_tests::skipped::skipped;

/// How large it is; most of it is never written to.
const IMAGE_BYTES: u64 = 96 * 1024 * 1024;
/// What is copied at a time.
const PIECE_BYTES: usize = 1024 * 1024;
/// How many seconds the file system may keep to itself what nobody has synced: longer than a test takes.
const COMMIT_SECONDS: &str = "commit=300";

/// A file system that is mounted for as long as this value lives.
pub(crate) struct Image {
    file: PathBuf,
    at: PathBuf,
}

impl Image {
    /// Makes a file system in a new file and mounts it, or says why it cannot.
    pub(crate) fn make(file: &Path, at: &Path) -> Option<Self> {
        let sparse = File::create(file).expect("make a file");
        sparse.set_len(IMAGE_BYTES).expect("set a length");
        let made = Command::new("mkfs.ext4").args(["-q", "-F"]).arg(file).output();
        done(made)
            .and_then(|()| mount(file, at))
            .map_err(|why| skipped("mount a file system in a file", &why))
            .ok()
    }

    /// Mounts what is in a file, as a machine does that has its power back.
    pub(crate) fn mount(file: &Path, at: &Path) -> Self {
        mount(file, at).unwrap_or_else(|why| panic!("{}: {why}", file.display()))
    }

    /// Copies the disk as it is now. Whoever writes has to be held up meanwhile; what the kernel does is noticed.
    pub(crate) fn copy(&self, to: &Path) {
        // A copy during which something was written is of no moment at all.
        let is_of_a_moment = || {
            copy(&self.file, to);
            is_equal(&self.file, to)
        };
        assert!((0..20).any(|_| is_of_a_moment()), "{} is written to all the time", self.file.display());
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // Lazily: a process that was just killed may still hold a file.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

fn mount(file: &Path, at: &Path) -> Result<Image, String> {
    fs::create_dir_all(at).expect("make a directory");
    let options = format!("loop,{COMMIT_SECONDS}");
    done(Command::new("mount").args(["-t", "ext4", "-o", &options]).arg(file).arg(at).output())?;
    Ok(Image { file: file.to_owned(), at: at.to_owned() })
}

fn done(output: std::io::Result<std::process::Output>) -> Result<(), String> {
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn copy(from: &Path, to: &Path) {
    let (mut from, mut copy) = (open(from), File::create(to).expect("make a file"));
    copy.set_len(IMAGE_BYTES).expect("set a length");
    let (mut piece, zeros) = (vec![0_u8; PIECE_BYTES], vec![0_u8; PIECE_BYTES]);
    for start in (0..IMAGE_BYTES).step_by(PIECE_BYTES) {
        from.read_exact(&mut piece).expect("read");
        // Zeros are there already.
        if piece != zeros {
            copy.seek(SeekFrom::Start(start)).expect("go there");
            copy.write_all(&piece).expect("write");
        }
    }
}

fn is_equal(one: &Path, other: &Path) -> bool {
    let (mut one, mut other) = (open(one), open(other));
    let (mut left, mut right) = (vec![0_u8; PIECE_BYTES], vec![0_u8; PIECE_BYTES]);
    (0..IMAGE_BYTES).step_by(PIECE_BYTES).all(|_| {
        one.read_exact(&mut left).expect("read");
        other.read_exact(&mut right).expect("read");
        left == right
    })
}

fn open(path: &Path) -> File {
    File::open(path).expect("open a file")
}
