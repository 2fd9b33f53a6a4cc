//! FreeBSD's commands: what they take, ask the kernel, and print.
//!
//! Each is a function of a kernel (or of a whole userland, where files and other programs are needed), a place and arguments.
//! [`run`] finds the one that a path names, the way the system does: by the path, or by the name alone for whoever searches.

mod arp;
mod devfs;
mod dmesg;
mod ending;
pub mod ifconfig;
pub mod jail;
mod jexec;
mod jls;
mod modules;
mod mounts;
mod pgrep;
mod ping;
mod route;
mod run;
mod service;
mod sysctl;
mod uname;

pub use arp::arp;
pub use devfs::devfs;
pub use dmesg::dmesg;
pub use jexec::jexec;
pub use jls::jls;
pub use modules::{kldload, kldstat};
pub use mounts::{mount, umount};
pub use pgrep::pgrep;
pub use ping::ping;
pub use route::route;
pub use run::{COMMANDS, run};
pub use service::service;
pub use sysctl::sysctl;
pub use uname::uname;
