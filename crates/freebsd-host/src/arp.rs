//! The table of arp(8): which IPv4 address answered with which MAC.

use std::net::Ipv4Addr;

use allocd_types::mac::Mac;
use allocd_types::name::InterfaceName;

use crate::listing::{ListingError, known_lines};
use crate::seen::Seen;

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArpEntry {
    /// The address.
    pub address: Ipv4Addr,
    /// Who answered; none if nobody did.
    pub mac: Option<Mac>,
    /// Where.
    pub interface: Seen<InterfaceName>,
    /// True if it does not expire, as those of the host's own addresses do not.
    pub is_permanent: bool,
}

/// Reads `arp -an`.
///
/// # Errors
/// [`ListingError`] if there are lines and none is an entry.
pub fn parse(text: &str) -> Result<Vec<ArpEntry>, ListingError> {
    known_lines("a table of arp", text, read)
}

/// Reads `? (192.168.48.1) at 12:34:56:00:00:0a on bridge300 expires in 1187 seconds [bridge]`.
fn read(line: &str) -> Option<ArpEntry> {
    let (_, rest) = line.split_once(" (")?;
    let (address, rest) = rest.split_once(") at ")?;
    let (mac, rest) = rest.split_once(" on ")?;
    let mut words = rest.split_ascii_whitespace();
    let interface = Seen::new(words.next()?);
    let mac = if mac == "(incomplete)" { None } else { Some(mac.parse().ok()?) };
    let is_permanent = words.any(|word| word == "permanent");
    Some(ArpEntry { address: address.parse().ok()?, mac, interface, is_permanent })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(address: &str, mac: Option<&str>, interface: &str, is_permanent: bool) -> ArpEntry {
        let (address, mac) = (address.parse().unwrap(), mac.map(|mac| mac.parse().unwrap()));
        ArpEntry { address, mac, interface: Seen::new(interface), is_permanent }
    }

    #[test]
    fn answered_permanent_and_unanswered_entries() {
        let entries = parse(include_str!("../testdata/tools/arp.txt")).unwrap();
        let expected = [
            entry("192.168.48.1", Some("00:25:90:4b:f9:c8"), "bridge300", false),
            entry("192.168.48.14", Some("58:9c:fc:10:ff:c8"), "bridge300", true),
            entry("192.168.48.77", None, "bridge300", false),
            entry("10.1.2.3", None, "igb0.100", false),
        ];
        assert_eq!(entries, expected);
    }

    #[test]
    fn an_empty_table_is_one_and_another_text_is_none() {
        assert_eq!(parse(""), Ok(Vec::new()));
        for text in ["192.168.48.9 (192.168.48.9) -- no entry", "usage: arp"] {
            assert_eq!(parse(text).unwrap_err().line, text);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = parse(&text);
            let _ = parse(&format!("? (1.2.3.4) at {text} on {text}"));
        }
    }
}
