//! Starts other programs. Every failure says what was run, how it ended and, where its output was caught, what it wrote
//! to stderr. Nothing reads stdin: a chore must be able to run where nobody sits.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Error, Result, bail};

/// One program with its arguments, about to be run.
pub(crate) struct Tool {
    command: Command,
}

impl Tool {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self { command }
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Shows the command line, runs it with its output passed through, and wants success.
    pub(crate) fn run(self) -> Result<()> {
        let shown = self.to_string();
        let status = self.status()?;
        if status.success() { Ok(()) } else { bail!("`{shown}` failed: {}", ended(status)) }
    }

    /// Shows the command line, runs it with its output passed through, and returns how it ended.
    pub(crate) fn status(mut self) -> Result<ExitStatus> {
        println!("$ {self}");
        self.command.status().with_context(|| format!("cannot start `{self}`"))
    }

    /// Becomes that program: signals reach it and nobody stands in between. Returns only if it cannot be started.
    pub(crate) fn become_it(mut self) -> Error {
        println!("$ {self}");
        Error::new(self.command.exec()).context(format!("cannot start `{self}`"))
    }

    /// Runs silently and returns what was written to stdout.
    pub(crate) fn capture(mut self) -> Result<String> {
        let output = self.command.output().with_context(|| format!("cannot start `{self}`"))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            bail!("`{self}` failed: {}: {}", ended(output.status), stderr.trim());
        }
        String::from_utf8(output.stdout).with_context(|| format!("`{self}` did not write UTF-8"))
    }

    /// Whether the program can be started and succeeds; its output is thrown away.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command.output().is_ok_and(|output| output.status.success())
    }
}

/// The command line as a person would type it. `PATH` only finds our own tools first and is left out.
impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.command.get_envs().filter(|(name, _)| *name != "PATH") {
            if let Some(value) = value {
                write!(f, "{}={} ", name.display(), quoted(value))?;
            }
        }
        write!(f, "{}", quoted(self.command.get_program()))?;
        self.command.get_args().try_for_each(|arg| write!(f, " {}", quoted(arg)))
    }
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.is_empty() || word.contains([' ', '"', '\'', ';', '&', '*', '$', '(', '<', '>']) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        word.into_owned()
    }
}

fn ended(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::Tool;

    #[test]
    fn a_failure_names_command_exit_code_and_stderr() {
        let error = Tool::new("sh").args(["-c", "echo it broke >&2; exit 3"]).capture().unwrap_err();
        assert_eq!(error.to_string(), "`sh -c 'echo it broke >&2; exit 3'` failed: exit code 3: it broke");
    }

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = Tool::new("no-such-program-anywhere").arg("x").capture().unwrap_err();
        assert_eq!(error.to_string(), "cannot start `no-such-program-anywhere x`");
    }

    #[test]
    fn stdin_is_closed() {
        assert_eq!(Tool::new("cat").capture().unwrap(), "");
    }
}
