//! An entry of the log, as it comes from the disk or from a leader.

use allocd_replica::Level;
use allocd_replica::codec::{Stamp, decode_entry, encode_entry, store_request};

/// Where it is said to be: any place is as good as another.
const INDEX: u64 = 7;

pub(crate) fn run(data: &[u8]) {
    let read = |bytes: Vec<u8>| decode_entry(INDEX, bytes.into(), Level::NEWEST);
    match read(data.to_vec()) {
        Err(error) => assert!(!error.to_string().is_empty(), "a refusal says why"),
        Ok((level, entry)) => {
            assert!(level <= Level::NEWEST && entry.index == INDEX);
            let stamp = Stamp {
                stamped_at: entry.stamped_at,
                labelled_at: entry.labelled_at,
                entropy: entry.entropy,
            };
            let written = encode_entry(level, stamp, entry.commands.iter().map(store_request).collect());
            assert_eq!(read(written.clone()), Ok((level, entry.clone())), "it survives being written");
            let again = encode_entry(level, stamp, entry.commands.iter().map(store_request).collect());
            assert_eq!(again, written, "it is the same bytes on every member");
        }
    }
}
