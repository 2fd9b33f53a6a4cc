//! Rendered jail.conf(5) files against kept ones, against the article's, and against their own reader.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Command;

use allocd_types::kind::InterfaceKind;
use allocd_types::lease::{Lease, LeasedAddress};
use allocd_types::name::InterfaceName;
use allocd_types::time::Span;
use proptest::prelude::*;

use super::*;
use crate::example;
use crate::profile::{ProfileLayers, ProfileValues, TapPlace};

const ARTICLE: &str = include_str!("../../tests/golden/article.ezjail");
const RELEASES: [&str; 3] = ["10.4", "12.4", "14.1"];

fn release(text: &str) -> Release {
    text.parse().unwrap()
}

fn profile(interfaces: &JailInterfaces, values: ProfileValues) -> RenderProfile {
    let layers = ProfileLayers { jail: values, ..ProfileLayers::default() };
    layers.resolve(interfaces.jail()).unwrap()
}

fn default_profile(interfaces: &JailInterfaces) -> RenderProfile {
    profile(interfaces, ProfileValues::default())
}

/// What the article allows its jail.
fn articles_profile(interfaces: &JailInterfaces) -> RenderProfile {
    let allow = Some(vec!["raw_sockets".to_owned(), "sysvipc".to_owned()]);
    profile(interfaces, ProfileValues { allow, ..ProfileValues::default() })
}

fn article(text: &str) -> String {
    let interfaces = JailInterfaces::new(vec![example::article()]).unwrap();
    render(&interfaces, &articles_profile(&interfaces), release(text)).unwrap()
}

fn full(values: ProfileValues) -> String {
    let interfaces = JailInterfaces::new(example::full()).unwrap();
    render(&interfaces, &profile(&interfaces, values), release("14.1")).unwrap()
}

fn only_jail(text: &str) -> JailBlock {
    let mut conf = parse(text).unwrap();
    assert_eq!((conf.globals.len(), conf.jails.len()), (0, 1));
    conf.jails.remove(0)
}

/// Where the first command stands that holds all the given words.
fn place(commands: &[&str], words: &[&str]) -> usize {
    let holds_all =
        |command: &&str| words.iter().all(|word| command.split_whitespace().any(|is| is == *word));
    commands.iter().position(holds_all).unwrap_or_else(|| panic!("{words:?} in {commands:#?}"))
}

#[test]
fn the_articles_jail_is_rendered_for_every_family() {
    for text in RELEASES {
        example::golden(&format!("test01.jail.conf.{text}"), &article(text));
    }
}

#[test]
fn a_jail_with_everything_is_rendered() {
    example::golden("web01.jail.conf", &full(ProfileValues::default()));
}

#[test]
fn a_jail_whose_root_may_not_be_written_gets_ipv6_late() {
    let values = ProfileValues { may_write_jail_root: Some(false), ..ProfileValues::default() };
    example::golden("web01.late.jail.conf", &full(values));
}

#[test]
fn every_value_of_the_article_is_in_the_file() {
    // Words of commands that happen elsewhere now: jail(8) moves the interface itself, and nothing is done from outside.
    let moved = ["ifconfig", "vnet", "jexec"];
    for text in RELEASES {
        let ours = article(text);
        let lines = ARTICLE.lines().filter(|line| !line.starts_with('#'));
        let values = lines.map(|line| line.split_once("=\"").unwrap().1.trim_end_matches('"'));
        for word in values.flat_map(str::split_whitespace).filter(|word| !moved.contains(word)) {
            let word = word.trim_end_matches("=1");
            assert!(ours.contains(word), "{word} in {ours}");
        }
    }
}

#[test]
fn the_network_is_there_before_the_articles_services_start() {
    for text in RELEASES {
        let jail = only_jail(&article(text));
        let start = jail.values("exec.start");
        let address = place(&start, &["epair1b", "192.168.0.101/24"]);
        let route = place(&start, &["default", "192.168.0.1"]);
        assert!(place(&start, &["lo0"]) < address && address < route);
        assert!(route < place(&start, &["/etc/rc"]));
        assert_eq!(start.last(), Some(&"/bin/sh /etc/rc"));
        assert_eq!(jail.values("vnet.interface"), ["epair1b"]);
        assert!(jail.has("vnet"));
        assert_eq!(jail.values("exec.poststart"), ["/bin/rm -f /var/run/allocd.test01.starting || :"]);
    }
    // The article does the same two things after the services have started.
    assert!(ARTICLE.contains("exec_poststart1=\"jexec test01 /sbin/ifconfig epair1b 192.168.0.101/24\""));
}

