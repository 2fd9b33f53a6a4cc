//! Jails of the lab that are started from rendered files.

use super::station::{Station, stations};
use crate::lab::LabHost;
use crate::leases::{lease, rendered};

/// Puts a lease's file where its host looks for it, with a root for the jail; where that is.
#[must_use]
pub fn install(host: &LabHost, jail: &str, number: u8, release: &str) -> String {
    host.make_root(&format!("/usr/jails/{jail}"));
    let (path, text) = rendered(lease(&format!("{}.example/{jail}", host.name()), number), release);
    host.write(&path, &text);
    path
}

/// True if a jail has an answer from an address.
#[must_use]
pub fn pings(host: &LabHost, jail: &str, address: &str) -> bool {
    host.run(&format!("/usr/sbin/jexec {jail} /sbin/ping -c1 -t1 {address}")).status.success()
}

/// Both ends of the cable of a host's only jail.
pub(super) fn ends(host: &LabHost, jail: &str) -> Vec<Station> {
    [stations(host, None), stations(host, Some(jail))].concat()
}

/// The addresses of lease number so and so.
pub(super) fn addresses(number: u8) -> [String; 2] {
    [format!("192.168.0.{number}"), format!("fd00::{number}")]
}
