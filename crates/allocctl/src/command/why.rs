//! Everything known about one value: a MAC, an IP address, a jail, or an interface on a host.

use std::net::IpAddr;
use std::str::FromStr;

use allocd_types::filter::LeaseFilter;
use allocd_types::holder::Holder;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::lookup::LeaseQuery;
use allocd_types::mac::Mac;
use allocd_types::name::{HostName, InterfaceName, JailName, VrfName};
use allocd_types::reason::ReasonKind;
use allocd_types::reservation::ReservationSpec;
use allocd_types::value::{Value, ValueReport};
use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::input;
use crate::session::Session;
use crate::view::Resource;
use crate::view::lease::LeaseJson;
use crate::view::reservation::ReservationJson;
use crate::view::value::{ValueReportJson, told, told_of_jail};

/// Tells everything known about something.
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// A MAC, an IP address, a jail's name, HOST/JAIL, or HOST/INTERFACE such as h1.example/epair7a.
    #[arg(value_name = "MAC|IP|JAIL|HOST/IFNAME")]
    subject: Subject,
    /// The scope of an IP address.
    #[arg(long, default_value = "default", value_name = "VRF")]
    vrf: VrfName,
}

/// What is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Mac(Mac),
    Address(IpAddr),
    /// A unit by the kernel's name of its interface.
    Unit(HostName, InterfaceKind, UnitIndex),
    /// An interface that a network named, or else a jail on a host.
    OnHost(HostName, Option<InterfaceName>, Option<Holder>),
    Holder(Holder),
    Jail(JailName),
}

/// A jail and what it has.
#[derive(Serialize)]
struct JailJson {
    jail: String,
    leases: Vec<LeaseJson>,
    reservations: Vec<ReservationJson>,
}

pub(crate) async fn run(session: &Session, why: &Why) -> Result<(), Failure> {
    match &why.subject {
        Subject::Mac(mac) => value(session, Value::Mac(*mac)).await,
        Subject::Address(address) => value(session, Value::Address(why.vrf.clone(), *address)).await,
        Subject::Unit(host, kind, index) => value(session, Value::Index(host.clone(), *kind, *index)).await,
        Subject::OnHost(host, ifname, holder) => {
            on_host(session, host, ifname.as_ref(), holder.as_ref()).await
        }
        Subject::Holder(holder) => {
            let filter = LeaseFilter {
                host: Some(holder.host.clone()),
                jail: Some(holder.jail.clone()),
                ..LeaseFilter::default()
            };
            let label = holder.to_string();
            jail(session, &filter, &label, |held| held.interface == holder.interface).await
        }
        Subject::Jail(name) => {
            let filter = LeaseFilter { jail: Some(name.clone()), ..LeaseFilter::default() };
            jail(session, &filter, name.as_str(), |_| true).await
        }
    }
}

async fn value(session: &Session, value: Value) -> Result<(), Failure> {
    let name = value.to_string();
    let report: ValueReport = session.client.explain_value(value).await?.value;
    session.output.report(&told(&report), &ValueReportJson::from(&report), &name)
}

