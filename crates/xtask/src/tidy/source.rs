//! A Rust file as the rules want to see it: its code without comments and literals, and which of its lines are tests.
//! A small scanner does that; a parser would make the chores as slow to build as the house.

use super::tree::File;

/// A Rust file.
pub(super) struct Source<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) lines: Vec<Line>,
}

/// One line of a Rust file.
pub(super) struct Line {
    /// Without comments, and with nothing between the quotes of literals.
    pub(super) code: String,
    pub(super) is_test: bool,
}

impl<'a> Source<'a> {
    /// The file, if it is one of Rust.
    pub(super) fn of(file: &'a File) -> Option<Self> {
        let is_rust = file.path.ends_with(".rs");
        is_rust.then(|| Self { path: &file.path, text: &file.text, lines: lines(&file.path, &file.text) })
    }

    /// The name of the crate's directory, if the file lies in one below `crates/`.
    pub(super) fn room(&self) -> Option<&'a str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// The lines that are not tests, with their positions.
    pub(super) fn product(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().filter(|(_, line)| !line.is_test)
    }
}

impl Line {
    /// The identifiers of the line, in order.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
    }
}

fn lines(path: &str, text: &str) -> Vec<Line> {
    let code = without_comments_and_literals(text);
    let all_tests = is_test_file(path);
    let mut lines: Vec<Line> =
        code.lines().map(|line| Line { code: line.to_owned(), is_test: all_tests }).collect();
    let mut index = 0;
    while index < lines.len() {
        if lines[index].code.trim_start().starts_with("#[cfg(test)]") {
            let end = item_end(&lines, index);
            lines[index..end].iter_mut().for_each(|line| line.is_test = true);
            index = end;
        } else {
            index += 1;
        }
    }
    lines
}

/// `tests.rs`, anything below a crate's `tests` or `benches`; the tests crate's own `src` is code like any other.
fn is_test_file(path: &str) -> bool {
    let inside = path.strip_prefix("tests/").unwrap_or(path);
    let in_test_dir = inside.split('/').any(|part| part == "tests" || part == "benches");
    in_test_dir || path.ends_with("/tests.rs")
}

/// The line after the item that begins at `start`: behind its closing brace, or behind its semicolon if it has no body.
fn item_end(lines: &[Line], start: usize) -> usize {
    let mut depth = 0_usize;
    for (index, line) in lines.iter().enumerate().skip(start) {
        for c in line.code.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth <= 1 => return index + 1,
                '}' => depth -= 1,
                ';' if depth == 0 => return index + 1,
                _ => {}
            }
        }
    }
    lines.len()
}

/// Blanks out comments and the insides of literals; every line end stays where it was.
fn without_comments_and_literals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let blanked = skipped(rest, out.chars().next_back());
        if blanked == 0 {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            out.extend(rest[..blanked].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[blanked..];
        }
    }
    out
}

/// How many bytes at the start of `rest` are a comment or a literal; none if it begins with code.
fn skipped(rest: &str, before: Option<char>) -> usize {
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        block_comment(rest)
    } else if rest.starts_with('"') {
        quoted(rest)
    } else if rest.starts_with('\'') {
        character(rest)
    } else if rest.starts_with('r') && !before.is_some_and(|c| c.is_alphanumeric() && c != 'b' || c == '_') {
        raw(rest)
    } else {
        0
    }
}

fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `'a'` and `'\n'` are characters, `'a` alone is a lifetime.
fn character(rest: &str) -> usize {
    let inside = &rest[1..];
    if inside.starts_with('\\') {
        return inside.char_indices().skip(2).find(|(_, c)| *c == '\'').map_or(rest.len(), |(at, _)| at + 2);
    }
    let width = inside.chars().next().map_or(0, char::len_utf8);
    if inside[width..].starts_with('\'') { width + 2 } else { 0 }
}

fn raw(rest: &str) -> usize {
    let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
    let inside = &rest[1 + hashes..];
    if !inside.starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    inside[1..].find(&end).map_or(rest.len(), |at| 1 + hashes + 1 + at + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Vec<String> {
        let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        without_comments_and_literals(text).lines().map(squeezed).collect()
    }

    fn test_lines(path: &str, text: &str) -> Vec<usize> {
        lines(path, text)
            .iter()
            .enumerate()
            .filter(|(_, line)| line.is_test)
            .map(|(index, _)| index + 1)
            .collect()
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        assert_eq!(code("a; // sleep\nb /* x /* y */ z */;"), ["a;", "b ;"]);
        assert_eq!(code("f(\"sleep \\\" {\", x)"), ["f( , x)"]);
        assert_eq!(code("r#\"sleep \" {\"#;br\"{\";"), [";b ;"]);
        assert_eq!(code("'{' '\\'' <'a>"), ["<'a>"]);
    }

    #[test]
    fn line_ends_inside_literals_keep_their_place() {
        assert_eq!(code("a\n\"x\ny\"\nb"), ["a", "", "", "b"]);
    }

    #[test]
    fn a_test_module_ends_at_its_brace() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { \"}\"; }\n}\nfn c() {}\n";
        assert_eq!(test_lines("crates/x/src/a.rs", text), [2, 3, 4, 5]);
    }

    #[test]
    fn a_test_module_in_a_file_of_its_own_is_one_item() {
        assert_eq!(test_lines("crates/x/src/a.rs", "#[cfg(test)]\nmod tests;\nfn c() {}\n"), [1, 2]);
        assert_eq!(test_lines("crates/x/src/a/tests.rs", "fn c() {}\n"), [1]);
        assert_eq!(test_lines("tests/tests/house.rs", "fn c() {}\n"), [1]);
        assert_eq!(test_lines("tests/src/lib.rs", "fn c() {}\n"), [0_usize; 0]);
    }
}
