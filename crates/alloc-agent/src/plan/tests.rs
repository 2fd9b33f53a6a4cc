//! Kept scripts of plans: what is wanted and seen, and what would be done about it, step by step.

use allocd_types::id::LeaseId;
use allocd_types::lease::{Lease, LeaseState};

use crate::cluster::Cluster as _;
use crate::example::{Rig, full, lease};
use crate::pass::LookInto;
use crate::view::plan_text;

const JAIL_CONF: &str = "[jails]\ntarget = \"jail.conf\"\n";
const EZJAIL: &str = "[jails]\ntarget = \"ezjail\"\n";
const DIRECT: &str = "[jails]\ntarget = \"direct\"\n";

/// The plan of an agent that starts now.
fn planned(rig: &Rig) -> String {
    rig.with_agent(|agent| {
        let told = agent.cluster.leases().unwrap();
        plan_text(&agent.preview(Some(told), LookInto::EveryJail).unwrap().2)
    })
}

fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// What is planned for one jail over its life: nothing there, running, and given back.
fn life(name: &str, config: &str, leases: Vec<Lease>) {
    let ids: Vec<LeaseId> = leases.iter().map(|lease| lease.id).collect();
    let rig = Rig::new((14, 1), config, leases);
    let mut script = format!("# {name}: a jail that is to be there\n{}", planned(&rig));
    rig.settle();
    script.push_str(&format!("\n# it runs\n{}", planned(&rig)));
    for id in ids {
        rig.cluster.change(id, |lease| lease.state = LeaseState::Releasing);
    }
    script.push_str(&format!("\n# its leases are given back\n{}", planned(&rig)));
    rig.settle();
    script.push_str(&format!("\n# it is gone\n{}", planned(&rig)));
    golden(name, &script);
}

#[test]
fn a_jails_life_by_its_file() {
    life("jail.conf", JAIL_CONF, vec![lease(17, "web01", 7)]);
}

#[test]
fn a_jails_life_by_ezjail() {
    life("ezjail", EZJAIL, vec![lease(17, "web01", 7)]);
}

#[test]
fn a_jails_life_step_by_step() {
    life("direct", DIRECT, vec![lease(17, "web01", 7)]);
}

#[test]
fn a_jail_with_every_kind_of_interface() {
    life("kinds", &format!("{DIRECT}tap = \"jail\"\n"), full());
    life("kinds_by_file", &format!("{JAIL_CONF}tap = \"host\"\n"), full());
}

#[test]
fn a_start_by_jail_8_that_did_not_end() {
    let rig = Rig::new((14, 1), JAIL_CONF, vec![lease(17, "web01", 7)]);
    rig.settle();
    rig.files.write("/var/run/allocd.web01.starting", "", 0o644).unwrap();
    golden("half_started", &planned(&rig));
}

#[test]
fn what_differs_and_what_stands_in_the_way() {
    let rig =
        Rig::new((14, 1), DIRECT, vec![lease(17, "web01", 7), lease(18, "web02", 8), lease(19, "web03", 9)]);
    rig.cluster.change(LeaseId::new(19), |lease| lease.is_unconfirmed = true);
    rig.settle();
    for command in [
        "epair7a ether 02:00:00:00:00:0a",
        "epair7a down",
        "vswitch0 deletem epair7a",
        "-j web01 epair7b inet 10.0.0.99/32 alias",
        "-j web01 epair7b inet6 fd00::7 -alias",
        "epair8a description somebody",
        "epair30 create",
        "epair30a description allocd:leases/30",
    ] {
        rig.ifconfig(command);
    }
    golden("drift", &planned(&rig));
}