#[test]
fn the_cable_gets_its_macs_before_anything_is_up() {
    let jail = only_jail(&article("14.1"));
    let before = jail.values("exec.prestart");
    let order = [
        place(&before, &["epair1", "create", "description", "allocd:leases/17"]),
        place(&before, &["epair1a", "ether", "02:03:44:30:20:0a"]),
        place(&before, &["epair1b", "ether", "02:03:44:30:20:0b"]),
        place(&before, &["epair1a", "up"]),
        place(&before, &["vswitch0", "addm", "epair1a"]),
    ];
    assert!(order.is_sorted() && order[0] > 0, "{before:#?}");
    assert!(!before.iter().any(|command| command.contains("create up")));
}

#[test]
fn a_jail_that_rc_takes_for_every_jail_is_refused() {
    let lease = example::lease("h1/_ALL", InterfaceKind::Epair, 1);
    assert!(matches!(JailInterfaces::new(vec![lease]), Err(RenderError::EveryJail { .. })));
}

#[test]
fn only_what_carries_the_leases_mark_is_destroyed() {
    for text in [article("14.1"), full(ProfileValues::default())] {
        let jail = only_jail(&text);
        let hooks = [jail.values("exec.prestart"), jail.values("exec.poststop")].concat();
        let destroys: Vec<_> = hooks.iter().filter(|command| command.contains("destroy")).collect();
        assert!(!destroys.is_empty());
        for command in destroys {
            assert!(command.contains("/usr/bin/grep -qx '.description: allocd:leases/1"), "{command}");
        }
    }
}

#[test]
fn a_renamed_cable_is_cleared_under_both_its_names() {
    let jail = only_jail(&full(ProfileValues::default()));
    let before = jail.values("exec.prestart");
    for name in ["jail7a", "epair7a"] {
        assert!(place(&before, &[name, "destroy;"]) < place(&before, &["epair7", "create"]));
    }
    let rename = place(&before, &["epair7b", "name", "jail7b"]);
    assert!(rename < place(&before, &["jail7b", "ether"]));
    assert!(place(&before, &["jail7b", "mtu", "9000"]) < place(&before, &["jail7a", "up"]));
}

#[test]
fn a_file_tells_of_a_start_that_is_under_way() {
    let lease = Lease {
        addresses: vec![example::address("192.168.0.9", "192.168.0.0/24", None)],
        ..example::lease("freebert.example/test01", InterfaceKind::Address, 0)
    };
    for text in [article("14.1"), rendered(vec![lease], ProfileValues::default())] {
        let jail = only_jail(&text);
        let path = start_mark::path(&JailName::new("test01").unwrap());
        // Whatever fails before leaves none, and from there to the services' end nothing can fail without it.
        assert_eq!(
            jail.values("exec.prestart").last(),
            Some(&format!("/usr/bin/touch {path} || :").as_str())
        );
        let remove = format!("/bin/rm -f {path} || :");
        for hook in ["exec.poststart", "exec.poststop"] {
            assert_eq!(jail.values(hook).last(), Some(&remove.as_str()), "{hook}");
        }
        // What cannot be made or removed keeps no jail from starting.
        let make = format!("/usr/bin/touch /nowhere{path} || :");
        assert!(Command::new("/bin/sh").args(["-c", &make]).status().unwrap().success(), "{make}");
    }
}

#[test]
fn ipv6_is_in_rc_conf_and_past_dad_before_services_start() {
    let jail = only_jail(&full(ProfileValues::default()));
    let start = jail.values("exec.start");
    let find = |part: &str| start.iter().position(|command| command.contains(part)).unwrap();
    let persist = find("ifconfig_jail7b_ipv6=\"inet6 fd00:48::10 prefixlen 64\" # allocd:leases/17");
    assert_eq!(persist, find("ifconfig_jail7b_alias0=\"inet6 fd00:49::10 prefixlen 64\" # allocd:leases/17"));
    assert_eq!(persist, find("ipv6_defaultrouter=\"fe80::1%jail7b\" # allocd:leases/17"));
    let address = place(&start, &["jail7b", "fd00:48::10", "prefixlen"]);
    let wait = find("/sbin/ifconfig jail7b inet6 | /usr/bin/grep -q tentative");
    assert!(persist < address && address < wait && wait < place(&start, &["/etc/rc"]));
    assert_eq!(start.last(), Some(&"/bin/sh /etc/rc"));
}

