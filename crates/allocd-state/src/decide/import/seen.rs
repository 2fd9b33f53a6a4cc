//! What earlier lines of an inventory have used, so that a later line can be told which one it meets.

use std::collections::BTreeMap;
use std::net::IpAddr;

use allocd_types::import::{ImportFlaw, ImportLine};
use allocd_types::index::UnitIndex;
use allocd_types::name::{HostName, JailName, VrfName};

/// The values of the lines that were good so far, each with its line.
#[derive(Default)]
pub(super) struct Seen {
    addresses: BTreeMap<(VrfName, IpAddr), u32>,
    indices: BTreeMap<(HostName, UnitIndex), u32>,
    jails: BTreeMap<(HostName, JailName), (u32, String)>,
}

impl Seen {
    /// Checks that a line of a VRF meets no earlier one.
    pub(super) fn check(&self, line: &ImportLine, vrf: &VrfName) -> Result<(), ImportFlaw> {
        if let Some(&earlier) = self.addresses.get(&(vrf.clone(), line.address)) {
            return Err(ImportFlaw::AddressTwice { address: line.address, line: earlier });
        }
        if let Some(&earlier) = self.indices.get(&(line.host.clone(), line.index)) {
            return Err(ImportFlaw::IndexTwice { index: line.index, host: line.host.clone(), line: earlier });
        }
        match self.jails.get(&(line.host.clone(), line.jail.clone())) {
            Some((earlier, original)) if *original == line.original_jail => Err(ImportFlaw::JailTwice {
                jail: line.original_jail.clone(),
                host: line.host.clone(),
                line: *earlier,
            }),
            Some((earlier, original)) => Err(ImportFlaw::JailsMeet {
                jail: line.original_jail.clone(),
                other: original.clone(),
                line: *earlier,
                name: line.jail.clone(),
            }),
            None => Ok(()),
        }
    }

    /// Remembers a good line.
    pub(super) fn keep(&mut self, line: &ImportLine, vrf: VrfName) {
        self.addresses.insert((vrf, line.address), line.number);
        self.indices.insert((line.host.clone(), line.index), line.number);
        self.jails.insert((line.host.clone(), line.jail.clone()), (line.number, line.original_jail.clone()));
    }
}
