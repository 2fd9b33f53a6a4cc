//! A host that was written down: what is typed, in order, and what it answers. Indentation in the source is no part of it.
//!
//! ```text
//! $ /sbin/ifconfig epair7 create
//! 2> ifconfig: SIOCIFCREATE2: File exists
//! exit 1
//! $ /sbin/ifconfig -l
//! lo0 epair7a
//! ```

use std::collections::VecDeque;
use std::sync::Mutex;

use super::super::{Host, Kernel};
use crate::invocation::Invocation;
use crate::output::{Exit, Output};
use crate::runner::{RunError, Runner};

#[derive(Debug)]
pub(super) struct Script {
    rest: Mutex<VecDeque<(String, Output)>>,
}

impl Script {
    pub(super) fn new(text: &str) -> Self {
        let mut steps: VecDeque<(String, Output)> = VecDeque::new();
        for line in dedented(text).filter(|line| !line.is_empty()) {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push_back((command.to_owned(), Output::success("")));
                continue;
            }
            let (_, output) = steps.back_mut().expect("a script begins with a command");
            if let Some(code) = line.strip_prefix("exit ") {
                output.exit = Exit::Code(code.parse().unwrap());
            } else if let Some(line) = line.strip_prefix("2> ") {
                output.stderr.push_str(&format!("{line}\n"));
            } else {
                output.stdout.push_str(&format!("{line}\n"));
            }
        }
        Self { rest: Mutex::new(steps) }
    }

    /// A host of a release that answers as written.
    pub(super) fn host(release_date: u32, text: &str) -> Host<Self> {
        let kernel = Kernel { release_date, release: "test".to_owned(), has_vimage: true };
        Host { runner: Self::new(text), kernel }
    }
}

/// The lines without the indentation that all but the first have; what is indented further says something by it.
fn dedented(text: &str) -> impl Iterator<Item = &str> {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let others = text.lines().skip(1).filter(|line| !line.is_empty());
    let common = others.map(indentation).min().unwrap_or(0);
    text.lines().map(move |line| line.get(common.min(indentation(line))..).unwrap_or(line))
}

impl Runner for Script {
    fn run(&self, invocation: &Invocation) -> Result<Output, RunError> {
        let next = self.rest.lock().unwrap().pop_front();
        let (command, output) = next.unwrap_or_else(|| panic!("nothing is left for `{invocation}`"));
        assert_eq!(invocation.to_string(), command);
        Ok(output)
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(*self.rest.lock().unwrap(), [], "what was not asked for");
        }
    }
}
