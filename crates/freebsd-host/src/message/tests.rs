//! Lines of the kernel, release by release, and of others that look like them.

use proptest::prelude::*;

use super::*;

fn name(text: &str) -> Seen<InterfaceName> {
    Seen::new(text)
}

fn mac(text: &str) -> Mac {
    text.parse().unwrap()
}

fn dad(interface: &str, address: &str) -> Option<KernelMessage> {
    Some(KernelMessage::DadDuplicate { interface: name(interface), address: address.parse().unwrap() })
}

fn looped(interface: &str, address: &str) -> Option<KernelMessage> {
    Some(KernelMessage::DadLoop { interface: name(interface), address: address.parse().unwrap() })
}

#[test]
fn duplicate_detection_of_every_release() {
    for (line, address) in [
        // 9.3 and 10.1
        (
            "epair1b: DAD detected duplicate IPv6 address fe80:2::ff:50ff:fe00:110b: NS in/out=0/1, NA in=1",
            "fe80::ff:50ff:fe00:110b",
        ),
        // 10.4 and later
        (
            "epair1b: DAD detected duplicate IPv6 address fe80:2::baac:6fff:fe14:fa0a: NS in/out/loopback=346/3/106117, NA in=0",
            "fe80::baac:6fff:fe14:fa0a",
        ),
        (
            "epair1b: DAD detected duplicate IPv6 address 2001:db8:48::101: NS in/out/loopback=0/1/0, NA in=1",
            "2001:db8:48::101",
        ),
        (
            "epair1b: DAD complete for fe80:2::baac:6fff:fe14:fa0a - duplicate found",
            "fe80::baac:6fff:fe14:fa0a",
        ),
    ] {
        assert_eq!(KernelMessage::read(line), dad("epair1b", address), "{line}");
    }
}

#[test]
fn a_loop_is_told_from_a_duplicate() {
    for line in [
        "epair0b: a looped back NS message is detected during DAD for fe80:2::1.  Another DAD probes are being sent.",
        "epair0b: DAD completed while a looped back NS message is detected during DAD for fe80:2::1.",
    ] {
        assert_eq!(KernelMessage::read(line), looped("epair0b", "fe80::1"), "{line}");
    }
}

#[test]
fn the_number_of_the_interface_is_taken_out_of_link_local_addresses_only() {
    let read = |address: &str| {
        KernelMessage::read(&format!("a0: DAD complete for {address} - duplicate found"))
            .and_then(|message| message.address())
            .map(|address| address.to_string())
    };
    assert_eq!(read("fe80:2::1").as_deref(), Some("fe80::1"));
    assert_eq!(read("fe80:1f::1034:56ff:fe00:a").as_deref(), Some("fe80::1034:56ff:fe00:a"));
    assert_eq!(read("fe80::1").as_deref(), Some("fe80::1"));
    assert_eq!(read("2001:db8::1").as_deref(), Some("2001:db8::1"));
    assert_eq!(read("febf:7::1").as_deref(), Some("febf::1"));
    assert_eq!(read("fec0:7::1").as_deref(), Some("fec0:7::1"));
}

#[test]
fn the_masked_address_is_that_of_the_lease() {
    let line = "epair7b: DAD complete for fe80:9::1034:56ff:fe00:e - duplicate found";
    let read = KernelMessage::read(line).unwrap();
    assert_eq!(read.address(), Some(mac("12:34:56:00:00:0e").link_local().into()));
}

#[test]
fn a_hardware_address_that_is_there_twice() {
    let line = "epair1b: possible hardware address duplication detected, disable IPv6";
    assert_eq!(
        KernelMessage::read(line),
        Some(KernelMessage::HardwareDuplicate { interface: name("epair1b") })
    );
}

#[test]
fn arp_names_the_other_host() {
    let (one, other) = (mac("02:ff:50:00:11:0b"), mac("12:34:56:00:00:0a"));
    let address = "192.168.48.101".parse().unwrap();
    for (line, expected) in [
        (
            "arp: 02:ff:50:00:11:0b is using my IP address 192.168.48.101 on epair1b!",
            KernelMessage::ArpUsesMyAddress { mac: one, address, interface: name("epair1b") },
        ),
        (
            "arp: 192.168.48.101 moved from 02:ff:50:00:11:0b to 12:34:56:00:00:0a on bge0.100",
            KernelMessage::ArpMoved { address, from: one, to: other, interface: name("bge0.100") },
        ),
        (
            "arp: 02:ff:50:00:11:0b attempts to modify permanent entry for 192.168.48.101 on bridge300",
            KernelMessage::ArpPermanent { mac: one, address, interface: name("bridge300") },
        ),
        (
            "arp: 192.168.48.101 is on bge0 but got reply from 02:ff:50:00:11:0b on bge1",
            KernelMessage::ArpWrongInterface { address, on: name("bge0"), mac: one, interface: name("bge1") },
        ),
        (
            "arp: 75:aa:51:36:0a:70 is multicast",
            KernelMessage::ArpMulticast { mac: mac("75:aa:51:36:0a:70") },
        ),
    ] {
        assert_eq!(KernelMessage::read(line), Some(expected), "{line}");
    }
}

