//! An operator: it makes what leases need first, and then hosts that come and go.

use allocd_state::command::Command;

use super::super::message::Ask;
use super::super::wish;

/// An operator.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    script: Vec<Command>,
    last_host: Option<String>,
}

impl Operator {
    pub(super) fn new(mut script: Vec<Command>) -> Self {
        script.reverse();
        Self { script, last_host: None }
    }

    /// Says this next, unless there is something to say already.
    pub(super) fn say_next(&mut self, command: Command) {
        if self.script.is_empty() {
            self.script.push(command);
        }
    }

    /// What has to be made first is asked for until it is there, and so is a deletion. A batch may have been done: it is not asked
    /// for under another id.
    pub(super) fn gave_up(&mut self, ask: &Ask) {
        if let (None, Ask::Do(command)) = (&self.last_host, ask)
            && !matches!(command, Command::BatchAllocate(..))
        {
            self.script.push(command.clone());
        }
    }

    pub(super) fn choose(&mut self, operation: u64) -> Ask {
        Ask::Do(self.script.pop().unwrap_or_else(|| match self.last_host.take() {
            Some(host) => wish::delete_host(&host),
            None if operation.is_multiple_of(8) => wish::partial_batch(operation),
            None if operation % 8 == 4 => wish::refused_batch(operation),
            None => {
                let host = format!("x{operation}");
                let command = wish::create_host(&host, operation);
                self.last_host = Some(host);
                command
            }
        }))
    }
}
