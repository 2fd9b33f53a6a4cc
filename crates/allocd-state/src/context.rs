//! What an entry adds to every command in it: time to label with, and randomness to choose with.

use allocd_types::time::WallTime;

use crate::entropy::Entropy;

/// The surroundings of one decision. Cluster time is in the state already.
#[derive(Debug, Clone)]
pub struct Context {
    /// The wall clock of the leader when it proposed the entry.
    pub labelled_at: WallTime,
    /// Randomness of this command alone.
    pub entropy: Entropy,
}
