//! A file in the making: comments that say why, and lines.

/// A file in the making.
pub(super) struct Fragment {
    text: String,
}

impl Fragment {
    /// Begins a file with what it is.
    pub(super) fn new(heading: &[&str]) -> Self {
        let mut new = Self { text: String::new() };
        new.comment(heading);
        new
    }

    /// Writes lines of comment.
    pub(super) fn comment(&mut self, lines: &[&str]) {
        lines.iter().for_each(|line| self.line(&format!("# {line}")));
    }

    /// Begins a part of the file, with why it is there.
    pub(super) fn part(&mut self, reason: &[&str]) {
        self.text.push('\n');
        self.comment(reason);
    }

    /// Writes a line.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes an assignment for sh(1).
    pub(super) fn variable(&mut self, name: &str, value: &str) {
        assert!(!value.contains(['"', '$', '`', '\\', '\n']), "no value of ours is expanded by a shell");
        self.line(&format!("{name}=\"{value}\""));
    }

    /// The file.
    pub(super) fn finish(self) -> String {
        assert!(crate::plain::is_plain_text(&self.text), "a rendered file is printable ASCII");
        self.text
    }
}
