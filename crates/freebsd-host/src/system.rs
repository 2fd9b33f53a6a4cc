//! The runner that really runs programs.
//!
//! What a program gets from here is fixed: an environment of two variables, `/` as its directory, nothing on stdin, a process
//! group of its own, and a time limit. It has ended when *it* has ended, not when its pipes are closed: a jail's start leaves
//! services behind, and a careless one keeps the pipe of the program that started it. Such survivors are left alone, unless the
//! time is up: then all that is still in the process group goes with the program.
//!
//! ```text
//! this thread      poll(stdout, stderr, end, time left) ── kill the group if time is up ── let go ── take the status
//! waiting thread   waitid, which leaves the number in use ── hang up `end` ──────────── wait for that ── reap
//! ```
//!
//! A process that was not reaped keeps its number, so the signal cannot hit a stranger.

mod capture;
mod process;

use std::io;
use std::time::{Duration, Instant};

use crate::invocation::Invocation;
use crate::output::{Output, STDERR_BYTES_MAX, STDOUT_BYTES_MAX};
use crate::runner::{RunError, Runner};

use capture::Capture;
use process::Process;

/// The only search path a program gets; those that are run from here are named by absolute paths, but they run others.
const PATH: &str = "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin";
/// What is taken from the pipes at most once a program has ended: more than any pipe holds, so more is of those it left behind.
const REST_BYTES_MAX: usize = 2 << 20;

/// Runs programs on this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRunner;

impl Runner for SystemRunner {
    fn run(&self, invocation: &Invocation) -> Result<Output, RunError> {
        let program = || invocation.program.clone();
        let mut process = Process::start(invocation)?;
        let mut stdout = Capture::new(process.take_stdout(), STDOUT_BYTES_MAX);
        let mut stderr = Capture::new(process.take_stderr(), STDERR_BYTES_MAX);
        match follow(&process, &mut stdout, &mut stderr, deadline(invocation.time_limit)) {
            Ok(true) => {}
            Ok(false) => {
                process.kill();
                let time_limit = invocation.time_limit;
                return Err(RunError::TimedOut { program: program(), time_limit, stderr: stderr.text() });
            }
            Err(source) => {
                process.kill();
                return Err(RunError::System { program: program(), attempt: "read from", source });
            }
        }
        let wait_failed = |source| RunError::System { program: program(), attempt: "wait for", source };
        let exit = process.status().map_err(wait_failed)?;
        Ok(Output { exit, stdout: stdout.text(), is_stdout_cut: stdout.is_cut(), stderr: stderr.text() })
    }
}

/// Reads what a program writes until it ends; false if the deadline comes first.
fn follow(
    process: &Process,
    stdout: &mut Capture,
    stderr: &mut Capture,
    deadline: Option<Instant>,
) -> io::Result<bool> {
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let Some(ready) = process.wait(stdout, stderr, left)? else { continue };
        stdout.read_if(ready.stdout)?;
        stderr.read_if(ready.stderr)?;
        if ready.end {
            rest(process, stdout, stderr)?;
            return Ok(true);
        }
        if left == Some(Duration::ZERO) {
            return Ok(false);
        }
    }
}

/// Reads what a program that has ended left in its pipes.
fn rest(process: &Process, stdout: &mut Capture, stderr: &mut Capture) -> io::Result<()> {
    let mut bytes = 0;
    while bytes < REST_BYTES_MAX {
        let Some(ready) = process.wait(stdout, stderr, Some(Duration::ZERO))? else { continue };
        if !ready.stdout && !ready.stderr {
            return Ok(());
        }
        bytes += stdout.read_if(ready.stdout)? + stderr.read_if(ready.stderr)?;
    }
    Ok(())
}

/// When the time is up; never, if that is beyond what the clock can say.
fn deadline(time_limit: Duration) -> Option<Instant> {
    Instant::now().checked_add(time_limit)
}

#[cfg(test)]
mod tests;
