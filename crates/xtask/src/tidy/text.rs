//! What holds for every text file: line ends, blanks at line ends, a final line end, and no nameless promise. Examples and
//! test data are exempt from the first three: some of them are crooked on purpose.

use super::finding::Finding;
use super::tree::File;

/// Put together so that this file does not break its own rule.
const TO_DO: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

pub(super) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !is_data(&file.path) {
        blanks(file, &mut findings);
    }
    for (index, line) in file.text.lines().enumerate() {
        if TO_DO.iter().any(|word| is_nameless(line, word)) {
            findings.push(Finding::at(
                &file.path,
                index,
                "a promise without a number is forgotten: add the issue as `(#12)` behind the word, or do it now",
            ));
        }
    }
    findings
}

fn is_data(path: &str) -> bool {
    let in_data_dir =
        path.split('/').any(|part| matches!(part, "testdata" | "golden" | "snapshots" | "corpus"));
    in_data_dir || path.starts_with("docs/examples/") || path.ends_with(".snap")
}

fn blanks(file: &File, findings: &mut Vec<Finding>) {
    for (index, line) in file.text.split('\n').enumerate() {
        if line.ends_with('\r') {
            findings.push(Finding::at(
                &file.path,
                index,
                "a Windows line end: tools here expect a bare newline; convert the file",
            ));
        } else if line.ends_with([' ', '\t']) {
            findings.push(Finding::at(
                &file.path,
                index,
                "a blank at the end of the line makes noise in every diff: remove it",
            ));
        }
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        let last = file.text.lines().count().saturating_sub(1);
        findings.push(Finding::at(
            &file.path,
            last,
            "the last line has no end, which joins it to whatever is appended: add a newline",
        ));
    }
}

fn is_nameless(line: &str, word: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        let stands_alone = !before.ends_with(is_letter) && !after.starts_with(is_letter);
        let number =
            after.strip_prefix("(#").map(|rest| rest.chars().take_while(char::is_ascii_digit).count());
        stands_alone && number.is_none_or(|digits| digits == 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let file = File { path: path.to_owned(), text: text.to_owned() };
        check(&file).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn crooked_line_ends_are_found_where_they_are() {
        assert_eq!(lines("a.md", "good\nblank \ntab\t\ndos\r\n"), [2, 3, 4]);
        assert_eq!(lines("a.md", "good\nno end"), [2]);
        assert_eq!(lines("a.md", "good\n"), [0_usize; 0]);
    }

    #[test]
    fn data_may_be_crooked() {
        assert_eq!(lines("docs/examples/inventory", "dos\r\nno end"), [0_usize; 0]);
        assert_eq!(lines("crates/x/testdata/a.txt", "dos\r\nno end"), [0_usize; 0]);
    }

    #[test]
    fn a_promise_needs_a_number() {
        let word = TO_DO[0];
        assert_eq!(
            lines("a.rs", &format!("// {word}: later\n// {word}(#12): later\n// {word}(#): later\n")),
            [1, 3]
        );
        assert_eq!(lines("a.rs", &format!("// MAS{word} is another word\n")), [0_usize; 0]);
    }
}
