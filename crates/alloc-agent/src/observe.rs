//! What is on this host: one listing of each kind, and the files.
//!
//! The host's own interfaces and the jails are one command each. The inner end of a cable is seen only by asking its jail, so a
//! pass looks into those jails whose outside has changed since it last did, and into a few others in turn. Nothing is taken from
//! a listing that failed: what it would have shown is unknown, which is neither there nor gone.
//!
//! A description on an interface that has been in a jail is the jail's word, and no mark.

mod look;
mod rc_conf;
mod seen_file;
mod seen_starts;

use std::collections::BTreeMap;

use allocd_types::id::LeaseId;
use allocd_types::mac::Mac;
use allocd_types::name::{InterfaceName, JailName};
use freebsd_config::{MARK_PREFIX, Release};
use freebsd_host::Seen;
use freebsd_host::interface::Interface;
use freebsd_host::jail::{Jail, Jid};

pub(crate) use look::{Looks, observe};
pub(crate) use rc_conf::{FILES as RC_CONF_FILES, SeenRcConf};
pub(crate) use seen_file::SeenFile;
pub(crate) use seen_starts::SeenStarts;

/// Everything that was seen.
#[derive(Debug, Clone)]
pub(crate) struct ObservedHost {
    pub(crate) release: Release,
    interfaces: Vec<Interface>,
    names: BTreeMap<String, Vec<usize>>,
    marks: BTreeMap<LeaseId, Vec<usize>>,
    jails: Vec<Jail>,
    inside: BTreeMap<JailName, Inside>,
    /// Files that are ours, or where one of ours belongs.
    pub(crate) files: BTreeMap<String, SeenFile>,
    pub(crate) rc_conf: SeenRcConf,
    pub(crate) starts: SeenStarts,
    /// The roots that are there, of those that were looked for.
    pub(crate) roots: BTreeMap<String, bool>,
    /// What could not be listed, each as a sentence.
    pub(crate) failures: Vec<String>,
}

/// What is known of the inside of a jail.
#[derive(Debug, Clone)]
pub(crate) enum Inside {
    /// Its interfaces.
    Seen(Vec<Interface>),
    /// It could not be listed.
    Failed,
}

/// How often something of a name is there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sight<'a> {
    /// Not at all.
    None,
    /// Once.
    One(&'a Interface),
    /// More than once, so that the name means nothing.
    Several,
}

impl ObservedHost {
    /// Puts a host's own interfaces and jails in order.
    pub(crate) fn new(release: Release, interfaces: Vec<Interface>, jails: Vec<Jail>) -> Self {
        let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut marks: BTreeMap<LeaseId, Vec<usize>> = BTreeMap::new();
        for (at, interface) in interfaces.iter().enumerate() {
            names.entry(interface.name.as_str().to_owned()).or_default().push(at);
            if let Some(lease) = mark_of(interface) {
                marks.entry(lease).or_default().push(at);
            }
        }
        Self {
            release,
            interfaces,
            names,
            marks,
            jails,
            inside: BTreeMap::new(),
            files: BTreeMap::new(),
            rc_conf: SeenRcConf::default(),
            starts: SeenStarts::default(),
            roots: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    /// True if every listing was whole.
    pub(crate) fn is_whole(&self) -> bool {
        self.failures.is_empty() && !self.inside.values().any(|inside| matches!(inside, Inside::Failed))
    }

    /// The interface of this name on the host.
    pub(crate) fn on_host(&self, name: &InterfaceName) -> Sight<'_> {
        self.sight(self.names.get(name.as_str()))
    }

    /// The interface with a lease's mark, on the host.
    pub(crate) fn marked(&self, lease: LeaseId) -> Sight<'_> {
        self.sight(self.marks.get(&lease))
    }

    /// Every lease of which a mark is on the host.
    pub(crate) fn marks(&self) -> impl Iterator<Item = LeaseId> {
        self.marks.keys().copied()
    }

    /// The bridge that an interface is a member of.
    pub(crate) fn bridge_of(&self, member: &InterfaceName) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| interface.has_member(member))
    }

    /// The jail of a name that is not dying.
    pub(crate) fn alive(&self, jail: &JailName) -> Option<&Jail> {
        self.jails.iter().find(|seen| seen.name == *jail && !seen.is_dying)
    }

    /// True if a jail of this name was removed and something holds it.
    pub(crate) fn is_dying(&self, jail: &JailName) -> bool {
        self.jails.iter().any(|seen| seen.name == *jail && seen.is_dying)
    }

    /// All jails.
    pub(crate) fn jails(&self) -> &[Jail] {
        &self.jails
    }

    /// What is known of a jail's inside; none if nobody looked.
    pub(crate) fn inside(&self, jail: &JailName) -> Option<&Inside> {
        self.inside.get(jail)
    }

    fn sight(&self, at: Option<&Vec<usize>>) -> Sight<'_> {
        match at.map(Vec::as_slice) {
            None | Some([]) => Sight::None,
            Some([at]) => Sight::One(&self.interfaces[*at]),
            Some([_, _, ..]) => Sight::Several,
        }
    }
}

impl Inside {
    /// The interface of this name.
    pub(crate) fn interface(&self, name: &InterfaceName) -> Sight<'_> {
        match self {
            Self::Failed => Sight::None,
            Self::Seen(interfaces) => {
                let mut of_name = interfaces.iter().filter(|interface| interface.name == *name);
                match (of_name.next(), of_name.next()) {
                    (None, _) => Sight::None,
                    (Some(interface), None) => Sight::One(interface),
                    (Some(_), Some(_)) => Sight::Several,
                }
            }
        }
    }
}

/// The lease whose mark an interface carries.
pub(crate) fn mark_of(interface: &Interface) -> Option<LeaseId> {
    if is_inner_end(interface.name.as_str()) {
        return None;
    }
    let text = interface.description.as_deref()?.strip_prefix(MARK_PREFIX)?;
    LeaseId::from_resource_name(text).ok()
}

/// True of the end of a cable that goes into a jail, by the kernel's name: the jail may have written what it says of itself.
fn is_inner_end(name: &str) -> bool {
    let unit = name.strip_prefix("epair").and_then(|rest| rest.strip_suffix('b'));
    unit.is_some_and(|unit| !unit.is_empty() && unit.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What of a jail can be seen from outside and says that somebody has done something to it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outside {
    jid: Jid,
    /// Its leases' outer interfaces.
    ends: Vec<OuterEnd>,
}

/// What of an outer interface changes only if somebody changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OuterEnd {
    name: Seen<InterfaceName>,
    ether: Option<Mac>,
    mtu: Option<u32>,
    is_up: bool,
}

impl OuterEnd {
    fn new(interface: &Interface) -> Self {
        let Interface { name, ether, mtu, .. } = interface;
        Self { name: name.clone(), ether: *ether, mtu: *mtu, is_up: interface.is_up() }
    }
}
