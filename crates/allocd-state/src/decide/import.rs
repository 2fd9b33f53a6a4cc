//! Taking over an inventory: each line becomes a lease with the values it has, or says what is wrong with it.
//!
//! The lines are decided in their order on a scratch copy of the state, so that each sees those before it; if the import is done,
//! the copy becomes the state. Nothing that exists
//! is ever freed: of a line that is skipped, every valid value becomes an exclusion that names the line.

mod network;
mod seen;

use std::collections::BTreeSet;
use std::net::IpAddr;

use std::collections::BTreeMap;

use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::holder::Holder;
use allocd_types::host::HostSpec;
use allocd_types::import::{
    BadLines, INVENTORY_JAIL_LABEL, INVENTORY_VERSION_LABEL, ImportFinding, ImportFlaw, ImportFragment,
    ImportLine, ImportReport, ImportSpec,
};
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::Macs;
use allocd_types::name::{ExclusionName, HostName, InterfaceLabel, InterfaceName, NetworkName, VrfName};
use allocd_types::problem::Problem;
use allocd_types::rejection::Rejection;

use self::seen::Seen;
use super::choice::Origin;
use super::lease::{Grant, grant};
use super::pinned::never_a_host;
use super::unchanged;
use crate::context::Context;
use crate::digest::digest_of;
use crate::event::Event;
use crate::evolve::evolve;
use crate::response::{Decision, Response};
use crate::state::State;

pub(super) fn import(state: &State, context: &mut Context, spec: &ImportSpec) -> Decision {
    let mut work = Import {
        scratch: state.clone(),
        spec,
        events: Vec::new(),
        report: ImportReport::default(),
        seen: Seen::default(),
    };
    for line in &spec.lines {
        if let Err(flaw) = work.line(context, line) {
            work.report.findings.push(ImportFinding { number: line.number, flaw });
        }
    }
    match spec.bad_lines {
        BadLines::Skip => work.exclude_bad_lines(),
        BadLines::Refuse if work.report.findings.is_empty() && spec.fragments.is_empty() => {}
        BadLines::Refuse => {
            let findings = work.report.findings;
            let report = ImportReport { findings, ..ImportReport::default() };
            return unchanged(Response::Imported(report));
        }
    }
    Decision { response: Response::Imported(work.report), events: work.events, after: Some(work.scratch) }
}

/// An import under way.
struct Import<'a> {
    scratch: State,
    spec: &'a ImportSpec,
    events: Vec<Event>,
    report: ImportReport,
    seen: Seen,
}

