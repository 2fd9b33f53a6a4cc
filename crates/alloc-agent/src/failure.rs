//! What can go wrong, what it means to a script, and how it is told to a person.
//!
//! Every failure ends here: one sentence that says what happened and to what, and on a line of its own what to do next. The exit
//! code says which kind of failure it was; one code has one meaning.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::pass::PassError;

/// The table of exit codes, for the help.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  something differs from the leases or from what is wanted, is found to be wrong, or could not be done
  2  the command line or the configuration cannot be understood
  5  something is broken on this machine
  6  nothing is known to be wrong, and not everything is known to be right: warnings of the doctor, or what it could not see";

const FINDINGS: u8 = 1;
const USAGE: u8 = 2;
const BROKEN: u8 = 5;
const DOUBTS: u8 = 6;

/// Why a verb did not do what was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong, or help was asked for.
    Usage(clap::Error),
    /// The configuration is wrong.
    Config(ConfigError),
    /// It was done, and this is what came out of it.
    Findings(String),
    /// A file cannot be written.
    File { path: PathBuf, source: io::Error },
    /// Something of this machine is not as it has to be.
    Broken(Box<dyn Error + Send + Sync>),
    /// The answer is no, and its findings have been told.
    No,
    /// The answer is neither yes nor no, and why has been told.
    Doubts,
    /// Something given cannot be understood.
    Input { message: String, hint: &'static str },
    /// This machine does not do what it should.
    Machine { message: String, hint: &'static str },
    /// Stdout cannot be written.
    Output(io::Error),
}

impl Failure {
    /// Tells it on stderr; the exit code is for whoever called.
    pub(crate) fn report(self) -> ExitCode {
        let code = self.exit_code();
        match self {
            // There is nobody left to tell if the stream is gone.
            Self::Usage(error) => drop(error.print()),
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Self::No | Self::Doubts => {}
            Self::Config(_)
            | Self::Findings(_)
            | Self::File { .. }
            | Self::Broken(_)
            | Self::Input { .. }
            | Self::Machine { .. }
            | Self::Output(_) => {
                drop(io::stderr().write_all(self.text().as_bytes()));
            }
        }
        ExitCode::from(code)
    }

    /// It in one line, for the log.
    pub(crate) fn line(&self) -> String {
        self.text().trim_end().trim_start_matches("error: ").to_owned()
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            // Help and version are asked for; they are no failure.
            Self::Usage(error) => u8::try_from(error.exit_code()).unwrap_or(USAGE),
            Self::Config(_) | Self::Input { .. } => USAGE,
            Self::No | Self::Findings(_) => FINDINGS,
            Self::Doubts => DOUBTS,
            // Whoever read our output has read enough.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::File { .. } | Self::Broken(_) | Self::Machine { .. } | Self::Output(_) => BROKEN,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Usage(_) | Self::No | Self::Doubts => String::new(),
            Self::Input { message, hint } | Self::Machine { message, hint } => {
                format!("error: {message}\nhint: {hint}\n")
            }
            Self::Config(error) => lines(error, error.hint()),
            Self::Findings(text) => format!("{text}\n"),
            Self::File { path, source } => format!("error: cannot write {}: {source}\n", path.display()),
            Self::Broken(error) => lines(error.as_ref(), None),
            Self::Output(error) => lines(error, None),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<PassError> for Failure {
    fn from(error: PassError) -> Self {
        Self::Broken(Box::new(error))
    }
}

/// An error with all its sources, on one line; one that only hands its source on is told once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.ends_with(&next) {
            // Writing to a string cannot fail.
            let _ = write!(text, ": {next}");
        }
        source = error.source();
    }
    text
}

/// An error, and what to do next on a line of its own.
fn lines(error: &dyn Error, hint: Option<&str>) -> String {
    let mut text = format!("error: {}\n", chain(error));
    if let Some(hint) = hint {
        let _ = writeln!(text, "hint: {hint}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    #[test]
    fn a_missing_configuration_says_where_a_sample_is() {
        let error = Config::read(Path::new("/nonexistent/alloc-agent.toml")).unwrap_err();
        let failure = Failure::from(error);
        assert_eq!(failure.exit_code(), USAGE);
        let text = failure.text();
        assert!(
            text.starts_with("error: cannot read configuration /nonexistent/alloc-agent.toml: "),
            "{text}"
        );
        assert!(text.contains("\nhint: "), "{text}");
    }

    #[test]
    fn every_exit_code_is_in_the_table() {
        for code in [0, FINDINGS, USAGE, BROKEN, DOUBTS] {
            assert!(EXIT_CODES.contains(&format!("\n  {code}  ")), "{code}");
        }
    }
}
