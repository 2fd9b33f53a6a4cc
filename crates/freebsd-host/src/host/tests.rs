//! Which command each verb runs on which release, and what it makes of the answer.

mod script;

use std::net::IpAddr;
use std::time::Duration;

use allocd_types::address::Family;
use allocd_types::index::UnitIndex;
use allocd_types::mac::Mac;
use allocd_types::name::{InterfaceName, JailName};
use ipnetwork::IpNetwork;

use script::Script;

use super::*;
use crate::dataset::{DatasetName, SnapshotName};
use crate::interface::Description;
use crate::module::KernelModule;
use crate::output::{Exit, Output};
use crate::path::HostPath;
use crate::runner::RunError;
use crate::seen::Seen;

const RELEASE_10: u32 = 1_004_000;
const RELEASE_13: u32 = 1_302_001;
const RELEASE_14: u32 = 1_401_000;

fn interface(text: &str) -> InterfaceName {
    text.parse().unwrap()
}

fn jail(text: &str) -> JailName {
    text.parse().unwrap()
}

fn path(text: &str) -> HostPath {
    HostPath::new(text).unwrap()
}

fn unit(number: u32) -> UnitIndex {
    UnitIndex::new(number).unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn mac(text: &str) -> Mac {
    text.parse().unwrap()
}

fn net(text: &str) -> IpNetwork {
    text.parse().unwrap()
}

fn mark(text: &str) -> Description {
    Description::new(text).unwrap()
}

/// How the command of an error ended and what it wrote to stderr.
fn failed(error: CommandError) -> (Exit, String) {
    let CommandError::Failed { exit, stderr, .. } = error else { panic!("{error}") };
    (exit, stderr)
}

#[test]
fn the_kernel_is_looked_at_once() {
    let script = Script::new(
        "$ /sbin/sysctl -n kern.osreldate kern.osrelease
         1401000
         14.1-RELEASE-p3
         $ /sbin/sysctl -n kern.features.vimage
         1",
    );
    let host = Host::look(script).unwrap();
    let expected =
        Kernel { release_date: RELEASE_14, release: "14.1-RELEASE-p3".to_owned(), has_vimage: true };
    assert_eq!(host.kernel(), &expected);
}

#[test]
fn a_kernel_without_vimage_does_not_know_the_word() {
    let script = Script::new(
        "$ /sbin/sysctl -n kern.osreldate kern.osrelease
         1004000
         10.4-RELEASE
         $ /sbin/sysctl -n kern.features.vimage
         2> sysctl: unknown oid 'kern.features.vimage'
         exit 1
         $ /usr/sbin/jls -d -n jid name path dying",
    );
    let host = Host::look(script).unwrap();
    assert!(!host.kernel().has_vimage);
    assert_eq!(host.jails().unwrap(), []);
}

#[test]
fn a_kernel_that_does_not_tell_its_release_is_an_error() {
    let look = |answer: &str| {
        Host::look(Script::new(&format!("$ /sbin/sysctl -n kern.osreldate kern.osrelease\n{answer}")))
            .unwrap_err()
    };
    assert!(matches!(look("14.1-RELEASE"), CommandError::Unreadable { .. }));
    assert!(matches!(look("1401000"), CommandError::Unreadable { .. }));
    assert_eq!(failed(look("exit 64")).0, Exit::Code(64));
}

#[test]
fn interfaces_are_listed_in_one_command_as_the_release_can() {
    let listing = "lo0: flags=8049<UP,LOOPBACK> metric 0 mtu 16384";
    for (release, host_command, jail_command) in [
        (RELEASE_10, "/sbin/ifconfig -a", "/usr/sbin/jexec web01 /sbin/ifconfig -a"),
        (
            RELEASE_13,
            "/sbin/ifconfig -f inet:cidr,inet6:cidr,ether:colon -a",
            "/usr/sbin/jexec web01 /sbin/ifconfig -a",
        ),
        (
            RELEASE_14,
            "/sbin/ifconfig -f inet:cidr,inet6:cidr,ether:colon -a",
            "/sbin/ifconfig -j web01 -f inet:cidr,inet6:cidr,ether:colon -a",
        ),
    ] {
        let script = format!("$ {host_command}\n{listing}\n$ {jail_command}\n{listing}\n");
        let host = Script::host(release, &script);
        assert_eq!(host.interfaces().unwrap().len(), 1);
        assert_eq!(host.interfaces_in(&jail("web01")).unwrap().len(), 1);
    }
}

#[test]
fn jails_are_listed_in_one_command_as_the_release_can() {
    let host = Script::host(
        RELEASE_10,
        "$ /usr/sbin/jls -d -n jid name path dying vnet
         jid=3 name=web01 path=/usr/jails/web01 dying vnet=new",
    );
    assert!(host.jails().unwrap()[0].is_dying);
    let host = Script::host(
        RELEASE_14,
        r#"$ /usr/sbin/jls --libxo json -d jid name path dying vnet
           {"__version": "2", "jail-information": {"jail": [
           {"jid":"3","name":"web01","path":"/usr/jails/web01","dying":"false","vnet":"new"}]}}"#,
    );
    assert_eq!(host.jails().unwrap()[0].has_vnet, Some(true));
}

#[test]
fn a_listing_that_fails_is_cut_or_makes_no_sense_is_never_taken_for_an_empty_one() {
    let list = "$ /sbin/ifconfig -f inet:cidr,inet6:cidr,ether:colon -a\n";
    let error = Script::host(RELEASE_14, &format!("{list}exit 1")).interfaces().unwrap_err();
    assert_eq!(failed(error).0, Exit::Code(1));
    let error = Script::host(RELEASE_14, &format!("{list}what?")).interfaces().unwrap_err();
    assert!(matches!(error, CommandError::Unreadable { .. }));

    struct Endless;
    impl Runner for Endless {
        fn run(&self, _: &Invocation) -> Result<Output, RunError> {
            Ok(Output { is_stdout_cut: true, ..Output::success("lo0: flags=8049<UP> mtu 1\n") })
        }
    }
    let kernel = Kernel { release_date: RELEASE_14, release: String::new(), has_vimage: true };
    let error = Host { runner: Endless, kernel }.interfaces().unwrap_err();
    assert!(matches!(error, CommandError::TooLong { .. }));
}

#[test]
fn an_interface_that_is_not_there_is_told_from_one_that_cannot_be_looked_at() {
    let look = "$ /sbin/ifconfig -f inet:cidr,inet6:cidr,ether:colon epair7a\n";
    let missing = format!("{look}2> ifconfig: interface epair7a does not exist\nexit 1\n");
    let host = Script::host(RELEASE_14, &format!("{missing}$ /sbin/ifconfig -l\nlo0 epair7b\n"));
    assert_eq!(host.stack().interface(&interface("epair7a")).unwrap(), None);
    let host = Script::host(RELEASE_14, &format!("{missing}$ /sbin/ifconfig -l\nlo0 epair7a\n"));
    assert_eq!(failed(host.stack().interface(&interface("epair7a")).unwrap_err()).0, Exit::Code(1));
    let host = Script::host(RELEASE_14, &format!("{look}epair7a: flags=8802<BROADCAST> metric 0 mtu 1500\n"));
    assert!(host.stack().interface(&interface("epair7a")).unwrap().is_some());
}

#[test]
fn a_verb_that_succeeds_is_one_command() {
    let host = Script::host(
        RELEASE_14,
        "$ /sbin/ifconfig epair7 create
         epair7a
         $ /sbin/ifconfig epair7a description allocd:leases/17
         $ /sbin/ifconfig epair7a name jail7a
         jail7a
         $ /sbin/ifconfig jail7a ether 12:34:56:00:00:0e
         $ /sbin/ifconfig jail7a mtu 9000
         $ /sbin/ifconfig jail7a up
         $ /sbin/ifconfig bridge300 addm jail7a
         $ /sbin/ifconfig epair7b vnet web01
         $ /sbin/ifconfig -j web01 epair7b inet 192.168.50.10/22 alias
         $ /sbin/ifconfig -j web01 epair7b inet6 -ifdisabled auto_linklocal
         $ /sbin/ifconfig -j web01 epair7b inet6 fd00:48::10/64 alias
         $ /usr/sbin/jexec web01 /sbin/route -q add -inet default 192.168.48.1
         $ /usr/sbin/jexec web01 /sbin/route -q add -inet6 default fe80::1%epair7b
         $ /sbin/ifconfig -j web01 epair7b inet 192.168.50.10 -alias
         $ /sbin/ifconfig epair7b -vnet web01
         $ /sbin/ifconfig bridge300 deletem jail7a
         $ /sbin/ifconfig jail7a down
         $ /sbin/ifconfig jail7a destroy",
    );
    let (made, name, inner) = (interface("epair7a"), interface("jail7a"), interface("epair7b"));
    let (bridge, web01) = (interface("bridge300"), jail("web01"));
    let (stack, inside) = (host.stack(), host.stack_of(&web01));
    assert_eq!(stack.create(Cloned::Epair(unit(7))).unwrap(), Creation::Made);
    stack.describe(&made, &mark("allocd:leases/17")).unwrap();
    stack.rename(&made, &name).unwrap();
    stack.set_ether(&name, mac("12:34:56:00:00:0e")).unwrap();
    stack.set_mtu(&name, 9000).unwrap();
    stack.bring_up(&name).unwrap();
    stack.add_member(&bridge, &name).unwrap();
    stack.move_into(&web01, &inner).unwrap();
    inside.add_address(&inner, net("192.168.50.10/22")).unwrap();
    inside.enable_ipv6(&inner).unwrap();
    inside.add_address(&inner, net("fd00:48::10/64")).unwrap();
    inside.add_default_route(ip("192.168.48.1"), &inner).unwrap();
    inside.add_default_route(ip("fe80::1"), &inner).unwrap();
    inside.remove_address(&inner, ip("192.168.50.10")).unwrap();
    stack.take_out(&web01, &inner).unwrap();
    stack.remove_member(&bridge, &name).unwrap();
    stack.take_down(&name).unwrap();
    stack.destroy(&name).unwrap();
}

#[test]
fn creating_what_is_there_says_so() {
    let create = "$ /sbin/ifconfig epair7 create\n2> ifconfig: SIOCIFCREATE2: File exists\nexit 1\n";
    let host = Script::host(RELEASE_14, &format!("{create}$ /sbin/ifconfig -l\nlo0 epair7a epair7b\n"));
    assert_eq!(host.stack().create(Cloned::Epair(unit(7))).unwrap(), Creation::WasThere);
    // The unit is taken, and the interface renamed or in a jail.
    let host = Script::host(RELEASE_14, &format!("{create}$ /sbin/ifconfig -l\nlo0 epair7b\n"));
    let (exit, stderr) = failed(host.stack().create(Cloned::Epair(unit(7))).unwrap_err());
    assert_eq!((exit, &*stderr), (Exit::Code(1), "ifconfig: SIOCIFCREATE2: File exists\n"));
}

#[test]
fn each_kind_is_created_under_its_own_word() {
    for (cloned, asked, name) in [
        (Cloned::Epair(unit(0)), "epair0", "epair0a"),
        (Cloned::Tap(unit(3)), "tap3", "tap3"),
        (Cloned::Tun(unit(32_767)), "tun32767", "tun32767"),
        (Cloned::Bridge(unit(300)), "bridge300", "bridge300"),
    ] {
        let host = Script::host(RELEASE_14, &format!("$ /sbin/ifconfig {asked} create"));
        assert_eq!(host.stack().create(cloned).unwrap(), Creation::Made);
        assert_eq!(cloned.name().as_str(), name);
    }
}

#[test]
fn destroying_what_is_gone_is_done() {
    let destroy = "$ /sbin/ifconfig epair7a destroy\nexit 1\n$ /sbin/ifconfig -l\n";
    let host = Script::host(RELEASE_14, &format!("{destroy}lo0\n"));
    host.stack().destroy(&interface("epair7a")).unwrap();
    let host = Script::host(RELEASE_14, &format!("{destroy}lo0 epair7a\n"));
    assert_eq!(failed(host.stack().destroy(&interface("epair7a")).unwrap_err()).0, Exit::Code(1));
}

#[test]
fn when_looking_fails_too_the_first_failure_is_told() {
    let host = Script::host(
        RELEASE_14,
        "$ /sbin/ifconfig epair7a destroy
         2> the first
         exit 1
         $ /sbin/ifconfig -l
         2> the second
         exit 1",
    );
    let (_, stderr) = failed(host.stack().destroy(&interface("epair7a")).unwrap_err());
    assert_eq!(stderr, "the first\n");
}

/// An interface as it is after a change that failed.
const CHANGED: &str = "
epair7a: flags=8843<UP,BROADCAST> metric 0 mtu 9000
\tdescription: allocd:leases/17
\tether 12:34:56:00:00:0e
\tinet 192.168.50.10/22 broadcast 192.168.51.255
\tnd6 options=21<PERFORMNUD,AUTO_LINKLOCAL>
\tmember: epair8a flags=143<LEARNING>
";

type Verb = fn(&Stack<'_, Script>, &InterfaceName) -> Result<(), CommandError>;

/// What a verb comes to if its command fails and the interface is as above afterwards, or not there.
fn after_failure(words: &str, verb: Verb, look: &str) -> Result<(), CommandError> {
    let script = format!(
        "$ /sbin/ifconfig epair7a {words}\n2> ifconfig: no\nexit 1\n\
         $ /sbin/ifconfig -f inet:cidr,inet6:cidr,ether:colon epair7a\n{look}"
    );
    verb(&Script::host(RELEASE_14, &script).stack(), &interface("epair7a"))
}

#[test]
fn a_failed_change_is_done_if_the_interface_is_so_all_the_same() {
    let done: [(&str, Verb); 8] = [
        ("description allocd:leases/17", |stack, name| stack.describe(name, &mark("allocd:leases/17"))),
        ("ether 12:34:56:00:00:0e", |stack, name| stack.set_ether(name, mac("12:34:56:00:00:0e"))),
        ("mtu 9000", |stack, name| stack.set_mtu(name, 9000)),
        ("up", |stack, name| stack.bring_up(name)),
        ("inet 192.168.50.10/22 alias", |stack, name| stack.add_address(name, net("192.168.50.10/22"))),
        ("inet6 fd00::1 -alias", |stack, name| stack.remove_address(name, ip("fd00::1"))),
        ("inet6 -ifdisabled auto_linklocal", |stack, name| stack.enable_ipv6(name)),
        ("addm epair8a", |stack, name| stack.add_member(name, &interface("epair8a"))),
    ];
    for (words, verb) in done {
        after_failure(words, verb, CHANGED).unwrap_or_else(|error| panic!("{words}: {error}"));
    }
}

#[test]
fn a_failed_change_is_an_error_if_the_interface_is_otherwise() {
    let failing: [(&str, Verb); 8] = [
        // Lease 1 is not lease 17.
        ("description allocd:leases/1", |stack, name| stack.describe(name, &mark("allocd:leases/1"))),
        ("ether 12:34:56:00:00:0f", |stack, name| stack.set_ether(name, mac("12:34:56:00:00:0f"))),
        ("mtu 1500", |stack, name| stack.set_mtu(name, 1500)),
        ("down", |stack, name| stack.take_down(name)),
        ("inet 192.168.50.10/24 alias", |stack, name| stack.add_address(name, net("192.168.50.10/24"))),
        ("inet 192.168.50.10 -alias", |stack, name| stack.remove_address(name, ip("192.168.50.10"))),
        ("addm epair9a", |stack, name| stack.add_member(name, &interface("epair9a"))),
        ("deletem epair8a", |stack, name| stack.remove_member(name, &interface("epair8a"))),
    ];
    for (words, verb) in failing {
        assert_eq!(failed(after_failure(words, verb, CHANGED).unwrap_err()).1, "ifconfig: no\n", "{words}");
    }
}

#[test]
fn an_interface_that_is_gone_has_lost_everything_and_gained_nothing() {
    let gone = "exit 1\n$ /sbin/ifconfig -l\nlo0\n";
    let lost: [(&str, Verb); 3] = [
        ("down", |stack, name| stack.take_down(name)),
        ("inet 192.168.50.10 -alias", |stack, name| stack.remove_address(name, ip("192.168.50.10"))),
        ("deletem epair8a", |stack, name| stack.remove_member(name, &interface("epair8a"))),
    ];
    for (words, verb) in lost {
        after_failure(words, verb, gone).unwrap_or_else(|error| panic!("{words}: {error}"));
    }
    assert!(after_failure("up", |stack, name| stack.bring_up(name), gone).is_err());
}

#[test]
fn an_interface_is_moved_if_it_is_there_and_not_here() {
    let (web01, inner) = (jail("web01"), interface("epair7b"));
    let moving = "$ /sbin/ifconfig epair7b vnet web01\nexit 1\n$ /sbin/ifconfig -l\n";
    let inside = "$ /sbin/ifconfig -j web01 -l\n";
    let host = Script::host(RELEASE_14, &format!("{moving}lo0\n{inside}lo0 epair7b\n"));
    host.stack().move_into(&web01, &inner).unwrap();
    // One of that name is in the jail, and it is not this one.
    let host = Script::host(RELEASE_14, &format!("{moving}lo0 epair7b\n"));
    host.stack().move_into(&web01, &inner).unwrap_err();
    let host = Script::host(RELEASE_14, &format!("{moving}lo0\n{inside}lo0\n"));
    host.stack().move_into(&web01, &inner).unwrap_err();

    let taking = "$ /sbin/ifconfig epair7b -vnet web01\nexit 1\n$ /sbin/ifconfig -l\n";
    let host = Script::host(RELEASE_14, &format!("{taking}lo0 epair7b\n"));
    host.stack().take_out(&web01, &inner).unwrap();
    let host = Script::host(RELEASE_14, &format!("{taking}lo0\n"));
    host.stack().take_out(&web01, &inner).unwrap_err();
}

#[test]
fn an_interface_is_renamed_if_only_the_new_name_is_there() {
    let (old, new) = (interface("epair7a"), interface("jail7a"));
    let renaming = "$ /sbin/ifconfig epair7a name jail7a\nexit 1\n$ /sbin/ifconfig -l\n";
    let again = "$ /sbin/ifconfig -l\n";
    let host = Script::host(RELEASE_14, &format!("{renaming}jail7a\n{again}jail7a\n"));
    host.stack().rename(&old, &new).unwrap();
    let host = Script::host(RELEASE_14, &format!("{renaming}epair7a jail7a\n{again}epair7a jail7a\n"));
    host.stack().rename(&old, &new).unwrap_err();
    let host = Script::host(RELEASE_14, &format!("{renaming}epair7a\n"));
    host.stack().rename(&old, &new).unwrap_err();
}

#[test]
fn a_default_route_is_there_only_if_it_leads_to_the_gateway() {
    let (web01, inner) = (jail("web01"), interface("epair7b"));
    let add = |gateway: &str, answer: &str| {
        let script = format!(
            "$ /usr/sbin/jexec web01 /sbin/route -q add -inet6 default {gateway}%epair7b\nexit 1\n\
             $ /usr/sbin/jexec web01 /sbin/route -n get -inet6 default\n{answer}"
        );
        Script::host(RELEASE_14, &script).stack_of(&web01).add_default_route(ip(gateway), &inner)
    };
    let route = "   gateway: fe80::1%epair7b\n interface: epair7b\n";
    add("fe80::1", route).unwrap();
    add("fe80::2", route).unwrap_err();
    add("fe80::1", "2> route: route has not been found\nexit 1\n").unwrap_err();
}

#[test]
fn what_a_stack_knows_is_read() {
    let host = Script::host(
        RELEASE_14,
        "$ /sbin/sysctl -n net.inet6.ip6.dad_count
         1
         $ /sbin/sysctl -n net.link.epair.ether_gen_addr
         2> sysctl: unknown oid 'net.link.epair.ether_gen_addr'
         exit 1
         $ /sbin/ping -n -q -c 1 -t 1 192.168.48.9
         $ /sbin/ping -n -q -c 1 -t 1 192.168.48.9
         exit 2
         $ /sbin/ping -n -q -c 1 -t 1 192.168.48.9
         2> ping: sendto: No route to host
         exit 71
         $ /usr/sbin/arp -an
         ? (192.168.48.9) at 12:34:56:00:00:0e on bridge300 expires in 1187 seconds [bridge]
         $ /sbin/route -n get -inet default
         exit 1
         $ /sbin/ifconfig -g epair
         epair7a
         $ /sbin/ifconfig -C
         bridge epair",
    );
    let stack = host.stack();
    assert_eq!(stack.sysctl(Sysctl::DAD_COUNT).unwrap().as_deref(), Some("1"));
    assert_eq!(stack.sysctl(Sysctl::EPAIR_HASH).unwrap(), None);
    let address = "192.168.48.9".parse().unwrap();
    assert!(stack.answers(address).unwrap());
    assert!(!stack.answers(address).unwrap());
    assert_eq!(failed(stack.answers(address).unwrap_err()).0, Exit::Code(71));
    assert_eq!(stack.neighbours().unwrap()[0].mac, Some(mac("12:34:56:00:00:0e")));
    assert_eq!(stack.default_route(Family::V4).unwrap(), None);
    assert_eq!(stack.group("epair").unwrap(), [Seen::new("epair7a")]);
    assert_eq!(stack.cloners().unwrap().len(), 2);
}

/// A listing of one jail, alive or dying.
fn listed(is_dying: bool) -> String {
    let jail = format!(r#"{{"jid":"3","name":"web01","path":"/j","dying":"{is_dying}","vnet":"new"}}"#);
    format!(
        "$ /usr/sbin/jls --libxo json -d jid name path dying vnet\n\
         {{\"jail-information\": {{\"jail\": [{jail}]}}}}\n"
    )
}

#[test]
fn a_jail_is_started_if_it_is_there_and_stopped_if_it_is_not_alive() {
    let (file, web01) = (path("/etc/jail.conf.d/web01.conf"), jail("web01"));
    let start = "$ /usr/sbin/jail -f /etc/jail.conf.d/web01.conf -c web01\n";
    Script::host(RELEASE_14, start).start_jail(&file, &web01).unwrap();
    let start = format!("{start}2> jail: web01: failed\nexit 1\n");
    Script::host(RELEASE_14, &format!("{start}{}", listed(false))).start_jail(&file, &web01).unwrap();
    let error = Script::host(RELEASE_14, &format!("{start}{}", listed(true))).start_jail(&file, &web01);
    assert_eq!(failed(error.unwrap_err()).1, "jail: web01: failed\n");

    let stop = "$ /usr/sbin/jail -f /etc/jail.conf.d/web01.conf -r web01\nexit 1\n";
    Script::host(RELEASE_14, &format!("{stop}{}", listed(true))).stop_jail(&file, &web01).unwrap();
    Script::host(RELEASE_14, &format!("{stop}{}", listed(false))).stop_jail(&file, &web01).unwrap_err();
}

#[test]
fn the_word_of_rc_d_is_not_taken_for_a_jail() {
    let (web01, start) = (jail("web01"), "$ /usr/sbin/service jail onestart web01\n");
    Script::host(RELEASE_14, &format!("{start}{}", listed(false))).start_jail_service(&web01).unwrap();
    let error = Script::host(RELEASE_14, &format!("{start}{}", listed(true))).start_jail_service(&web01);
    assert_eq!(
        error.unwrap_err().to_string(),
        "`/usr/sbin/service jail onestart web01` succeeded, but the jail is not there"
    );
    let stop = "$ /usr/sbin/service jail onestop web01\n";
    Script::host(RELEASE_14, &format!("{stop}{}", listed(true))).stop_jail_service(&web01).unwrap();
    Script::host(RELEASE_14, &format!("{stop}{}", listed(false))).stop_jail_service(&web01).unwrap_err();
    let error = Script::host(RELEASE_14, &format!("{stop}2> no\nexit 1\n{}", listed(false)));
    assert_eq!(failed(error.stop_jail_service(&web01).unwrap_err()).1, "no\n");
}

#[test]
fn the_word_of_ezjail_is_not_taken_for_a_jail() {
    let (web01, start) = (jail("web01"), "$ /usr/sbin/service ezjail onestart web01\n");
    Script::host(RELEASE_14, &format!("{start}{}", listed(false))).start_ezjail(&web01).unwrap();
    Script::host(RELEASE_14, &format!("{start}{}", listed(true))).start_ezjail(&web01).unwrap_err();
    let stop = "$ /usr/sbin/service ezjail onestop web01\n";
    Script::host(RELEASE_14, &format!("{stop}{}", listed(true))).stop_ezjail(&web01).unwrap();
    Script::host(RELEASE_14, &format!("{stop}{}", listed(false))).stop_ezjail(&web01).unwrap_err();
}

#[test]
fn a_jail_is_made_filled_and_removed_without_a_file() {
    let host = Script::host(
        RELEASE_14,
        "$ /usr/sbin/jail -c name=web01 path=/usr/jails/web01 host.hostname=web01.example vnet=new persist devfs_ruleset=5 mount.devfs allow.raw_sockets
         $ /usr/sbin/jexec web01 /bin/sh /etc/rc
         started
         $ /usr/sbin/jail -R web01
         $ /sbin/umount /usr/jails/web01/dev
         exit 1
         $ /sbin/mount -p
         devfs\t/dev\tdevfs\trw\t0 0",
    );
    let (name, root) = (jail("web01"), path("/usr/jails/web01"));
    let new = NewJail {
        name: name.clone(),
        path: root,
        hostname: "web01.example".to_owned(),
        devfs_ruleset: Some(5),
        allow: vec!["raw_sockets".to_owned()],
    };
    host.create_jail(&new).unwrap();
    let rc = Invocation::new(Program::new("/bin/sh").unwrap(), ["/etc/rc"]);
    assert_eq!(host.run_in(&name, &rc).unwrap().stdout, "started\n");
    host.remove_jail(&name).unwrap();
    host.unmount(&path("/usr/jails/web01/dev")).unwrap();
}

#[test]
fn whether_a_jail_is_being_started_or_stopped_is_told_or_is_an_error() {
    let host = Script::host(
        RELEASE_14,
        "$ /bin/pgrep -x jail
         4711
         $ /bin/pgrep -x jail
         exit 1
         $ /bin/pgrep -x jail
         2> pgrep: Cannot get process list (no)
         exit 3",
    );
    assert!(host.is_jail_at_work().unwrap());
    assert!(!host.is_jail_at_work().unwrap());
    assert_eq!(failed(host.is_jail_at_work().unwrap_err()).0, Exit::Code(3));
}

#[test]
fn a_program_in_a_jail_keeps_its_time_limit() {
    struct Limits;
    impl Runner for Limits {
        fn run(&self, invocation: &Invocation) -> Result<Output, RunError> {
            let (program, time_limit) = (invocation.program.clone(), invocation.time_limit);
            Err(RunError::TimedOut { program, time_limit, stderr: String::new() })
        }
    }
    let kernel = Kernel { release_date: RELEASE_14, release: String::new(), has_vimage: true };
    let host = Host { runner: Limits, kernel };
    let limit = |error: CommandError| {
        let CommandError::NotRun { source: RunError::TimedOut { time_limit, .. }, .. } = error else {
            panic!("{error}")
        };
        time_limit
    };
    let hour = Duration::from_secs(3_600);
    let rc = Invocation::new(Program::new("/bin/sh").unwrap(), ["/etc/rc"]).within(hour);
    assert_eq!(limit(host.run_in(&jail("web01"), &rc).unwrap_err()), hour);
    // What did not run to its end is not looked at again.
    let started = host.start_jail(&path("/etc/jail.conf"), &jail("web01"));
    assert_eq!(limit(started.unwrap_err()), crate::TIME_LIMIT_JAIL);
    assert_eq!(limit(host.interfaces().unwrap_err()), crate::TIME_LIMIT_DEFAULT);
}

#[test]
fn what_is_under_the_jails_is_looked_at_and_made() {
    let host = Script::host(
        RELEASE_14,
        "$ /sbin/kldstat -q -m if_epair
         exit 1
         $ /sbin/kldload -n if_epair
         exit 1
         $ /sbin/kldstat -q -m if_epair
         $ /sbin/kldstat
         Id Refs Address                Size Name
          1   15 0xffffffff80200000  1f3e2d0 kernel
         $ /sbin/devfs rule showsets
         4
         20
         $ /usr/sbin/service devfs restart
         $ /sbin/zfs clone -o mountpoint=/usr/jails/web01 zroot/jails/base@1 zroot/jails/web01
         2> cannot create 'zroot/jails/web01': dataset already exists
         exit 1
         $ /sbin/zfs list -H -o name,origin,mountpoint zroot/jails/web01
         zroot/jails/web01\tzroot/jails/base@1\t/usr/jails/web01
         $ /sbin/zfs list -H -o name,origin,mountpoint zroot/jails/web02
         exit 1
         $ /usr/local/bin/ezjail-admin create web02 0.0.0.0
         2> Error: a jail with that name exists
         exit 1
         $ /sbin/dmesg
         epair1b: link state changed to UP
         epair1b: possible hardware address duplication detected, disable IPv6",
    );
    assert!(!host.has_module(KernelModule::EPAIR).unwrap());
    host.load_module(KernelModule::EPAIR).unwrap();
    assert_eq!(host.kernel_files().unwrap()[0].name, "kernel");
    assert_eq!(host.rulesets().unwrap(), [4, 20]);
    host.load_rulesets().unwrap();
    let dataset = |text: &str| DatasetName::new(text).unwrap();
    let base = SnapshotName::new("zroot/jails/base@1").unwrap();
    host.clone_snapshot(&base, &dataset("zroot/jails/web01"), &path("/usr/jails/web01")).unwrap();
    assert_eq!(host.dataset(&dataset("zroot/jails/web02")).unwrap(), None);
    assert_eq!(failed(host.create_ezjail(&jail("web02")).unwrap_err()).0, Exit::Code(1));
    assert_eq!(host.kernel_messages().unwrap().len(), 1);
}
