//! What jail(8) and jexec(8) need besides the kernel: files and other programs.

use super::jail::JailDefinition;
use super::kernel::{Kernel, Place};
use crate::output::Output;

/// A machine's files and programs.
pub trait Userland {
    /// The kernel below.
    fn kernel(&mut self) -> &mut dyn Kernel;

    /// Reads a jail.conf(5): its jails with their parameters after every `=` and `+=`; none if there is no such file.
    ///
    /// # Errors
    /// What jail(8) says of a file that it cannot read.
    fn read_jail_conf(&mut self, path: &str) -> Result<Option<Vec<JailDefinition>>, String>;

    /// True if a program of this name runs, on the host or in a jail.
    fn is_running(&mut self, name: &str) -> bool;

    /// Runs a program by its path with its arguments, on the host or in a jail, to its end; none if there is no such program.
    fn execute(&mut self, place: Place, program: &str, arguments: &[String]) -> Option<Output>;
}
