//! One command of a jail's life: split on blanks and run, or given to the shell if it needs one (run_command in command.c).

use super::story::Story;
use crate::fake::errno::Errno;
use crate::fake::kernel::Place;
use crate::fake::userland::Userland;

/// Characters that only a shell understands.
const FOR_A_SHELL: &[char] =
    &['!', '"', '$', '&', '\'', '(', ')', '*', ';', '<', '>', '?', '[', '\\', ']', '`', '{', '|', '}', '~'];

/// Runs a command, and says if it failed.
pub(super) fn run(
    userland: &mut dyn Userland,
    place: Place,
    jail: &str,
    command: &str,
    story: &mut Story,
) -> bool {
    // One that runs in the background is not waited for, and its end tells nothing.
    let (command, is_background) = match command.strip_suffix('&') {
        Some(rest) if !rest.ends_with('&') => (rest.trim_end(), true),
        Some(_) | None => (command, false),
    };
    let words: Vec<String> = if command.contains(FOR_A_SHELL) {
        ["/bin/sh", "-c", command].map(str::to_owned).into()
    } else {
        command.split_whitespace().map(str::to_owned).collect()
    };
    let Some((program, arguments)) = words.split_first() else { return true };
    let is_done = match userland.execute(place, program, arguments) {
        Some(output) => {
            story.heard(&output);
            output.exit.is_success()
        }
        None => {
            story.stderr.push_str(&format!("jail: {jail}: {program}: {}\n", Errno::NoEntry));
            false
        }
    };
    if !is_done && !is_background {
        story.complain(&format!("{jail}: {command}: failed"));
    }
    is_done || is_background
}

/// Runs commands one after the other, as long as they succeed.
pub(super) fn run_all(
    userland: &mut dyn Userland,
    place: Place,
    jail: &str,
    commands: &[&str],
    story: &mut Story,
) -> bool {
    commands.iter().all(|command| run(userland, place, jail, command, story))
}
