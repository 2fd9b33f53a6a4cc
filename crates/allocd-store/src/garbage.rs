//! What is no longer needed on the disk: records before the log's first, chunks that no record points to, and the chunks of
//! snapshots that are not current. It is removed in portions, so that nobody waits for it, and never read before.

use allocd_replica::log::LogError;

use crate::layout;
use crate::load::failed;
use crate::snapshot;

/// What has to stay.
pub(crate) struct Needed {
    pub(crate) first_index: u64,
    pub(crate) last_index: u64,
    /// The numbers of the current snapshot and of the one that is being written.
    pub(crate) snapshots: [Option<u64>; 2],
}

/// Removes up to so many keys. False once nothing is left to remove.
pub(crate) fn remove(tree: &sled::Tree, needed: &Needed, removals_max: usize) -> Result<bool, LogError> {
    let attempt = "remove what is no longer needed";
    let mut left = removals_max;
    // Pointers before what they point to, as everywhere.
    for range in ranges(needed) {
        for key in tree.range(range).keys() {
            if left == 0 {
                return Ok(true);
            }
            let key = key.map_err(|source| failed(attempt, source))?;
            tree.remove(key).map_err(|source| failed(attempt, source))?;
            left -= 1;
        }
    }
    Ok(false)
}

fn ranges(needed: &Needed) -> Vec<std::ops::Range<Vec<u8>>> {
    let Needed { first_index, last_index, snapshots } = needed;
    let record = |index: u64| layout::record_key(index).to_vec();
    let chunk = |index: u64| layout::chunk_prefix(index).to_vec();
    let mut ranges = vec![
        record(0)..record(*first_index),
        chunk(0)..chunk(*first_index),
        chunk(last_index + 1)..chunk(u64::MAX),
    ];
    let mut numbers: Vec<u64> = snapshots.iter().copied().flatten().collect();
    numbers.sort_unstable();
    let mut start = 0;
    for number in numbers.into_iter().chain([u64::MAX]) {
        ranges.push(snapshot::chunk_key(start, 0).to_vec()..snapshot::chunk_key(number, 0).to_vec());
        start = number.saturating_add(1);
    }
    ranges
}
