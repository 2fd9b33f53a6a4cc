//! What differs, or stands in the way: for people and for the report.

use std::fmt;
use std::net::IpAddr;

use allocd_types::id::LeaseId;
use allocd_types::mac::{Generator, Mac};
use allocd_types::name::InterfaceName;

use crate::step::Place;
use crate::want::{Wait, Waiting};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// A lease cannot be used yet.
    Waiting(Waiting),
    /// It cannot be said what is to be built.
    Refused(String),
    /// The name that a lease's interface needs is taken by one without its mark.
    ForeignInterface { lease: LeaseId, name: InterfaceName },
    /// Several interfaces have the name or the mark, so that it means nothing.
    Ambiguous { lease: LeaseId, what: String },
    /// Where the jail's file belongs there is one that is not ours.
    ForeignFile { path: String },
    /// A file that is not ours comes before the jail's.
    ShadowedFile { path: String },
    /// A jail of this name runs that nothing here tells of.
    ForeignJail,
    /// The jail was removed and something holds it.
    Dying,
    /// A start of the jail may be under way.
    Starting,
    /// A start of the jail did not end.
    HalfBuilt,
    /// A start of the jail by jail(8) did not end, as a file tells.
    HalfStarted { mark: String, is_taken_back: bool },
    /// The same file, while a jail(8) may be at it.
    StartUnderWay { mark: String },
    /// The jail runs from another root.
    OtherRoot { path: String, expected: String },
    /// The jail's root is not there.
    NoRoot { path: String },
    /// The bridge is not there.
    NoBridge { bridge: InterfaceName },
    /// An interface that somebody else has to make is not there.
    NoInterface { name: InterfaceName },
    /// The jail does not run.
    NotRunning,
    /// The file is not as the leases have it.
    File { path: String },
    /// rc.conf(5) cannot be kept.
    RcConf(String),
    /// An interface is gone from a running jail.
    Gone { name: InterfaceName },
    /// An interface carries a lease's mark and is not the lease's any more.
    Outdated { name: InterfaceName },
    /// A lease's mark is on an interface that has not its name.
    Renamed { lease: LeaseId, name: String },
    /// An interface has another MAC.
    Mac { name: InterfaceName, place: Place, found: Option<Mac>, expected: Mac },
    /// An interface has another MTU.
    Mtu { name: InterfaceName, expected: u16 },
    /// An interface is down.
    Down { name: InterfaceName, place: Place },
    /// An interface is not on its bridge.
    NotOnBridge { name: InterfaceName, bridge: InterfaceName },
    /// IPv6 is switched off on an interface with IPv6 addresses.
    Ipv6Off { name: InterfaceName },
    /// An interface has not one of its addresses.
    NoAddress { name: InterfaceName, address: IpAddr },
    /// An interface has an address of a leased subnet that no lease gives it.
    StrangeAddress { name: InterfaceName, address: IpAddr },
    /// Somebody else on the wire has the address.
    Duplicate { lease: LeaseId, name: InterfaceName, address: IpAddr },
    /// What was heard of a conflict on the wire.
    OnWire(String),
    /// Something carries the mark of a lease that the cluster does not tell of.
    Unknown { lease: LeaseId, what: String },
    /// Its steps destroy more than may be destroyed unasked.
    HeldBack { destructive: usize, destructive_max: usize },
}

impl Finding {
    /// True if it is a way in which a jail differs from its leases.
    pub(crate) const fn is_drift(&self) -> bool {
        match self {
            Self::Gone { .. }
            | Self::Outdated { .. }
            | Self::Renamed { .. }
            | Self::Mac { .. }
            | Self::Mtu { .. }
            | Self::Down { .. }
            | Self::NotOnBridge { .. }
            | Self::Ipv6Off { .. }
            | Self::NoAddress { .. }
            | Self::StrangeAddress { .. }
            | Self::Duplicate { .. }
            | Self::OnWire(_)
            | Self::File { .. }
            | Self::HalfBuilt
            | Self::HalfStarted { .. }
            | Self::StartUnderWay { .. }
            | Self::NotRunning => true,
            Self::Waiting(_)
            | Self::Refused(_)
            | Self::ForeignInterface { .. }
            | Self::Ambiguous { .. }
            | Self::ForeignFile { .. }
            | Self::ShadowedFile { .. }
            | Self::ForeignJail
            | Self::Dying
            | Self::Starting
            | Self::OtherRoot { .. }
            | Self::NoRoot { .. }
            | Self::NoBridge { .. }
            | Self::NoInterface { .. }
            | Self::RcConf(_)
            | Self::Unknown { .. }
            | Self::HeldBack { .. } => false,
        }
    }

