//! One run of a program: which, with what arguments, and for how long at most.

use std::fmt;
use std::time::Duration;

use crate::program::Program;

/// How long a command may take unless it is said: far longer than one that asks or tells the kernel something ever does.
pub const TIME_LIMIT_DEFAULT: Duration = Duration::from_secs(30);
/// How long a command may take that starts or stops a jail with all its services.
pub const TIME_LIMIT_JAIL: Duration = Duration::from_secs(600);

/// A program about to be run with its arguments, which reach it as they are: there is no shell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Invocation {
    /// The program.
    pub program: Program,
    /// Its arguments, without its own name.
    pub arguments: Vec<String>,
    /// When it is killed if it has not ended.
    pub time_limit: Duration,
}

impl Invocation {
    /// A program with its arguments and the default time limit.
    pub fn new<A: Into<String>>(program: Program, arguments: impl IntoIterator<Item = A>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self { program, arguments, time_limit: TIME_LIMIT_DEFAULT }
    }

    /// The same with another time limit.
    #[must_use]
    pub fn within(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }
}

/// As a person would type it into sh(1).
impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_word(f, self.program.path())?;
        for argument in &self.arguments {
            f.write_str(" ")?;
            write_word(f, argument)?;
        }
        Ok(())
    }
}

/// A word that sh(1) reads as it stands, or else quoted; a control character is shown as an escape, since a person reads this.
fn write_word(f: &mut fmt::Formatter<'_>, word: &str) -> fmt::Result {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%+,-./:=@_".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return f.write_str(word);
    }
    f.write_str("'")?;
    for c in word.chars() {
        match c {
            '\'' => f.write_str(r"'\''")?,
            c if c.is_control() => write!(f, "{}", c.escape_default())?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("'")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_are_shown_as_they_are() {
        let create = Invocation::new(Program::IFCONFIG, ["epair7b", "inet6", "fe80::1%epair7b/64"]);
        assert_eq!(create.to_string(), "/sbin/ifconfig epair7b inet6 fe80::1%epair7b/64");
    }

    #[test]
    fn words_that_a_shell_would_change_are_quoted() {
        let run =
            Invocation::new(Program::JEXEC, ["web01", "/bin/sh", "-c", "echo it's $HOME", "", "~", "a\nb"]);
        assert_eq!(run.to_string(), r"/usr/sbin/jexec web01 /bin/sh -c 'echo it'\''s $HOME' '' '~' 'a\nb'");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_one_line_without_control_characters(argument in any::<String>()) {
            let shown = Invocation::new(Program::IFCONFIG, [argument]).to_string();
            prop_assert!(!shown.contains(char::is_control));
        }
    }
}
