//! What decoders owe that read parts of any size: how the bytes are cut does not matter, and what is read is sound.

use std::fmt::Debug;

use allocd_state::machine::Machine;

/// How the bytes of a second reading are cut.
const PART_BYTES: usize = 13;

/// Reads bytes whole and in small parts. What they are, if they are anything.
pub(super) fn read_alike<T, E>(
    data: &[u8],
    read: fn(&mut dyn Iterator<Item = &[u8]>) -> Result<T, E>,
) -> Option<T>
where
    T: PartialEq + Debug,
{
    let whole = read(&mut [data].into_iter()).ok();
    let in_parts = read(&mut data.chunks(PART_BYTES)).ok();
    assert_eq!(whole, in_parts, "how it is cut does not matter");
    whole
}

/// A machine that was read keeps all that a machine has to keep.
pub(super) fn assert_sound(machine: &Machine) {
    let flaws = machine.state().check();
    assert!(flaws.is_empty(), "what is read is sound: {flaws:?}");
}