#[test]
fn ipv6_lines_of_earlier_leases_are_removed_where_there_is_none() {
    let jail = only_jail(&article("14.1"));
    let start = jail.values("exec.start");
    let persist = start.iter().position(|command| command.contains("rc.conf.local")).unwrap();
    assert!(start[persist].starts_with("if /usr/bin/grep -q ' # allocd:leases.[0-9]' /etc/rc.conf.local"));
    assert!(!start[persist].contains("echo"));
    assert!(persist < start.len() - 1);
}

#[test]
fn a_jail_whose_root_may_not_be_written_is_not_written_to() {
    let values = ProfileValues { may_write_jail_root: Some(false), ..ProfileValues::default() };
    let jail = only_jail(&full(values));
    let start = jail.values("exec.start");
    let rc = place(&start, &["/etc/rc"]);
    assert!(!start.iter().any(|command| command.contains("rc.conf")));
    assert!(place(&start, &["jail7b", "-ifdisabled"]) > rc);
    assert!(place(&start, &["-inet6", "default", "fe80::1%jail7b"]) > rc);
    assert!(place(&start, &["jail7b", "192.168.50.10/22"]) < rc);
}

#[test]
fn a_second_address_of_a_subnet_has_no_route_of_its_own() {
    let jail = only_jail(&full(ProfileValues::default()));
    let start = jail.values("exec.start");
    place(&start, &["jail7b", "192.168.50.10/22", "up"]);
    place(&start, &["jail7b", "192.168.50.11/32", "alias"]);
}

#[test]
fn only_parameters_that_every_release_knows_are_used() {
    let known = [
        "path",
        "host.hostname",
        "exec.clean",
        "mount.devfs",
        "devfs_ruleset",
        "vnet",
        "vnet.interface",
        "exec.prestart",
        "exec.start",
        "exec.stop",
        "exec.poststart",
        "exec.poststop",
        "ip4.addr",
        "ip6.addr",
    ];
    for text in RELEASES {
        for parameter in only_jail(&article(text)).parameters {
            let name = parameter.name.as_str();
            assert!(known.contains(&name) || name.starts_with("allow."), "{name}");
        }
    }
}

#[test]
fn a_lease_that_ends_by_itself_is_never_in_a_file() {
    let lease = Lease { remaining: Some(Span::from_seconds(60)), ..example::article() };
    let interfaces = JailInterfaces::new(vec![lease]).unwrap();
    let error = render(&interfaces, &default_profile(&interfaces), release("14")).unwrap_err();
    assert!(matches!(error, RenderError::Temporary { .. }), "{error}");
}

#[test]
fn the_file_belongs_where_rc_looks_for_it() {
    let jail = JailName::new("web01").unwrap();
    assert_eq!(target_path(&jail, release("10.4")), "/etc/jail.web01.conf");
    assert_eq!(target_path(&jail, release("12.4")), "/etc/jail.web01.conf");
    assert_eq!(target_path(&jail, release("13.0")), "/etc/jail.conf.d/web01.conf");
}

#[test]
fn a_jail_without_interfaces_shares_the_hosts_bridge() {
    let addresses = vec![
        example::address("192.168.0.9", "192.168.0.0/24", None),
        example::address("fd00::9", "fd00::/64", None),
    ];
    let lease = Lease { addresses, ..example::lease("h1/web", InterfaceKind::Address, 0) };
    let interfaces = JailInterfaces::new(vec![lease]).unwrap();
    let jail = only_jail(&render(&interfaces, &default_profile(&interfaces), release("14")).unwrap());
    assert_eq!(jail.values("ip4.addr"), ["vswitch0|192.168.0.9/24"]);
    assert_eq!(jail.values("ip6.addr"), ["vswitch0|fd00::9/64"]);
    assert!(!jail.has("vnet"));
    assert_eq!(jail.values("exec.start"), ["/bin/sh /etc/rc"]);
}