/// An interface by the name that its network gave it; if there is none, a jail.
async fn on_host(
    session: &Session,
    host: &HostName,
    ifname: Option<&InterfaceName>,
    holder: Option<&Holder>,
) -> Result<(), Failure> {
    if let Some(ifname) = ifname {
        let found = session.client.lookup_lease(LeaseQuery::Interface(host.clone(), ifname.clone())).await;
        match found {
            Ok(lease) => return unit_or_lease(session, &lease.value).await,
            Err(error) if error.problem.reason.kind() == ReasonKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    let jail_name = holder.map(|holder| holder.jail.clone());
    let Some(jail_name) = jail_name else {
        let what = ifname.map(ToString::to_string).unwrap_or_default();
        return Err(nothing(&format!("{what} on {host}")));
    };
    let label = format!("{host}/{jail_name}");
    let filter = LeaseFilter { host: Some(host.clone()), jail: Some(jail_name), ..LeaseFilter::default() };
    jail(session, &filter, &label, |_| true).await
}

/// The unit of a lease says more than the lease alone.
async fn unit_or_lease(session: &Session, lease: &Lease) -> Result<(), Failure> {
    match lease.index {
        Some(index) => value(session, Value::Index(lease.holder.host.clone(), lease.kind, index)).await,
        None => session.output.one(lease),
    }
}

async fn jail(
    session: &Session,
    filter: &LeaseFilter,
    label: &str,
    is_meant: impl Fn(&Holder) -> bool,
) -> Result<(), Failure> {
    let mut leases = session.client.export(filter).await?.value;
    leases.retain(|lease| is_meant(&lease.holder));
    let mut reservations = session.client.all_reservations().await?.value;
    reservations.retain(|reservation: &ReservationSpec| {
        let holder = &reservation.holder;
        let is_host = filter.host.as_ref().is_none_or(|host| *host == holder.host);
        is_host && filter.jail.as_ref() == Some(&holder.jail) && is_meant(holder)
    });
    if leases.is_empty() && reservations.is_empty() {
        return Err(nothing(label));
    }
    let json = JailJson {
        jail: label.to_owned(),
        leases: leases.iter().map(Resource::json).collect(),
        reservations: reservations.iter().map(Resource::json).collect(),
    };
    session.output.report(&told_of_jail(&leases, &reservations), &json, label)
}

fn nothing(what: &str) -> Failure {
    Failure::Missing {
        message: format!("nothing is known about {what}"),
        hint: "see what there is: `allocctl leases`, `allocctl reservations`".to_owned(),
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(mac) = text.parse() {
            return Ok(Self::Mac(mac));
        }
        if let Ok(address) = text.parse() {
            return Ok(link_local_mac(address).map_or(Self::Address(address), Self::Mac));
        }
        match text.split('/').collect::<Vec<_>>().as_slice() {
            [jail] => JailName::new(jail).map(Self::Jail).map_err(|_| unknown(text)),
            [host, on_host] => {
                let host = HostName::new(host).map_err(|_| unknown(text))?;
                if let Some((kind, unit)) = input::unit(on_host) {
                    return Ok(Self::Unit(host, kind, unit));
                }
                let (ifname, holder) = (InterfaceName::new(on_host).ok(), text.parse().ok());
                if ifname.is_none() && holder.is_none() {
                    return Err(unknown(text));
                }
                Ok(Self::OnHost(host, ifname, holder))
            }
            [_, _, _] => text.parse().map(Self::Holder).map_err(|_| unknown(text)),
            _ => Err(unknown(text)),
        }
    }
}

/// The MAC that a link-local address was made of (RFC 4291, appendix A): what the kernel complains of when the MAC is there
/// twice. The kernel's log carries the interface's number in the second group of the address.
fn link_local_mac(address: IpAddr) -> Option<Mac> {
    let IpAddr::V6(address) = address else { return None };
    let octets = address.octets();
    let [0xfe, 0x80, _, _, 0, 0, 0, 0, a, b, c, 0xff, 0xfe, d, e, f] = octets else { return None };
    Some(Mac::new([a ^ 0x02, b, c, d, e, f]))
}

fn unknown(text: &str) -> String {
    let shown: String = text.chars().take(128).collect();
    format!("{shown:?} is no MAC, IP address, jail, HOST/JAIL or HOST/INTERFACE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_what_it_looks_like() {
        let subject = |text: &str| text.parse::<Subject>();
        assert!(matches!(subject("12:34:56:00:00:01"), Ok(Subject::Mac(_))));
        assert!(matches!(subject("192.168.48.9"), Ok(Subject::Address(IpAddr::V4(_)))));
        assert!(matches!(subject("fd00::9"), Ok(Subject::Address(IpAddr::V6(_)))));
        let mac: Mac = "92:b9:90:bc:b0:3d".parse().unwrap();
        for link_local in ["fe80::90b9:90ff:febc:b03d", "fe80:2::90b9:90ff:febc:b03d"] {
            assert_eq!(subject(link_local), Ok(Subject::Mac(mac)));
        }
        assert!(matches!(subject("web01"), Ok(Subject::Jail(_))));
        assert!(matches!(subject("h1.example/web01/net1"), Ok(Subject::Holder(_))));
        assert!(matches!(subject("h1.example/jail7a"), Ok(Subject::OnHost(_, Some(_), Some(_)))));
        for unit in ["h1.example/epair7a", "h1.example/epair7b", "h1.example/epair7"] {
            let Ok(Subject::Unit(_, kind, index)) = subject(unit) else { panic!("{unit}") };
            assert_eq!((kind, index.get()), (InterfaceKind::Epair, 7));
        }
        assert!(matches!(subject("h1.example/tap3"), Ok(Subject::Unit(_, InterfaceKind::Tap, _))));
        for bad in ["", "$(reboot)", "h1/", "a/b/c/d", "12:34", "h1.example/$(reboot)"] {
            assert!(subject(bad).is_err(), "{bad}");
        }
    }
}