impl Import<'_> {
    fn line(&mut self, context: &mut Context, line: &ImportLine) -> Result<(), ImportFlaw> {
        let network = network::of_line(&self.scratch, self.spec.network.as_ref(), &line.host, &line.bridge)?;
        let vrf = self.scratch.network(&network).map_or_else(VrfName::unsaid, |spec| spec.vrf.clone());
        self.seen.check(line, &vrf)?;
        self.check_address(line, &network)?;
        let own_bridge = self.own_bridge(&network, &line.bridge);
        self.create_host(&line.host, own_bridge);
        let wish = wish(line, network);
        match grant(&self.scratch, context, &wish, Origin::Import) {
            Ok(Grant::New(record)) => {
                self.push(Event::LeaseGranted(record));
                self.report.leases += 1;
            }
            Ok(Grant::Existing(_)) => self.report.unchanged += 1,
            Err(rejection) => return Err(refused(&rejection)),
        }
        self.seen.keep(line, vrf);
        Ok(())
    }

    fn check_address(&self, line: &ImportLine, network: &NetworkName) -> Result<(), ImportFlaw> {
        if self.scratch.allocations.address_place(network, line.address).is_none() {
            return Err(ImportFlaw::NoSubnet { address: line.address, bridge: line.bridge.clone() });
        }
        match never_a_host(&self.scratch, network, line.address) {
            Some(why) => Err(ImportFlaw::NotAHost { address: line.address, why }),
            None => Ok(()),
        }
    }

    fn create_host(&mut self, name: &HostName, bridges: BTreeMap<NetworkName, InterfaceName>) {
        if self.scratch.host(name).is_none() {
            let spec = HostSpec { name: name.clone(), bridges, labels: Labels::default() };
            self.push(Event::HostCreated(spec));
            self.report.hosts_created += 1;
        }
    }

    /// The line's bridge, if the network's is called otherwise on other hosts.
    fn own_bridge(
        &self,
        network: &NetworkName,
        bridge: &InterfaceName,
    ) -> BTreeMap<NetworkName, InterfaceName> {
        let is_default = self.scratch.network(network).is_some_and(|found| found.bridge == *bridge);
        (!is_default).then(|| (network.clone(), bridge.clone())).into_iter().collect()
    }

    fn push(&mut self, event: Event) {
        evolve(&mut self.scratch, &event);
        self.events.push(event);
    }

    /// Excludes every valid value of the lines that were not imported, in the order of the file.
    fn exclude_bad_lines(&mut self) {
        let flawed: BTreeSet<u32> = self.report.findings.iter().map(|finding| finding.number).collect();
        let lines = self.spec.lines.iter().filter(|line| flawed.contains(&line.number)).map(fragment_of);
        let mut fragments: Vec<ImportFragment> = lines.chain(self.spec.fragments.iter().cloned()).collect();
        fragments.sort_by_key(|fragment| fragment.number);
        for fragment in &fragments {
            self.exclude(fragment);
        }
    }

    fn exclude(&mut self, fragment: &ImportFragment) {
        if let Some(address) = fragment.address {
            let range = allocd_types::address::AddressRange::single(address);
            for vrf in self.vrfs_of(fragment, address) {
                self.exclude_values(fragment.number, ExcludedValues::Addresses { vrf, range });
            }
        }
        if let (Some(host), Some(index)) = (&fragment.host, fragment.index) {
            self.create_host(host, BTreeMap::new());
            let (host, kind) = (host.clone(), InterfaceKind::Epair);
            self.exclude_values(
                fragment.number,
                ExcludedValues::Indices { host, kind, first: index, last: index },
            );
        }
    }

    /// The VRF of the line's network; of a line that names none, every VRF that has a subnet for the address, and the default.
    fn vrfs_of(&self, fragment: &ImportFragment, address: IpAddr) -> BTreeSet<VrfName> {
        let wanted = self.spec.network.as_ref();
        let by_bridge = fragment.host.as_ref().zip(fragment.bridge.as_ref());
        let network =
            by_bridge.and_then(|(host, bridge)| network::of_line(&self.scratch, wanted, host, bridge).ok());
        if let Some(spec) = network.as_ref().or(wanted).and_then(|network| self.scratch.network(network)) {
            return BTreeSet::from([spec.vrf.clone()]);
        }
        let has_subnet = |vrf: &VrfName| self.scratch.allocations.subnet_of(vrf, address).is_some();
        let there = self.scratch.networks().map(|network| network.vrf.clone()).filter(has_subnet);
        there.chain([VrfName::unsaid()]).collect()
    }

    fn exclude_values(&mut self, number: u32, values: ExcludedValues) {
        let spec = ExclusionSpec {
            name: exclusion_name(number, &values),
            values,
            reason: format!(
                "line {number} of an inventory was skipped at import; what it names may be running"
            ),
            labels: Labels::default().with("import.line", &number.to_string()),
        };
        if self.scratch.exclusion(&spec.name).is_none() {
            self.push(Event::ExclusionCreated(spec.clone()));
        }
        self.report.exclusions.push((number, spec));
    }
}

/// The wish of one line: exactly its values, MACs and IPv6 newly chosen.
fn wish(line: &ImportLine, network: NetworkName) -> AllocationSpec {
    let labels = Labels::default()
        .with(INVENTORY_VERSION_LABEL, &line.version)
        .with(INVENTORY_JAIL_LABEL, &line.original_jail);
    AllocationSpec {
        holder: Holder {
            host: line.host.clone(),
            jail: line.jail.clone(),
            interface: InterfaceLabel::unsaid(),
        },
        network,
        kind: InterfaceKind::Epair,
        ipv4: FamilyWish::IfSubnets,
        ipv6: FamilyWish::IfSubnets,
        pins: Pins { index: Some(line.index), macs: Macs::None, addresses: vec![line.address] },
        ttl: None,
        existing: ExistingLease::Return,
        labels,
    }
}

fn fragment_of(line: &ImportLine) -> ImportFragment {
    ImportFragment {
        number: line.number,
        host: Some(line.host.clone()),
        bridge: Some(line.bridge.clone()),
        address: Some(line.address),
        index: Some(line.index),
    }
}

fn refused(rejection: &Rejection) -> ImportFlaw {
    ImportFlaw::Refused { message: Problem::from(rejection).message }
}

/// A name that the same line with the same value always gets: importing a file again excludes nothing twice.
fn exclusion_name(number: u32, values: &ExcludedValues) -> ExclusionName {
    let digest: String = digest_of(values).to_string().chars().take(8).collect();
    ExclusionName::new(&format!("import-line-{number}-{digest}"))
        .expect("letters, digits and hyphens, well below the bound")
}
