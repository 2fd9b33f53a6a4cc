//! Names that nobody had before: each worker has a tag of its own, and counts.

use std::sync::atomic::{AtomicU64, Ordering};

use allocd_proto::v1;

/// How many hosts hold the leases. Each has 32,768 units of an epair, so this many hold two million.
const HOSTS: u64 = 64;

static WORKERS: AtomicU64 = AtomicU64::new(0);

/// The names of one worker's leases.
pub(super) struct Names {
    worker: u64,
    next: u64,
}

impl Names {
    pub(super) fn new() -> Self {
        Self { worker: WORKERS.fetch_add(1, Ordering::Relaxed), next: 0 }
    }

    /// The next holder; workers go round the hosts, each from another one on.
    pub(super) fn holder(&mut self) -> v1::Holder {
        self.next += 1;
        v1::Holder {
            host: host(self.worker.wrapping_add(self.next) % HOSTS),
            jail: format!("w{}j{}", self.worker, self.next),
            interface: "net0".to_owned(),
        }
    }

    /// An id for the request about the holder that was named last.
    pub(super) fn request_id(&self) -> String {
        format!("bench-{}-{}", self.worker, self.next)
    }
}

/// All hosts.
pub(super) fn hosts() -> impl Iterator<Item = String> {
    (0..HOSTS).map(host)
}

fn host(at: u64) -> String {
    format!("h{at}.example")
}
