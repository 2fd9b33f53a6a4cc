//! One machine of a world as a kernel.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::machine::{Machine, Nic, World};
use crate::fake::errno::Errno;
use crate::fake::interface::{Driver, Interface, Member};
use crate::fake::jail::{Jail, JailSpec};
use crate::fake::kernel::{Change, Kernel, Place};
use crate::fake::release::Release;
use crate::fake::route::{ArpEntry, Destination, Gateway, Route};

/// The kernel of the machine at a place in the world.
#[derive(Debug)]
pub(in crate::fake) struct MemoryKernel<'w> {
    pub(in crate::fake) world: &'w mut World,
    pub(in crate::fake) at: usize,
}

impl MemoryKernel<'_> {
    fn machine(&self) -> &Machine {
        &self.world.machines[self.at]
    }

    fn machine_mut(&mut self) -> &mut Machine {
        &mut self.world.machines[self.at]
    }

    fn view(&self, nic: &Nic) -> Interface {
        let machine = self.machine();
        let member = |view: &Interface| Member { name: view.name.clone(), port: view.index };
        // Until 12 an epair has its carrier from the beginning, later while both ends are up.
        let has_carrier = match nic.peer {
            Some(peer) if machine.release.major >= 13 => nic.view.is_up && machine.nic(peer).view.is_up,
            Some(_) | None => match nic.view.driver {
                // Nothing has opened the device.
                Driver::Tap | Driver::Tun => false,
                Driver::Bridge => !nic.members.is_empty(),
                Driver::Loopback | Driver::Card | Driver::Epair | Driver::Ngeth => true,
            },
        };
        Interface {
            members: nic.members.iter().map(|id| member(&machine.nic(*id).view)).collect(),
            has_carrier,
            ..nic.view.clone()
        }
    }
}

impl Kernel for MemoryKernel<'_> {
    fn release(&self) -> Release {
        self.machine().release
    }

    fn interfaces(&self, place: Place) -> Vec<Interface> {
        let place = self.machine().vnet(place);
        let nics = self.machine().nics.values().filter(|nic| nic.place == place);
        let mut all: Vec<Interface> = nics.map(|nic| self.view(nic)).collect();
        all.sort_by_key(|interface| interface.index);
        all
    }

    fn cloners(&self) -> Vec<&'static str> {
        self.machine().cloners()
    }

    fn create(&mut self, place: Place, name: &str) -> Result<String, Errno> {
        self.world.create(self.at, place, name)
    }

    fn destroy(&mut self, place: Place, name: &str) -> Result<(), Errno> {
        self.world.destroy(self.at, place, name)
    }

    fn change(&mut self, place: Place, name: &str, change: &Change) -> Result<(), Errno> {
        self.world.change(self.at, place, name, change)
    }

    fn jails(&self) -> Vec<Jail> {
        self.machine().jails.values().cloned().collect()
    }

    fn create_jail(&mut self, spec: &JailSpec) -> Result<u32, Errno> {
        self.machine_mut().create_jail(spec)
    }

    fn remove_jail(&mut self, jid: u32) -> Result<(), Errno> {
        self.machine_mut().remove_jail(jid)
    }

    fn sysctls(&self, place: Place) -> BTreeMap<String, String> {
        self.machine().sysctls_of(place)
    }

    fn set_sysctl(&mut self, place: Place, name: &str, value: &str) -> Result<(), Errno> {
        self.machine_mut().set_sysctl(place, name, value)
    }

    fn modules(&self) -> Vec<String> {
        self.machine().modules.iter().cloned().collect()
    }

    fn load_module(&mut self, name: &str) -> Result<(), Errno> {
        self.machine_mut().load_module(name)
    }

    fn devfs_rulesets(&self) -> BTreeMap<u16, Vec<String>> {
        self.machine().devfs.clone()
    }

    fn mounts(&self) -> Vec<String> {
        self.machine().mounts.clone()
    }

    fn mount_devfs(&mut self, path: &str) -> Result<(), Errno> {
        self.machine_mut().mounts.push(path.to_owned());
        Ok(())
    }

    fn unmount(&mut self, path: &str) -> Result<(), Errno> {
        let mounts = &mut self.machine_mut().mounts;
        let at = mounts.iter().rposition(|mount| mount == path).ok_or(Errno::Invalid)?;
        mounts.remove(at);
        Ok(())
    }

    fn routes(&self, place: Place) -> Vec<Route> {
        self.machine().routes_of(place)
    }

    fn add_route(&mut self, place: Place, destination: Destination, gateway: &Gateway) -> Result<(), Errno> {
        self.machine_mut().add_route(place, destination, gateway)
    }

    fn delete_route(&mut self, place: Place, destination: Destination) -> Result<(), Errno> {
        self.machine_mut().delete_route(place, destination)
    }

    fn is_answered(&mut self, place: Place, to: IpAddr, scope: Option<&str>) -> bool {
        self.world.is_answered(self.at, place, to, scope)
    }

    fn arp(&self, place: Place) -> Vec<ArpEntry> {
        self.machine().arp_of(place)
    }

    fn messages(&self) -> Vec<String> {
        self.machine().messages.clone()
    }
}
