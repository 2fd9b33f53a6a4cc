//! A machine in memory while a command runs on it: its kernel, and its programs and files.

use super::commands;
use super::host::Usage;
use super::jail::JailDefinition;
use super::kernel::{Kernel, Place};
use super::memory::MemoryKernel;
use super::network::Shared;
use super::userland::Userland;
use super::{rc, shell};
use crate::output::Output;

/// The machine.
pub(super) struct FakeMachine<'s> {
    pub(super) kernel: MemoryKernel<'s>,
    pub(super) usage: &'s mut Usage,
}

impl<'s> FakeMachine<'s> {
    pub(super) fn new(shared: &'s mut Shared, at: usize) -> Self {
        let Shared { world, usage, .. } = shared;
        Self { kernel: MemoryKernel { world, at }, usage: &mut usage[at] }
    }

    /// Runs a program with text on its stdin.
    pub(super) fn execute_with(
        &mut self,
        place: Place,
        program: &str,
        arguments: &[String],
        stdin: &str,
    ) -> Option<Output> {
        let on_host = self.usage.programs_on_host.get(program).filter(|_| place == Place::Host);
        if let Some(extra) = on_host.or_else(|| self.usage.programs.get(program)) {
            return Some(extra(place, arguments));
        }
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match (program, words.as_slice()) {
            ("/bin/sh" | "sh", ["-c", script, ..]) => Some(shell::run(self, place, script)),
            ("/bin/sh" | "sh", ["/etc/rc", ..]) => Some(rc::start(self, place)),
            ("/bin/sh" | "sh", ["/etc/rc.shutdown", ..]) => Some(Output::success("")),
            _ => commands::run(self, place, program, arguments)
                .or_else(|| shell::tool(self, place, program, &words, stdin)),
        }
    }

    /// Where a path of a place lies on the host.
    pub(super) fn path(&self, place: Place, path: &str) -> String {
        let root = match place {
            Place::Host => None,
            Place::Jail(jid) => self.kernel.jails().into_iter().find(|jail| jail.jid == jid),
        };
        format!("{}{path}", root.map(|jail| jail.path).filter(|path| path != "/").unwrap_or_default())
    }
}

impl Userland for FakeMachine<'_> {
    fn kernel(&mut self) -> &mut dyn Kernel {
        &mut self.kernel
    }

    fn read_jail_conf(&mut self, path: &str) -> Result<Option<Vec<JailDefinition>>, String> {
        match &self.usage.read_jail_conf {
            Some(read) => read(path),
            None => Ok(None),
        }
    }

    fn is_running(&mut self, _name: &str) -> bool {
        // One program runs at a time, to its end, and that is the one that asks.
        false
    }

    fn execute(&mut self, place: Place, program: &str, arguments: &[String]) -> Option<Output> {
        self.execute_with(place, program, arguments, "")
    }
}
