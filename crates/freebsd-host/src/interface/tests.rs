//! What ifconfig(8) of every release prints, read: the transcripts are in testdata/ifconfig, and beside each is what was read.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const ARTICLE_HOST: &str = include_str!("../../testdata/ifconfig/article-host.txt");
const ARTICLE_JAIL: &str = include_str!("../../testdata/ifconfig/article-jail.txt");

/// What was read of each interface, one thing a line; what is empty is left out.
fn told(interfaces: &[Interface]) -> String {
    let mut text = String::new();
    let words = |flags: &Flags| flags.iter().collect::<Vec<_>>().join(" ");
    for interface in interfaces {
        let Interface { name, flags, metric, mtu, description, options, ether, hwaddr, .. } = interface;
        writeln!(text, "{name:?}: {}", words(flags)).unwrap();
        let mut line = |what: &str, value: &dyn std::fmt::Debug| {
            let value = format!("{value:?}");
            if !matches!(value.as_str(), "None" | "\"\"" | "[]") {
                writeln!(text, "    {what} {value}").unwrap();
            }
        };
        line("metric", metric);
        line("mtu", mtu);
        line("description", description);
        line("options", &words(options));
        line("ether", ether);
        line("hwaddr", hwaddr);
        for InterfaceAddress { address, peer, states } in &interface.addresses {
            line("address", &(address.to_string(), peer, states));
        }
        line("nd6", &words(&interface.nd6));
        line("groups", &interface.groups);
        line("members", &interface.members);
        line("lagg_ports", &interface.lagg_ports);
        line("status", &interface.status);
        line("vlan", &interface.vlan);
    }
    text
}

/// Reads a transcript and compares with what is kept beside it.
fn golden(name: &str, transcript: &str) -> Vec<Interface> {
    let interfaces = parse(transcript).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../testdata/ifconfig");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, told(&interfaces)));
    interfaces
}

fn named(interfaces: &[Interface], name: &str) -> Interface {
    interfaces.iter().find(|interface| interface.name.as_str() == name).unwrap().clone()
}

fn name(text: &str) -> InterfaceName {
    text.parse().unwrap()
}

#[test]
fn release_10_with_netmasks_and_blanks_at_the_end() {
    let interfaces = golden("10", include_str!("../../testdata/ifconfig/10.txt"));
    let inner = named(&interfaces, "epair1b");
    assert!(inner.is_ipv6_disabled());
    let duplicate = inner.address("fe80::ff:50ff:fe00:110b".parse().unwrap()).unwrap();
    assert!(duplicate.is(AddressState::Duplicated) && !duplicate.is(AddressState::Tentative));
    assert_eq!(inner.addresses[0].address.to_string(), "192.168.48.101/22");
    assert_eq!(named(&interfaces, "lagg0.300").name.name(), None, "listed, and not a name of ours");
}

#[test]
fn release_12_with_prefix_lengths_and_the_first_mac() {
    let interfaces = golden("12", include_str!("../../testdata/ifconfig/12.txt"));
    let outer = named(&interfaces, "epair7a");
    assert_eq!(outer.description.as_deref(), Some("allocd:leases/42"));
    assert!(outer.ether.is_some() && outer.hwaddr.is_some() && outer.ether != outer.hwaddr);
    assert!(named(&interfaces, "bridge300").has_member(&name("epair7a")));
    assert_eq!(named(&interfaces, "vnet0:6").groups, ["epair"], "a name with a colon in it");
    assert_eq!(named(&interfaces, "vlan301").vlan, Some(Vlan { tag: 0, parent: None }));
}

#[test]
fn release_13_with_every_state_of_an_address() {
    let interfaces = golden("13", include_str!("../../testdata/ifconfig/13.txt"));
    let tunnel = named(&interfaces, "gif0");
    assert_eq!(tunnel.addresses[0].address.to_string(), "10.9.0.1/30");
    assert_eq!(tunnel.addresses[0].peer, Some("10.9.0.2".parse().unwrap()));
    assert_eq!(tunnel.addresses.len(), 3, "the ends of the tunnel itself are no addresses of the interface");
}

#[test]
fn release_14_with_descriptions_first_and_options_of_nothing() {
    let interfaces = golden("14", include_str!("../../testdata/ifconfig/14.txt"));
    let bridge = named(&interfaces, "bridge300");
    assert_eq!(bridge.options, Flags::default());
    assert!(bridge.is_up() && bridge.flags.has("LOWER_UP"));
    assert!(!named(&interfaces, "epair9b").is_up(), "LOWER_UP is not UP");
}

#[test]
fn release_15_with_vlans_on_the_members_of_a_bridge() {
    let interfaces = golden("15", include_str!("../../testdata/ifconfig/15.txt"));
    assert_eq!(named(&interfaces, "bridge0").members.len(), 2);
    assert!(named(&interfaces, "epair2a").options.has("TXCSUM_IPV6"));
}

