//! Reservations.

use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::limits::ADDRESSES_PER_LEASE_MAX;
use allocd_types::mac::Macs;
use allocd_types::name::{NetworkName, ReservationName};
use allocd_types::reservation::ReservationSpec;
use allocd_types::violation::Violations;

use crate::enumeration::said_or;
use crate::read::{Read, bounded, ip, list, path, required, text};
use crate::{index, label, mac, v1};

impl Read for v1::Reservation {
    type Word = ReservationSpec;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ReservationSpec> {
        let at = |inner: &str| path(field, inner);
        let name: Option<ReservationName> = text(&self.name, &at("name"), wrong);
        let holder = required(self.holder, &at("holder"), wrong);
        let network: Option<NetworkName> = text(&self.network, &at("network"), wrong);
        let kind = said_or::<v1::InterfaceKind>(self.kind, InterfaceKind::Epair, &at("kind"), wrong);
        let index = index::optional(self.index, &at("index"), wrong);
        let macs = mac::read(&self.mac_a, &self.mac_b, field, wrong);
        if let (Some(kind), Some(macs)) = (kind, macs) {
            mac::check_fit(kind, macs, field, wrong);
        }
        bounded(self.addresses.len(), ADDRESSES_PER_LEASE_MAX, &at("addresses"), wrong);
        let addresses =
            list(&self.addresses, &at("addresses"), wrong, |given, field, wrong| ip(given, field, wrong));
        let sets_nothing_aside = index == Some(None) && macs == Some(Macs::None);
        if sets_nothing_aside && addresses.as_ref().is_some_and(Vec::is_empty) {
            wrong.add(field, "sets nothing aside: give an index, MAC addresses or IP addresses");
        }
        let labels = Labels::check(&at("labels"), self.labels, wrong);
        Some(ReservationSpec {
            name: name?,
            holder: holder?,
            network: network?,
            kind: kind?,
            index: index?,
            macs: macs?,
            addresses: addresses?,
            labels,
        })
    }
}

impl From<ReservationSpec> for v1::Reservation {
    fn from(spec: ReservationSpec) -> Self {
        let (mac_a, mac_b) = mac::texts(spec.macs);
        Self {
            name: spec.name.to_string(),
            holder: Some(spec.holder.into()),
            network: spec.network.to_string(),
            kind: v1::InterfaceKind::from(spec.kind).into(),
            index: spec.index.map(|index| index.get().into()),
            mac_a,
            mac_b,
            addresses: spec.addresses.iter().map(ToString::to_string).collect(),
            labels: label::map(&spec.labels),
        }
    }
}
