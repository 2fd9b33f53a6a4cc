//! The inventory's format against the files that are kept as examples, and against hostile ones.

use std::collections::BTreeMap;
use std::net::IpAddr;

use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;

use super::*;
use crate::example;

const GOOD: &str = include_str!("../../../../docs/examples/jail.config.v2");
const BROKEN: &str = include_str!("../../../../docs/examples/jail.config.v2.broken");
const EXPECTED: &str = include_str!("../../../../docs/examples/jail.config.v2.broken.expected");

/// What only other lines or the network can show; the cluster says these.
const FOUND_BY_THE_CLUSTER: [&str; 6] = [
    " is already on line ",
    " is in no subnet of the network on ",
    " become the same jail name, ",
    " is the subnet's gateway",
    " is the subnet's broadcast address",
    "no network is on ",
];

fn sentences(inventory: &Inventory) -> Vec<(u32, String)> {
    inventory.findings.iter().map(|finding| (finding.number, finding.flaw.to_string())).collect()
}

fn only_sentence(line: &[u8]) -> String {
    let found = sentences(&parse(line));
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].1.clone()
}

fn leases(inventory: &Inventory) -> Vec<Lease> {
    let subnet = "192.168.48.0/22".parse().unwrap();
    inventory.lines.iter().map(|line| example::imported(line, subnet, None)).collect()
}

#[test]
fn every_line_of_the_broken_file_is_said_as_expected() {
    let expected: Vec<(u32, String)> = EXPECTED
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(' ').unwrap())
        .map(|(number, sentence)| (number.parse().unwrap(), sentence.trim().to_owned()))
        .filter(|(_, sentence)| !FOUND_BY_THE_CLUSTER.iter().any(|part| sentence.contains(part)))
        .collect();
    assert_eq!(expected.len(), 7);
    assert_eq!(sentences(&parse(BROKEN.as_bytes())), expected);
}

#[test]
fn good_lines_of_the_broken_file_are_read_whole() {
    let inventory = parse(BROKEN.as_bytes());
    let numbers: Vec<u32> = inventory.lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [2, 3, 4, 5, 7, 11, 12, 14, 15, 17, 19]);
    let line = &inventory.lines[5];
    assert_eq!((line.jail.as_str(), line.original_jail.as_str()), ("foo_bar", "foo.bar"));
    assert_eq!((line.version.as_str(), line.index.get()), ("20140615", 12));
}

#[test]
fn a_bad_line_still_gives_what_could_be_read() {
    let inventory = parse(BROKEN.as_bytes());
    let values: BTreeMap<u32, (Option<IpAddr>, Option<u16>)> = inventory
        .fragments
        .iter()
        .map(|part| (part.number, (part.address, part.index.map(allocd_types::index::UnitIndex::get))))
        .collect();
    let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
    let expected = [
        (6, (None, Some(8))),
        (8, (address("192.168.50.12"), None)),
        (9, (address("192.168.50.13"), None)),
        (10, (address("2001:db8::5"), Some(11))),
        (13, (address("192.168.50.16"), Some(14))),
        (16, (address("192.168.50.17"), None)),
        (20, (address("192.168.50.20"), Some(19))),
    ];
    assert_eq!(values, BTreeMap::from(expected));
    assert!(inventory.fragments.iter().all(|part| part.host.is_some() && part.bridge.is_some()));
}

#[test]
fn five_hundred_lines_come_back_as_they_were() {
    let inventory = parse(GOOD.as_bytes());
    assert_eq!(inventory.findings, []);
    assert_eq!(inventory.lines.len(), 500);
    let written = render(&leases(&inventory));
    assert_eq!(written.remarks, []);
    let entries =
        |text: &str| text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let (before, after): (Vec<String>, Vec<String>) = (entries(GOOD), entries(&written.text));
    assert_eq!(before, after);
    assert_eq!(GOOD.lines().next(), written.text.lines().next());
}

#[test]
fn windows_files_and_files_without_a_last_newline_are_read_alike() {
    let plain = "# comment\nh1:bridge0:web:1:10.0.0.5:7\n\nh1:bridge0:db-1:2:10.0.0.6:8\n";
    let expected = parse(plain.as_bytes());
    assert_eq!(expected.lines.len(), 2);
    let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    assert_eq!(parse(windows.as_bytes()), expected);
    assert_eq!(parse(plain.trim_end().as_bytes()), expected);
}

#[test]
fn all_that_is_wrong_with_one_line_is_said() {
    let found = sentences(&parse(b"-h:0bridge:12:v:10.0.0:40000"));
    let sentences: Vec<&str> = found.iter().map(|(_, sentence)| sentence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "the host name -h must be a DNS name: labels of letters, digits and inner hyphens, joined by dots",
            "the bridge name 0bridge must be letters, digits and underscores, beginning with a letter",
            "the jail name 12 is only digits, which jail(8) takes for a jail's number",
            "10.0.0 is no IPv4 address",
            "epair 40000 is above the kernel's last unit, 32767",
        ]
    );
}