#[test]
fn the_articles_listings_are_read_though_its_addresses_are_blacked_out() {
    let host = golden("article-host", ARTICLE_HOST);
    let members: Vec<&str> = host[0].members.iter().map(Seen::as_str).collect();
    assert_eq!(members, ["epair1a", "bge0"]);
    let jail = golden("article-jail", ARTICLE_JAIL);
    assert!(jail[0].is_ipv6_disabled());
    assert_eq!(jail[0].addresses[0].address.to_string(), "192.168.0.101/24");
}

#[test]
fn a_description_is_kept_to_the_character() {
    let text =
        "epair1a: flags=8843<UP> metric 0 mtu 1500\n\tdescription:  a: b \nmore\n\tether 12:34:56:00:00:0a\n";
    let interfaces = parse(text).unwrap();
    assert_eq!(interfaces.len(), 1);
    assert_eq!(interfaces[0].description.as_deref(), Some(" a: b "));
    assert!(interfaces[0].ether.is_some());
}

#[test]
fn lines_that_are_not_known_or_not_whole_are_left_out() {
    let text = "em0: flags=8843<UP> metric x mtu\n\tfuture: 7\n\tinet\n\tinet 1.2.3.4\n\tinet 1.2.3.4/33\n\tinet6 ::1\n\
                \tinet6 x/64\n\tether zz\n\tmember:\n\tvlan: x\n\tnd6 options=\n\toptions=<A>\n\tlaggport: em1\n";
    let interfaces = parse(text).unwrap();
    let expected = Interface {
        flags: interfaces[0].flags.clone(),
        members: vec![Seen::new("")],
        lagg_ports: vec![Seen::new("em1")],
        ..Interface::new(Seen::new("em0"))
    };
    assert_eq!(interfaces, [expected]);
}

#[test]
fn netmasks_of_every_form_become_lengths() {
    let length = |line: &str| InterfaceAddress::read_ipv4(line).map(|read| read.address.prefix());
    assert_eq!(length("10.0.0.1 netmask 0xff000000"), Some(8));
    assert_eq!(length("10.0.0.1 netmask 255.255.254.0 broadcast 10.0.1.255"), Some(23));
    assert_eq!(length("10.0.0.1 netmask 0x0"), Some(0));
    assert_eq!(length("10.0.0.1/31"), Some(31));
    assert_eq!(length("10.0.0.1 netmask 0xff00ff00"), Some(8), "up to the first hole");
    assert_eq!(length("10.0.0.1 netmask 0x1ffffffff"), None);
}

#[test]
fn what_is_no_listing_is_an_error_and_nothing_is_the_empty_one() {
    assert_eq!(parse(""), Ok(Vec::new()));
    assert_eq!(parse("\n \n"), Ok(Vec::new()));
    for text in
        ["Linux 6.1", "\tether 12:34:56:00:00:0a\n", "epair1a\n", "a name that is too long: flags=0<> mtu 1"]
    {
        let error = parse(text).unwrap_err();
        assert_eq!(error.what, "a listing of interfaces");
        assert_eq!(error.line, text.lines().next().unwrap());
    }
}

#[test]
fn two_interfaces_of_one_name_are_both_listed() {
    let line = "eth0: flags=8843<UP> metric 0 mtu 1500\n";
    assert_eq!(parse(&line.repeat(2)).unwrap().len(), 2);
}

#[test]
fn short_listings_are_names() {
    let names: Vec<_> = parse_names("bge0 lo0 bge0.100 epair1a\n").iter().map(ToString::to_string).collect();
    assert_eq!(names, ["bge0", "lo0", "bge0.100", "epair1a"]);
    let group: Vec<_> = parse_group("epair1a\nepair 7\n").iter().map(ToString::to_string).collect();
    assert_eq!(group, ["epair1a", "epair 7"]);
    assert!(parse_names("\n").is_empty() && parse_group("").is_empty());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = parse(&text);
        let _ = parse(&format!("em0: flags=0\n\t{text}"));
    }

    #[test]
    fn no_line_of_known_words_makes_the_reader_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "inet", "inet6", "ether", "-->", "netmask", "0xffffff00", "/", "%", "fe80::1%a/64", "1.2.3.4/24", "prefixlen",
                "member:", "flags=", "options=8<", ">", "vlan:", "parent interface: ", "nd6", "description:", "status:", "\u{e9}",
            ]),
            0..8,
        ),
    ) {
        let line = words.join(" ");
        let interfaces = parse(&format!("em0: flags=8843<UP> mtu 1500\n\t{line}\n")).unwrap();
        prop_assert_eq!(interfaces[0].mtu, Some(1500));
    }
}
