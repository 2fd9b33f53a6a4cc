//! What a check comes to: a verdict, what it means, and what to do about it.

use serde::Serialize;

/// How a check ended, the harmless ones first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// It is as it should be.
    Ok,
    /// It is not known: what the check looks at could not be seen.
    Skipped,
    /// It works, or may work, and will hurt somebody some day.
    Warn,
    /// Jails will not work, or will disturb others.
    Fail,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    verdict: Verdict,
    meaning: String,
    remedy: Option<String>,
}

/// One line of the doctor's report. Its field names are a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// Which check, as `subject.check`.
    pub(crate) check: &'static str,
    /// How it ended.
    pub(crate) verdict: Verdict,
    /// The command that it looked with; of a file, one that shows the same.
    pub(crate) command: String,
    /// What it means; of a check that was skipped, why.
    pub(crate) meaning: String,
    /// What to do about it; none if nothing is to be done.
    pub(crate) remedy: Option<String>,
}

impl Verdict {
    /// The verdict as a word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

impl Outcome {
    /// It is as it should be.
    pub(super) fn ok(meaning: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, meaning: meaning.into(), remedy: None }
    }

    /// It is not known.
    pub(super) fn skipped(reason: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, meaning: reason.into(), remedy: None }
    }

    /// It will hurt somebody some day.
    pub(super) fn warn(meaning: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn, meaning: meaning.into(), remedy: Some(remedy.into()) }
    }

    /// It hurts.
    pub(super) fn fail(meaning: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, meaning: meaning.into(), remedy: Some(remedy.into()) }
    }

    /// What is right in all that was seen is not known to be right if something was not seen.
    pub(super) fn unless_unseen(self, unseen: &[String]) -> Self {
        if self.verdict == Verdict::Ok && !unseen.is_empty() {
            Self::skipped(format!("not all could be seen: {}", list(unseen)))
        } else {
            self
        }
    }

    /// The line of the report.
    pub(super) fn of(self, check: &'static str, command: &str) -> Finding {
        let Self { verdict, meaning, remedy } = self;
        Finding { check, verdict, command: command.to_owned(), meaning, remedy }
    }
}

/// Names with commas between, up to a bound: a host may have hundreds of jails.
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    const NAMES_MAX: usize = 8;
    let mut shown: Vec<&str> = names.iter().take(NAMES_MAX).map(AsRef::as_ref).collect();
    let more = names.len() - shown.len();
    let more = format!("{more} more");
    if names.len() > NAMES_MAX {
        shown.push(&more);
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_seen_is_never_ok() {
        let unseen = ["web01: it hangs".to_owned()];
        assert_eq!(
            Outcome::ok("all differ").unless_unseen(&unseen),
            Outcome::skipped("not all could be seen: web01: it hangs")
        );
        assert_eq!(Outcome::ok("all differ").unless_unseen(&[]), Outcome::ok("all differ"));
        let fail = Outcome::fail("two are one", "change one");
        assert_eq!(fail.clone().unless_unseen(&unseen), fail);
    }

    #[test]
    fn a_long_list_is_counted() {
        assert_eq!(list(&["a", "b"]), "a, b");
        let many: Vec<String> = (1..=12).map(|number| format!("j{number}")).collect();
        assert_eq!(list(&many), "j1, j2, j3, j4, j5, j6, j7, j8, 4 more");
    }

    #[test]
    fn the_worst_verdict_is_the_last_one() {
        let mut verdicts = [Verdict::Fail, Verdict::Ok, Verdict::Warn, Verdict::Skipped];
        verdicts.sort();
        assert_eq!(verdicts.map(Verdict::as_str), ["ok", "skipped", "warn", "fail"]);
    }
}