#[test]
fn a_bridge_names_both_members() {
    let line = "bridge0: mac address 12:34:56:00:00:0a vlan 1 moved from ix0 to epair7a";
    let expected = KernelMessage::BridgeMacFlap {
        bridge: name("bridge0"),
        mac: mac("12:34:56:00:00:0a"),
        vlan: 1,
        from: name("ix0"),
        to: name("epair7a"),
    };
    assert_eq!(KernelMessage::read(line), Some(expected));
}

#[test]
fn the_same_message_behind_every_header() {
    let message = "vnet0:6: DAD complete for 2001:db8::1 - duplicate found";
    for header in [
        "",
        "<3>",
        "[1234] ",
        "[1234.567890] ",
        "<3>[12] ",
        "Nov 29 10:00:01 host kernel: ",
        "Nov  9 10:00:01 host.example kernel: ",
        "<3>1 2026-11-29T10:00:01.123456+00:00 host kernel - - - ",
        "1 2026-11-29T10:00:01+00:00 host.example kernel - - - ",
    ] {
        let line = format!("{header}{message}\n");
        assert_eq!(KernelMessage::read(&line), dad("vnet0:6", "2001:db8::1"), "{line}");
    }
    let expected = Some(KernelMessage::ArpMulticast { mac: mac("75:aa:51:36:0a:70") });
    let line = "Nov 29 10:00:01 host kernel: [77] arp: 75:aa:51:36:0a:70 is multicast";
    assert_eq!(KernelMessage::read(line), expected);
}

#[test]
fn what_another_program_writes_is_no_message_of_the_kernel() {
    for line in [
        "Nov 29 10:00:01 host root[99]: a0: DAD complete for 2001:db8::1 - duplicate found",
        "Nov 29 10:00:01 host su: kernel: a0: DAD complete for 2001:db8::1 - duplicate found",
        "Nov 29 10:00:01 host su: DAD complete for 2001:db8::1 - duplicate found",
        "1 2026-11-29T10:00:01+00:00 host su 15097 - - a0: DAD complete for 2001:db8::1 - duplicate found",
        "Nov 29 10:00:01 host su: arp: 75:aa:51:36:0a:70 is multicast",
    ] {
        assert_eq!(KernelMessage::read(line), None, "{line}");
    }
}

#[test]
fn other_messages_are_none_of_ours() {
    for line in [
        "",
        "epair1b: manual intervention required",
        "epair1b: link state changed to UP",
        "epair1b: DAD complete for fe80:2::1 - no duplicates found",
        "epair1b: DAD complete for fe80:2::zz - duplicate found",
        "bridge0: error setting interface capabilities on lagg0",
        "bridge0: mac address 12:34:56:00:00:0a vlan 99999 moved from ix0 to ix1",
        "arp: unknown hardware address format (0x0000)",
        "arp: 192.168.0.1 moved from 12:34:56:00:00:0a to 12:34:56 on epair1b",
        "arp: 12:34:56:00:00:0a is using my IP address 192.168.0.300 on epair1b!",
        "arp: 12:34:56:00:00:0a is using my IP address 192.168.0.3 on epair1b",
        "ng_ether_ifnet_arrival_event: can't re-name node epair1b",
    ] {
        assert_eq!(KernelMessage::read(line), None, "{line}");
    }
}

#[test]
fn of_the_articles_messages_one_has_nothing_blacked_out() {
    let lines = [
        "epair1b: DAD detected duplicate IPv6 address fe80:ffff:ffff:ffff:ffff:ffff:ffff: NS in/out=0/1, NA in=1",
        "epair1b: DAD complete for fe80:ffff:ffff:ffff:ffff:ffff:ffff - duplicate found",
        "epair1b: manual intervention required",
        "epair1b: possible hardware address duplication detected, disable IPv6",
    ];
    let read: Vec<_> = lines.into_iter().filter_map(KernelMessage::read).collect();
    assert_eq!(read, [KernelMessage::HardwareDuplicate { interface: name("epair1b") }]);
}

proptest! {
    #[test]
    fn no_line_makes_the_reader_panic(line in any::<String>()) {
        let _ = KernelMessage::read(&line);
        let _ = KernelMessage::read(&format!("arp: {line}"));
        let _ = KernelMessage::read(&format!("a0: {line}"));
    }

    #[test]
    fn no_line_of_known_words_makes_the_reader_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "<3>", "[1.5]", "Nov", "29", "10:00:01", "host", "kernel:", "arp:", "a0:", "fe80:2::1", "12:34:56:00:00:0a",
                "1.2.3.4", "is using my IP address", "moved from", "to", "on", "is on", "but got reply from", "is multicast",
                "mac address", "vlan", "DAD complete for", "- duplicate found", ": NS in/out", "!", "\u{e9}", " ",
            ]),
            0..12,
        ),
    ) {
        let _ = KernelMessage::read(&words.join(" "));
    }
}
