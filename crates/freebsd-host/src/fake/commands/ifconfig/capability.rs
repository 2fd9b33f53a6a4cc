//! Capabilities of interfaces: the bits of `options=` with their names, and the words that switch them.

/// Each `IFCAP_` bit with its name (sys/net/if.h), and the word for it if there is one (ifconfig.c).
pub(super) const CAPABILITIES: &[(u32, &str, Option<&str>)] = &[
    (0x1, "RXCSUM", Some("rxcsum")),
    (0x2, "TXCSUM", Some("txcsum")),
    (0x8, "VLAN_MTU", Some("vlanmtu")),
    (0x10, "VLAN_HWTAGGING", Some("vlanhwtag")),
    (0x20, "JUMBO_MTU", None),
    (0x40, "POLLING", Some("polling")),
    (0x80, "VLAN_HWCSUM", Some("vlanhwcsum")),
    (0x100, "TSO4", Some("tso4")),
    (0x200, "TSO6", Some("tso6")),
    (0x400, "LRO", Some("lro")),
    (0x4_0000, "VLAN_HWTSO", Some("vlanhwtso")),
    (0x8_0000, "LINKSTATE", None),
    (0x20_0000, "RXCSUM_IPV6", Some("rxcsum6")),
    (0x40_0000, "TXCSUM_IPV6", Some("txcsum6")),
];

/// The bits that a word switches; `tso` is both.
pub(super) fn bits_of(word: &str) -> Option<u32> {
    if word == "tso" {
        return Some(0x300);
    }
    CAPABILITIES.iter().find(|(_, _, named)| *named == Some(word)).map(|(bit, _, _)| *bit)
}

/// The names of the bits that are set.
pub(super) fn names(bits: u32) -> String {
    let set = CAPABILITIES.iter().filter(|(bit, _, _)| bits & bit != 0);
    set.map(|(_, name, _)| *name).collect::<Vec<_>>().join(",")
}
