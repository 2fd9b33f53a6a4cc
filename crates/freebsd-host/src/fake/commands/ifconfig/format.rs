//! `-f`: how addresses are written.

use crate::fake::commands::ending::refuse;
use crate::output::Output;

/// How addresses are written; by default as they always were.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Format {
    /// True for `192.168.0.101/24` and not `192.168.0.101 netmask 0xffffff00`.
    pub(super) is_inet_cidr: bool,
    /// True for `fe80::1/64` and not `fe80::1 prefixlen 64`.
    pub(super) is_inet6_cidr: bool,
    /// True for dashes between the octets of a MAC.
    pub(super) is_ether_dashed: bool,
}

impl Format {
    pub(super) fn parse(text: &str) -> Result<Self, Output> {
        let mut format = Self::default();
        for part in text.split(',') {
            match part {
                "inet:cidr" => format.is_inet_cidr = true,
                "inet6:cidr" => format.is_inet6_cidr = true,
                "ether:dash" => format.is_ether_dashed = true,
                "inet:default" | "inet:hex" | "inet6:default" | "inet6:numeric" | "ether:default"
                | "ether:colon" => {}
                other => return refuse("ifconfig", &format!("Skip bad format: {other}")),
            }
        }
        Ok(format)
    }
}