#[test]
fn jail_names_that_no_tool_could_carry_are_refused() {
    let sentence = |jail: &str| only_sentence(format!("h1:bridge0:{jail}:v:10.0.0.5:7").as_bytes());
    for jail in ["$(reboot)", "a;b", "a b|c", "`id`", "a>b", "~root", "a&", "'a'", "\"a\"", "a#b"] {
        assert_eq!(sentence(jail), "the jail name holds characters that a shell would run", "{jail}");
    }
    assert_eq!(sentence("web 1"), "the jail name web 1 holds more than letters, digits, '_', '.' and '-'");
    assert_eq!(
        sentence("w\u{e4}b"),
        "the jail name w\u{e4}b holds more than letters, digits, '_', '.' and '-'"
    );
    assert_eq!(sentence(&"x".repeat(64)), "the jail name has 64 bytes, 63 are allowed");
    assert_eq!(sentence(""), "the jail name is empty");
}

#[test]
fn empty_columns_are_named() {
    let found = sentences(&parse(b":::::"));
    let sentences: Vec<&str> = found.iter().map(|(_, sentence)| sentence.as_str()).collect();
    assert_eq!(
        sentences,
        [
            "the host name is empty",
            "the bridge name is empty",
            "the jail name is empty",
            "the address is empty",
            "the epair number is empty",
        ]
    );
}

#[test]
fn bytes_that_are_no_text_are_a_finding() {
    assert_eq!(only_sentence(&[0; 512]), "the line holds NUL bytes");
    assert_eq!(only_sentence(b"h1:\xff"), "the line is no UTF-8 text from byte 4 on");
    assert_eq!(
        only_sentence(b"h1:bridge0:a\x1b[2J:v:10.0.0.5:7"),
        "the line holds the control character U+001B"
    );
    let utf16: Vec<u8> = "h1:bridge0:a:v:10.0.0.5:7\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(parse(&utf16).lines.is_empty());
    assert!(!parse(&utf16).findings.is_empty());
}

#[test]
fn a_line_of_ten_megabytes_is_one_short_finding() {
    let mut line = b"h1:bridge0:web:".to_vec();
    line.resize(10 << 20, b'x');
    assert_eq!(only_sentence(&line), "the line has 10485760 bytes, 1024 are allowed");
    line.extend_from_slice(b"\nh1:bridge0:web:v:10.0.0.5:7");
    let inventory = parse(&line);
    assert_eq!((inventory.lines.len(), inventory.findings.len()), (1, 1));
    assert_eq!(inventory.fragments[0].host.as_ref().unwrap().as_str(), "h1");
}

#[test]
fn an_address_cut_off_by_the_bound_is_not_taken_for_another() {
    let mut line = format!("h1:bridge0:web:{}:10.0.0.5", "v".repeat(LINE_BYTES_MAX - 24));
    assert_eq!(line.len(), LINE_BYTES_MAX);
    line.push_str("5:7");
    assert_eq!(parse(line.as_bytes()).fragments[0].address, None);
}

#[test]
fn sentences_are_short_whatever_was_written() {
    for line in ["x".repeat(1000), format!("h:b:j:v:{}:{}", "9".repeat(400), "8".repeat(400))] {
        for (_, sentence) in sentences(&parse(line.as_bytes())) {
            assert!(sentence.len() < 200, "{sentence}");
        }
    }
}

#[test]
fn a_file_with_too_many_lines_ends_in_one_finding() {
    let file = "x\n".repeat(IMPORT_LINES_MAX + 10);
    let inventory = parse(file.as_bytes());
    assert_eq!(inventory.findings.len(), IMPORT_LINES_MAX + 1);
    assert_eq!(inventory.findings.last().unwrap().flaw, InventoryFlaw::TooManyLines);
}

#[test]
fn leases_that_no_line_can_carry_are_named() {
    let inventory = parse(b"h1:bridge0:web:v:10.0.0.5:7");
    let good = leases(&inventory).remove(0);
    let ipv6 = example::address("fd00::5", "fd00::/64", None);
    let second = example::address("10.0.0.9", "10.0.0.0/24", None);
    let labels = good.labels.clone().with(allocd_types::import::INVENTORY_VERSION_LABEL, "1:2");
    let all = [
        example::lease("h1/web", InterfaceKind::Tap, 7),
        Lease { addresses: vec![ipv6.clone()], ..good.clone() },
        example::lease("h1/web/net1", InterfaceKind::Epair, 8),
        Lease { labels, ..good.clone() },
        Lease { addresses: vec![ipv6, good.addresses[0].clone(), second], ..good },
    ];
    let written = render(&all);
    let reasons: Vec<RemarkReason> = written.remarks.into_iter().map(|remark| remark.reason).collect();
    assert_eq!(
        reasons,
        [
            RemarkReason::NotEpair(InterfaceKind::Tap),
            RemarkReason::NoIpv4,
            RemarkReason::FurtherInterface,
            RemarkReason::Version("1:2".to_owned()),
            RemarkReason::FurtherAddresses(vec!["10.0.0.9".parse().unwrap()]),
        ]
    );
    assert_eq!(parse(written.text.as_bytes()).lines.len(), 1);
}

proptest::proptest! {
    #[test]
    fn no_bytes_are_too_strange_to_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000)) {
        let inventory = parse(&bytes);
        proptest::prop_assert!(inventory.findings.iter().all(|finding| finding.flaw.to_string().len() < 400));
        proptest::prop_assert!(inventory.fragments.len() <= inventory.findings.len());
    }
}