#[test]
fn addresses_alone_go_to_the_interface_of_their_network() {
    let further = |network: &str| Lease {
        network: allocd_types::name::NetworkName::new(network).unwrap(),
        addresses: vec![example::address("192.168.0.102", "192.168.0.0/24", None)],
        ..example::lease("freebert.example/test01/extra", InterfaceKind::Address, 0)
    };
    let interfaces = JailInterfaces::new(vec![example::article(), further("lan")]).unwrap();
    let jail = only_jail(&render(&interfaces, &default_profile(&interfaces), release("14")).unwrap());
    place(&jail.values("exec.start"), &["epair1b", "192.168.0.102/32", "alias"]);
    // A tunnel on the same network does not get them, whatever its name.
    let tunnel = example::lease("freebert.example/test01/aaa", InterfaceKind::Tun, 0);
    let text = rendered(vec![tunnel, example::article(), further("lan")], ProfileValues::default());
    place(&only_jail(&text).values("exec.start"), &["epair1b", "192.168.0.102/32", "alias"]);
    let elsewhere = JailInterfaces::new(vec![example::article(), further("dmz")]);
    assert!(matches!(elsewhere, Err(RenderError::NoInterface { .. })));
}

/// A tap for the jail vm, with large frames.
fn tap() -> Lease {
    Lease {
        mtu: Some(9000),
        addresses: vec![example::address("10.0.0.5", "10.0.0.0/24", Some("10.0.0.1"))],
        ..example::lease("h1/vm/net0", InterfaceKind::Tap, 3)
    }
}

fn rendered(leases: Vec<Lease>, values: ProfileValues) -> String {
    let interfaces = JailInterfaces::new(leases).unwrap();
    render(&interfaces, &profile(&interfaces, values), release("14")).unwrap()
}

#[test]
fn a_virtual_machines_tap_is_on_the_hosts_bridge_and_stays_there() {
    let text = rendered(vec![tap()], ProfileValues::default());
    example::golden("tap.jail.conf", &text);
    let jail = only_jail(&text);
    let before = jail.values("exec.prestart");
    let order = [
        place(&before, &["tap3", "create", "description", "allocd:leases/17"]),
        place(&before, &["tap3", "ether", "12:34:56:00:00:0d"]),
        place(&before, &["tap3", "mtu", "9000"]),
        place(&before, &["tap3", "up"]),
        place(&before, &["vswitch0", "addm", "tap3"]),
    ];
    assert!(order.is_sorted(), "{before:#?}");
    assert!(jail.has("vnet") && !jail.has("vnet.interface"));
    // Its addresses are the guest's, and the host does not wait for what never left it.
    assert!(!jail.parameters.iter().any(|parameter| parameter.values.concat().contains("10.0.0")));
    assert_eq!(jail.values("exec.poststop").len(), 2);
}

#[test]
fn a_guest_has_the_leases_mac_and_its_tap_never_the_same() {
    let foreign = Lease { mac_beside: None, ..tap() };
    for lease in [tap(), foreign] {
        let is_foreign = lease.mac_beside.is_none();
        let text = rendered(vec![lease], ProfileValues::default());
        for line in ["-s N,virtio-net,tap3,mac=12:34:56:00:00:0c", "modifyvm NAME --macaddress1 12345600000c"]
        {
            assert!(text.contains(line), "{line} in {text}");
        }
        // One from outside the pools is held alone: the kernel's stays.
        assert_eq!(text.contains("tap3 ether 12:34:56:00:00:0d"), !is_foreign, "{text}");
        assert_eq!(text.contains(" ether "), !is_foreign, "{text}");
    }
}

#[test]
fn a_tap_of_the_jails_own_is_moved_in_and_awaited_before_it_is_destroyed() {
    let values = ProfileValues { tap: Some(TapPlace::Jail), ..ProfileValues::default() };
    let text = rendered(vec![tap()], values);
    example::golden("tap.inside.jail.conf", &text);
    let jail = only_jail(&text);
    assert_eq!(jail.values("vnet.interface"), ["tap3"]);
    place(&jail.values("exec.prestart"), &["tap3", "ether", "12:34:56:00:00:0c"]);
    assert!(!jail.values("exec.prestart").iter().any(|command| command.contains("addm")));
    let after = jail.values("exec.poststop").join("\n");
    assert!(after.find("for i in").unwrap() < after.find("destroy").unwrap());
}

