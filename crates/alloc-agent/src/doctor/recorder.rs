//! A runner that remembers what it ran, so that a check can say which command it looked with.

use std::sync::{Mutex, PoisonError};

use freebsd_host::{Invocation, Output, RunError, Runner};

/// Runs commands by another runner and remembers them.
#[derive(Debug)]
pub(super) struct Recorder<R> {
    runner: R,
    commands: Mutex<Vec<String>>,
}

impl<R> Recorder<R> {
    pub(super) const fn new(runner: R) -> Self {
        Self { runner, commands: Mutex::new(Vec::new()) }
    }

    /// The commands since it was last asked, in order.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.commands.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<R: Runner> Runner for Recorder<R> {
    fn run(&self, invocation: &Invocation) -> Result<Output, RunError> {
        let command = invocation.to_string();
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(command);
        self.runner.run(invocation)
    }
}
