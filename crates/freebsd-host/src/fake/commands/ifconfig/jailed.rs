//! Jails by name, for `-j`, `vnet` and `-vnet`.

use crate::fake::commands::ending::{Printed, refuse};
use crate::fake::kernel::{Change, Kernel, Place};
use crate::output::Output;

/// The number of a jail that lives.
pub(super) fn find(kernel: &dyn Kernel, place: Place, jail: &str) -> Result<u32, Output> {
    let found = match place {
        Place::Host => kernel.jail(jail),
        Place::Jail(_) => None,
    };
    match found {
        Some(jail) => Ok(jail.jid),
        None => refuse("ifconfig", &format!("jail \"{jail}\" not found")),
    }
}

/// `X -vnet JAIL`, where X is in the jail and so not looked for here.
pub(super) fn reclaim(kernel: &mut dyn Kernel, place: Place, name: &str, words: &[String]) -> Printed {
    let [_, jail, ..] = words else {
        return refuse("ifconfig", "'-vnet' requires argument");
    };
    let jid = find(kernel, place, jail)?;
    match kernel.change(place, name, &Change::Reclaim(jid)) {
        Ok(()) => Ok(String::new()),
        Err(error) => refuse("ifconfig", &format!("SIOCSIFRVNET: {error}")),
    }
}
