//! jexec(8): a program inside a jail.

use super::ending::{output, refuse};
use crate::fake::errno::Errno;
use crate::fake::kernel::Place;
use crate::fake::userland::Userland;
use crate::output::Output;

/// Runs a program in a jail that lives.
pub fn jexec(userland: &mut dyn Userland, place: Place, arguments: &[String]) -> Output {
    let mut words = arguments.iter();
    let mut jail = None;
    while let Some(word) = words.next() {
        match word.as_str() {
            "-l" | "-n" => {}
            "-u" | "-U" => {
                words.next();
            }
            _ => {
                jail = Some(word);
                break;
            }
        }
    }
    let Some(name) = jail else {
        return Output::failure(1, "usage: jexec [-l] [-u username | -U username] jail [command ...]\n");
    };
    let found = match place {
        Place::Host => userland.kernel().jail(name),
        // A jail sees no jails but its own, and these have none.
        Place::Jail(_) => None,
    };
    let Some(jail) = found else {
        return output(refuse("jexec", &format!("jail \"{name}\" not found")));
    };
    let rest: Vec<String> = words.cloned().collect();
    let (program, rest) = rest.split_first().map_or(("/bin/csh", &[][..]), |(p, rest)| (p.as_str(), rest));
    userland
        .execute(Place::Jail(jail.jid), program, rest)
        .unwrap_or_else(|| output(refuse("jexec", &format!("execvp: {program}: {}", Errno::NoEntry))))
}
