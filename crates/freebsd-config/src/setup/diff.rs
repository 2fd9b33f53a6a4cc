//! What a host's file says against what it should say, item by item, each in the sense of whoever reads the file.
//!
//! Only what is wanted is looked at: other lines of the host are its own. Text that is not understood is told as that, and is
//! neither right nor wrong.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{SetupFile, Syntax};
use crate::rc_conf::{self, ListVariable, RcConfError};

/// One thing that a file should say, and whether it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about: a variable, a sysctl, a rule of a section, or a line.
    pub item: String,
    /// Whether it is there.
    pub finding: Finding,
}

/// Whether a file says what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It does.
    There,
    /// It says nothing of it.
    Missing {
        /// What it should say.
        want: String,
    },
    /// It says something else.
    Different {
        /// What it says.
        have: String,
        /// What it should say; of a list, with the words that it has already.
        want: String,
    },
    /// What it says is not known here.
    NotUnderstood {
        /// What it should say.
        want: String,
        /// Why it is not known.
        error: RcConfError,
    },
}

/// Compares a file with what is wanted of it, in the order of what is wanted; `have` is none if there is no such file.
#[must_use]
pub fn diff(have: Option<&str>, want: &SetupFile) -> Vec<Difference> {
    let have = have.unwrap_or_default();
    match want.syntax {
        Syntax::Variables => variables(have, &want.contents),
        Syntax::Sysctls => sysctls(have, &want.contents),
        Syntax::Rules => rules(have, &want.contents),
        Syntax::Lines => lines(have, &want.contents),
    }
}

fn variables(have: &str, want: &str) -> Vec<Difference> {
    let wanted = rc_conf::assignments(want).expect("a rendered file is understood");
    let present = rc_conf::assignments(have);
    let compare = |name: &str, want: &str| -> Result<Finding, RcConfError> {
        let present = present.as_ref().map_err(RcConfError::clone)?;
        // The last one counts.
        match present.iter().rev().find(|assignment| assignment.name == name) {
            None => Ok(Finding::Missing { want: want.to_owned() }),
            Some(assignment) => Ok(compare_values(name, assignment.value()?, want)),
        }
    };
    let differences = wanted.iter().map(|assignment| {
        let want = assignment.value().expect("a rendered value is plain");
        let finding = compare(assignment.name, want)
            .unwrap_or_else(|error| Finding::NotUnderstood { want: want.to_owned(), error });
        Difference { item: assignment.name.to_owned(), finding }
    });
    differences.collect()
}

/// Compares as rc(8) would: lists by their words, switches by what they mean, all others word by word.
fn compare_values(name: &str, have: &str, want: &str) -> Finding {
    let mut words: Vec<&str> = have.split_ascii_whitespace().collect();
    let is_list = ListVariable::ALL.iter().any(|list| list.as_str() == name);
    if is_list {
        let missing: Vec<&str> = want.split_ascii_whitespace().filter(|word| !words.contains(word)).collect();
        if missing.is_empty() {
            return Finding::There;
        }
        words.extend(missing);
        return Finding::Different { have: have.to_owned(), want: words.join(" ") };
    }
    let is_same = words.iter().copied().eq(want.split_ascii_whitespace())
        || (rc_conf::is_yes(want) && rc_conf::is_yes(have));
    if is_same { Finding::There } else { different(have, want) }
}

fn sysctls(have: &str, want: &str) -> Vec<Difference> {
    // The last line of a name counts, for sysctl(8) sets them in order.
    let present: BTreeMap<&str, &str> = sysctl_lines(have).collect();
    let differences = sysctl_lines(want).map(|(name, want)| {
        let finding = match present.get(name) {
            None => Finding::Missing { want: want.to_owned() },
            Some(have) if *have == want => Finding::There,
            Some(have) => different(have, want),
        };
        Difference { item: name.to_owned(), finding }
    });
    differences.collect()
}

fn sysctl_lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = text.lines().filter_map(|line| uncommented(line).split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim()))
}

/// A section of devfs.rules(5).
struct Section {
    name: String,
    number: String,
    rules: Vec<String>,
}

fn rules(have: &str, want: &str) -> Vec<Difference> {
    let present = sections(have);
    let mut differences = Vec::new();
    for wanted in sections(want) {
        let heading = wanted.heading();
        let meets = |other: &&Section| other.name == wanted.name || other.number == wanted.number;
        let same = |other: &&Section| other.name == wanted.name && other.number == wanted.number;
        // devfs(8) adds the rules of several sections of one number to one rule set.
        let finding = match present.iter().find(same).or_else(|| present.iter().find(meets)) {
            None => Finding::Missing { want: heading.clone() },
            Some(other) if same(&other) => Finding::There,
            Some(other) => different(&other.heading(), &heading),
        };
        differences.push(Difference { item: heading.clone(), finding });
        let rules: Vec<&String> = present.iter().filter(same).flat_map(|section| &section.rules).collect();
        for rule in wanted.rules {
            let item = format!("{heading} {rule}");
            let is_there = rules.contains(&&rule);
            let finding = if is_there { Finding::There } else { Finding::Missing { want: rule } };
            differences.push(Difference { item, finding });
        }
    }
    differences
}

impl Section {
    fn heading(&self) -> String {
        format!("[{}={}]", self.name, self.number)
    }
}

/// The sections of a file; what stands before the first one belongs to none, and rc.subr(8) refuses it.
fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines().map(uncommented).filter(|line| !line.is_empty()) {
        let heading = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some((name, number)) = heading.and_then(|heading| heading.split_once('=')) {
            let (name, number) = (name.trim().to_owned(), number.trim().to_owned());
            sections.push(Section { name, number, rules: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            // rc.subr(8) hands the words on as the shell reads them, without their quotes.
            let words = line.split_ascii_whitespace().map(|word| word.trim_matches(['\'', '"']));
            section.rules.push(words.collect::<Vec<_>>().join(" "));
        }
    }
    sections
}

fn lines(have: &str, want: &str) -> Vec<Difference> {
    let plain = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| {
            let words: Vec<&str> = uncommented(line).split_ascii_whitespace().collect();
            words.join(" ")
        });
        lines.filter(|line| !line.is_empty()).collect()
    };
    let present = plain(have);
    let differences = plain(want).into_iter().map(|line| {
        let is_there = present.contains(&line);
        let finding = if is_there { Finding::There } else { Finding::Missing { want: line.clone() } };
        Difference { item: line, finding }
    });
    differences.collect()
}

fn different(have: &str, want: &str) -> Finding {
    Finding::Different { have: have.to_owned(), want: want.to_owned() }
}

/// A line without its comment and the blanks around.
fn uncommented(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}
