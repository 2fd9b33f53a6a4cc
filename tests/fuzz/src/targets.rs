//! One file for each target.

pub(crate) mod answers;
pub(crate) mod backup;
pub(crate) mod commands;
pub(crate) mod entry;
pub(crate) mod inventory;
pub(crate) mod jail_conf;
pub(crate) mod journal;
pub(crate) mod membership;
mod parts;
pub(crate) mod peers;
pub(crate) mod requests;
pub(crate) mod snapshot;
pub(crate) mod status;
mod survival;
pub(crate) mod words;
