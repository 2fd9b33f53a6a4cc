//! The ends of cables, as the kernel reports them.

use std::net::IpAddr;

use allocd_types::mac::Mac;
use serde::{Deserialize, Serialize, Serializer};

use crate::lab::LabHost;

/// One end of a cable.
#[derive(Debug, Clone, Serialize)]
pub struct Station {
    /// The host it is on.
    pub host: String,
    /// The jail it is in, if it is in one.
    pub jail: Option<String>,
    /// Its name.
    pub interface: String,
    /// Its MAC.
    #[serde(serialize_with = "as_text")]
    pub mac: Mac,
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// The packets that came in.
    pub received: u64,
    /// The packets that went out.
    pub sent: u64,
}

/// An address of an interface.
#[derive(Debug, Clone, Serialize)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// The length of its prefix.
    pub length: u8,
    /// True until the detection of duplicates has ended.
    pub is_tentative: bool,
    /// True if somebody else has it.
    pub is_duplicated: bool,
}

/// What ip(8) prints of an interface.
#[derive(Deserialize)]
struct Link {
    ifname: String,
    address: String,
    addr_info: Vec<AddressInfo>,
    stats64: Stats,
}

#[derive(Deserialize)]
struct AddressInfo {
    local: IpAddr,
    prefixlen: u8,
    #[serde(default)]
    tentative: bool,
    #[serde(default)]
    dadfailed: bool,
}

#[derive(Deserialize)]
struct Stats {
    rx: Count,
    tx: Count,
}

#[derive(Deserialize)]
struct Count {
    packets: u64,
}

/// The ends of cables on a host itself, or in a jail of it.
pub(super) fn stations(host: &LabHost, jail: Option<&str>) -> Vec<Station> {
    // ifconfig of the lab would switch IPv6 off where a duplicate is found, and Linux would forget what it has found.
    let show = "/usr/sbin/ip -json -stats address show";
    let text = match jail {
        Some(jail) => host.done(&format!("/usr/sbin/jexec {jail} {show}")),
        None => host.done(show),
    };
    let links: Vec<Link> = serde_json::from_str(&text).expect("ip(8) prints JSON");
    let ends = links.into_iter().filter(|link| link.ifname.starts_with("epair"));
    let station = |link: Link| Station {
        host: host.name().to_owned(),
        jail: jail.map(str::to_owned),
        interface: link.ifname,
        mac: link.address.parse().expect("an epair has a MAC"),
        addresses: link.addr_info.into_iter().map(Address::from).collect(),
        received: link.stats64.rx.packets,
        sent: link.stats64.tx.packets,
    };
    ends.map(station).collect()
}

fn as_text<S: Serializer>(mac: &Mac, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(mac)
}

impl Station {
    /// True once no address of it is being looked into any more.
    pub(super) fn is_settled(&self) -> bool {
        self.addresses.iter().all(|address| address.is_duplicated || !address.is_tentative)
    }
}

impl From<AddressInfo> for Address {
    fn from(info: AddressInfo) -> Self {
        Self {
            address: info.local,
            length: info.prefixlen,
            is_tentative: info.tentative,
            is_duplicated: info.dadfailed,
        }
    }
}
