//! arp(8), to look: `arp -an` and `arp -n ADDRESS`.

use std::net::Ipv4Addr;

use super::ending::{ended, output, refuse};
use crate::fake::kernel::{Kernel, Place};
use crate::fake::route::ArpEntry;
use crate::output::Output;

const USAGE: &str = "usage: arp [-n] [-i interface] hostname\n       arp [-n] [-i interface] -a\n";

/// Lists what ARP knows.
pub fn arp(kernel: &dyn Kernel, place: Place, arguments: &[String]) -> Output {
    let entries = kernel.arp(place);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["-an" | "-na"] | ["-a"] | ["-a", "-n"] | ["-n", "-a"] => {
            Output::success(entries.iter().map(line).collect::<String>())
        }
        ["-n", address] | [address] if !address.starts_with('-') => {
            let Ok(wanted) = address.parse::<Ipv4Addr>() else {
                return output(refuse("arp", &format!("{address}: unknown host")));
            };
            match entries.iter().find(|entry| entry.address == wanted) {
                Some(entry) => Output::success(line(entry)),
                // It says so on stdout.
                None => ended(1, format!("{wanted} ({wanted}) -- no entry\n"), String::new()),
            }
        }
        _ => Output::failure(1, USAGE),
    }
}

fn line(entry: &ArpEntry) -> String {
    let ArpEntry { address, mac, interface, is_permanent } = entry;
    let life = if *is_permanent { "permanent" } else { "expires in 1200 seconds" };
    format!("? ({address}) at {mac} on {interface} {life} [ethernet]\n")
}
