//! Something that was looked at, with the command that showed it, or why it could not be seen.

use std::error::Error;

use super::finding::{Finding, Outcome};

/// Something that was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Fact<T> {
    command: String,
    seen: Result<T, String>,
}

impl<T> Fact<T> {
    /// What a command showed, or why it showed nothing.
    pub(super) fn new(command: impl Into<String>, seen: Result<T, String>) -> Self {
        Self { command: command.into(), seen }
    }

    /// The command.
    pub(super) fn command(&self) -> &str {
        &self.command
    }

    /// What was seen.
    pub(super) const fn get(&self) -> Option<&T> {
        match &self.seen {
            Ok(seen) => Some(seen),
            Err(_) => None,
        }
    }

    /// Why it was not seen.
    pub(super) fn reason(&self) -> Option<&str> {
        self.seen.as_ref().err().map(String::as_str)
    }

    /// What another command's output says as well, read in another way.
    pub(super) fn read<U>(&self, read: impl FnOnce(&T) -> Result<U, String>) -> Fact<U> {
        let seen = match &self.seen {
            Ok(seen) => read(seen),
            Err(reason) => Err(reason.clone()),
        };
        Fact { command: self.command.clone(), seen }
    }

    /// Two things that are judged together.
    pub(super) fn and<'a, U>(&'a self, other: &'a Fact<U>) -> Fact<(&'a T, &'a U)> {
        let mut command = self.command.clone();
        if command.is_empty() {
            command.clone_from(&other.command);
        } else if !other.command.is_empty() && !command.split("; ").any(|one| one == other.command) {
            command = format!("{command}; {}", other.command);
        }
        let seen = match (&self.seen, &other.seen) {
            (Ok(this), Ok(other)) => Ok((this, other)),
            (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
        };
        Fact { command, seen }
    }

    /// Judges it; what was not seen is not judged.
    pub(super) fn judge(&self, check: &'static str, judge: impl FnOnce(&T) -> Outcome) -> Finding {
        let outcome = match &self.seen {
            Ok(seen) => judge(seen),
            Err(reason) => Outcome::skipped(reason.as_str()),
        };
        outcome.of(check, &self.command)
    }
}

impl Fact<Option<String>> {
    /// Judges a value of the kernel; one that it has not is not judged.
    pub(super) fn judge_value(&self, check: &'static str, judge: impl FnOnce(&str) -> Outcome) -> Finding {
        self.judge(check, |value| match value {
            Some(value) => judge(value),
            None => Outcome::skipped("this kernel has no such value"),
        })
    }
}

/// An error with its sources, on one line.
pub(super) fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    #[test]
    fn what_was_not_seen_is_skipped_with_the_reason() {
        let ok = Fact::new("uname", Ok(1));
        let failed: Fact<u8> = Fact::new("arp -an", Err("it is not there".to_owned()));
        let finding = ok.and(&failed).judge("a.b", |_| Outcome::ok("never"));
        assert_eq!(finding.verdict, Verdict::Skipped);
        assert_eq!(
            (finding.command.as_str(), finding.meaning.as_str()),
            ("uname; arp -an", "it is not there")
        );
        assert_eq!(failed.and(&ok).reason(), Some("it is not there"));
        let absent = Fact::new("sysctl -n x", Ok(None));
        assert_eq!(absent.judge_value("a.b", |_| Outcome::ok("never")).verdict, Verdict::Skipped);
    }

    #[test]
    fn one_command_is_told_once() {
        let (a, b) = (Fact::new("uname", Ok(1)), Fact::new("ifconfig -a", Ok(2)));
        let both = a.and(&b);
        assert_eq!(both.and(&a).command(), "uname; ifconfig -a");
        assert_eq!(both.and(&a).get(), Some(&(&(&1, &2), &1)));
    }
}
