//! The names of what /etc/jail.conf says for all jails.
//!
//! freebsd-config reads files as they are rendered and refuses everything else. This one was written by people, with variables
//! and other files in it, and only the names of parameters outside of any jail are wanted: so it is scanned for statements, with
//! their quotes and comments, and nothing is evaluated (usr.sbin/jail/jaillex.l).

/// Names the parameters outside of any jail, each once, in the order of the file.
///
/// # Errors
/// What is wrong with the file, as a sentence.
pub(super) fn globals(text: &str) -> Result<Vec<String>, String> {
    let mut globals: Vec<String> = Vec::new();
    let mut scanner = Scanner { rest: text };
    let (mut depth, mut statement) = (0_usize, String::new());
    while let Some(piece) = scanner.next()? {
        match piece {
            Piece::Open => {
                depth += 1;
                statement.clear();
            }
            Piece::Close => {
                depth = depth.checked_sub(1).ok_or("/etc/jail.conf has a brace that closes nothing")?;
                statement.clear();
            }
            Piece::End => {
                let name = std::mem::take(&mut statement);
                // `$name = value` sets a variable of the file, which is no parameter.
                if depth == 0 && !name.is_empty() && !name.starts_with('$') && !globals.contains(&name) {
                    globals.push(name);
                }
            }
            Piece::Word(word) if statement.is_empty() => statement = word,
            Piece::Word(_) => {}
        }
    }
    if depth > 0 || !statement.is_empty() {
        Err("/etc/jail.conf ends too early".to_owned())
    } else {
        Ok(globals)
    }
}

/// What a statement consists of.
enum Piece {
    Open,
    Close,
    End,
    Word(String),
}

/// Finds the pieces of a file.
struct Scanner<'a> {
    rest: &'a str,
}

impl Scanner<'_> {
    fn next(&mut self) -> Result<Option<Piece>, String> {
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || "=,+".contains(c));
            let Some(first) = self.rest.chars().next() else { return Ok(None) };
            if first == '#' || self.rest.starts_with("//") {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
            } else if let Some(comment) = self.rest.strip_prefix("/*") {
                let (_, rest) =
                    comment.split_once("*/").ok_or("/etc/jail.conf has a comment without an end")?;
                self.rest = rest;
            } else {
                return self.piece(first).map(Some);
            }
        }
    }

    fn piece(&mut self, first: char) -> Result<Piece, String> {
        let mark = match first {
            '{' => Some(Piece::Open),
            '}' => Some(Piece::Close),
            ';' => Some(Piece::End),
            _ => None,
        };
        if let Some(mark) = mark {
            self.rest = &self.rest[1..];
            return Ok(mark);
        }
        if first == '"' || first == '\'' {
            return self.quoted(first).map(Piece::Word);
        }
        // `${name}` is one word, and its braces open nothing.
        let mut is_braced = false;
        let ends = |(at, c): &(usize, char)| {
            if *c == '{' && self.rest[..*at].ends_with('$') {
                is_braced = true;
                return false;
            }
            if *c == '}' && is_braced {
                is_braced = false;
                return false;
            }
            c.is_ascii_whitespace() || "{};=,\"'#+".contains(*c)
        };
        let end = self.rest.char_indices().find(ends).map_or(self.rest.len(), |(at, _)| at);
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Piece::Word(word.to_owned()))
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut is_escaped = false;
        let inside = &self.rest[1..];
        let end = inside.char_indices().find(|(_, c)| {
            let is_end = *c == quote && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        });
        let (at, _) = end.ok_or("/etc/jail.conf has a string without an end")?;
        self.rest = &inside[at + 1..];
        Ok(inside[..at].to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parameters_outside_of_jails_are_named_once() {
        let text = r#"
            # exec.clean;
            exec.start = "/bin/sh /etc/rc; echo 'a'";   // a comment; with a semicolon
            exec.start += "/bin/true"; mount.devfs;
            $root = "/usr/jails"; path = "${root}/$name"; host.hostname = ${name}.example;
            /* allow.raw_sockets; */
            .include "/etc/jail.conf.d/*.conf";
            web01 { vnet; vnet.interface = "epair1b"; }
            "quoted" { path = '/x}'; }
            interface "a\"b;c";
        "#;
        let names = globals(text).unwrap();
        assert_eq!(names, ["exec.start", "mount.devfs", "path", "host.hostname", ".include", "interface"]);
    }

    #[test]
    fn a_file_of_jails_alone_says_nothing_for_all() {
        assert_eq!(globals("web01 { vnet; }\n# x\n"), Ok(Vec::new()));
        assert_eq!(globals(""), Ok(Vec::new()));
    }

    #[test]
    fn a_file_that_does_not_end_is_not_guessed_at() {
        for (text, why) in [
            ("web01 { vnet;", "ends too early"),
            ("exec.clean", "ends too early"),
            ("exec.start = \"x;", "a string without an end"),
            ("/* x", "a comment without an end"),
            ("}", "a brace that closes nothing"),
        ] {
            assert!(globals(text).unwrap_err().contains(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic_or_hang(text in any::<String>(), tail in "[a${}\"'/*#;=+, \\\\]{0,24}") {
            let _ = globals(&text);
            let _ = globals(&tail);
        }
    }
}
