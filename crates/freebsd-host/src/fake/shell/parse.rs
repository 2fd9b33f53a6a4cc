//! The structure of a script.

use super::lexer::{Token, Word};

/// A command of any kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// One after the other.
    Sequence(Vec<Node>),
    /// The second if the first succeeds.
    And(Box<Node>, Box<Node>),
    /// The second if the first fails.
    Or(Box<Node>, Box<Node>),
    /// The other way round.
    Not(Box<Node>),
    /// Each one's output is the next one's input.
    Pipeline(Vec<Node>),
    If {
        condition: Box<Node>,
        then: Box<Node>,
        otherwise: Box<Node>,
    },
    For {
        variable: String,
        words: Vec<Word>,
        body: Box<Node>,
    },
    Simple {
        words: Vec<Word>,
        redirects: Vec<Redirect>,
    },
}

/// Where a command's text goes to, or comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Redirect {
    File { descriptor: u8, is_appending: bool, is_input: bool, path: Word },
    ErrorsToOutput,
}

/// Words that end a list.
const ENDS: &[&str] = &["then", "else", "fi", "do", "done"];

/// Reads a script.
pub(super) fn parse(tokens: Vec<Token>) -> Result<Node, String> {
    let mut parser = Parser { tokens: tokens.into_iter().peekable() };
    let node = parser.sequence()?;
    match parser.tokens.next() {
        None => Ok(node),
        Some(token) => Err(format!("{token:?} is unexpected")),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
}

impl Parser {
    fn sequence(&mut self) -> Result<Node, String> {
        let mut nodes = Vec::new();
        loop {
            while self.tokens.next_if_eq(&Token::Separator).is_some() {}
            if self.tokens.peek().is_none() || self.bare().is_some_and(|word| ENDS.contains(&word)) {
                return Ok(Node::Sequence(nodes));
            }
            nodes.push(self.list()?);
            if !matches!(self.tokens.peek(), None | Some(Token::Separator)) {
                return Ok(Node::Sequence(nodes));
            }
        }
    }

    fn list(&mut self) -> Result<Node, String> {
        let mut node = self.pipeline()?;
        loop {
            if self.tokens.next_if_eq(&Token::And).is_some() {
                node = Node::And(Box::new(node), Box::new(self.pipeline()?));
            } else if self.tokens.next_if_eq(&Token::Or).is_some() {
                node = Node::Or(Box::new(node), Box::new(self.pipeline()?));
            } else {
                return Ok(node);
            }
        }
    }

    fn pipeline(&mut self) -> Result<Node, String> {
        if self.bare() == Some("!") {
            self.tokens.next();
            return Ok(Node::Not(Box::new(self.pipeline()?)));
        }
        let mut nodes = vec![self.command()?];
        while self.tokens.next_if_eq(&Token::Pipe).is_some() {
            nodes.push(self.command()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Pipeline(nodes) })
    }

    fn command(&mut self) -> Result<Node, String> {
        match self.bare() {
            Some("if") => self.conditional(),
            Some("for") => self.repeated(),
            Some("while" | "until" | "case" | "function") => {
                Err("such a command is not understood here".to_owned())
            }
            Some(_) | None => self.simple(),
        }
    }

    fn conditional(&mut self) -> Result<Node, String> {
        self.expect("if")?;
        let condition = Box::new(self.sequence()?);
        self.expect("then")?;
        let then = Box::new(self.sequence()?);
        let otherwise = if self.bare() == Some("else") {
            self.tokens.next();
            self.sequence()?
        } else {
            Node::Sequence(Vec::new())
        };
        self.expect("fi")?;
        Ok(Node::If { condition, then, otherwise: Box::new(otherwise) })
    }

    fn repeated(&mut self) -> Result<Node, String> {
        self.expect("for")?;
        let variable = match self.tokens.next() {
            Some(Token::Word(word)) => word.bare().ok_or("a variable's name is a bare word")?.to_owned(),
            _ => return Err("a variable's name is missing".to_owned()),
        };
        self.expect("in")?;
        let mut words = Vec::new();
        while let Some(Token::Word(_)) = self.tokens.peek() {
            if let Some(Token::Word(word)) = self.tokens.next() {
                words.push(word);
            }
        }
        while self.tokens.next_if_eq(&Token::Separator).is_some() {}
        self.expect("do")?;
        let body = Box::new(self.sequence()?);
        self.expect("done")?;
        Ok(Node::For { variable, words, body })
    }

    fn simple(&mut self) -> Result<Node, String> {
        let mut words = Vec::new();
        let mut redirects = Vec::new();
        loop {
            match self.tokens.peek() {
                Some(Token::Word(_)) => {
                    if let Some(Token::Word(word)) = self.tokens.next() {
                        words.push(word);
                    }
                }
                Some(Token::ErrorsToOutput) => {
                    self.tokens.next();
                    redirects.push(Redirect::ErrorsToOutput);
                }
                Some(&Token::Redirect { descriptor, is_appending, is_input }) => {
                    self.tokens.next();
                    let Some(Token::Word(path)) = self.tokens.next() else {
                        return Err("a redirection leads nowhere".to_owned());
                    };
                    redirects.push(Redirect::File { descriptor, is_appending, is_input, path });
                }
                Some(Token::Separator | Token::And | Token::Or | Token::Pipe) | None => break,
            }
        }
        if words.is_empty() {
            Err("a command is missing".to_owned())
        } else {
            Ok(Node::Simple { words, redirects })
        }
    }

    /// The next word if it is bare.
    fn bare(&mut self) -> Option<&str> {
        match self.tokens.peek() {
            Some(Token::Word(word)) => word.bare(),
            Some(
                Token::Separator
                | Token::And
                | Token::Or
                | Token::Pipe
                | Token::Redirect { .. }
                | Token::ErrorsToOutput,
            )
            | None => None,
        }
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        if self.bare() == Some(word) {
            self.tokens.next();
            Ok(())
        } else {
            Err(format!("{word:?} is missing"))
        }
    }
}
