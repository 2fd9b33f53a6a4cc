//! An agent is killed at a command of the jail(8) that it has started, which goes on without it.
//!
//! A jail's start is one step to its agent and many to jail(8). Each of FreeBSD's commands that jail(8) has run counts itself,
//! and the one whose turn it is kills the agent before it does what it was started for. `ifconfig IF inet6` is not counted: it
//! changes nothing, and how often jail(8) looks whether duplicates are still looked for is a matter of time.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// How many commands are let pass; there only while somebody lies in wait.
pub(super) const COUNT: &str = "/run/lab/ambush";
/// Whose end it is.
const AGENT: &str = "alloc-agent";
/// Through whom.
const JAIL: &str = "jail";

/// Kills the agent that this process is run for, if its turn has come.
pub(super) fn pass_by(arguments: &[String]) {
    if matches!(arguments, [_, family] if family == "inet6") {
        return;
    }
    let Ok(text) = fs::read_to_string(COUNT) else { return };
    let Some(agent) = agent() else { return };
    let left: u32 = text.trim().parse().expect("a number was written");
    if left > 0 {
        return fs::write(COUNT, (left - 1).to_string()).expect("count a command");
    }
    fs::remove_file(COUNT).expect("it is over");
    let agent = Pid::from_raw(agent).expect("a process has a number");
    kill_process(agent, Signal::KILL).expect("an agent can be killed");
}

/// The agent whose jail(8) has run this process; none if there is none.
fn agent() -> Option<i32> {
    let mut is_for_jail = false;
    let mut pid = parent_of("self")?;
    loop {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
        match name.trim_end() {
            AGENT => return is_for_jail.then_some(pid),
            name => is_for_jail |= name == JAIL,
        }
        pid = parent_of(&pid.to_string())?;
    }
}

/// The number of a process's parent; none above the first of a host.
fn parent_of(process: &str) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Its name stands in brackets, its state follows, then its parent.
    let parent = stat.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()?;
    (parent > 0).then_some(parent)
}
