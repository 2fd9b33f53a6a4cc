//! devfs(8), to look at rules: `devfs rule -s SET show` and `devfs rule showsets`.

use super::ending::{output, refuse};
use crate::fake::kernel::Kernel;
use crate::output::Output;

const USAGE: &str = "usage: devfs rule [-s ruleset] ...\n       devfs rule showsets\n";

/// Shows rules.
pub fn devfs(kernel: &dyn Kernel, arguments: &[String]) -> Output {
    let sets = kernel.devfs_rulesets();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["rule", "showsets"] => {
            Output::success(sets.keys().map(|set| format!("{set}\n")).collect::<String>())
        }
        ["rule", "-s", set, "show"] => match set.parse::<u16>() {
            // A set that nobody defined is empty.
            Ok(number) => {
                let rules = sets.get(&number).into_iter().flatten();
                Output::success(rules.map(|rule| format!("{rule}\n")).collect::<String>())
            }
            Err(_) => output(refuse("devfs rule", &format!("Invalid ruleset number: {set}"))),
        },
        _ => Output::failure(1, USAGE),
    }
}
