//! What the demo found, as it is written to summary.json, and whether that is what has to be.

use anyhow::{Result, ensure};
use serde::Serialize;

/// The demo's figures.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) members: usize,
    pub(super) imported: usize,
    pub(super) allocated: usize,
    pub(super) leases: usize,
    pub(super) unique_macs: usize,
    pub(super) unique_addresses: usize,
    pub(super) kernel_duplicates_freebsd15: usize,
    pub(super) kernel_duplicates_patched10: usize,
    pub(super) duplicates: usize,
    pub(super) leader_killed: bool,
    pub(super) digests_equal: bool,
    pub(super) import_ms: u128,
    pub(super) allocate_ms: u128,
    pub(super) rendered_files: usize,
}

impl Summary {
    /// Says the first thing that is not as it has to be. Two MACs, two addresses and two files belong to each lease.
    pub(super) fn check(&self, lines: usize, wanted: usize) -> Result<()> {
        let leases = lines + wanted;
        ensure!(self.imported == lines, "{} of {lines} lines were imported", self.imported);
        ensure!(self.allocated == wanted, "{} of {wanted} jails got a lease", self.allocated);
        ensure!(self.leases == leases, "there are {} leases where {leases} are expected", self.leases);
        ensure!(self.duplicates == 0, "{} values are there twice", self.duplicates);
        ensure!(self.unique_macs == 2 * leases, "there are {} MACs for {leases} leases", self.unique_macs);
        ensure!(
            self.unique_addresses == 2 * leases,
            "there are {} addresses for {leases} leases",
            self.unique_addresses
        );
        ensure!(self.leader_killed, "the leader was not killed");
        ensure!(self.digests_equal, "the members' state digests differ");
        ensure!(
            self.rendered_files == 2 * leases,
            "{} files were rendered for {leases} leases",
            self.rendered_files
        );
        Ok(())
    }
}
