//! Cuts a jail.conf(5) into tokens, by the rules of jaillex.l in usr.sbin/jail.
//!
//! Adjacent pieces without a blank between them are one word, as there. Variables are refused: what they expand to depends on
//! the rest of the file, and no rendered file has any.

use super::parse::ParseError;

/// A token, with the line it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) line: u32,
    pub(super) kind: TokenKind,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name or value, without its quotes and escapes.
    Word(String),
    /// `=`
    Equals,
    /// `+=`
    PlusEquals,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `{`
    Open,
    /// `}`
    Close,
}

/// Characters of an unquoted word.
const BARE: &str = "!%&()-.:<>?@[]^`|~_*+/";

/// Cuts a file into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ParseError> {
    let mut lexer = Lexer { rest: text, line: 1, tokens: Vec::new() };
    while lexer.skip_blanks()? {
        let line = lexer.line;
        let kind = match lexer.reserved() {
            Some(kind) => kind,
            None => TokenKind::Word(lexer.word()?),
        };
        lexer.tokens.push(Token { line, kind });
    }
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    line: u32,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    /// Skips blanks and comments; false at the end.
    fn skip_blanks(&mut self) -> Result<bool, ParseError> {
        loop {
            let blanks = self.rest.len() - self.rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            self.advance(blanks);
            if self.rest.starts_with('#') || self.rest.starts_with("//") {
                self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                let end = self.rest[2..].find("*/").ok_or(ParseError::Unterminated { line: self.line })?;
                self.advance(end + 4);
            } else {
                return Ok(!self.rest.is_empty());
            }
        }
    }

    fn reserved(&mut self) -> Option<TokenKind> {
        let (kind, bytes) = match self.rest.as_bytes() {
            [b'+', b'=', ..] => (TokenKind::PlusEquals, 2),
            [b'=', ..] => (TokenKind::Equals, 1),
            [b',', ..] => (TokenKind::Comma, 1),
            [b';', ..] => (TokenKind::Semicolon, 1),
            [b'{', ..] => (TokenKind::Open, 1),
            [b'}', ..] => (TokenKind::Close, 1),
            _ => return None,
        };
        self.advance(bytes);
        Some(kind)
    }

    /// Reads one word: quoted and unquoted pieces until a blank or a reserved token.
    fn word(&mut self) -> Result<String, ParseError> {
        let mut word = String::new();
        let start = self.rest.len();
        while let Some(first) = self.rest.chars().next() {
            match first {
                '"' | '\'' => self.quoted(first, &mut word)?,
                '\\' => self.escape(&mut word)?,
                '$' => return Err(ParseError::Variable { line: self.line }),
                _ if ["+=", "//", "/*"].iter().any(|end| self.rest.starts_with(end)) => break,
                _ if first.is_ascii_alphanumeric() || BARE.contains(first) => {
                    word.push(first);
                    self.advance(1);
                }
                _ => break,
            }
        }
        // A character that starts nothing would otherwise be read forever.
        if self.rest.len() == start { Err(ParseError::Unexpected { line: self.line }) } else { Ok(word) }
    }

    fn quoted(&mut self, quote: char, word: &mut String) -> Result<(), ParseError> {
        let line = self.line;
        self.advance(1);
        while let Some(first) = self.rest.chars().next() {
            match first {
                _ if first == quote => {
                    self.advance(1);
                    return Ok(());
                }
                '\\' => self.escape(word)?,
                '$' if quote == '"' => return Err(ParseError::Variable { line: self.line }),
                _ => {
                    word.push(first);
                    self.advance(first.len_utf8());
                }
            }
        }
        Err(ParseError::Unterminated { line })
    }

    /// Reads a backslash and what it makes: C's escapes, nothing for a line end, or the character itself.
    fn escape(&mut self, word: &mut String) -> Result<(), ParseError> {
        self.advance(1);
        let first = self.rest.chars().next().ok_or(ParseError::Unterminated { line: self.line })?;
        let is_octal = |byte: &u8| (b'0'..=b'7').contains(byte);
        let octal = self.rest.bytes().take(3).take_while(is_octal).count();
        let hexadecimal = match first {
            'x' => self.rest.bytes().skip(1).take(2).take_while(u8::is_ascii_hexdigit).count(),
            _ => 0,
        };
        let (digits, radix, bytes) = match (octal, hexadecimal) {
            (1.., _) => (&self.rest[..octal], 8, octal),
            (0, 1..) => (&self.rest[1..=hexadecimal], 16, hexadecimal + 1),
            (0, 0) => {
                word.extend(simple_escape(first));
                self.advance(first.len_utf8());
                return Ok(());
            }
        };
        let code = u32::from_str_radix(digits, radix).ok().and_then(|code| u8::try_from(code).ok());
        let code = code.filter(|code| (1..0x80).contains(code));
        word.push(char::from(code.ok_or(ParseError::Unexpected { line: self.line })?));
        self.advance(bytes);
        Ok(())
    }

    fn advance(&mut self, bytes: usize) {
        let (passed, rest) = self.rest.split_at(bytes);
        let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.rest = rest;
    }
}

fn simple_escape(c: char) -> Option<char> {
    match c {
        'a' => Some('\x07'),
        'b' => Some('\x08'),
        'f' => Some('\x0c'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'v' => Some('\x0b'),
        '\n' => None,
        _ => Some(c),
    }
}
