//! What allocctl writes for others to read: files for jail(8) and ezjail, commands, CSV.

use std::fs;

use allocd_tests::dev::Dev;

use crate::ctl::Ctl;

#[tokio::test]
async fn a_host_is_rendered_file_by_file() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("leases allocate h1.example/web01 --network lan");
    ctl.ok("leases allocate h1.example/web01/net1 --network lan");
    ctl.ok("leases allocate h1.example/db01 --network lan");
    let out = dev.directory().join("out");
    for (flags, names) in [
        ("--release 14", ["db01.conf", "web01.conf"]),
        ("--release 10.4", ["jail.db01.conf", "jail.web01.conf"]),
        ("--target ezjail --release 12.4", ["db01", "web01"]),
        ("--target commands", ["db01.sh", "web01.sh"]),
    ] {
        let told = ctl.ok(&format!("render h1.example {flags} --out {}", out.display()));
        let paths: Vec<String> = names.iter().map(|name| out.join(name).display().to_string()).collect();
        assert_eq!(told.lines().collect::<Vec<_>>(), paths, "{flags}");
        for name in names {
            let text = fs::read_to_string(out.join(name)).unwrap();
            assert!(text.contains("ether 12:34:56:") && text.contains("192.168.48."), "{flags}: {text}");
        }
        assert!(
            fs::read_to_string(out.join(names[1])).unwrap().matches("addm").count() >= 2,
            "{flags}: both interfaces"
        );
        fs::remove_dir_all(&out).unwrap();
    }
    // As JSON, with the place of each file on its host.
    let files: serde_json::Value = serde_json::from_str(&ctl.ok("render h1.example -o json")).unwrap();
    let paths: Vec<&str> =
        files.as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/etc/jail.conf.d/db01.conf", "/etc/jail.conf.d/web01.conf"]);
    // To stdout, and as the jail's profile says.
    let text = ctl.ok("render h1.example/web01 --path /zroot/jails/{jail} --hostname www.example --allow raw_sockets --devfs-ruleset 20");
    for said in [
        "path = \"/zroot/jails/web01\";",
        "host.hostname = \"www.example\";",
        "allow.raw_sockets;",
        "devfs_ruleset = \"20\";",
    ] {
        assert!(text.contains(said), "{said} is not in {text}");
    }
}

#[tokio::test]
async fn what_a_shell_would_run_never_reaches_a_file() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("leases allocate h1.example/web01 --network lan");
    for flag in
        ["--path=/usr/$(reboot)", "--path=/", "--hostname=a;b", "--allow=x\";exec", "--devfs-ruleset=0"]
    {
        let said = ctl.run_with(&["render", "h1.example/web01", flag], b"");
        assert_eq!(said.code, 2, "{flag}: {said}");
        assert_eq!(said.stdout, "", "{flag}");
    }
    let said = ctl.run("render h1.example --path /usr/jails/one");
    assert_eq!(said.code, 2, "{said}");
    assert!(said.stderr.contains("has to hold {jail}"), "{said}");
}

#[tokio::test]
async fn a_lease_that_ends_by_itself_is_no_file_that_starts_by_itself() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("leases allocate h1.example/ci --network lan --ttl 1h");
    let said = ctl.run("render h1.example/ci");
    assert_eq!(said.code, 1, "{said}");
    assert!(said.stderr.contains("ends by itself"), "{said}");
    assert!(ctl.ok("render h1.example/ci --target commands").contains("/sbin/ifconfig epair0 create"));
}

#[tokio::test]
async fn csv_has_a_heading_and_a_row_for_each_lease() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("leases allocate h1.example/web01 --network lan");
    ctl.ok("leases allocate h1.example/vpn --network lan --kind tun --ipv6 unwanted");
    let csv = ctl.ok("export --format csv");
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{csv}");
    assert_eq!(&rows[0][..4], ["name", "host", "jail", "interface"]);
    assert_eq!(&rows[2][4..11], ["lan", "tun", "0", "tun0", "", "", ""]);
    assert_eq!(ctl.ok("export -o jsonl"), ctl.ok("export --format jsonl"));
    assert_eq!(ctl.ok("export -o name"), "leases/1\nleases/2\n");
    // What the inventory cannot carry is told, lease by lease.
    let said = ctl.run("export");
    assert_eq!(said.stdout.lines().count(), 2, "{said}");
    assert!(said.stderr.contains("leases/2 (h1.example/vpn/net0): an inventory has epairs only"), "{said}");
}
