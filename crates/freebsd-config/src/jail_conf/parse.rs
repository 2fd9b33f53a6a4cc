//! Reads a jail.conf(5) back: jails, their parameters, and what a parameter's values are in the end.
//!
//! The grammar is jailparse.y's without variables, nested jails and `.include`, which no rendered file has; they are refused by
//! name, never guessed at. A file that jail(8) would read in two ways, depending on its release, is refused too: a parameter
//! after the first jail overrides that jail up to FreeBSD 12 and does not later.

use super::lexer::{Token, TokenKind, tokens};

/// What a file says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JailConf {
    /// The parameters of all jails.
    pub globals: Vec<Parameter>,
    /// The jails, in the order of the file.
    pub jails: Vec<JailBlock>,
}

/// One jail's block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JailBlock {
    /// The jail's name.
    pub name: String,
    /// Its parameters, in the order of the file.
    pub parameters: Vec<Parameter>,
}

/// One parameter as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// How it is set.
    pub operator: Operator,
    /// Its values, without quotes and escapes; none of a parameter without a value.
    pub values: Vec<String>,
}

/// How a parameter is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `name;`
    Flag,
    /// `name = value;` or `name value;`: replaces what was said before.
    Set,
    /// `name += value;`: adds to it.
    Append,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A token that cannot be there.
    #[error("line {line}: unexpected character or word")]
    Unexpected {
        /// The line.
        line: u32,
    },
    /// The file ends within a block or parameter.
    #[error("the file ends too early")]
    UnexpectedEnd,
    /// A string or comment has no end.
    #[error("line {line}: string or comment without an end")]
    Unterminated {
        /// The line it begins on.
        line: u32,
    },
    /// A variable, whose value the line alone does not say.
    #[error("line {line}: variables are not read here")]
    Variable {
        /// The line.
        line: u32,
    },
    /// `.include`, which would need another file.
    #[error("line {line}: other files are not read here")]
    Include {
        /// The line.
        line: u32,
    },
    /// A parameter for all jails after the first jail: releases disagree on what it means.
    #[error("line {line}: a parameter for all jails has to come before the first jail")]
    LateGlobal {
        /// The line.
        line: u32,
    },
    /// A jail has two blocks; jail(8) would make two jails of them.
    #[error("line {line}: jail {name} has a block already")]
    JailTwice {
        /// The line.
        line: u32,
        /// The jail.
        name: String,
    },
}

impl JailBlock {
    /// The values of a parameter in the end, after every `=` and `+=`; none if it is not set or has no value.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for parameter in self.parameters.iter().filter(|parameter| parameter.name == name) {
            match parameter.operator {
                Operator::Set | Operator::Flag => values.clear(),
                Operator::Append => {}
            }
            values.extend(parameter.values.iter().map(String::as_str));
        }
        values
    }

    /// True if a parameter is there, with or without a value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
    }
}

/// Reads a file.
///
/// # Errors
/// [`ParseError`] says on which line reading stopped and why.
pub fn parse(text: &str) -> Result<JailConf, ParseError> {
    let mut parser = Parser { tokens: tokens(text)?.into_iter().peekable() };
    let mut conf = JailConf::default();
    while let Some((line, name)) = parser.name()? {
        if parser.eat(&TokenKind::Open) {
            if conf.jails.iter().any(|jail| jail.name == name) {
                return Err(ParseError::JailTwice { line, name });
            }
            conf.jails.push(JailBlock { name, parameters: parser.block()? });
        } else if conf.jails.is_empty() {
            conf.globals.push(parser.parameter(line, name)?);
        } else {
            return Err(ParseError::LateGlobal { line });
        }
    }
    Ok(conf)
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Parser {
    /// The name that begins a jail or parameter; none at the end of the file.
    fn name(&mut self) -> Result<Option<(u32, String)>, ParseError> {
        match self.tokens.next() {
            None => Ok(None),
            Some(Token { line, kind: TokenKind::Word(name) }) if name == ".include" => {
                Err(ParseError::Include { line })
            }
            Some(Token { line, kind: TokenKind::Word(name) }) => Ok(Some((line, name))),
            Some(Token { line, .. }) => Err(ParseError::Unexpected { line }),
        }
    }

    fn block(&mut self) -> Result<Vec<Parameter>, ParseError> {
        let mut parameters = Vec::new();
        while !self.eat(&TokenKind::Close) {
            let (line, name) = self.name()?.ok_or(ParseError::UnexpectedEnd)?;
            parameters.push(self.parameter(line, name)?);
        }
        Ok(parameters)
    }

    fn parameter(&mut self, line: u32, name: String) -> Result<Parameter, ParseError> {
        let operator = match self.tokens.peek().map(|token| &token.kind) {
            Some(TokenKind::Semicolon) => Operator::Flag,
            Some(TokenKind::Equals) => Operator::Set,
            Some(TokenKind::PlusEquals) => Operator::Append,
            // jailparse.y has the form without an operator, too.
            Some(TokenKind::Word(_)) => {
                return Ok(Parameter { name, operator: Operator::Set, values: self.values()? });
            }
            Some(TokenKind::Comma | TokenKind::Open | TokenKind::Close) => {
                return Err(ParseError::Unexpected { line });
            }
            None => return Err(ParseError::UnexpectedEnd),
        };
        self.tokens.next();
        let values = if operator == Operator::Flag { Vec::new() } else { self.values()? };
        Ok(Parameter { name, operator, values })
    }

    /// The values of a parameter, and the semicolon that ends it.
    fn values(&mut self) -> Result<Vec<String>, ParseError> {
        let mut values = Vec::new();
        loop {
            match self.tokens.next() {
                Some(Token { kind: TokenKind::Word(value), .. }) => values.push(value),
                Some(Token { line, .. }) => return Err(ParseError::Unexpected { line }),
                None => return Err(ParseError::UnexpectedEnd),
            }
            match self.tokens.next() {
                Some(Token { kind: TokenKind::Semicolon, .. }) => return Ok(values),
                Some(Token { kind: TokenKind::Comma, .. }) => {}
                Some(Token { line, .. }) => return Err(ParseError::Unexpected { line }),
                None => return Err(ParseError::UnexpectedEnd),
            }
        }
    }

    fn eat(&mut self, kind: &TokenKind) -> bool {
        self.tokens.next_if(|token| token.kind == *kind).is_some()
    }
}
