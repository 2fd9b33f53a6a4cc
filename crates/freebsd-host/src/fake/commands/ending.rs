//! How a command ends: with text on stdout, or with a message and a code.

use crate::output::{Exit, Output};

/// What a command printed, or how it ended instead.
pub(super) type Printed = Result<String, Output>;

/// The output of a command in either case.
pub(super) fn output(printed: Printed) -> Output {
    printed.map_or_else(|failed| failed, Output::success)
}

/// A command that ends with code 1 and a message behind its name, as errx(3) prints it.
pub(super) fn refuse<T>(command: &str, message: &str) -> Result<T, Output> {
    Err(Output::failure(1, format!("{command}: {message}\n")))
}

/// A command that ends with a code, what it printed and what it complained of.
pub(super) fn ended(code: i32, stdout: String, stderr: String) -> Output {
    Output { exit: Exit::Code(code), stdout, is_stdout_cut: false, stderr }
}
