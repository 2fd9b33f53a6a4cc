//! Modules of the kernel.

use super::machine::Machine;
use crate::fake::cloner;
use crate::fake::errno::Errno;

/// Modules that lie in /boot/kernel.
pub const LOADABLE: &[&str] = &["if_bridge", "if_epair", "if_tuntap", "ng_eiface", "ng_ether", "pf", "sctp"];

impl Machine {
    pub(super) fn load_module(&mut self, name: &str) -> Result<(), Errno> {
        if !LOADABLE.contains(&name) {
            return Err(Errno::NoEntry);
        }
        if !self.modules.insert(name.to_owned()) {
            return Err(Errno::Exists);
        }
        if name == "if_bridge" {
            // It needs bridgestp, which comes along.
            self.modules.insert("bridgestp".to_owned());
        }
        Ok(())
    }

    pub(super) fn cloners(&self) -> Vec<&'static str> {
        cloner::cloners(|module| self.modules.contains(module))
    }
}