    /// What to do about it, where it is not done by the agent.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::ForeignInterface { name, .. } => Some(format!(
                "`alloc-agent adopt` takes it over if it fits the lease, `ifconfig {name} destroy` makes room"
            )),
            Self::ForeignFile { path } | Self::ShadowedFile { path } => Some(format!("move {path} away")),
            Self::ForeignJail => Some("`alloc-agent adopt` takes it over if it fits its leases".to_owned()),
            Self::NoRoot { .. } => {
                Some("make it, or set `root` in the configuration so that it is made".to_owned())
            }
            Self::NoBridge { .. } => Some("`alloc-agent setup` shows how rc.conf makes it".to_owned()),
            Self::NoInterface { .. } => Some("ngctl(8) makes it".to_owned()),
            Self::HalfStarted { is_taken_back: false, .. } => {
                Some("stop it and start it again: its services may be missing".to_owned())
            }
            Self::Waiting(Waiting { why: Wait::Unwatched, .. }) => Some(
                "alloc_watchdog_enable=\"YES\" in rc.conf, and `service alloc_watchdog start`".to_owned(),
            ),
            Self::HeldBack { destructive, .. } => {
                Some(format!("`alloc-agent run --allow-destructive {destructive}` lets it pass once"))
            }
            Self::Waiting(_)
            | Self::Refused(_)
            | Self::Ambiguous { .. }
            | Self::Dying
            | Self::Starting
            | Self::OtherRoot { .. }
            | Self::HalfBuilt
            | Self::HalfStarted { is_taken_back: true, .. }
            | Self::StartUnderWay { .. }
            | Self::NotRunning
            | Self::File { .. }
            | Self::RcConf(_)
            | Self::Gone { .. }
            | Self::Outdated { .. }
            | Self::Renamed { .. }
            | Self::Mac { .. }
            | Self::Mtu { .. }
            | Self::Down { .. }
            | Self::NotOnBridge { .. }
            | Self::Ipv6Off { .. }
            | Self::NoAddress { .. }
            | Self::StrangeAddress { .. }
            | Self::Duplicate { .. }
            | Self::OnWire(_)
            | Self::Unknown { .. } => None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting(Waiting { lease, why }) => {
                write!(f, "{} waits: {}", lease.resource_name(), wait(*why))
            }
            Self::Refused(told) | Self::OnWire(told) => f.write_str(told),
            Self::ForeignInterface { lease, name } => {
                write!(
                    f,
                    "{name} is there without the mark of {}, which needs the name",
                    lease.resource_name()
                )
            }
            Self::Ambiguous { lease, what } => {
                write!(f, "{what} is there more than once, and {} needs it", lease.resource_name())
            }
            Self::ForeignFile { path } => write!(f, "{path} is not ours"),
            Self::ShadowedFile { path } => {
                write!(f, "{path} is not ours, and rc.d/jail takes it for the jail's")
            }
            Self::ForeignJail => f.write_str("a jail of this name runs that was not built here"),
            Self::Dying => f.write_str("a jail of this name was removed, and something still holds it"),
            Self::Starting => {
                f.write_str("a start of it may be under way: its interface is there, and it is not")
            }
            Self::HalfBuilt => f.write_str("a start of it did not end"),
            Self::HalfStarted { mark, .. } => {
                write!(f, "a start of it did not end: {mark} is there, and no jail(8) runs")
            }
            Self::StartUnderWay { mark } => {
                write!(f, "a start of it is under way or did not end: {mark} is there, and a jail(8) may run")
            }
            Self::OtherRoot { path, expected } => write!(f, "its root is {path} instead of {expected}"),
            Self::NoRoot { path } => write!(f, "its root {path} is not there"),
            Self::NoBridge { bridge } => write!(f, "the bridge {bridge} is not there"),
            Self::NoInterface { name } => write!(f, "{name} is not there"),
            Self::NotRunning => f.write_str("it does not run"),
            Self::File { path } => write!(f, "{path} is not as the leases have it"),
            Self::RcConf(problem) => write!(f, "rc.conf is left alone: {problem}"),
            Self::Gone { name } => write!(f, "{name} is gone"),
            Self::Outdated { name } => write!(f, "{name} is not what the lease says any more"),
            Self::Renamed { lease, name } => {
                write!(f, "{name} carries the mark of {}, and has not its name", lease.resource_name())
            }
            Self::Mac { name, place, found, expected } => mac(f, (name, *place), *found, *expected),
            Self::Mtu { name, expected } => write!(f, "{name} has not the MTU {expected}"),
            Self::Down { name, place } => write!(f, "{name}{} is down", shown(*place)),
            Self::NotOnBridge { name, bridge } => write!(f, "{name} is not on {bridge}"),
            Self::Ipv6Off { name } => write!(f, "IPv6 is off on {name} in the jail"),
            Self::NoAddress { name, address } => write!(f, "{name} in the jail has not {address}"),
            Self::StrangeAddress { name, address } => {
                write!(f, "{name} in the jail has {address}, which no lease gives it")
            }
            Self::Duplicate { name, address, .. } => {
                write!(f, "somebody else on the wire has {address}, which is on {name} in the jail")
            }
            Self::Unknown { lease, what } => {
                write!(f, "{what} is of {}, which the cluster does not tell of", lease.resource_name())
            }
            Self::HeldBack { destructive, destructive_max } => write!(
                f,
                "held back: {destructive} steps would destroy something, and {destructive_max} may in one pass"
            ),
        }
    }
}

fn wait(why: Wait) -> &'static str {
    match why {
        Wait::Unconfirmed => "the cluster is in recovery, and it may be somebody else's",
        Wait::Unbound => "the cluster has not been told yet that it is used here",
        Wait::Unwatched => "it ends by itself, and the watchdog that takes it down then does not run",
        Wait::Over => "it ends by itself, and as far as this host knows its time is over",
        Wait::Predecessor => "the lease that its interface had before is not down yet",
    }
}

fn shown(place: Place) -> &'static str {
    match place {
        Place::Host => "",
        Place::Jail => " in the jail",
    }
}

fn mac(
    f: &mut fmt::Formatter<'_>,
    (name, place): (&InterfaceName, Place),
    found: Option<Mac>,
    expected: Mac,
) -> fmt::Result {
    write!(f, "{name}{} has ", shown(place))?;
    match found {
        None => f.write_str("no MAC")?,
        Some(found) => {
            write!(f, "the MAC {found}")?;
            if let Some(generator) = Generator::of(found, &[]).first() {
                write!(f, " of {}", generator.as_str())?;
            }
        }
    }
    write!(f, " instead of {expected}")
}
