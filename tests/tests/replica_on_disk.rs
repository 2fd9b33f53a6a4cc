//! A replica on its real log: what it answered is there again after the process is gone, however it went.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use allocd_replica::{Answer, Config, Effect, Monotonic, Proposal, Replica, Role, Token};
use allocd_state::command::Command;
use allocd_store::{DiskLog, Owner};
use allocd_types::host::HostSpec;
use allocd_types::id::{Caller, ClusterId, MemberId, RequestId};
use allocd_types::label::Labels;
use allocd_types::name::HostName;
use allocd_types::time::{Span, WallTime};

fn start(directory: &Path) -> Replica<DiskLog> {
    let member = MemberId::new(1);
    let owner = Owner { cluster: ClusterId::new("blue").expect("a cluster id"), member };
    let log = DiskLog::open(directory, &owner).expect("open the log");
    Replica::start(&Config::new(member, vec![member], 7), log).expect("start on the log")
}

/// Lets ticks pass until it leads: alone, it elects itself.
fn lead(replica: &mut Replica<DiskLog>) {
    for tick in 0..100 {
        replica.observe_time(Monotonic(tick * 100), WallTime::default());
        replica.tick().expect("tick");
        replica.advance(&mut drop).expect("advance");
        if replica.status().standing.role == Role::Leader {
            return;
        }
    }
    panic!("a single member was not elected");
}

/// Creates hosts in one batch and returns how many were answered.
fn create_hosts(replica: &mut Replica<DiskLog>, names: impl Iterator<Item = String>) -> usize {
    let proposal = |(number, name): (u64, String)| Proposal {
        token: Token(number),
        request_id: RequestId::new(&name).expect("a request id"),
        caller: Caller::new("script").expect("a caller"),
        expires_in: Span::from_seconds(30),
        command: Command::CreateHost(HostSpec {
            name: HostName::new(&name).expect("a host name"),
            bridges: BTreeMap::new(),
            labels: Labels::default(),
        }),
    };
    replica.propose((0..).zip(names).map(proposal).collect()).expect("propose");
    let mut answered = 0;
    let mut count = |effect| {
        let is_applied = matches!(&effect, Effect::Answer { answer: Answer::Applied { outcome, .. }, .. } if outcome.is_ok());
        answered += usize::from(is_applied);
    };
    replica.advance(&mut count).expect("advance");
    answered
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("create a directory");
    for entry in fs::read_dir(from).expect("list a directory") {
        let entry = entry.expect("list a directory");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("look at a file").is_dir() {
            copy_directory(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copy a file");
        }
    }
}

#[test]
fn what_was_answered_is_there_after_a_kill_at_any_time() {
    let directory = tempfile::tempdir().unwrap();
    let mut replica = start(directory.path());
    lead(&mut replica);
    for round in 0..5 {
        let names = (0..100).map(|n| format!("h{round}-{n}"));
        assert_eq!(create_hosts(&mut replica, names), 100);
        // The files as a killed process leaves them, taken while it still runs.
        let copy = tempfile::tempdir().unwrap();
        copy_directory(directory.path(), copy.path());
        let mut again = start(copy.path());
        lead(&mut again);
        assert_eq!(again.digest(), replica.digest(), "round {round}");
    }
}

#[test]
fn a_request_repeated_after_a_restart_is_answered_and_not_done_again() {
    let directory = tempfile::tempdir().unwrap();
    let mut replica = start(directory.path());
    lead(&mut replica);
    assert_eq!(create_hosts(&mut replica, ["h1".to_owned()].into_iter()), 1);
    let revision = replica.state().revision();
    drop(replica.into_log());
    let mut replica = start(directory.path());
    lead(&mut replica);
    assert_eq!(create_hosts(&mut replica, ["h1".to_owned()].into_iter()), 1);
    assert_eq!(replica.state().revision(), revision);
}
