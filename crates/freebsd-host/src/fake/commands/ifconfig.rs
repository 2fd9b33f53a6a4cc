//! ifconfig(8): what it is asked, and who does it.
//!
//! Options and the name come first. Then either something is shown, or `perform` goes through the rest
//! word by word, as the original does: `up` is done when it is met, an address when all words are read.

mod address;
mod capability;
mod create;
mod format;
mod invoke;
mod jailed;
mod keyword;
mod list;
mod perform;
mod show;

pub use invoke::ifconfig;