#[test]
fn a_tunnel_has_the_articles_three_hooks_before_the_services_start() {
    let tunnel = Lease {
        id: allocd_types::id::LeaseId::new(18),
        addresses: vec![example::address("10.8.0.1", "10.8.0.0/24", None)],
        ..example::lease("freebert.example/test01/vpn0", InterfaceKind::Tun, 0)
    };
    let text = rendered(vec![example::article(), tunnel], ProfileValues::default());
    example::golden("tun.jail.conf", &text);
    let jail = only_jail(&text);
    place(&jail.values("exec.prestart"), &["tun0", "create"]);
    assert_eq!(jail.values("vnet.interface"), ["epair1b", "tun0"]);
    place(&jail.values("exec.poststop"), &["tun0", "destroy;"]);
    assert!(text.contains("/dev/tun0") && !jail.values("exec.start").join(" ").contains("tun0"));
}

#[test]
fn what_netgraph_made_is_used_and_left_alone() {
    let lease = Lease {
        mtu: Some(9000),
        addresses: vec![example::address("10.0.0.5", "10.0.0.0/24", Some("10.0.0.1"))],
        ..example::lease("h1/vm/net0", InterfaceKind::Ngeth, 3)
    };
    let text = rendered(vec![lease], ProfileValues::default());
    example::golden("ngeth.jail.conf", &text);
    assert!(text.contains("ngctl(8)") && !text.contains("destroy") && !text.contains(" create\""));
    assert_eq!(only_jail(&text).values("vnet.interface"), ["ngeth3"]);
}

#[test]
fn leases_that_do_not_belong_together_are_refused() {
    let other = example::lease("freebert.example/test02", InterfaceKind::Epair, 2);
    let mixed = JailInterfaces::new(vec![example::article(), other]);
    assert!(matches!(mixed, Err(RenderError::OtherJail { .. })));
    let twice = JailInterfaces::new(vec![example::article(), example::article()]);
    assert!(matches!(twice, Err(RenderError::InterfaceTwice { .. })));
    assert!(matches!(JailInterfaces::new(Vec::new()), Err(RenderError::NoLease)));
    let half = Lease { ifname_b: None, ..example::article() };
    assert!(matches!(JailInterfaces::new(vec![half]), Err(RenderError::Incomplete { .. })));
    let macless = Lease { macs: allocd_types::mac::Macs::None, ..example::article() };
    assert!(matches!(JailInterfaces::new(vec![macless]), Err(RenderError::Incomplete { .. })));
}

#[test]
fn every_hook_is_sound_shell() {
    let jail = only_jail(&full(ProfileValues::default()));
    for hook in ["exec.prestart", "exec.start", "exec.poststart", "exec.stop", "exec.poststop"] {
        for command in jail.values(hook) {
            let output = Command::new("/bin/sh").args(["-n", "-c", command]).output().unwrap();
            assert!(output.status.success(), "{command}");
            assert!(command.contains("/sbin/") || command.contains("/bin/"), "{command} is not absolute");
        }
    }
}

#[test]
fn the_reader_follows_the_grammar_of_jail() {
    let text = "# c\nallow.mount; // c\n/* c\n { */ path '/jails';\n\
        a.b { exec.start = \"x \\\"y\\\" \\x41\\101\\t\", 'z$q'; exec.start += w; vnet;\n host.hostname=a\"b\"'c'; }";
    let conf = parse(text).unwrap();
    assert_eq!(conf.globals.len(), 2);
    assert_eq!(conf.globals[1].values, ["/jails"]);
    let jail = &conf.jails[0];
    assert_eq!(jail.name, "a.b");
    assert_eq!(jail.values("exec.start"), ["x \"y\" AA\t", "z$q", "w"]);
    assert_eq!(jail.values("host.hostname"), ["abc"]);
    assert!(jail.has("vnet") && jail.values("vnet").is_empty());
}

