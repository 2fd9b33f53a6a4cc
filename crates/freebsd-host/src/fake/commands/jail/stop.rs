//! A jail's end. A hook that fails is told, and the rest is done all the same.

use super::story::Story;
use super::{hook, shared, start};
use crate::fake::jail::{Jail, JailDefinition};
use crate::fake::kernel::Place;
use crate::fake::userland::Userland;

/// Stops a jail (`stopcommands` in jail.c). Interfaces are not taken back: the network stack's end returns them.
pub(super) fn stop(userland: &mut dyn Userland, definition: &JailDefinition, jail: &Jail, story: &mut Story) {
    let name = &jail.name;
    let hooks = |userland: &mut dyn Userland, place: Place, parameter: &str, story: &mut Story| {
        for command in definition.values(parameter) {
            hook::run(userland, place, name, command, story);
        }
    };
    hooks(userland, Place::Host, "exec.prestop", story);
    hooks(userland, Place::Jail(jail.jid), "exec.stop", story);
    // Its processes have ended, or are killed with it.
    if let Err(error) = userland.kernel().remove_jail(jail.jid) {
        story.complain(&format!("{name}: jail_remove: {error}"));
    }
    hooks(userland, Place::Host, "exec.poststop", story);
    if let Some(path) = start::devfs_path(definition) {
        start::unmount(userland, name, &path, story);
    }
    for command in shared::commands(definition, "-alias") {
        hook::run(userland, Place::Host, name, &command, story);
    }
    hooks(userland, Place::Host, "exec.release", story);
}
