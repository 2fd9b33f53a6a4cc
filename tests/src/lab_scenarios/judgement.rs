//! What is wrong with the ends of cables on one wire.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use super::station::Station;

/// What is wrong, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Ends whose MAC another end has too.
    pub(super) shared_macs: usize,
    /// Addresses that the kernel found taken.
    pub(super) taken: usize,
    /// Link-local addresses that are not made of the MAC their interface has.
    pub(super) strange: usize,
}

impl Judgement {
    /// Judges all ends that are on one wire.
    pub(super) fn of(stations: &[Station]) -> Self {
        let mut owners = BTreeMap::new();
        for station in stations {
            *owners.entry(station.mac).or_insert(0_usize) += 1;
        }
        let addresses = || {
            stations
                .iter()
                .flat_map(|station| station.addresses.iter().map(move |address| (station, address)))
        };
        let is_strange = |(station, ip): &(&Station, IpAddr)| match ip {
            IpAddr::V6(v6) => v6.is_unicast_link_local() && *v6 != station.mac.link_local(),
            IpAddr::V4(_) => false,
        };
        Self {
            shared_macs: owners.into_values().filter(|count| *count > 1).sum(),
            taken: addresses().filter(|(_, address)| address.is_duplicated).count(),
            strange: addresses()
                .map(|(station, address)| (station, address.address))
                .filter(is_strange)
                .count(),
        }
    }

    /// True if nothing is wrong.
    pub(super) const fn is_clean(self) -> bool {
        self.shared_macs == 0 && self.taken == 0 && self.strange == 0
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shared_macs, taken, strange } = self;
        if self.is_clean() {
            return f.write_str("no duplicate");
        }
        write!(f, "{shared_macs} ends share a MAC, {taken} addresses are taken, {strange} are of another MAC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab_scenarios::station::Address;

    fn end(mac: &str, address: &str, is_duplicated: bool) -> Station {
        let address = Address {
            address: address.parse().unwrap(),
            length: 64,
            is_tentative: is_duplicated,
            is_duplicated,
        };
        Station {
            host: "h0".to_owned(),
            jail: None,
            interface: "epair1a".to_owned(),
            mac: mac.parse().unwrap(),
            addresses: vec![address],
            received: 0,
            sent: 0,
        }
    }

    #[test]
    fn each_kind_of_trouble_is_counted_by_itself() {
        let one = end("12:34:56:00:0b:0a", "fe80::1034:56ff:fe00:b0a", false);
        let other = end("12:34:56:00:0c:0a", "fd00::1", false);
        let judged = |second: &Station| {
            let Judgement { shared_macs, taken, strange } = Judgement::of(&[one.clone(), second.clone()]);
            [shared_macs, taken, strange]
        };
        assert_eq!(judged(&other), [0, 0, 0]);
        assert_eq!(judged(&one), [2, 0, 0]);
        assert_eq!(judged(&end("12:34:56:00:0c:0a", "fd00::1", true)), [0, 1, 0]);
        assert_eq!(judged(&end("12:34:56:00:0c:0a", "fe80::ff:50ff:fe00:50b", false)), [0, 0, 1]);
    }
}
