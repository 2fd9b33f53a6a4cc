//! dmesg(8): the kernel's message buffer.

use crate::fake::kernel::Kernel;
use crate::output::Output;

/// Prints the lines of the buffer, oldest first.
pub fn dmesg(kernel: &dyn Kernel) -> Output {
    Output::success(kernel.messages().iter().map(|line| format!("{line}\n")).collect::<String>())
}
