//! How a program ended and what it wrote, within bounds.

use std::fmt;

/// Most of what a program writes to stdout that is kept: thousands of interfaces.
pub const STDOUT_BYTES_MAX: usize = 4 << 20;
/// Most of what a program writes to stderr that is kept.
pub const STDERR_BYTES_MAX: usize = 64 << 10;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// What a program that ended left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// The first [`STDOUT_BYTES_MAX`] bytes of what it wrote to stdout; what is not UTF-8 is replaced by U+FFFD.
    pub stdout: String,
    /// True if it wrote more to stdout than was kept. Whether a command succeeded does not depend on it, what it said does.
    pub is_stdout_cut: bool,
    /// The first [`STDERR_BYTES_MAX`] bytes of what it wrote to stderr; what is not UTF-8 is replaced by U+FFFD.
    pub stderr: String,
}

impl Exit {
    /// True if the program says that it did what it was asked.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Code(0))
    }
}

impl Output {
    /// A program that succeeded and wrote this to stdout.
    pub fn success(stdout: impl Into<String>) -> Self {
        Self { exit: Exit::Code(0), stdout: stdout.into(), is_stdout_cut: false, stderr: String::new() }
    }

    /// A program that failed with a code and wrote this to stderr.
    pub fn failure(code: i32, stderr: impl Into<String>) -> Self {
        Self { exit: Exit::Code(code), stdout: String::new(), is_stdout_cut: false, stderr: stderr.into() }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}
