//! `cargo xtask freebsd-check`: type-checks the workspace for FreeBSD, from Debian as well.

mod check;
mod packages;
mod toolchain;

pub(crate) use check::run;
