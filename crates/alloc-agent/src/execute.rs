//! Does what a plan says, jail by jail: the first step that fails stops that jail and no other.
//!
//! A step is done by a verb that may be said again and looks afterwards whether it holds. What destroys looks before, too, whether
//! the mark is still there. There is no second try within a pass: the next pass plans from what is there then.

mod file;
mod step;

use allocd_types::agent::LeaseAt;
use allocd_types::id::LeaseId;
use allocd_types::name::{InterfaceName, JailName};
use freebsd_config::rc_conf::RcConfError;
use freebsd_host::{CommandError, Host, Runner};

use crate::cache::Store;
use crate::files::{FileError, Files};
use crate::plan::{JailPlan, Plan};
use crate::step::Step;

/// What a plan's execution came to for one jail.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) jail: JailName,
    /// How many steps were done.
    pub(crate) done: usize,
    /// What failed and did not matter.
    pub(crate) unmet: Vec<StepFailure>,
    /// What failed and ended it.
    pub(crate) failure: Option<StepFailure>,
    /// What is given up, if nothing of it is there any more.
    pub(crate) confirms: Vec<LeaseAt>,
}

/// A step that failed.
#[derive(Debug, thiserror::Error)]
#[error("this could not be brought about: {step}")]
pub(crate) struct StepFailure {
    pub(crate) step: Box<Step>,
    pub(crate) source: StepError,
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    /// A command failed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// rc.conf(5) could not be changed.
    #[error("rc.conf cannot be changed")]
    RcConf(#[from] RcConfError),
    /// The interface does not carry the mark that it had.
    #[error("{name} does not carry the mark of {}", .lease.resource_name())]
    NotOurs {
        /// The interface.
        name: InterfaceName,
        /// The lease.
        lease: LeaseId,
    },
    /// Somebody else made an interface of that name meanwhile.
    #[error("{name} was made by somebody else meanwhile")]
    Taken {
        /// The interface.
        name: InterfaceName,
    },
    /// The file is somebody else's.
    #[error("{path} is not ours")]
    ForeignFile {
        /// The file.
        path: String,
    },
}

/// What steps are done with.
#[derive(Debug)]
pub(crate) struct Executor<'a, R> {
    pub(crate) host: &'a Host<R>,
    pub(crate) files: &'a Files,
    pub(crate) store: &'a mut Store,
}

impl<R: Runner> Executor<'_, R> {
    /// Does what a plan says.
    pub(crate) fn execute(&mut self, plan: Plan) -> Vec<Outcome> {
        plan.jails.into_iter().map(|part| self.jail(part)).collect()
    }

    fn jail(&mut self, part: JailPlan) -> Outcome {
        let JailPlan { jail, steps, confirms, .. } = part;
        let mut outcome = Outcome { jail, done: 0, unmet: Vec::new(), failure: None, confirms };
        for planned in steps {
            let failed = |source| StepFailure { step: Box::new(planned.step.clone()), source };
            match self.step(&outcome.jail, &planned.step) {
                Ok(()) => outcome.done += 1,
                Err(source) if planned.step.may_fail() => outcome.unmet.push(failed(source)),
                Err(source) => {
                    outcome.failure = Some(failed(source));
                    outcome.confirms.clear();
                    break;
                }
            }
        }
        outcome
    }
}
