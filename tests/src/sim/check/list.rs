//! The list of checkers, and what they have in common.

use allocd_state::state::State;

use super::super::observation::{Final, Seen};
use super::{
    durable::Durable, equal::Equal, history::History, holders::Holders, leaders::Leaders,
    lifetime::Lifetimes, living::Living, majorities::Majorities, members::Members, once::Once,
    one_log::OneLog, pools::Pools, quarantine::Quarantine, replay::Replay,
};

/// Judges one promise.
pub trait Checker {
    /// What it is called in reports: the name of its file.
    fn name(&self) -> &'static str;

    /// Looks at one thing.
    ///
    /// # Errors
    /// The violation in words, if the promise is broken.
    fn see(&mut self, real: u64, seen: Seen<'_>) -> Result<(), String>;

    /// A backup has become a new cluster, which begins with this state. What holders do goes on as ever; what is told of members
    /// and their log is of another cluster from now on.
    fn begin_anew(&mut self, base: &State);

    /// Looks at what is left when all is over.
    ///
    /// # Errors
    /// The violation in words, if the promise is broken.
    fn finish(&mut self, _end: Final<'_>) -> Result<(), String> {
        Ok(())
    }
}

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{checker}, after {real} ms: {what}")]
pub struct Violation {
    /// Which checker says so.
    pub checker: &'static str,
    /// When, in milliseconds of real time.
    pub real: u64,
    /// What is wrong, in words.
    pub what: String,
}

/// All checkers, and the first violation that any of them saw.
pub struct Checkers {
    all: Vec<Box<dyn Checker>>,
    violation: Option<Violation>,
}

impl Checkers {
    /// All checkers.
    #[must_use]
    pub fn all() -> Self {
        let all: Vec<Box<dyn Checker>> = vec![
            Box::new(Leaders::default()),
            Box::new(Members::default()),
            Box::new(Majorities::default()),
            Box::new(Durable::default()),
            Box::new(OneLog::default()),
            Box::new(Holders::default()),
            Box::new(Living::default()),
            Box::new(Lifetimes::default()),
            Box::new(Quarantine::default()),
            Box::new(Once::default()),
            Box::new(History::default()),
            Box::new(Equal::default()),
            Box::new(Replay::default()),
            Box::new(Pools::default()),
        ];
        Self { all, violation: None }
    }

    /// Those that judge what can be seen of members from without: calls, watches and what they say about themselves.
    #[must_use]
    pub fn from_without() -> Self {
        let all: Vec<Box<dyn Checker>> = vec![
            Box::new(Leaders::default()),
            Box::new(Holders::default()),
            Box::new(Lifetimes::default()),
            Box::new(Quarantine::default()),
            Box::new(Once::default()),
            Box::new(History::default()),
            Box::new(Durable::default()),
            Box::new(Equal::default()),
        ];
        Self { all, violation: None }
    }

    /// Shows all of them one thing.
    pub fn see(&mut self, real: u64, seen: Seen<'_>) {
        for checker in &mut self.all {
            if let Err(what) = checker.see(real, seen)
                && self.violation.is_none()
            {
                self.violation = Some(Violation { checker: checker.name(), real, what });
            }
        }
    }

    /// Tells all of them of a new cluster.
    pub fn begin_anew(&mut self, base: &State) {
        self.all.iter_mut().for_each(|checker| checker.begin_anew(base));
    }

    /// Notes what no checker has to judge, because nothing of the kind may happen at all.
    pub fn note(&mut self, checker: &'static str, real: u64, what: String) {
        self.violation.get_or_insert(Violation { checker, real, what });
    }

    /// Shows all of them what is left when all is over.
    pub fn finish(&mut self, real: u64, end: Final<'_>) {
        for checker in &mut self.all {
            if let Err(what) = checker.finish(end)
                && self.violation.is_none()
            {
                self.violation = Some(Violation { checker: checker.name(), real, what });
            }
        }
    }

    /// The first violation.
    #[must_use]
    pub const fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }
}
