//! A program that runs, and the thread that waits for its end.

use std::io::{self, PipeReader};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::PATH;
use super::capture::Capture;
use crate::invocation::Invocation;
use crate::output::Exit;
use crate::runner::RunError;

/// How long a killed program may take to be gone. One that hangs in the kernel cannot be killed; it is reaped if it ever ends.
const KILL_TIME_LIMIT: Duration = Duration::from_secs(5);

/// A running program.
pub(super) struct Process {
    pid: Pid,
    stdout: Option<OwnedFd>,
    stderr: Option<OwnedFd>,
    /// Hangs up when the program has ended.
    end: PipeReader,
    /// While this is there, the program is not reaped, so its number is nobody else's.
    hold: Option<SyncSender<()>>,
    status: Receiver<io::Result<ExitStatus>>,
}

/// What need not be waited for any more.
pub(super) struct Readiness {
    pub(super) stdout: bool,
    pub(super) stderr: bool,
    pub(super) end: bool,
}

impl Process {
    pub(super) fn start(invocation: &Invocation) -> Result<Self, RunError> {
        let failed = |attempt| move |source| system(invocation, attempt, source);
        let (end, ending) = io::pipe().map_err(failed("make a pipe for"))?;
        let (hold, held) = sync_channel::<()>(0);
        let (ended, status) = sync_channel(1);
        // The thread comes first: without it nobody would reap the program.
        let (started, start) = sync_channel::<Child>(1);
        let wait = move || {
            let Ok(mut child) = start.recv() else { return };
            wait_for_end(Pid::from_child(&child));
            drop(ending);
            // Returns when the other side lets go; nothing is ever sent.
            let _ = held.recv();
            // Nobody may be left to hear it.
            let _ = ended.send(child.wait());
        };
        let thread = thread::Builder::new().name(invocation.program.name().to_owned());
        thread.spawn(wait).map_err(failed("wait for"))?;
        let mut child = spawn(invocation)?;
        let pid = Pid::from_child(&child);
        let stdout = child.stdout.take().map(OwnedFd::from);
        let stderr = child.stderr.take().map(OwnedFd::from);
        started.send(child).expect("the waiting thread takes the program it was made for");
        Ok(Self { pid, stdout, stderr, end, hold: Some(hold), status })
    }

    pub(super) fn take_stdout(&mut self) -> Option<OwnedFd> {
        self.stdout.take()
    }

    pub(super) fn take_stderr(&mut self) -> Option<OwnedFd> {
        self.stderr.take()
    }

    /// Waits until there is something to read, or the program has ended, or the time is up; none if a signal came first.
    pub(super) fn wait(
        &self,
        stdout: &Capture,
        stderr: &Capture,
        time_limit: Option<Duration>,
    ) -> io::Result<Option<Readiness>> {
        let pipes = [stdout.pipe(), stderr.pipe(), Some(self.end.as_fd())];
        let mut polled: Vec<PollFd> =
            pipes.iter().flatten().map(|pipe| PollFd::from_borrowed_fd(*pipe, PollFlags::IN)).collect();
        // Longer than the system can wait is as good as for ever.
        let time_limit = time_limit.and_then(|limit| Timespec::try_from(limit).ok());
        match poll(&mut polled, time_limit.as_ref()) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let mut ready = polled.iter().map(|polled| !polled.revents().is_empty());
        let mut next = |is_polled: bool| is_polled && ready.next().unwrap_or(false);
        let [stdout, stderr, end] = pipes.map(|pipe| next(pipe.is_some()));
        Ok(Some(Readiness { stdout, stderr, end }))
    }

    /// How the program ended, once it has.
    pub(super) fn status(mut self) -> io::Result<Exit> {
        self.hold = None;
        let status = self.status.recv().expect("the waiting thread tells the status before it ends")?;
        Ok(match status.code() {
            Some(code) => Exit::Code(code),
            None => Exit::Signal(status.signal().expect("what has no code was ended by a signal")),
        })
    }

    /// Kills the program and whatever is in its process group, and waits until it is gone.
    pub(super) fn kill(mut self) {
        // That there is nothing left to kill is as good.
        let _ = kill_process_group(self.pid, Signal::KILL);
        self.hold = None;
        let _ = self.status.recv_timeout(KILL_TIME_LIMIT);
    }
}

fn spawn(invocation: &Invocation) -> Result<Child, RunError> {
    Command::new(invocation.program.path())
        .args(&invocation.arguments)
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|source| {
            let program = invocation.program.clone();
            if source.kind() == io::ErrorKind::NotFound {
                RunError::NotFound { program }
            } else if source.kind() == io::ErrorKind::PermissionDenied {
                RunError::NotExecutable { program }
            } else {
                RunError::System { program, attempt: "start", source }
            }
        })
}

/// Waits for the end of a program without reaping it. On an error the reaping that follows says what is wrong.
fn wait_for_end(pid: Pid) {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while matches!(waitid(WaitId::Pid(pid), options), Err(Errno::INTR)) {}
}

fn system(invocation: &Invocation, attempt: &'static str, source: io::Error) -> RunError {
    RunError::System { program: invocation.program.clone(), attempt, source }
}
