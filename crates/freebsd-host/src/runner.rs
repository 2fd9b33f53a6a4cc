//! What runs invocations: the seam between what is decided and what is done.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::invocation::Invocation;
use crate::output::Output;
use crate::program::Program;

/// Runs programs, one after the other or from several threads at once.
pub trait Runner: Send + Sync {
    /// Runs a program to its end; that it failed is a matter of its [`Output`].
    ///
    /// # Errors
    /// [`RunError`] if it did not run, or not to its end.
    fn run(&self, invocation: &Invocation) -> Result<Output, RunError>;
}

/// Why a program did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no such program.
    #[error("{program} is not there")]
    NotFound {
        /// The program.
        program: Program,
    },
    /// The file is no program, or not for us.
    #[error("{program} may not be run")]
    NotExecutable {
        /// The program.
        program: Program,
    },
    /// It took too long, and was killed with all it had started in its process group.
    #[error("{program} had not ended after {time_limit:?} and was killed")]
    TimedOut {
        /// The program.
        program: Program,
        /// How long it was given.
        time_limit: Duration,
        /// What it had written to stderr by then.
        stderr: String,
    },
    /// The system refused something on the way.
    #[error("cannot {attempt} {program}")]
    System {
        /// The program.
        program: Program,
        /// What was attempted, as a verb.
        attempt: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl<R: Runner + ?Sized> Runner for &R {
    fn run(&self, invocation: &Invocation) -> Result<Output, RunError> {
        (**self).run(invocation)
    }
}

impl<R: Runner + ?Sized> Runner for Arc<R> {
    fn run(&self, invocation: &Invocation) -> Result<Output, RunError> {
        (**self).run(invocation)
    }
}
