//! Cuts an rc.conf(5) into assignments, by the rules of sh(1): words, quotes, escapes and comments.
//!
//! Where a value ends is always known here; what it is may not be, if sh(1) expands something in it. Whatever is neither an
//! assignment nor a comment stops the reading. `NAME=value command` does, too: that assignment holds for the command only.

use std::ops::Range;

use super::RcConfError;

/// One assignment, with where its value stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment<'a> {
    pub(crate) name: &'a str,
    /// The value without quotes and escapes; none if sh(1) would expand it.
    value: Option<String>,
    pub(crate) line: u32,
    /// The value's bytes, with its quotes.
    pub(crate) place: Range<usize>,
}

impl Assignment<'_> {
    /// The value.
    ///
    /// # Errors
    /// [`RcConfError::Expanded`] if sh(1) would expand it.
    pub(crate) fn value(&self) -> Result<&str, RcConfError> {
        let expanded = || RcConfError::Expanded { line: self.line, name: self.name.to_owned() };
        self.value.as_deref().ok_or_else(expanded)
    }
}

/// All assignments, in the order of the file.
///
/// # Errors
/// [`RcConfError`] says at which line the reading stopped.
pub(crate) fn assignments(text: &str) -> Result<Vec<Assignment<'_>>, RcConfError> {
    let mut reader = Reader::new(text);
    let mut assignments = Vec::new();
    while reader.next_statement() {
        loop {
            assignments.push(reader.assignment()?);
            if reader.end_of_statement()? {
                break;
            }
        }
    }
    Ok(assignments)
}

/// What has to come before a new line at the end of a file that is read without errors: the end of the line that is there.
pub(super) fn end_of_last_line(text: &str) -> &'static str {
    let mut reader = Reader::new(text);
    while reader.next_statement() && reader.assignment().is_ok() && reader.end_of_statement().is_ok() {}
    let is_continued = reader.continued_at == Some(text.len());
    if is_continued || !(text.is_empty() || text.ends_with('\n')) { "\n" } else { "" }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    /// Where the last line began that a backslash made part of the one before.
    continued_at: Option<usize>,
}

/// A value as far as it is read.
struct Value {
    text: String,
    is_known: bool,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, continued_at: None }
    }

    /// Skips blanks, empty lines and comments; false at the end of the file.
    fn next_statement(&mut self) -> bool {
        loop {
            self.skip_blanks();
            match self.peek() {
                None => return false,
                Some('\n') => self.advance(1),
                Some('#') => self.skip_comment(),
                Some(_) => return true,
            }
        }
    }

    /// Skips what is between two assignments; true if the first one was the last of its statement.
    fn end_of_statement(&mut self) -> Result<bool, RcConfError> {
        self.skip_blanks();
        match self.peek() {
            None | Some('\n' | '#') => Ok(true),
            Some(';') => {
                self.advance(1);
                // `;;` belongs to a `case`.
                if self.peek() == Some(';') { Err(self.not_understood()) } else { Ok(true) }
            }
            Some(_) => Ok(false),
        }
    }

    fn assignment(&mut self) -> Result<Assignment<'a>, RcConfError> {
        let line = self.line;
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
        let name = &rest[..length];
        let is_assignment = rest[length..].starts_with('=')
            && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if !is_assignment {
            return Err(self.not_understood());
        }
        self.advance(length + 1);
        let start = self.at;
        let value = self.value()?;
        let known = value.is_known.then_some(value.text);
        Ok(Assignment { name, value: known, line, place: start..self.at })
    }

    /// Reads a value: quoted and bare pieces until a blank or the end of the statement.
    fn value(&mut self) -> Result<Value, RcConfError> {
        let mut value = Value { text: String::new(), is_known: true };
        let start = self.at;
        while let Some(first) = self.peek() {
            match first {
                ' ' | '\t' | '\n' | ';' => break,
                '\'' => self.single_quoted(&mut value)?,
                '"' => self.double_quoted(&mut value)?,
                '\\' => self.escape(&mut value)?,
                '$' => self.expansion(&mut value)?,
                '`' | '&' | '|' | '<' | '>' | '(' | ')' => return Err(self.not_understood()),
                _ => {
                    // sh(1) expands a tilde at the start of a value and behind each colon.
                    let is_home = first == '~' && (self.at == start || value.text.ends_with(':'));
                    value.is_known &= !is_home;
                    self.take(first, &mut value);
                }
            }
        }
        Ok(value)
    }

    fn single_quoted(&mut self, value: &mut Value) -> Result<(), RcConfError> {
        let line = self.line;
        self.advance(1);
        let end = self.rest().find('\'').ok_or(RcConfError::Unterminated { line })?;
        value.text.push_str(&self.rest()[..end]);
        self.advance(end + 1);
        Ok(())
    }

    fn double_quoted(&mut self, value: &mut Value) -> Result<(), RcConfError> {
        let line = self.line;
        self.advance(1);
        while let Some(first) = self.peek() {
            match first {
                '"' => {
                    self.advance(1);
                    return Ok(());
                }
                '`' => return Err(self.not_understood()),
                '$' => self.expansion(value)?,
                // Before any other character, the backslash stays.
                '\\' if self.rest()[1..].starts_with(['$', '`', '"', '\\', '\n']) => self.escape(value)?,
                _ => self.take(first, value),
            }
        }
        Err(RcConfError::Unterminated { line })
    }

    /// Reads a backslash and what it keeps: nothing of a line end, or the character itself.
    fn escape(&mut self, value: &mut Value) -> Result<(), RcConfError> {
        let line = self.line;
        self.advance(1);
        match self.peek() {
            None => return Err(RcConfError::Unterminated { line }),
            Some('\n') => self.continue_line(1),
            Some(kept) => self.take(kept, value),
        }
        Ok(())
    }

    /// Skips `$NAME`, `${NAME}` or a dollar that stands for something else, as long as it is plain where it ends.
    fn expansion(&mut self, value: &mut Value) -> Result<(), RcConfError> {
        value.is_known = false;
        self.advance(1);
        match self.peek() {
            Some('{') => {
                let rest = self.rest();
                let end = rest.find('}').ok_or_else(|| self.not_understood())?;
                let is_plain = rest[1..end].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                if !is_plain {
                    return Err(self.not_understood());
                }
                self.advance(end + 1);
                Ok(())
            }
            // $(command), $((sum)) and $'string'.
            Some('(' | '\'') => Err(self.not_understood()),
            // A name goes on as letters of the value, which is not known any more.
            Some(_) | None => Ok(()),
        }
    }

    fn take(&mut self, c: char, value: &mut Value) {
        value.text.push(c);
        self.advance(c.len_utf8());
    }

    fn skip_blanks(&mut self) {
        loop {
            if self.rest().starts_with([' ', '\t']) {
                self.advance(1);
            } else if self.rest().starts_with("\\\n") {
                self.continue_line(2);
            } else {
                return;
            }
        }
    }

    /// Passes a line end that a backslash takes away.
    fn continue_line(&mut self, bytes: usize) {
        self.advance(bytes);
        self.continued_at = Some(self.at);
    }

    fn skip_comment(&mut self) {
        self.advance(self.rest().find('\n').unwrap_or(self.rest().len()));
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn advance(&mut self, bytes: usize) {
        let lines = self.rest().as_bytes()[..bytes].iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at += bytes;
    }

    fn not_understood(&self) -> RcConfError {
        RcConfError::NotUnderstood { line: self.line }
    }
}
