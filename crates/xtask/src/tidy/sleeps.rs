//! A sleep is a guess about how long something else takes. Tests wait for a condition with a deadline; product code
//! waits for an event. Where passing time is itself the event, as in a back-off, the file is listed here with its reason.

use super::finding::Finding;
use super::source::Source;

const SLEEPS: &[&str] = &["sleep", "sleep_until", "sleep_ms", "park_timeout"];

/// Files in which passing time is itself the event, each with the reason why.
const ALLOWED: &[(&str, &str)] = &[
    (
        "crates/allocd-client/src/call.rs",
        "the back-off between two attempts is a span of time, bounded by the deadline",
    ),
    ("crates/alloc-agent/src/command/watchdog.rs", "the end of a lease is a moment of the clock"),
    ("crates/allocd-client/src/watch.rs", "the back-off before a broken watch is resumed is a span of time"),
    ("crates/allocd-store/src/snapshots.rs", "sled's threads let go of its lock and tell nobody"),
    ("tests/tests/daemon/relay.rs", "a long way between two members is a span of time"),
];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    check_against(ALLOWED, sources)
}

fn check_against(allowed: &[(&str, &str)], sources: &[Source]) -> Vec<Finding> {
    let is_allowed = |source: &&Source| allowed.iter().any(|(path, _)| *path == source.path);
    let refused = sources.iter().filter(|source| !is_allowed(source)).flat_map(|source| {
        let message = "a sleep guesses how long something takes: wait for the event or for a condition with a deadline, \
                       or list the file with its reason in crates/xtask/src/tidy/sleeps.rs";
        lines_that_sleep(source).map(move |index| Finding::at(source.path, index, message))
    });
    let is_used = |path: &str| {
        sources.iter().any(|source| source.path == path && lines_that_sleep(source).next().is_some())
    };
    let stale = allowed.iter().filter(|(path, _)| !is_used(path)).map(|(path, _)| {
        Finding::at(
            path,
            0,
            "is allowed to sleep but does not: remove it from crates/xtask/src/tidy/sleeps.rs",
        )
    });
    refused.chain(stale).collect()
}

fn lines_that_sleep(source: &Source) -> impl Iterator<Item = usize> {
    let lines = source.lines.iter().enumerate();
    lines.filter(|(_, line)| line.words().any(|word| SLEEPS.contains(&word))).map(|(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::File;

    fn found(allowed: &[(&str, &str)], path: &str, text: &str) -> Vec<usize> {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        let sources: Vec<Source> = Source::of(&file).into_iter().collect();
        check_against(allowed, &sources).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_sleep_is_refused_in_code_and_in_tests() {
        assert_eq!(found(&[], "crates/x/src/a.rs", "// sleep\nstd::thread::sleep(d);\n"), [2]);
        assert_eq!(found(&[], "crates/x/src/a/tests.rs", "tokio::time::sleep(d).await;\n"), [1]);
    }

    #[test]
    fn an_allowance_holds_for_its_file_and_must_be_used() {
        let allowed = [("crates/x/src/a.rs", "back-off")];
        assert_eq!(found(&allowed, "crates/x/src/a.rs", "fn a() {}\nsleep_until(t);\n"), [0_usize; 0]);
        assert_eq!(found(&allowed, "crates/x/src/a.rs", "fn a() {}\n"), [1]);
    }
}