#[test]
fn what_the_reader_cannot_know_is_refused_by_line() {
    let error = |text: &str| parse(text).unwrap_err();
    assert_eq!(error("a {\n path = \"/jails/$name\"; }"), ParseError::Variable { line: 2 });
    assert_eq!(error(".include \"x\";"), ParseError::Include { line: 1 });
    assert_eq!(error("a { }\nexec.clean;"), ParseError::LateGlobal { line: 2 });
    assert_eq!(error("a { }\na { }"), ParseError::JailTwice { line: 2, name: "a".to_owned() });
    assert_eq!(error("a { path = \"x"), ParseError::Unterminated { line: 1 });
    assert_eq!(error("/* x"), ParseError::Unterminated { line: 1 });
    assert_eq!(error("a {\n"), ParseError::UnexpectedEnd);
    assert_eq!(error("a { b { } }"), ParseError::Unexpected { line: 1 });
    assert_eq!(error("a { x = ; }"), ParseError::Unexpected { line: 1 });
    assert_eq!(error("\u{e4};"), ParseError::Unexpected { line: 1 });
}

fn arbitrary_address() -> impl Strategy<Value = LeasedAddress> {
    let v4 =
        (any::<u32>(), 0_u8..=32).prop_map(|(bits, length)| (IpAddr::V4(Ipv4Addr::from_bits(bits)), length));
    let v6 = (any::<u128>(), 0_u8..=128)
        .prop_map(|(bits, length)| (IpAddr::V6(Ipv6Addr::from_bits(bits)), length));
    (prop_oneof![v4, v6], any::<bool>()).prop_map(|((address, length), has_gateway)| {
        let net = ipnetwork::IpNetwork::new(address, length).unwrap();
        let subnet = allocd_types::address::Prefix::new(net.network(), length).unwrap();
        let gateway = has_gateway.then_some(address);
        LeasedAddress { address, subnet, gateway, vrf: allocd_types::name::VrfName::unsaid() }
    })
}

fn arbitrary_lease() -> impl Strategy<Value = Lease> {
    let kind = proptest::sample::select(InterfaceKind::ALL.to_vec());
    let addresses = proptest::collection::vec(arbitrary_address(), 1..5);
    let name = "[a-zA-Z][a-zA-Z0-9_]{0,14}";
    let jail = "[A-Za-z0-9_]{0,62}[A-Za-z_]";
    (kind, 0_u32..32768, addresses, name, jail, proptest::option::of(68_u16..16385)).prop_map(
        |(kind, unit, addresses, bridge, jail, mtu)| Lease {
            addresses,
            bridge: InterfaceName::new(&bridge).unwrap(),
            mtu,
            ..example::lease(&format!("h1.example/{jail}"), kind, unit)
        },
    )
}

proptest! {
    #[test]
    fn every_lease_becomes_plain_text_that_is_read_back(
        lease in arbitrary_lease(),
        may_write: bool,
        tap in proptest::sample::select(vec![TapPlace::Host, TapPlace::Jail]),
        at in 0_usize..3,
    ) {
        let interfaces = JailInterfaces::new(vec![lease]).unwrap();
        let values =
            ProfileValues { may_write_jail_root: Some(may_write), tap: Some(tap), ..ProfileValues::default() };
        let text = render(&interfaces, &profile(&interfaces, values), release(RELEASES[at])).unwrap();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic() || b" \t\n".contains(&byte)));
        let jail = only_jail(&text);
        prop_assert_eq!(jail.name.as_str(), interfaces.jail().as_str());
        let origin = origin::read(&text).unwrap();
        prop_assert_eq!((&origin.host, &origin.jail), (interfaces.host(), interfaces.jail()));
        let found = origin.leases.iter().map(|lease| (lease.lease, lease.generation, lease.kind));
        let expected = interfaces.leases().iter().map(|lease| (lease.id, lease.generation, lease.kind));
        prop_assert!(found.eq(expected));
        prop_assert!(jail.values("exec.start").contains(&"/bin/sh /etc/rc"));
    }

    #[test]
    fn no_text_is_too_strange_to_read(text in "[a-z{};=+,\"'\\\\$#/* \n]{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn a_value_is_read_as_it_was_written(value in "[ -~]{1,60}") {
        let mut text = Text::default();
        text.open("a");
        text.set("x", &value);
        text.close();
        let text = text.finish();
        let jail = only_jail(&text);
        prop_assert_eq!(jail.values("x"), [value.as_str()]);
    }
}
