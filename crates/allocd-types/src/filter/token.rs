//! The words of a filter.

use std::str::Chars;

/// One word of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Letters, digits and what names and addresses are made of.
    Word(String),
    /// What stood in quotes.
    Quoted(String),
    /// `=`.
    Equals,
}

/// Takes a text apart.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars();
    while let Some(next) = chars.clone().next() {
        if is_word(next) {
            let word: String = chars.clone().take_while(|c| is_word(*c)).collect();
            chars = chars.as_str()[word.len()..].chars();
            tokens.push(Token::Word(word));
            continue;
        }
        chars.next();
        match next {
            ' ' => {}
            '=' => tokens.push(Token::Equals),
            '"' => tokens.push(Token::Quoted(quoted(&mut chars)?)),
            other => {
                return Err(format!("{other:?} has no meaning here; only equalities joined with AND have"));
            }
        }
    }
    Ok(tokens)
}

/// The first word as people see it.
pub(super) fn shown(tokens: &[Token]) -> String {
    match tokens.first() {
        Some(Token::Word(word)) => word.clone(),
        Some(Token::Quoted(text)) => format!("{text:?}"),
        Some(Token::Equals) => "=".to_owned(),
        None => "the end".to_owned(),
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// Reads up to the closing quote, which it takes too.
fn quoted(chars: &mut Chars<'_>) -> Result<String, String> {
    let mut text = String::new();
    loop {
        match chars.next() {
            Some('"') => return Ok(text),
            Some('\\') => match chars.next() {
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                Some(_) | None => return Err("only \\\" and \\\\ may follow a backslash".to_owned()),
            },
            Some(c) => text.push(c),
            None => return Err("a closing quote is missing".to_owned()),
        }
    }
}
