//! Wishes for leases.

use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::limits::ADDRESSES_PER_LEASE_MAX;
use allocd_types::name::NetworkName;
use allocd_types::time::Span;
use allocd_types::violation::Violations;

use crate::enumeration::said_or;
use crate::read::{Read, bounded, ip, list, path, required, text};
use crate::{index, label, mac, span, v1};

impl Read for v1::Allocation {
    type Word = AllocationSpec;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<AllocationSpec> {
        let at = |inner: &str| path(field, inner);
        let unsaid = FamilyWish::IfSubnets;
        let holder = required(self.holder, &at("holder"), wrong);
        let network: Option<NetworkName> = text(&self.network, &at("network"), wrong);
        let kind = said_or::<v1::InterfaceKind>(self.kind, InterfaceKind::Epair, &at("kind"), wrong);
        let ipv4 = said_or::<v1::FamilyWish>(self.ipv4, unsaid, &at("ipv4"), wrong);
        let ipv6 = said_or::<v1::FamilyWish>(self.ipv6, unsaid, &at("ipv6"), wrong);
        let pins = self.pins.unwrap_or_default().read(&at("pins"), wrong);
        if let (Some(kind), Some(pins)) = (kind, &pins) {
            mac::check_fit(kind, pins.macs, &at("pins"), wrong);
        }
        let ttl = span::ttl(self.ttl_ms, &at("ttl_ms"), wrong);
        let labels = Labels::check(&at("labels"), self.labels, wrong);
        let existing = if self.create_only { ExistingLease::Refuse } else { ExistingLease::Return };
        Some(AllocationSpec {
            holder: holder?,
            network: network?,
            kind: kind?,
            ipv4: ipv4?,
            ipv6: ipv6?,
            pins: pins?,
            ttl: ttl?,
            existing,
            labels,
        })
    }
}

impl From<AllocationSpec> for v1::Allocation {
    fn from(spec: AllocationSpec) -> Self {
        let create_only = match spec.existing {
            ExistingLease::Return => false,
            ExistingLease::Refuse => true,
        };
        Self {
            holder: Some(spec.holder.into()),
            network: spec.network.to_string(),
            kind: v1::InterfaceKind::from(spec.kind).into(),
            ipv4: v1::FamilyWish::from(spec.ipv4).into(),
            ipv6: v1::FamilyWish::from(spec.ipv6).into(),
            pins: (spec.pins != Pins::none()).then(|| spec.pins.into()),
            ttl_ms: spec.ttl.map(Span::millis),
            create_only,
            labels: label::map(&spec.labels),
        }
    }
}

impl Read for v1::Pins {
    type Word = Pins;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Pins> {
        let index = index::optional(self.index, &path(field, "index"), wrong);
        let macs = mac::read(&self.mac_a, &self.mac_b, field, wrong);
        let in_list = path(field, "addresses");
        bounded(self.addresses.len(), ADDRESSES_PER_LEASE_MAX, &in_list, wrong);
        let addresses = list(&self.addresses, &in_list, wrong, |given, field, wrong| ip(given, field, wrong));
        Some(Pins { index: index?, macs: macs?, addresses: addresses? })
    }
}

impl From<Pins> for v1::Pins {
    fn from(pins: Pins) -> Self {
        let (mac_a, mac_b) = mac::texts(pins.macs);
        Self {
            index: pins.index.map(|index| index.get().into()),
            mac_a,
            mac_b,
            addresses: pins.addresses.iter().map(ToString::to_string).collect(),
        }
    }
}
