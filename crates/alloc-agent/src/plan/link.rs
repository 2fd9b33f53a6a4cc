//! One interface of a jail, as it is on the host: whether it is there, is ours, and what it lacks.
//!
//! An interface is ours if it carries its lease's mark. One that was made and not marked, because whoever made it was killed
//! between two commands, is ours too if it was written down before that it would be made, and if nobody has done anything with
//! it since: it is down, without a description, addresses or a bridge.

use allocd_types::kind::InterfaceKind;
use allocd_types::name::{InterfaceName, JailName};
use freebsd_config::{HostStep, LinkSteps, Named};
use freebsd_host::interface::Interface;

use super::Finding;
use crate::observe::{Inside, ObservedHost, Sight, mark_of};
use crate::step::{Place, Step};

/// The outer end of a link, or the only one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outer<'a> {
    /// It is not there.
    Absent,
    /// It is there and ours.
    Ours(&'a Interface),
    /// It is there and ours by all signs but the mark.
    Unmarked(&'a InterfaceName),
    /// It carries our mark and another unit's name: it is from before the lease changed.
    Outdated(&'a Interface),
    /// It carries our mark and a name that neither the kernel nor the lease gives it. It may be the inner end of another cable, on
    /// which a jail has written the mark, so it is left to people.
    Renamed(&'a Interface),
    /// It is a single one, and in the jail.
    Moved,
    /// Something else has its name.
    Foreign(&'a InterfaceName),
    /// Its name or mark is there more than once.
    Ambiguous(&'a InterfaceName),
}

/// A link with what was seen of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct SeenLink<'a> {
    pub(super) link: &'a LinkSteps,
    seen: &'a ObservedHost,
    inside: Option<&'a Inside>,
    is_running: bool,
    pub(super) outer: Outer<'a>,
}

impl<'a> SeenLink<'a> {
    /// Looks for a link; `is_building` says that it may have been made and not marked.
    pub(super) fn new(
        link: &'a LinkSteps,
        seen: &'a ObservedHost,
        jail: &JailName,
        is_building: bool,
    ) -> Self {
        let is_running = seen.alive(jail).is_some();
        let inside = seen.inside(jail).filter(|_| is_running);
        let mut new = Self { link, seen, inside, is_running, outer: Outer::Absent };
        new.outer = new.find_outer(is_building);
        new
    }

    /// Looks for a link, whoever made it: what has its name is taken for it.
    pub(super) fn as_if_ours(link: &'a LinkSteps, seen: &'a ObservedHost, jail: &JailName) -> Self {
        let mut new = Self::new(link, seen, jail, false);
        if let (Outer::Foreign(name), Some(outer)) = (new.outer, link.outer())
            && *name == outer.name
            && let Sight::One(interface) = seen.on_host(name)
            && mark_of(interface).is_none()
        {
            new.outer = Outer::Ours(interface);
        }
        new
    }

    /// What stands in the way of using it.
    pub(super) fn obstacle(&self) -> Option<Finding> {
        self.foreign().or_else(|| self.not_made()).or_else(|| {
            let bridge = self.link.bridge.as_ref()?;
            let is_there = matches!(self.seen.on_host(bridge), Sight::One(_));
            (!is_there).then(|| Finding::NoBridge { bridge: bridge.clone() })
        })
    }

    /// Nothing of ours makes it, and it is not there.
    fn not_made(&self) -> Option<Finding> {
        let name = self.link.moved.as_ref().filter(|_| self.link.outer().is_none())?;
        let is_there = matches!(self.seen.on_host(name), Sight::One(_)) || self.may_be_inside(name);
        (!is_there).then(|| Finding::NoInterface { name: name.clone() })
    }

    /// What it cannot be told from.
    pub(super) fn foreign(&self) -> Option<Finding> {
        let lease = self.link.lease;
        match self.outer {
            Outer::Foreign(name) => Some(Finding::ForeignInterface { lease, name: name.clone() }),
            Outer::Ambiguous(name) => Some(Finding::Ambiguous { lease, what: name.to_string() }),
            Outer::Renamed(interface) => Some(Finding::Renamed { lease, name: interface.name.to_string() }),
            Outer::Absent | Outer::Ours(_) | Outer::Unmarked(_) | Outer::Outdated(_) | Outer::Moved => None,
        }
    }

    /// True if its name or mark is there more than once.
    pub(super) fn is_ambiguous(&self) -> bool {
        matches!(self.outer, Outer::Ambiguous(_))
    }

    /// What of its creation is left to do, on the host or, of what has moved, in the jail.
    pub(super) fn missing(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        match self.outer {
            Outer::Unmarked(name) => {
                steps.push(Step::Claim { name: name.clone(), lease: self.link.lease });
            }
            Outer::Absent
            | Outer::Ours(_)
            | Outer::Outdated(_)
            | Outer::Renamed(_)
            | Outer::Moved
            | Outer::Foreign(_)
            | Outer::Ambiguous(_) => {}
        }
        for step in &self.link.create {
            if let Some(place) = self.lacks(step) {
                steps.extend(self.leave_other_bridge(step));
                steps.push(Step::Link { place, step: step.clone() });
            }
        }
        steps
    }

    /// All of its creation, as if nothing of it were there.
    pub(super) fn whole_creation(&self) -> impl Iterator<Item = Step> + use<'a> {
        self.link.create.iter().cloned().map(|step| Step::Link { place: Place::Host, step })
    }

    /// True if the interface of this name is seen in the jail.
    pub(super) fn is_inside(&self, name: &InterfaceName) -> bool {
        self.inside.is_some_and(|inside| matches!(inside.interface(name), Sight::One(_)))
    }

    /// True if it is in the jail, or the jail runs and nobody looked.
    fn may_be_inside(&self, name: &InterfaceName) -> bool {
        let is_unseen = self.is_running && !matches!(self.inside, Some(Inside::Seen(_)));
        is_unseen || self.is_inside(name)
    }

    /// The interface that moves, where it is: none if it is nowhere, or nobody looked.
    pub(super) fn moved(&self) -> Option<(&'a Interface, Place)> {
        self.find(self.link.moved.as_ref()?)
    }

    /// True if the jail was looked into and what moves is neither there nor on the host.
    pub(super) fn is_lost(&self) -> bool {
        let Some(name) = &self.link.moved else { return false };
        matches!(self.inside, Some(Inside::Seen(_))) && self.find(name).is_none()
    }

    /// The interface that a step names, under its name or the one that it was made with.
    pub(super) fn find(&self, name: &InterfaceName) -> Option<(&'a Interface, Place)> {
        let outer = self.link.outer().map(|outer| &outer.name);
        if let (Outer::Ours(interface) | Outer::Renamed(interface), true) = (self.outer, outer == Some(name))
        {
            return Some((interface, Place::Host));
        }
        let made = self.link.made.iter().find(|named| named.name == *name).map(|named| &named.made);
        for name in [Some(name), made].into_iter().flatten() {
            if let Sight::One(interface) = self.seen.on_host(name) {
                return Some((interface, Place::Host));
            }
            if let Some(Sight::One(interface)) = self.inside.map(|inside| inside.interface(name)) {
                return Some((interface, Place::Jail));
            }
        }
        None
    }

    /// Where a step is to be done because what it brings about is not there; none if it is, or nobody can say.
    fn lacks(&self, step: &HostStep) -> Option<Place> {
        let is_there = match self.outer {
            Outer::Absent => return self.lacks_without_outer(step),
            Outer::Outdated(_) | Outer::Renamed(_) | Outer::Foreign(_) | Outer::Ambiguous(_) => return None,
            Outer::Ours(_) | Outer::Unmarked(_) | Outer::Moved => true,
        };
        // What cannot be seen is taken to be right: the jail is looked into in its turn.
        let place_unless = |name: &InterfaceName, holds: &dyn Fn(&Interface) -> bool| {
            let (interface, place) = self.find(name)?;
            (!holds(interface)).then_some(place)
        };
        match step {
            HostStep::Create { .. } => (!is_there).then_some(Place::Host),
            HostStep::Mark { .. } => None,
            HostStep::Rename { from, .. } => {
                matches!(self.seen.on_host(from), Sight::One(_)).then_some(Place::Host)
            }
            HostStep::SetMac { name, mac } => place_unless(name, &|it| it.ether == Some(*mac)),
            HostStep::SetMtu { name, mtu } => place_unless(name, &|it| it.mtu == Some(u32::from(*mtu))),
            HostStep::BringUp { name } => place_unless(name, &Interface::is_up),
            HostStep::AddMember { bridge, member } => {
                let (interface, _) = self.find(member)?;
                let has = match (self.seen.on_host(bridge), interface.name.name()) {
                    (Sight::One(bridge), Some(name)) => bridge.has_member(name),
                    (Sight::One(_) | Sight::None | Sight::Several, _) => false,
                };
                (!has).then_some(Place::Host)
            }
        }
    }

    /// The same of a link whose outer end is not there: all of it, but for what somebody else makes and may have moved.
    fn lacks_without_outer(&self, step: &HostStep) -> Option<Place> {
        if self.link.outer().is_some() {
            return Some(Place::Host);
        }
        match step {
            HostStep::SetMac { name, mac } => {
                let (interface, place) = self.find(name)?;
                (interface.ether != Some(*mac)).then_some(place)
            }
            HostStep::SetMtu { name, mtu } => {
                let (interface, place) = self.find(name)?;
                (interface.mtu != Some(u32::from(*mtu))).then_some(place)
            }
            HostStep::Create { .. }
            | HostStep::Mark { .. }
            | HostStep::Rename { .. }
            | HostStep::BringUp { .. }
            | HostStep::AddMember { .. } => None,
        }
    }

    /// Takes it off another bridge before it is put on its own.
    fn leave_other_bridge(&self, step: &HostStep) -> Option<Step> {
        let HostStep::AddMember { member, .. } = step else { return None };
        let (interface, _) = self.find(member)?;
        let bridge = self.seen.bridge_of(interface.name.name()?)?.name.name()?;
        Some(Step::LeaveBridge { bridge: bridge.clone(), member: member.clone() })
    }

    fn find_outer(&self, is_building: bool) -> Outer<'a> {
        let Some(outer) = self.link.outer() else { return Outer::Absent };
        match self.seen.marked(self.link.lease) {
            Sight::Several => Outer::Ambiguous(&outer.name),
            Sight::None => self.unmarked(outer, is_building),
            Sight::One(interface) if interface.name == outer.name || interface.name == outer.made => {
                match self.seen.on_host(&outer.name) {
                    Sight::Several => Outer::Ambiguous(&outer.name),
                    // The name that it is to get is taken by another one.
                    Sight::One(_) if interface.name != outer.name => Outer::Foreign(&outer.name),
                    Sight::One(_) | Sight::None => Outer::Ours(interface),
                }
            }
            Sight::One(interface) if is_of_kind(interface, self.link.kind) => Outer::Outdated(interface),
            Sight::One(interface) => Outer::Renamed(interface),
        }
    }

    /// What is there under the link's names without its mark.
    fn unmarked(&self, outer: &'a Named, is_building: bool) -> Outer<'a> {
        let is_single = self.link.moved.as_ref() == Some(&outer.name);
        if is_single
            && matches!(self.seen.on_host(&outer.name), Sight::None)
            && self.may_be_inside(&outer.name)
        {
            return Outer::Moved;
        }
        for named in &self.link.made {
            for name in [&named.made, &named.name] {
                match self.seen.on_host(name) {
                    Sight::None => {}
                    Sight::Several => return Outer::Ambiguous(name),
                    Sight::One(found) if is_building && name == &outer.made && self.is_pristine(found) => {
                        return Outer::Unmarked(name);
                    }
                    Sight::One(_) => return Outer::Foreign(name),
                }
            }
        }
        Outer::Absent
    }

    /// True if nobody has done anything with an interface since it was made.
    fn is_pristine(&self, interface: &Interface) -> bool {
        let is_on_bridge = interface.name.name().is_some_and(|name| self.seen.bridge_of(name).is_some());
        !interface.is_up()
            && interface.description.is_none()
            && interface.addresses.is_empty()
            && !is_on_bridge
    }
}

/// True if an interface has a name that ifconfig(8) gives to its kind.
fn is_of_kind(interface: &Interface, kind: InterfaceKind) -> bool {
    let Some(rest) = interface.name.as_str().strip_prefix(kind.as_str()) else { return false };
    let unit = if kind == InterfaceKind::Epair { rest.strip_suffix('a').unwrap_or_default() } else { rest };
    !unit.is_empty() && unit.bytes().all(|byte| byte.is_ascii_digit())
}
