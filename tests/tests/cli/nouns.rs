//! What people see of each noun, whole: both streams and the exit code of a story from the first pool to the last release.

use allocd_tests::dev::Dev;

use crate::ctl::Ctl;

/// A story of command lines and what each said, with chance and clocks taken out.
async fn told(lines: &[&str]) -> String {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    let mut story = String::new();
    for line in lines {
        let said = ctl.run(line);
        story.push_str(&format!("$ allocctl {line}\n{}{}[{}]\n\n", said.stdout, said.stderr, said.code));
    }
    without_chance(&story)
}

/// The last three octets of a MAC are drawn at random, and a lease is granted at some time.
fn without_chance(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("12:34:56:") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        out.push_str("12:34:56:xx:xx:xx");
        rest = from.get(17..).unwrap_or_default();
        // Only what was drawn: a block is written with zeros and its length.
        if rest.starts_with('/') {
            out.truncate(out.len() - 8);
            out.push_str("00:00:00");
        }
    }
    out.push_str(rest);
    out
}

#[tokio::test]
async fn networks_pools_and_hosts() {
    insta::assert_snapshot!(told(&[
        "networks",
        "pools create default --mac 12:34:56:00:00:00/24",
        "pools create taps --index tap --first 10 --last 99 --scope cluster",
        "pools",
        "networks create lan --bridge bridge300 --subnet 192.168.48.0/22,gateway=192.168.48.1 --subnet fd00:48::/64",
        "networks create lan --bridge bridge300 --subnet 192.168.48.0/22,gateway=192.168.48.1 --subnet fd00:48::/64",
        "networks create other --bridge bridge1 --subnet 192.168.50.0/24",
        "networks create other --bridge bridge1 --vrf lab --subnet 192.168.50.0/24,range=192.168.50.10-192.168.50.19",
        "networks update other --mtu 9000 --subnet 10.0.0.0/24,gateway=10.0.0.1",
        "networks update other --remove-subnet 10.1.0.0/24",
        "networks update other --free-suspects-after 59m",
        "networks update other --free-suspects-after 7d -o json",
        "networks update other --mtu 1500",
        "networks -o wide",
        "networks -o name",
        "hosts create h1.example --bridge lan=bridge0",
        "hosts register h1.example --uuid 4c4c4544-0050-3510-8052-b4c04f4a4e31",
        "hosts -o wide",
        "hosts delete h9.example",
        "hosts delete h9.example --allow-missing",
        "networks delete other",
        "pools delete default",
        "pools usage",
    ])
    .await);
}

#[tokio::test]
async fn leases() {
    insta::assert_snapshot!(told(&[
        "pools create default --mac 12:34:56:00:00:00/24",
        "networks create lan --bridge bridge300 --subnet 192.168.48.0/22,gateway=192.168.48.1 --subnet fd00:48::/64",
        "hosts create h1.example",
        "leases allocate h1.example/web01 --network lan",
        "leases allocate h1.example/web01 --network lan",
        "leases allocate h1.example/web01/net1 --network lan --kind tap --ipv6 unwanted",
        "leases allocate h1.example/db01 h1.example/db02 --network lan --ipv4 unwanted",
        "leases allocate h1.example/db03 h9.example/db04 --network lan",
        "leases allocate h1.example/db03 h9.example/db04 --network lan --partial-ok",
        "leases allocate h1.example/dry --network lan --dry-run",
        "leases --jail web01",
        "leases --kind tap -o name",
        "leases release h1.example/db01",
        "leases release h1.example/db01",
        "leases release h1.example/db01 --allow-missing",
        "why 192.168.48.200",
        "leases allocate h1.example/db01 --network lan --ipv4 unwanted",
        "reservations create r1 --holder h1.example/later --network lan --address 192.168.48.9",
        "reservations",
        "why 192.168.48.9",
        "leases allocate h1.example/other --network lan --address 192.168.48.9",
        "leases allocate h1.example/later --network lan",
        "exclusions create e1 --address 192.168.48.2-192.168.48.5 --reason printers",
        "exclusions -o wide",
        "check -o name",
    ])
    .await);
}

#[tokio::test]
async fn a_lease_with_a_lifetime_is_renewed_by_its_generation() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("leases allocate h1.example/ci --network lan --ttl 1h");
    let lease: serde_json::Value =
        serde_json::from_str(&ctl.ok("leases renew h1.example/ci --ttl 2h -o json")).unwrap();
    let remaining = lease["remaining_ms"].as_u64().unwrap();
    assert!((3_600_000..=7_200_000).contains(&remaining), "{remaining}");
    // Any member may be asked; only the leader's clock says what remains, and it is asked behind the scenes.
    for member in dev.endpoints().split(',') {
        let told = ctl.ok(&format!("leases get h1.example/ci -o json --endpoints {member}"));
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert!(told["remaining_ms"].as_u64().unwrap() <= remaining, "{member}: {told}");
    }
    let generation = format!("{}.{}", lease["generation"]["timeline"], lease["generation"]["revision"]);
    let stale = ctl.run("leases renew h1.example/ci --generation 1.1");
    assert_eq!(stale.code, 1, "{stale}");
    ctl.ok(&format!("leases renew h1.example/ci --generation {generation}"));
    ctl.ok(&format!("leases release h1.example/ci --generation {generation}"));
    assert_eq!(ctl.run("leases renew h1.example/ci").code, 3);
}

#[tokio::test]
async fn a_request_id_is_done_once() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    let ask = "leases allocate h1.example/once --network lan --request-id 7e0a --create-only -o name";
    assert_eq!(ctl.ok(ask), ctl.ok(ask));
    let other = ctl.run("leases allocate h1.example/other --network lan --request-id 7e0a");
    assert_eq!(other.code, 2, "{other}");
}
