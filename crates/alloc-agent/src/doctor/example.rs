//! A host on which every check is ok, as a value that tests make worse, and its leases.

use allocd_types::lease::Lease;
use allocd_types::mac::{Mac, Macs};
use freebsd_host::host::Kernel;
use freebsd_host::interface::{Interface, parse};
use freebsd_host::jail::parse_json;
use freebsd_host::{Seen, Sysctl, arp};

use super::fact::Fact;
use super::facts::{HostFacts, LOG_MAC_FLAP, PFIL_BRIDGE, PFIL_MEMBER, PFIL_ONLY_IP};
use super::files::{Directory, DirectoryState, FileFacts};
use super::finding::{Finding, Verdict};
use super::rc_conf::RcConf;
use super::situation::Situation;
use super::wanted::Wanted;

/// A card, a bridge with it, and the outer end of a lease's cable.
pub(super) const INTERFACES: &str = "\
em0: flags=1008943<UP,BROADCAST,RUNNING,PROMISC,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 1500
\toptions=8<VLAN_MTU>
\tether 00:25:90:01:02:03
vswitch0: flags=1008843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 1500
\tether 58:9c:fc:10:ff:c8
\tinet 192.168.0.2/24 broadcast 192.168.0.255
\tgroups: bridge
\tmember: epair7a flags=143<LEARNING,DISCOVER,AUTOEDGE,AUTOPTP>
\tmember: em0 flags=143<LEARNING,DISCOVER,AUTOEDGE,AUTOPTP>
epair7a: flags=1008943<UP,BROADCAST,RUNNING,PROMISC,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 1500
\tdescription: allocd:leases/17
\toptions=8<VLAN_MTU>
\tether 12:34:56:00:00:0a
\tinet6 fe80::1034:56ff:fe00:a%epair7a/64 scopeid 0x4
\tgroups: epair
";
/// The inner end.
const INSIDE: &str = "\
epair7b: flags=1008843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST,LOWER_UP> metric 0 mtu 1500
\tether 12:34:56:00:00:0b
\tinet 192.168.0.101/24 broadcast 192.168.0.255
\tgroups: epair
";

