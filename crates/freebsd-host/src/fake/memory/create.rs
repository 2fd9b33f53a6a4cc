//! Interfaces come and go: sys/net/if_clone.c with the drivers' own rules for units, names and MACs.

use std::collections::{BTreeMap, BTreeSet};

use allocd_types::mac::Mac;

use super::machine::{Machine, Nic, NicId, World};
use crate::fake::cloner;
use crate::fake::errno::Errno;
use crate::fake::interface::{Driver, Interface};
use crate::fake::kernel::Place;
use crate::fake::stock_mac::{CHOICE_OF_MACS, EpairRule, Moment};

/// What every Ethernet carries.
const MTU_DEFAULT: u32 = 1500;
/// What the loopback carries.
const MTU_LOOPBACK: u32 = 16384;
const VLAN_MTU: u32 = 0x8;
const LINKSTATE: u32 = 0x8_0000;

impl World {
    /// Creates what a name asks for; the name of what there is then.
    pub(super) fn create(&mut self, at: usize, place: Place, name: &str) -> Result<String, Errno> {
        let ticks = u32::try_from(self.now_ms % u64::from(u32::MAX)).unwrap_or_default();
        let machine = &mut self.machines[at];
        let place = machine.vnet(place);
        let (driver, unit) = cloner::parse_cloner(name, |module| machine.modules.contains(module))?;
        let unit = machine.take_unit(place, driver, unit)?;
        match driver {
            Driver::Epair => Ok(machine.create_epair(place, unit)),
            Driver::Bridge | Driver::Tap | Driver::Tun | Driver::Loopback => {
                let name = format!("{}{unit}", driver.as_str());
                let jail = machine.jail_name(place);
                let taken: BTreeSet<Mac> = machine.nics.values().filter_map(|nic| nic.view.mac).collect();
                let release = machine.release;
                let mac = machine.stock.single(release, driver, unit, &jail, Moment { ticks, taken: &taken });
                machine.attach(place, driver, &name, Some(unit), mac);
                Ok(name)
            }
            Driver::Card | Driver::Ngeth => Err(Errno::Invalid),
        }
    }

    /// Destroys a created interface, of an epair both ends wherever the other one is.
    pub(super) fn destroy(&mut self, at: usize, place: Place, name: &str) -> Result<(), Errno> {
        let machine = &mut self.machines[at];
        let id = machine.find(place, name).ok_or(Errno::NoDevice)?;
        let nic = machine.nic(id);
        match nic.view.driver {
            // What no cloner made has nothing to destroy it; lo0 is the stack's own.
            Driver::Card | Driver::Ngeth => return Err(Errno::Invalid),
            Driver::Loopback if nic.unit == Some(0) => return Err(Errno::Invalid),
            Driver::Loopback | Driver::Epair | Driver::Bridge | Driver::Tap | Driver::Tun => {}
        }
        for id in [Some(id), nic.peer].into_iter().flatten() {
            machine.detach(id);
        }
        Ok(())
    }
}

impl Machine {
    /// Puts an interface into a network stack.
    pub(in crate::fake) fn attach(
        &mut self,
        place: Place,
        driver: Driver,
        name: &str,
        unit: Option<u32>,
        mac: Option<Mac>,
    ) -> NicId {
        let id = NicId(self.next_nic);
        self.next_nic += 1;
        let options = match driver {
            // Newer epairs announce checksums; older ones that they can carry a VLAN's tag.
            Driver::Epair if self.release.major < 15 => VLAN_MTU,
            Driver::Tap | Driver::Tun => LINKSTATE,
            Driver::Epair | Driver::Loopback | Driver::Card | Driver::Bridge | Driver::Ngeth => 0,
        };
        let view = Interface {
            name: name.to_owned(),
            index: self.free_index(place),
            driver,
            mac,
            stock_mac: mac,
            description: String::new(),
            mtu: if driver == Driver::Loopback { MTU_LOOPBACK } else { MTU_DEFAULT },
            is_up: false,
            is_promiscuous: false,
            has_carrier: true,
            options,
            inet: Vec::new(),
            inet6: Vec::new(),
            is_inet6_disabled: false,
            has_auto_linklocal: driver != Driver::Bridge,
            groups: if driver == Driver::Card { Vec::new() } else { vec![driver.as_str().to_owned()] },
            members: Vec::new(),
        };
        if let Some(mac) = mac {
            self.log(format!("{name}: Ethernet address: {mac}"));
        }
        let nic = Nic {
            place,
            home: place,
            view,
            unit,
            peer: None,
            members: Vec::new(),
            segment: None,
            dad_ends_ms: BTreeMap::new(),
        };
        self.nics.insert(id, nic);
        id
    }

    /// Takes an interface out of the world.
    pub(super) fn detach(&mut self, id: NicId) {
        if let Some(bridge) = self.bridge_of(id) {
            self.remove_member(bridge, id);
        }
        let members = self.nic(id).members.clone();
        for member in members {
            self.remove_member(id, member);
        }
        self.drop_routes(id);
        self.nics.remove(&id);
    }

    fn create_epair(&mut self, place: Place, unit: u32) -> String {
        let names = ["a", "b"].map(|end| format!("epair{unit}{end}"));
        let ids = names.each_ref().map(|name| self.attach(place, Driver::Epair, name, Some(unit), None));
        let indices = ids.map(|id| self.nic(id).view.index);
        let jail = self.jail_name(place);
        let macs = self.stock.epair(self.epair_rule(), indices, unit, &jail);
        for (id, mac) in ids.into_iter().zip(macs) {
            let nic = self.nic_mut(id);
            nic.view.mac = Some(mac);
            nic.view.stock_mac = Some(mac);
        }
        self.nic_mut(ids[0]).peer = Some(ids[1]);
        self.nic_mut(ids[1]).peer = Some(ids[0]);
        for (name, mac) in names.iter().zip(macs) {
            self.log(format!("{name}: Ethernet address: {mac}"));
        }
        for name in &names {
            self.log(format!("{name}: link state changed to UP"));
        }
        let [name, _] = names;
        name
    }

    fn epair_rule(&self) -> EpairRule {
        let settings = self.sysctls_of(Place::Host);
        EpairRule::chosen(self.release, settings.get(CHOICE_OF_MACS).map(String::as_str))
    }

    /// The jail as ether_gen_addr(9) names it.
    fn jail_name(&self, place: Place) -> String {
        match place {
            Place::Host => "0".to_owned(),
            Place::Jail(jid) => {
                self.jails.get(&jid).map_or_else(|| jid.to_string(), |jail| jail.name.clone())
            }
        }
    }

    /// The unit asked for if it is free, or the first that is.
    fn take_unit(&self, place: Place, driver: Driver, asked: Option<u32>) -> Result<u32, Errno> {
        let of_driver = self.nics.values().filter(|nic| nic.home == place && nic.view.driver == driver);
        let used: BTreeSet<u32> = of_driver.filter_map(|nic| nic.unit).collect();
        cloner::take_unit(asked, |unit| {
            let is_named = |name: &String| self.find(place, name).is_some();
            !used.contains(&unit) && !cloner::names_of(driver, unit).iter().any(is_named)
        })
    }
}
