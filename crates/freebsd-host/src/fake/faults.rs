//! What can be made to go wrong, and how a caller is killed.
//!
//! A caller that is killed stops where it stands: the thread unwinds past all its code, and [`until_killed`] ends that. So
//! whatever the caller would have done next, to the machine or to files, is not done.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::output::Output;

/// What happens at a command instead of its usual course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It does nothing and ends like this.
    Fail(Output),
    /// It is done, and ends like this all the same.
    FailAfterwards(Output),
    /// The caller is killed before it starts the command.
    KillBefore,
    /// The caller is killed when the command has done its work, before it hears of that.
    KillAfter,
}

/// The caller was killed at a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Killed {
    /// How many commands had been started before.
    pub at: usize,
}

/// Runs a caller to its end or until it is killed.
///
/// # Errors
/// [`Killed`] if a fault killed it.
///
/// # Panics
/// If the caller does.
pub fn until_killed<T>(caller: impl FnOnce() -> T) -> Result<T, Killed> {
    catch_unwind(AssertUnwindSafe(caller)).map_err(|payload: Box<dyn Any + Send>| {
        match payload.downcast::<Killed>() {
            Ok(killed) => *killed,
            Err(other) => resume_unwind(other),
        }
    })
}

/// Kills the caller; no panic is reported, since none has happened.
pub(super) fn kill(at: usize) -> ! {
    resume_unwind(Box::new(Killed { at }))
}
