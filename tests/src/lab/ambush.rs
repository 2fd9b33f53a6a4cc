//! An agent is killed at a command of the jail(8) that it has started, which goes on without it or is killed too.
//!
//! A jail's start is one step to its agent and many to jail(8). Each of FreeBSD's commands that jail(8) has run counts itself,
//! and the one whose turn it is kills the agent before it does what it was started for. `ifconfig IF inet6` is not counted: it
//! changes nothing, and how often jail(8) looks whether duplicates are still looked for is a matter of time.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use super::processes::Process;

/// How many commands are let pass, and who is killed then; there only while somebody lies in wait.
pub(super) const COUNT: &str = "/run/lab/ambush";
/// Whose end it is.
const AGENT: &str = "alloc-agent";
/// Through whom, and who may be killed too.
const JAIL: &str = "jail";

/// What is written to lie in wait.
pub(super) fn count(commands: usize, prey: Prey) -> String {
    match prey {
        Prey::Agent => format!("{commands} {AGENT}"),
        Prey::AgentAndJail => format!("{commands} {JAIL}"),
    }
}

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prey {
    /// The agent.
    Agent,
    /// The agent, and the jail(8) that it has started.
    AgentAndJail,
}

/// Kills the agent that this process is run for, if its turn has come.
pub(super) fn pass_by(arguments: &[String]) {
    if matches!(arguments, [_, family] if family == "inet6") {
        return;
    }
    let Ok(text) = fs::read_to_string(COUNT) else { return };
    let Some((agent, jail)) = agent_and_jail() else { return };
    let (left, prey) = text.trim().split_once(' ').expect("a number and who were written");
    let left: u32 = left.parse().expect("a number was written");
    if left > 0 {
        return fs::write(COUNT, format!("{} {prey}", left - 1)).expect("count a command");
    }
    fs::remove_file(COUNT).expect("it is over");
    // The agent first: it would see how its jail(8) ends.
    let preys = if prey == JAIL { vec![agent, jail] } else { vec![agent] };
    for prey in preys {
        let prey = Pid::from_raw(prey).expect("a process has a number");
        kill_process(prey, Signal::KILL).expect("they can be killed");
    }
}

/// The agent whose jail(8) has run this process, and that; none if there is none.
fn agent_and_jail() -> Option<(i32, i32)> {
    let mut jail = None;
    let mut number = Process::of("self")?.parent?;
    loop {
        let process = Process::of(&number.to_string())?;
        match process.name.as_str() {
            AGENT => return Some((number, jail?)),
            JAIL => jail = Some(number),
            _ => {}
        }
        number = process.parent?;
    }
}
