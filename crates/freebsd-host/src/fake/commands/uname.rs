//! uname(1), as far as a release is asked for.

use crate::fake::kernel::Kernel;
use crate::output::Output;

/// Prints the system's name and release.
pub fn uname(kernel: &dyn Kernel, arguments: &[String]) -> Output {
    let release = kernel.release().name();
    match arguments.first().map(String::as_str) {
        None | Some("-s") => Output::success("FreeBSD\n"),
        Some("-r") => Output::success(format!("{release}\n")),
        Some("-sr" | "-rs") => Output::success(format!("FreeBSD {release}\n")),
        Some(_) => Output::failure(1, "usage: uname [-abiKmnoprsUv]\n"),
    }
}
