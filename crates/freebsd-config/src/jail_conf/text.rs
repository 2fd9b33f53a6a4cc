//! Writes parameters so that jail(8) reads exactly the value that was meant.
//!
//! Every value is between double quotes, and the three characters that mean something there are escaped. What gets here is ASCII
//! by construction (names, addresses and checked profile values); that is asserted, for a wrong byte here is a wrong command as
//! root.

/// A file in the making.
#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
    is_in_block: bool,
}

impl Text {
    /// Writes a comment line, inside a block or outside.
    pub(super) fn comment(&mut self, text: &str) {
        let indent = if self.is_in_block { "\t" } else { "" };
        self.line(&format!("{indent}# {text}"));
    }

    /// Writes an empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Opens a jail's block.
    pub(super) fn open(&mut self, jail: &str) {
        self.blank();
        self.line(&format!("{jail} {{"));
        self.is_in_block = true;
    }

    /// Closes the block.
    pub(super) fn close(&mut self) {
        self.is_in_block = false;
        self.line("}");
    }

    /// Writes a parameter without a value.
    pub(super) fn flag(&mut self, name: &str) {
        self.line(&format!("\t{name};"));
    }

    /// Writes a parameter with its value.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.line(&format!("\t{name} = {};", quoted(value)));
    }

    /// Writes a parameter with several values, or nothing if there are none.
    pub(super) fn list<'a>(&mut self, name: &str, values: impl IntoIterator<Item = &'a str>) {
        for (at, value) in values.into_iter().enumerate() {
            let operator = if at == 0 { "=" } else { "+=" };
            self.line(&format!("\t{name} {operator} {};", quoted(value)));
        }
    }

    /// The file.
    pub(super) fn finish(self) -> String {
        assert!(crate::plain::is_plain_text(&self.text), "a rendered file is printable ASCII");
        self.text
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

fn quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
