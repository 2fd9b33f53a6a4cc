//! The segments of a log, frame by frame: what a member finds on its disk.

use allocd_store::fuzz::read_frames;

use crate::frames::Frames;

pub(crate) fn run(data: &[u8]) {
    read_frames(Frames::of(data));
}