/// A host of FreeBSD 14.1 with one running jail, on which every check is ok.
pub(super) fn healthy() -> Situation {
    let interfaces = parse(INTERFACES).unwrap();
    let inside = Fact::new("ifconfig -j web01 -a", Ok(parse(INSIDE).unwrap()));
    let mut situation = Situation {
        host: HostFacts {
            has_vimage: Fact::new("sysctl -n kern.features.vimage", Ok(true)),
            cloners: Fact::new("ifconfig -C", Ok(names(&["bridge", "epair", "lo", "tap", "tun"]))),
            has_pf: Fact::new("kldstat -q -m pf", Ok(false)),
            interfaces: Fact::new("ifconfig -a", Ok(interfaces)),
            bridges: Fact::new("ifconfig -g bridge", Ok(names(&["vswitch0"]))),
            epairs: Fact::new("ifconfig -g epair", Ok(names(&["epair7a"]))),
            inside: vec![(Seen::new("web01"), inside)],
            rulesets: Fact::new("devfs rule showsets", Ok(vec![1, 2, 3, 4, 5])),
            ..HostFacts::unknown("", String::new())
        },
        files: FileFacts {
            rc_conf: RcConf::of("jail_enable=\"YES\"\njail_list=\"web01\"\nntpd_enable=\"YES\"\n"),
            jail_conf: Fact::new("cat /etc/jail.conf", Ok(None)),
            sysctl_conf: Fact::new("cat /etc/sysctl.conf", Ok(None)),
            directories: vec![directory(DirectoryState::Writable)],
        },
        wanted: Wanted { listed: [lease().holder.jail].into(), ..Wanted::default() },
        leases: Ok(vec![lease()]),
    };
    situation.set_release("14.1-RELEASE");
    situation
        .set_jails(r#"{"jid":"1","name":"web01","path":"/usr/jails/web01","vnet":"new","dying":"false"}"#);
    situation.set_neighbours(
        "? (192.168.0.1) at 00:1b:21:3a:4f:90 on vswitch0 expires in 1187 seconds [ethernet]\n",
    );
    for (name, value) in [
        (Sysctl::DAD_COUNT, "1"),
        (Sysctl::HOST_UUID, "4c4c4544-0042-3510-8052-b4c04f4d3132"),
        (Sysctl::JAILED, "0"),
        (Sysctl::SECURITY_LEVEL, "-1"),
        (Sysctl::VIRTUAL_MACHINE, "none"),
        (LOG_MAC_FLAP, "1"),
        (PFIL_BRIDGE, "0"),
        (PFIL_MEMBER, "0"),
        (PFIL_ONLY_IP, "0"),
    ] {
        situation.set_sysctl(name, Some(value));
    }
    for name in [Sysctl::BRIDGE_MEMBER_ADDRESSES, Sysctl::EPAIR_HASH, super::facts::SCTP] {
        situation.set_sysctl(name, None);
    }
    situation
}

impl Situation {
    /// What the kernel says of its release.
    pub(super) fn set_release(&mut self, release: &str) {
        let kernel = Kernel { release_date: 0, release: release.to_owned(), has_vimage: true };
        self.host.kernel = Fact::new("sysctl -n kern.osrelease", Ok(kernel));
        self.host.release =
            self.host.kernel.read(|kernel| kernel.release.parse().map_err(|_| "no release".to_owned()));
    }

    /// A value of the kernel.
    pub(super) fn set_sysctl(&mut self, name: Sysctl, value: Option<&str>) {
        let fact = Fact::new(format!("sysctl -n {}", name.as_str()), Ok(value.map(str::to_owned)));
        self.host.sysctls.insert(name.as_str(), fact);
    }

    /// The host's interfaces, as ifconfig(8) lists them; those of a group are found by it.
    pub(super) fn set_interfaces(&mut self, text: &str) {
        let interfaces = parse(text).unwrap();
        let of = |group: &str| {
            let has = |interface: &&Interface| interface.groups.iter().any(|has| has == group);
            interfaces.iter().filter(has).map(|interface| interface.name.clone()).collect()
        };
        self.host.bridges = Fact::new("ifconfig -g bridge", Ok(of("bridge")));
        self.host.epairs = Fact::new("ifconfig -g epair", Ok(of("epair")));
        self.host.interfaces = Fact::new("ifconfig -a", Ok(interfaces));
    }

    /// The interfaces of the healthy host, with a text in them replaced.
    pub(super) fn replace_in_interfaces(&mut self, from: &str, to: &str) {
        assert!(INTERFACES.contains(from), "{from}");
        self.set_interfaces(&INTERFACES.replace(from, to));
    }

    /// The interfaces of the healthy host's jail, with a text in them replaced.
    pub(super) fn replace_inside(&mut self, from: &str, to: &str) {
        assert!(INSIDE.contains(from), "{from}");
        let inside = parse(&INSIDE.replace(from, to)).unwrap();
        self.host.inside = vec![(Seen::new("web01"), Fact::new("ifconfig -j web01 -a", Ok(inside)))];
    }

    /// The jails, as objects of jls(8).
    pub(super) fn set_jails(&mut self, jails: &str) {
        let text = format!(r#"{{"jail-information":{{"jail":[{jails}]}}}}"#);
        self.host.jails = Fact::new("jls", Ok(parse_json(&text).unwrap()));
    }

    /// What ARP knows, as arp(8) lists it.
    pub(super) fn set_neighbours(&mut self, text: &str) {
        self.host.neighbours = Fact::new("arp -an", Ok(arp::parse(text).unwrap()));
    }
}

/// The lease of the healthy host.
pub(super) fn lease() -> Lease {
    let mac = |last: u8| Mac::new([0x12, 0x34, 0x56, 0x00, 0x00, last]);
    Lease {
        holder: "h1.example/web01".parse().unwrap(),
        macs: Macs::pair(mac(0x0a), mac(0x0b)).unwrap(),
        ..crate::example::lease(17, "web01", 7)
    }
}

pub(super) fn directory(state: DirectoryState) -> Fact<Directory> {
    Fact::new("test -w /etc/jail.conf.d", Ok(Directory { path: "/etc/jail.conf.d".to_owned(), state }))
}

fn names<N: std::str::FromStr>(names: &[&str]) -> Vec<Seen<N>> {
    names.iter().map(|name| Seen::new(name)).collect()
}

/// Makes the healthy host worse and tells what one check then says; it has to have said ok before.
pub(super) fn after(check: &str, worsen: impl FnOnce(&mut Situation)) -> (Verdict, String) {
    let mut situation = healthy();
    worsen(&mut situation);
    told(check, &situation)
}

/// What a check says of a host, with the remedy behind the meaning.
pub(super) fn told(check: &str, situation: &Situation) -> (Verdict, String) {
    let findings = super::judge::judge(situation);
    let found: Vec<&Finding> = findings.iter().filter(|finding| finding.check == check).collect();
    let [Finding { verdict, meaning, remedy, .. }] = found.as_slice() else {
        panic!("{check} is there {} times", found.len())
    };
    let is_to_be_mended = matches!(verdict, Verdict::Warn | Verdict::Fail);
    assert_eq!(remedy.is_some(), is_to_be_mended, "{check}: {meaning}");
    (*verdict, meaning.clone())
}
