//! Pure text: jail.conf(5), ezjail, rc.conf(5), a host's setup and the inventory format, rendered, parsed and edited.
//!
//! Text in, text out, no I/O. What a rendered file does runs as root on a jail server, often at boot and with nobody watching,
//! so a value in it is data and never shell: names and addresses are safe by their type, profile values are checked when they
//! are resolved, and whatever could be expanded is refused, not escaped by luck.

pub mod commands;
pub mod ezjail;
pub mod inventory;
pub mod jail_conf;
pub mod origin;
pub mod rc_conf;
pub mod setup;
pub mod start_mark;

mod interfaces;
mod plain;
mod profile;
mod release;
mod steps;

#[cfg(test)]
mod example;

pub use interfaces::{JailInterfaces, RenderError};
pub use profile::{
    ALLOW_MAX, DEVFS_RULESET_DEFAULT, HOSTNAME_BYTES_MAX, JAIL_PLACEHOLDER, PATH_BYTES_MAX, PATH_DEFAULT,
    ProfileLayers, ProfileValues, RenderProfile, TapPlace,
};
pub use release::{Release, ReleaseError, ReleaseFamily};
pub use steps::{BuildSteps, HostStep, JailStep, LinkSteps, MARK_PREFIX, Named, mark};
