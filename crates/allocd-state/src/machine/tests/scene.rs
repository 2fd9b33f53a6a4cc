//! A machine with a network and hosts, and short words for what is asked of it.

use allocd_types::allocation::{
    AllocationSpec, ExistingLease, FamilyWish, LeaseRef, MissingResource, Pins, ReleaseSpec, RenewalSpec,
    Teardown,
};
use allocd_types::host::HostSpec;
use allocd_types::id::{Caller, RequestId};
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::Lease;
use allocd_types::mac::Macs;
use allocd_types::name::{HostName, InterfaceName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::rejection::Rejection;
use allocd_types::time::{ClusterTime, Span, WallTime};
use allocd_types::usage::Thresholds;

use crate::command::{Command, Entry, Request};
use crate::event::Event;
use crate::machine::Machine;
use crate::response::{Applied, Response};

/// A machine that is driven by hand.
pub(super) struct Scene {
    pub(super) machine: Machine,
    pub(super) events: Vec<Event>,
    now: u64,
    next: u64,
}

impl Scene {
    pub(super) fn empty() -> Self {
        Self { machine: Machine::new(), events: Vec::new(), now: 0, next: 0 }
    }

    /// Network `lan` with a /29 (five addresses beside the gateway) and a /64, and hosts `h1` and `h2`.
    pub(super) fn small() -> Self {
        let mut scene = Self::empty();
        let subnets = [("192.168.48.0/29", Some("192.168.48.1")), ("fd00:48::/64", None)];
        scene.yes(Command::CreateNetwork(lan("lan", &subnets)));
        scene.yes(Command::CreateHost(host("h1")));
        scene.yes(Command::CreateHost(host("h2")));
        scene
    }

    /// A scene that goes on from here with another machine.
    pub(super) fn with(&self, machine: Machine) -> Self {
        Self { machine, events: Vec::new(), now: self.now, next: self.next }
    }

    pub(super) fn pass(&mut self, seconds: u64) {
        self.now += seconds * 1000;
    }

    pub(super) fn say(&mut self, command: Command) -> Applied {
        self.next += 1;
        let id = format!("r{}", self.next);
        self.say_as(&id, command)
    }

    pub(super) fn say_as(&mut self, id: &str, command: Command) -> Applied {
        let expires_at = ClusterTime::from_millis(self.now + 10_000);
        let (request_id, caller) = (RequestId::new(id).unwrap(), Caller::new("test").unwrap());
        self.apply(Request { request_id, caller, expires_at, command })
    }

    pub(super) fn apply(&mut self, request: Request) -> Applied {
        self.next += 1;
        let entry = Entry {
            index: self.next,
            stamped_at: ClusterTime::from_millis(self.now),
            labelled_at: WallTime::from_unix_millis(1_700_000_000_000),
            entropy: self.next,
            commands: vec![request],
        };
        let applied = self.machine.apply(&entry).pop().unwrap();
        self.events.extend(applied.events.iter().cloned());
        assert_eq!(self.machine.state().check(), Vec::new(), "after {entry:?}");
        applied
    }

    pub(super) fn yes(&mut self, command: Command) -> Response {
        self.say(command).outcome.unwrap()
    }

    /// Says them in one entry, for there are many, and is told yes to each.
    pub(super) fn yes_to_all(&mut self, commands: impl Iterator<Item = Command>) {
        self.next += 1;
        let (entry, at) = (self.next, ClusterTime::from_millis(self.now));
        let request = |(number, command)| Request {
            request_id: RequestId::new(&format!("r{entry}.{number}")).unwrap(),
            caller: Caller::new("test").unwrap(),
            expires_at: at,
            command,
        };
        let entry = Entry {
            index: entry,
            stamped_at: at,
            labelled_at: WallTime::from_unix_millis(1_700_000_000_000),
            entropy: entry,
            commands: (0_u32..).zip(commands).map(request).collect(),
        };
        for applied in self.machine.apply(&entry) {
            applied.outcome.unwrap();
            self.events.extend(applied.events);
        }
        assert_eq!(self.machine.state().check(), Vec::new());
    }

    pub(super) fn no(&mut self, command: Command) -> Rejection {
        self.say(command).outcome.unwrap_err()
    }

    pub(super) fn lease(&mut self, wish: AllocationSpec) -> Lease {
        granted(self.yes(Command::Allocate(wish)))
    }

    pub(super) fn release(&mut self, lease: &Lease) {
        let spec = ReleaseSpec {
            lease: LeaseRef::Id(lease.id),
            generation: None,
            missing: MissingResource::Refuse,
            teardown: Teardown::Awaited,
        };
        self.yes(Command::Release(spec));
    }
}

pub(super) fn granted(response: Response) -> Lease {
    let Response::Lease(granted) = response else { panic!("{response:?} is no lease") };
    granted.lease
}

pub(super) fn lan(name: &str, subnets: &[(&str, Option<&str>)]) -> NetworkSpec {
    let subnet = |(prefix, gateway): &(&str, Option<&str>)| SubnetSpec {
        prefix: prefix.parse().unwrap(),
        gateway: gateway.map(|gateway| gateway.parse().unwrap()),
        ranges: Vec::new(),
    };
    NetworkSpec {
        name: NetworkName::new(name).unwrap(),
        vrf: VrfName::unsaid(),
        bridge: InterfaceName::new("bridge300").unwrap(),
        vlan: None,
        mtu: None,
        subnets: subnets.iter().map(subnet).collect(),
        mac_pool: PoolName::unsaid(),
        rename_prefix: None,
        resolvers: Vec::new(),
        quarantine: Span::from_seconds(1200),
        free_suspects_after: None,
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    }
}

pub(super) fn host(name: &str) -> HostSpec {
    HostSpec { name: HostName::new(name).unwrap(), bridges: Default::default(), labels: Labels::default() }
}

pub(super) fn wish(holder: &str) -> AllocationSpec {
    AllocationSpec {
        holder: holder.parse().unwrap(),
        network: NetworkName::new("lan").unwrap(),
        kind: InterfaceKind::Epair,
        ipv4: FamilyWish::IfSubnets,
        ipv6: FamilyWish::IfSubnets,
        pins: Pins::none(),
        ttl: None,
        existing: ExistingLease::Return,
        labels: Labels::default(),
    }
}

pub(super) fn pinned(holder: &str, address: &str) -> AllocationSpec {
    let addresses = vec![address.parse().unwrap()];
    AllocationSpec { pins: Pins { index: None, macs: Macs::None, addresses }, ..wish(holder) }
}

pub(super) fn for_seconds(holder: &str, seconds: u32) -> AllocationSpec {
    AllocationSpec { ttl: Some(Span::from_seconds(seconds)), ..wish(holder) }
}

pub(super) fn renewal(lease: &Lease) -> Command {
    Command::Renew(RenewalSpec {
        lease: LeaseRef::Id(lease.id),
        generation: Some(lease.generation),
        ttl: None,
    })
}

pub(super) fn v4(lease: &Lease) -> String {
    lease.addresses[0].address.to_string()
}
