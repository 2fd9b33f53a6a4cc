//! What a run of jail(8) has printed so far.

use crate::output::Output;

/// The text of both streams, and the code so far.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) stdout: String,
    pub(super) stderr: String,
    pub(super) code: i32,
}

impl Story {
    /// Takes over what another program printed.
    pub(super) fn heard(&mut self, output: &Output) {
        self.stdout.push_str(&output.stdout);
        self.stderr.push_str(&output.stderr);
    }

    /// A message, after which the code is 1.
    pub(super) fn complain(&mut self, message: &str) {
        self.stderr.push_str(&format!("jail: {message}\n"));
        self.code = 1;
    }
}
