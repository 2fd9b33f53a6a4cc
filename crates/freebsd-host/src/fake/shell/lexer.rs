//! Words and operators of a script.

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// `$name`.
    Variable(String),
}

/// A word, and whether a part of it was quoted: such a word is none of the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
    pub(super) is_quoted: bool,
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    /// `;` or the end of a line.
    Separator,
    And,
    Or,
    Pipe,
    /// `>`, `>>` or `<`, with its descriptor.
    Redirect {
        descriptor: u8,
        is_appending: bool,
        is_input: bool,
    },
    /// `2>&1`.
    ErrorsToOutput,
}

impl Word {
    /// The word as it stands, if nothing in it was quoted or is to be filled in.
    pub(super) fn bare(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] if !self.is_quoted => Some(text),
            _ => None,
        }
    }
}

/// Takes a script apart.
pub(super) fn tokens(script: &str) -> Result<Vec<Token>, String> {
    let mut lexer = Lexer { rest: script, tokens: Vec::new() };
    while let Some(first) = lexer.rest.chars().next() {
        lexer.token(first)?;
    }
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<Token>,
}

/// Operators, the longer first.
const OPERATORS: &[(&str, Token)] = &[
    ("2>&1", Token::ErrorsToOutput),
    ("2>>", Token::Redirect { descriptor: 2, is_appending: true, is_input: false }),
    ("2>", Token::Redirect { descriptor: 2, is_appending: false, is_input: false }),
    (">>", Token::Redirect { descriptor: 1, is_appending: true, is_input: false }),
    (">", Token::Redirect { descriptor: 1, is_appending: false, is_input: false }),
    ("<", Token::Redirect { descriptor: 0, is_appending: false, is_input: true }),
    ("&&", Token::And),
    ("||", Token::Or),
    ("|", Token::Pipe),
    (";", Token::Separator),
    ("\n", Token::Separator),
];

impl Lexer<'_> {
    fn token(&mut self, first: char) -> Result<(), String> {
        if first == ' ' || first == '\t' {
            self.skip(1);
            return Ok(());
        }
        if first == '#' {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            return Ok(());
        }
        if let Some((text, token)) = OPERATORS.iter().find(|(text, _)| self.rest.starts_with(text)) {
            self.skip(text.len());
            self.tokens.push(token.clone());
            return Ok(());
        }
        let word = self.word()?;
        self.tokens.push(Token::Word(word));
        Ok(())
    }

    fn word(&mut self) -> Result<Word, String> {
        let mut word = Word { parts: Vec::new(), is_quoted: false };
        let mut text = String::new();
        while let Some(c) = self.rest.chars().next() {
            match c {
                ' ' | '\t' | '\n' | ';' | '|' | '<' | '>' => break,
                '&' | '(' | ')' | '`' | '{' | '}' | '*' | '?' | '~' => {
                    return Err(format!("{c:?} is not understood here"));
                }
                '\'' => {
                    word.is_quoted = true;
                    self.skip(1);
                    let end = self.rest.find('\'').ok_or("a quote has no end")?;
                    text.push_str(&self.rest[..end]);
                    self.skip(end + 1);
                }
                '"' => {
                    word.is_quoted = true;
                    self.skip(1);
                    self.double_quoted(&mut word, &mut text)?;
                }
                '$' => self.variable(&mut word, &mut text)?,
                '\\' => {
                    self.skip(1);
                    let escaped = self.rest.chars().next().ok_or("a backslash at the end")?;
                    text.push(escaped);
                    self.skip(escaped.len_utf8());
                }
                c => {
                    text.push(c);
                    self.skip(c.len_utf8());
                }
            }
        }
        if !text.is_empty() || word.parts.is_empty() {
            word.parts.push(Part::Text(text));
        }
        Ok(word)
    }

    fn double_quoted(&mut self, word: &mut Word, text: &mut String) -> Result<(), String> {
        loop {
            let c = self.rest.chars().next().ok_or("a quote has no end")?;
            match c {
                '"' => {
                    self.skip(1);
                    return Ok(());
                }
                '$' => self.variable(word, text)?,
                '`' => return Err("a command within a word is not understood here".to_owned()),
                '\\' if self.rest[1..].starts_with(['"', '\\', '$', '`']) => {
                    text.push_str(&self.rest[1..2]);
                    self.skip(2);
                }
                c => {
                    text.push(c);
                    self.skip(c.len_utf8());
                }
            }
        }
    }

    fn variable(&mut self, word: &mut Word, text: &mut String) -> Result<(), String> {
        self.skip(1);
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        if end == 0 {
            return Err("only $NAME is understood behind a dollar sign".to_owned());
        }
        word.parts.push(Part::Text(std::mem::take(text)));
        word.parts.push(Part::Variable(self.rest[..end].to_owned()));
        self.skip(end);
        Ok(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }
}
