//! A file as it was found: whose it is, by what it says at its head.

use allocd_types::id::LeaseId;
use freebsd_config::origin::{self, Origin};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenFile {
    pub(crate) text: String,
    /// Where it comes from; none if it is not ours.
    pub(crate) origin: Option<Origin>,
}

impl SeenFile {
    pub(crate) fn new(text: String) -> Self {
        let origin = origin::read(&text);
        Self { text, origin }
    }

    /// True if it was rendered from a lease.
    pub(crate) fn mentions(&self, lease: LeaseId) -> bool {
        self.origin.iter().flat_map(|origin| &origin.leases).any(|of| of.lease == lease)
    }
}
