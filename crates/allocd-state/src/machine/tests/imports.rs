//! What becomes of an inventory and its bad lines.

use allocd_types::allocation::AllocationSpec;
use allocd_types::import::{BadLines, ImportLine, ImportReport, ImportSpec};
use allocd_types::name::{HostName, InterfaceName, JailName, NetworkName, VrfName};
use allocd_types::network::NetworkSpec;

use super::scene::{Scene, lan, v4, wish};
use crate::command::Command;
use crate::response::Response;

fn line(number: u32, host: &str, jail: &str, address: &str, index: &str) -> ImportLine {
    ImportLine {
        number,
        host: HostName::new(host).unwrap(),
        bridge: InterfaceName::new("bridge300").unwrap(),
        jail: JailName::new(&jail.replace(['.', '-'], "_")).unwrap(),
        original_jail: jail.to_owned(),
        version: "20140606".to_owned(),
        address: address.parse().unwrap(),
        index: index.parse().unwrap(),
    }
}

pub(super) fn bad_inventory(bad_lines: BadLines) -> Command {
    Command::Import(ImportSpec {
        lines: vec![
            line(2, "h3", "foo.bar", "192.168.48.2", "2"),
            line(3, "h1", "twice", "192.168.48.2", "3"),
            line(4, "h3", "foo-bar", "192.168.48.3", "4"),
            line(5, "h3", "gw", "192.168.48.1", "5"),
            line(6, "h3", "far", "10.9.9.9", "6"),
        ],
        fragments: Vec::new(),
        network: None,
        bad_lines,
    })
}

fn report(response: Response) -> ImportReport {
    let Response::Imported(report) = response else { panic!("{response:?}") };
    report
}

#[test]
fn an_import_names_every_bad_line_and_writes_nothing() {
    let mut scene = Scene::small();
    let before = scene.machine.state().digest();
    let report = report(scene.yes(bad_inventory(BadLines::Refuse)));
    let told: Vec<String> =
        report.findings.iter().map(|found| format!("{} {}", found.number, found.flaw)).collect();
    assert_eq!(
        told,
        [
            "3 address 192.168.48.2 is already on line 2",
            "4 foo-bar and foo.bar (line 2) become the same jail name, foo_bar, for rc.d and ezjail",
            "5 192.168.48.1 is the subnet's gateway",
            "6 10.9.9.9 is in no subnet of the network on bridge300",
        ]
    );
    assert_eq!(scene.machine.state().digest(), before);
}

#[test]
fn a_skipped_lines_values_are_never_handed_out() {
    let mut scene = Scene::small();
    let found = report(scene.yes(bad_inventory(BadLines::Skip)));
    assert_eq!((found.leases, found.hosts_created), (1, 1));
    let excluded: Vec<String> =
        found.exclusions.iter().map(|(line, spec)| format!("{line} {}", spec.values)).collect();
    let expected = "3 192.168.48.2, 3 epair3 on h1, 4 192.168.48.3, 4 epair4 on h3, 5 192.168.48.1, 5 epair5 on h3, \
                    6 10.9.9.9, 6 epair6 on h3";
    assert_eq!(excluded.join(", "), expected);
    // .2 is the imported lease's, .3 is excluded: the next one is .4.
    assert_eq!(v4(&scene.lease(wish("h1/new"))), "192.168.48.4");
    // A network that comes later keeps clear of what no subnet had at import.
    let ten = lan("ten", &[("10.9.9.8/30", None)]);
    scene.yes(Command::CreateNetwork(NetworkSpec { bridge: InterfaceName::new("bridge10").unwrap(), ..ten }));
    let new = AllocationSpec { network: NetworkName::new("ten").unwrap(), ..wish("h2/new") };
    assert_eq!(v4(&scene.lease(new)), "10.9.9.10");
    // The same file again changes nothing.
    let revision = scene.machine.state().revision();
    scene.yes(bad_inventory(BadLines::Skip));
    assert_eq!(scene.machine.state().revision(), revision);
}

#[test]
fn an_address_on_a_bridge_of_no_network_is_excluded_wherever_it_could_be_handed_out() {
    let mut scene = Scene::small();
    let lab = NetworkSpec { vrf: VrfName::new("lab").unwrap(), ..lan("lab", &[("10.0.0.0/29", None)]) };
    scene.yes(Command::CreateNetwork(lab));
    let far = ImportLine {
        bridge: InterfaceName::new("bridge999").unwrap(),
        ..line(2, "h1", "far", "10.0.0.1", "2")
    };
    let (lines, bad_lines) = (vec![far], BadLines::Skip);
    scene.yes(Command::Import(ImportSpec { lines, fragments: Vec::new(), network: None, bad_lines }));
    let wish = AllocationSpec { network: NetworkName::new("lab").unwrap(), ..wish("h1/new") };
    assert_eq!(v4(&scene.lease(wish)), "10.0.0.2");
}
