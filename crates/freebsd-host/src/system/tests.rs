//! The runner against programs that every Unix has.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::*;
use crate::output::Exit;
use crate::program::Program;

/// Short, for programs that never end: how long it is does not matter to what is shown.
const SOON: Duration = Duration::from_millis(50);

fn shell(script: &str) -> Invocation {
    Invocation::new(Program::new("/bin/sh").unwrap(), ["-c", script])
}

fn run(script: &str) -> Output {
    SystemRunner.run(&shell(script)).unwrap()
}

fn pid(text: &str) -> Pid {
    Pid::from_raw(text.trim().parse().unwrap()).unwrap()
}

#[test]
fn code_stdout_and_stderr_come_back() {
    let output = run("echo out; echo err >&2; exit 3");
    assert_eq!((output.exit, output.is_stdout_cut), (Exit::Code(3), false));
    assert_eq!((&*output.stdout, &*output.stderr), ("out\n", "err\n"));
    assert_eq!(run("kill -9 $$").exit, Exit::Signal(9));
}

#[test]
fn arguments_arrive_as_they_are() {
    let arguments = ["-c", r#"printf '%s|' "$@""#, "sh", "a b", "$HOME", "`id`", "", "*"];
    let output = SystemRunner.run(&Invocation::new(Program::new("/bin/sh").unwrap(), arguments)).unwrap();
    assert_eq!(output.stdout, "a b|$HOME|`id`||*|");
}

#[test]
fn nothing_of_the_callers_surroundings_is_handed_on() {
    let output = SystemRunner.run(&Invocation::new(Program::new("/usr/bin/env").unwrap(), [""; 0])).unwrap();
    let mut variables: Vec<&str> = output.stdout.lines().collect();
    variables.sort_unstable();
    assert_eq!(variables, ["LC_ALL=C", &format!("PATH={PATH}")]);
    assert_eq!(run("cat; pwd").stdout, "/\n", "stdin is empty");
}

#[test]
fn much_on_one_pipe_does_not_hold_up_the_other() {
    let output = run("head -c 1000000 /dev/zero >&2; echo done");
    assert_eq!((&*output.stdout, output.stderr.len()), ("done\n", STDERR_BYTES_MAX));
}

#[test]
fn what_is_kept_is_bounded_and_says_so() {
    let output = run(&format!("head -c {} /dev/zero | tr '\\0' x", STDOUT_BYTES_MAX + 1));
    assert_eq!(output.stdout.len(), STDOUT_BYTES_MAX);
    assert!(output.is_stdout_cut && output.exit.is_success());
    let output = run(&format!("head -c {STDOUT_BYTES_MAX} /dev/zero | tr '\\0' x"));
    assert!(!output.is_stdout_cut);
}

#[test]
fn bytes_that_are_no_text_are_replaced() {
    assert_eq!(run(r"printf 'a\377b'").stdout, "a\u{fffd}b");
}

#[test]
fn a_program_that_is_not_there_is_told_from_one_that_may_not_run() {
    let missing = Program::new("/nowhere/ifconfig").unwrap();
    let error = SystemRunner.run(&Invocation::new(missing.clone(), [""; 0])).unwrap_err();
    assert!(matches!(error, RunError::NotFound { program } if program == missing));

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("text");
    fs::write(&file, "no program").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let text = Program::new(file.to_str().unwrap()).unwrap();
    let error = SystemRunner.run(&Invocation::new(text.clone(), [""; 0])).unwrap_err();
    assert!(matches!(error, RunError::NotExecutable { program } if program == text));
}

#[test]
fn an_argument_that_no_program_can_take_is_an_error() {
    let error = SystemRunner.run(&shell("echo a\0b")).unwrap_err();
    assert!(matches!(error, RunError::System { attempt: "start", .. }));
}

#[test]
fn when_time_is_up_the_whole_group_is_gone_and_reaped() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let held = File::from(open(&fifo, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).unwrap());
    // Both the shell and what it starts hold the pipe open for writing.
    let script = format!("exec 3>{}; echo $$ >&2; tail -f /dev/null & wait", fifo.display());
    let error = SystemRunner.run(&shell(&script).within(SOON)).unwrap_err();
    let RunError::TimedOut { time_limit, stderr, .. } = error else { panic!("{error}") };
    assert_eq!(time_limit, SOON);
    if !stderr.is_empty() {
        assert!(test_kill_process(pid(&stderr)).is_err(), "neither running nor a zombie");
    }
    wait_until_nobody_writes(held);
}

#[test]
fn what_a_program_leaves_running_neither_holds_up_nor_dies() {
    let output = run("tail -f /dev/null & echo $!");
    let survivor = pid(&output.stdout);
    assert!(test_kill_process(survivor).is_ok());
    kill_process(survivor, Signal::KILL).unwrap();
}

/// Returns when nobody has the other end of a pipe open any more.
fn wait_until_nobody_writes(mut pipe: File) {
    while let Err(error) = pipe.read(&mut [0]) {
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        poll(&mut [PollFd::new(&pipe, PollFlags::IN)], None).unwrap();
    }
}
