//! The Linux kernel, with what is kept beside it, as a kernel of FreeBSD's.

use std::collections::BTreeMap;
use std::net::IpAddr;

use freebsd_host::fake::{
    ArpEntry, Change, Destination, Errno, Gateway, Interface, Jail, JailSpec, Kernel, LOADABLE, PER_VNET,
    Place, Release, Route, WRITABLE, cloners, stock_devfs_rules,
};

use super::{changes, echo, interfaces, jails, routes, state};

/// The kernel of the host that this process runs on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LinuxKernel;

impl Kernel for LinuxKernel {
    fn release(&self) -> Release {
        state::look().release()
    }

    fn interfaces(&self, place: Place) -> Vec<Interface> {
        interfaces::interfaces(place)
    }

    fn interface(&self, place: Place, name: &str) -> Option<Interface> {
        interfaces::interface(place, name)
    }

    fn cloners(&self) -> Vec<&'static str> {
        let state = state::look();
        cloners(|module| state.modules.contains(module))
    }

    fn create(&mut self, place: Place, name: &str) -> Result<String, Errno> {
        interfaces::create(place, name)
    }

    fn destroy(&mut self, place: Place, name: &str) -> Result<(), Errno> {
        interfaces::destroy(place, name)
    }

    fn change(&mut self, place: Place, name: &str, change: &Change) -> Result<(), Errno> {
        changes::change(place, name, change)
    }

    fn jails(&self) -> Vec<Jail> {
        jails::jails()
    }

    fn create_jail(&mut self, spec: &JailSpec) -> Result<u32, Errno> {
        jails::create(spec)
    }

    fn remove_jail(&mut self, jid: u32) -> Result<(), Errno> {
        jails::remove(jid)
    }

    fn sysctls(&self, place: Place) -> BTreeMap<String, String> {
        let state = state::look();
        let stack = state.stack(place);
        let mut all = state.sysctls_seen();
        all.insert("security.jail.jailed".to_owned(), u8::from(place != Place::Host).to_string());
        all.insert("security.jail.vnet".to_owned(), u8::from(stack != 0).to_string());
        all
    }

    fn set_sysctl(&mut self, place: Place, name: &str, value: &str) -> Result<(), Errno> {
        if !self.sysctls(place).contains_key(name) {
            return Err(Errno::NoEntry);
        }
        // What Linux's own settings would have to follow cannot be set here: a setting without effect would be a lie.
        if !WRITABLE.contains(&name) || PER_VNET.contains(&name) || place != Place::Host {
            return Err(Errno::NotPermitted);
        }
        state::change(|state| {
            state.sysctls.insert(name.to_owned(), value.to_owned());
        });
        Ok(())
    }

    fn modules(&self) -> Vec<String> {
        state::look().modules.into_iter().collect()
    }

    fn load_module(&mut self, name: &str) -> Result<(), Errno> {
        if !LOADABLE.contains(&name) {
            return Err(Errno::NoEntry);
        }
        let is_new = state::change(|state| state.modules.insert(name.to_owned()));
        if is_new { Ok(()) } else { Err(Errno::Exists) }
    }

    fn devfs_rulesets(&self) -> BTreeMap<u16, Vec<String>> {
        stock_devfs_rules(self.release())
    }

    fn mounts(&self) -> Vec<String> {
        state::look().mounts
    }

    fn mount_devfs(&mut self, path: &str) -> Result<(), Errno> {
        state::change(|state| state.mounts.push(path.to_owned()));
        Ok(())
    }

    fn unmount(&mut self, path: &str) -> Result<(), Errno> {
        state::change(|state| {
            let at = state.mounts.iter().rposition(|mount| mount == path).ok_or(Errno::Invalid)?;
            state.mounts.remove(at);
            Ok(())
        })
    }

    fn routes(&self, place: Place) -> Vec<Route> {
        routes::routes(place)
    }

    fn add_route(&mut self, place: Place, destination: Destination, gateway: &Gateway) -> Result<(), Errno> {
        routes::add(place, destination, gateway)
    }

    fn delete_route(&mut self, place: Place, destination: Destination) -> Result<(), Errno> {
        routes::delete(place, destination)
    }

    /// The question is asked from the network stack that this process is in.
    fn is_answered(&mut self, _: Place, to: IpAddr, scope: Option<&str>) -> bool {
        echo::is_answered(to, scope)
    }

    fn arp(&self, place: Place) -> Vec<ArpEntry> {
        routes::arp(place)
    }

    fn messages(&self) -> Vec<String> {
        // A message is told when the detection's end is noticed, wherever it was.
        let jails = self.jails().into_iter().filter(|jail| jail.is_vnet);
        for place in jails.map(|jail| Place::Jail(jail.jid)).chain([Place::Host]) {
            interfaces::interfaces(place);
        }
        state::look().messages
    }
}
