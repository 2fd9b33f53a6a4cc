//! pgrep(1), for programs by their whole name.

use crate::fake::userland::Userland;
use crate::output::Output;

/// What it ends with if it is not understood.
const BAD_USAGE: i32 = 2;
/// The number of whatever process is found: nobody here has one.
const PROCESS: u32 = 4711;

/// Tells by its code whether a program of a name runs.
pub fn pgrep(userland: &mut dyn Userland, arguments: &[String]) -> Output {
    match arguments {
        [option, name] if option == "-x" => {
            if userland.is_running(name) {
                Output::success(format!("{PROCESS}\n"))
            } else {
                Output::failure(1, "")
            }
        }
        _ => Output::failure(BAD_USAGE, "usage: pgrep [-LSfilnoqvx] [-d delim] pattern ...\n"),
    }
}
