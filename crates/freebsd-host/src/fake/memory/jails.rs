//! Jails in memory: sys/kern/kern_jail.c as far as names, numbers and network stacks go.

use super::machine::Machine;
use crate::fake::errno::Errno;
use crate::fake::interface::Driver;
use crate::fake::jail::{Jail, JailSpec};
use crate::fake::kernel::Place;

impl Machine {
    pub(super) fn create_jail(&mut self, spec: &JailSpec) -> Result<u32, Errno> {
        let jid = self.next_jid;
        let name = spec.name.clone().unwrap_or_else(|| jid.to_string());
        if self.jails.values().any(|jail| !jail.is_dying && jail.name == name) {
            return Err(Errno::Exists);
        }
        if spec.is_vnet && !self.has_vimage {
            return Err(Errno::Invalid);
        }
        self.next_jid += 1;
        let jail = Jail {
            jid,
            name,
            path: spec.path.clone(),
            hostname: spec.hostname.clone(),
            is_vnet: spec.is_vnet,
            devfs_ruleset: spec.devfs_ruleset,
            is_dying: false,
        };
        self.jails.insert(jid, jail);
        if spec.is_vnet {
            // A new network stack has its loopback, without an address and down.
            self.attach(Place::Jail(jid), Driver::Loopback, "lo0", Some(0), None);
        }
        Ok(jid)
    }

    pub(super) fn remove_jail(&mut self, jid: u32) -> Result<(), Errno> {
        let jail = self.jails.get_mut(&jid).filter(|jail| !jail.is_dying).ok_or(Errno::Invalid)?;
        if self.held.contains(&jail.name) {
            jail.is_dying = true;
        } else {
            self.end_jail(jid);
        }
        Ok(())
    }

    /// Nothing holds jails of this name any more: those that are dying end.
    pub(in crate::fake) fn let_go(&mut self, name: &str) {
        self.held.remove(name);
        let dying = self.jails.values().filter(|jail| jail.is_dying && jail.name == name);
        for jid in dying.map(|jail| jail.jid).collect::<Vec<_>>() {
            self.end_jail(jid);
        }
    }

    fn end_jail(&mut self, jid: u32) {
        if self.jails.get(&jid).is_some_and(|jail| jail.is_vnet) {
            self.end_vnet(Place::Jail(jid));
        }
        self.jails.remove(&jid);
    }
}
