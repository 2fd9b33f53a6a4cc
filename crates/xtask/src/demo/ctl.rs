//! allocctl as a person would call it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

/// allocctl with the cluster's endpoints.
pub(super) struct Ctl {
    program: PathBuf,
    endpoints: String,
}

impl Ctl {
    pub(super) fn new(program: &Path, addresses: &[String]) -> Self {
        Self { program: program.to_owned(), endpoints: addresses.join(",") }
    }

    /// Runs it and wants success. Answers what it wrote to stdout; what it wrote to stderr is part of an error.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.output(arguments)?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            bail!("`allocctl {}` failed: {}: {}", arguments.join(" "), output.status, stderr.trim());
        }
        String::from_utf8(output.stdout).context("allocctl did not write UTF-8")
    }

    /// Runs it, shows its command line and the first lines of what it says.
    pub(super) fn show(&self, arguments: &[&str], lines_max: usize) -> Result<()> {
        println!("\n$ allocctl {}", arguments.join(" "));
        let text = self.run(arguments)?;
        for line in text.lines().take(lines_max) {
            println!("{line}");
        }
        let more = text.lines().count().saturating_sub(lines_max);
        if more > 0 {
            println!("... and {more} lines more");
        }
        Ok(())
    }

    fn output(&self, arguments: &[&str]) -> Result<Output> {
        Command::new(&self.program)
            .args(["--endpoints", &self.endpoints])
            .args(arguments)
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", self.program.display()))
    }
}
