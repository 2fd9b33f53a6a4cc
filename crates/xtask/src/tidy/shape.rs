//! How a Rust file looks: how long it is, how it begins, what it is called, and what a module root may hold. What spoils
//! even good trees is the tail, one file of thousands of lines; a limit that a tool holds never lets it grow.

use super::finding::Finding;
use super::source::Source;
use super::tree::File;

const LINES_MAX: usize = 400;
const INLINE_TEST_LINES_MAX: usize = 150;
const HEADER_LINES_MAX: usize = 15;

/// Names that say nothing, and so collect everything.
const NAMES_REFUSED: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc"];

/// What begins an item with a body of its own, at the left margin.
const ITEMS: &[&str] = &["fn", "async", "struct", "enum", "impl", "trait", "const", "static"];

/// A file or directory of Rust whose name says nothing.
pub(super) fn name(file: &File) -> Option<Finding> {
    let is_ours = file.path.ends_with(".rs") || file.path.ends_with(".proto");
    let parts = file.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    let refused = parts.into_iter().find(|part| NAMES_REFUSED.contains(part))?;
    is_ours.then(|| {
        let message = format!("`{refused}` says nothing and will collect everything: name it by its noun");
        Finding::at(&file.path, 0, message)
    })
}

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        [length(source), inline_tests(source), header(source)].into_iter().flatten().collect();
    if source.path.ends_with("/lib.rs") || source.path.ends_with("/mod.rs") {
        findings.extend(module_root(source));
    }
    findings
}

fn length(source: &Source) -> Option<Finding> {
    let lines = source.product().count();
    (lines > LINES_MAX).then(|| {
        let message = format!(
            "{lines} lines without tests, at most {LINES_MAX} can be read in one go: split it by noun"
        );
        Finding::at(source.path, LINES_MAX, message)
    })
}

fn inline_tests(source: &Source) -> Option<Finding> {
    let tests = source.lines.iter().filter(|line| line.is_test).count();
    if tests == source.lines.len() || tests <= INLINE_TEST_LINES_MAX {
        return None;
    }
    let first = source.lines.iter().position(|line| line.is_test)?;
    let message = format!(
        "{tests} lines of tests hide the code they test, at most {INLINE_TEST_LINES_MAX} may stay: move them to a sibling tests.rs"
    );
    Some(Finding::at(source.path, first, message))
}

/// The crate root may take more lines than others.
fn header(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().take_while(|line| line.starts_with("//!")).count();
    if lines == 0 {
        let message =
            "does not begin with `//!`: say in 1 to 15 lines what it is for, why so, and what must hold";
        return Some(Finding::at(source.path, 0, message));
    }
    let is_root = source.path.ends_with("src/lib.rs") || source.path.ends_with("src/main.rs");
    (lines > HEADER_LINES_MAX && !is_root).then(|| {
        let message = format!("opens with {lines} lines, at most {HEADER_LINES_MAX} are read: move the rest to where it applies, or to docs/");
        Finding::at(source.path, HEADER_LINES_MAX, message)
    })
}

fn module_root(source: &Source) -> Vec<Finding> {
    let logic = source.product().filter(|(_, line)| {
        let mut words = line.words().skip_while(|word| matches!(*word, "pub" | "crate" | "super" | "in"));
        let at_margin = line.code.starts_with(|c: char| c.is_alphabetic());
        at_margin && words.next().is_some_and(|word| ITEMS.contains(&word))
    });
    let message = "a module root is a table of contents (comment, modules, exports): move this to a file named after it";
    logic.map(|(index, _)| Finding::at(source.path, index, message)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<(usize, String)> {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        let findings = Source::of(&file).into_iter().flat_map(|source| check(&source)).chain(name(&file));
        findings.map(|finding| (finding.line, finding.message)).collect()
    }

    fn is_only(found: &[(usize, String)], line: usize, part: &str) -> bool {
        matches!(found, [(at, message)] if *at == line && message.contains(part))
    }

    #[test]
    fn four_hundred_lines_of_code_pass_and_one_more_does_not() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    // x\n".repeat(100));
        let fits = format!("//! A.\n{}{tests}", "const A: u8 = 1;\n".repeat(399));
        assert_eq!(found("crates/x/src/a.rs", &fits), []);
        let long = format!("//! A.\n{}{tests}", "const A: u8 = 1;\n".repeat(400));
        assert!(is_only(&found("crates/x/src/a.rs", &long), 401, "401 lines without tests"));
    }

    #[test]
    fn long_tests_belong_in_a_file_of_their_own() {
        let body = "    // x\n".repeat(150);
        let inline = format!("//! A.\n#[cfg(test)]\nmod tests {{\n{body}}}\n");
        assert!(is_only(&found("crates/x/src/a.rs", &inline), 2, "sibling tests.rs"));
        assert_eq!(found("crates/x/src/a/tests.rs", &format!("//! A.\n{body}")), []);
    }

    #[test]
    fn a_file_says_first_what_it_is_for() {
        assert!(is_only(&found("crates/x/src/a.rs", "use a::b;\n"), 1, "does not begin"));
        let long = "//! A.\n".repeat(16);
        assert!(is_only(&found("crates/x/src/a.rs", &long), 16, "opens with 16 lines"));
        assert_eq!(found("crates/x/src/lib.rs", &long), []);
    }

    #[test]
    fn a_name_that_says_nothing_is_refused() {
        assert!(is_only(&found("crates/x/src/util.rs", "//! A.\n"), 1, "`util`"));
        assert!(is_only(&found("crates/x/src/common/a.rs", "//! A.\n"), 1, "`common`"));
        assert_eq!(found("crates/x/src/utility_pole.rs", "//! A.\n"), []);
    }

    #[test]
    fn a_module_root_holds_no_logic() {
        let text = "//! A.\n\nmod a;\npub use a::B;\n\npub(crate) fn c() {}\n";
        assert!(is_only(&found("crates/x/src/lib.rs", text), 6, "table of contents"));
        assert_eq!(found("crates/x/src/c.rs", text), []);
    }
}
