//! Faults, kills and copies.

use crate::fake::{Driver, FakeHost, Fault, Killed, Release, until_killed};
use crate::{Invocation, Output, Program, Runner as _};

fn host() -> FakeHost {
    FakeHost::alone(Release::new(14, 1))
}

fn ifconfig(host: &FakeHost, arguments: &str) -> Output {
    host.run(&Invocation::new(Program::IFCONFIG, arguments.split_whitespace())).unwrap()
}

fn has(host: &FakeHost, name: &str) -> bool {
    host.interfaces(None).iter().any(|interface| interface.name == name)
}

#[test]
fn a_command_that_is_made_to_fail_does_nothing() {
    let host = host();
    host.fault_at(1, Fault::Fail(Output::failure(1, "ifconfig: out of luck\n")));
    assert!(ifconfig(&host, "epair1 create").exit.is_success());
    let failed = ifconfig(&host, "epair2 create");
    assert_eq!((failed.exit.is_success(), failed.stderr.as_str()), (false, "ifconfig: out of luck\n"));
    assert!(has(&host, "epair1a") && !has(&host, "epair2a"));
    assert!(ifconfig(&host, "epair2 create").exit.is_success());
}

#[test]
fn a_fault_waits_for_the_command_that_it_is_meant_for() {
    let host = host();
    host.fault_on("epair2 create", Fault::Fail(Output::failure(1, "")));
    let outcomes = ["epair1 create", "epair2 create", "epair2 create"]
        .map(|arguments| ifconfig(&host, arguments).exit.is_success());
    assert_eq!(outcomes, [true, false, true]);
}

#[test]
fn a_command_may_do_its_work_and_fail_all_the_same() {
    let host = host();
    host.fault_at(0, Fault::FailAfterwards(Output::failure(1, "")));
    assert!(!ifconfig(&host, "epair1 create").exit.is_success());
    assert!(has(&host, "epair1a"));
}

#[test]
fn who_is_killed_does_nothing_afterwards() {
    for (fault, is_made) in [(Fault::KillBefore, false), (Fault::KillAfter, true)] {
        let host = host();
        host.fault_at(1, fault);
        let mut reached = 0;
        let killed = until_killed(|| {
            for unit in 1..=3 {
                ifconfig(&host, &format!("epair{unit} create"));
                reached = unit;
            }
        });
        assert_eq!((killed, reached), (Err(Killed { at: 1 }), 1));
        assert_eq!((has(&host, "epair2a"), has(&host, "epair3a")), (is_made, false));
        // The next one starts on the machine as it was left, and nothing kills it.
        assert!(until_killed(|| ifconfig(&host, "epair3 create")).unwrap().exit.is_success());
        let outputs: Vec<bool> = host.records().iter().map(|record| record.output.is_some()).collect();
        assert_eq!(outputs, [true, false, true]);
    }
}

#[test]
#[should_panic(expected = "a caller's own mistake")]
fn a_callers_own_panic_is_no_kill() {
    let _ = until_killed(|| panic!("a caller's own mistake"));
}

#[test]
fn a_copy_goes_its_own_way() {
    let host = host();
    ifconfig(&host, "epair1 create");
    let (same, copy) = (host.clone(), host.fork());
    ifconfig(&copy, "epair1a destroy");
    assert!(has(&same, "epair1a") && !has(&copy, "epair1a"));
    ifconfig(&same, "epair2 create");
    assert!(has(&host, "epair2a") && !has(&copy, "epair2a"));
}

#[test]
fn a_reboot_leaves_files_and_nothing_else() {
    let host = host();
    ifconfig(&host, "epair1 create");
    host.write_file("/etc/rc.conf", "hostname=\"host\"\n");
    host.reboot();
    assert!(!has(&host, "epair1a") && has(&host, "em0") && has(&host, "lo0"));
    assert_eq!(host.read_file("/etc/rc.conf").as_deref(), Some("hostname=\"host\"\n"));
    assert!(ifconfig(&host, "epair1 create").exit.is_success());
}

#[test]
fn a_program_that_is_nowhere_is_no_output() {
    let host = host();
    assert!(host.run(&Invocation::new(Program::ZFS, ["list"])).is_err());
    host.add_program("/sbin/zfs", |_, arguments| Output::success(arguments.join(" ")));
    assert_eq!(host.run(&Invocation::new(Program::ZFS, ["list"])).unwrap().stdout, "list");
    host.add_interface(Driver::Ngeth, "ngeth0", None);
    assert!(has(&host, "ngeth0"));
}
