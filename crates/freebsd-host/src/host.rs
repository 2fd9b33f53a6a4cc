//! A jail server, as its programs show and change it.
//!
//! Every verb is one command, and names what is there afterwards. It succeeds if the command does, and also if the command fails
//! and that is there all the same; so a verb may be said again. A [`CommandError`] carries the command, how it ended and what it
//! wrote to stderr. What a verb takes is typed, so nothing can be taken for an option or another word of the command.
//!
//! [`Host`] has what a machine has once: jails, modules, file systems. [`Stack`] has what each network stack has for itself:
//! interfaces, routes, neighbours; the host has one, and so has every vnet jail.

mod files;
mod interfaces;
mod jails;
mod kernel;
mod reach;
mod stack;

use allocd_types::name::JailName;

use crate::command;
use crate::error::CommandError;
use crate::interface::Interface;
use crate::invocation::Invocation;
use crate::message::KernelMessage;
use crate::program::Program;
use crate::runner::Runner;
use crate::sysctl::Sysctl;

pub use interfaces::{Cloned, Creation};
pub use jails::NewJail;
pub use kernel::Kernel;
pub use stack::Stack;

/// A jail server.
#[derive(Debug)]
pub struct Host<R> {
    runner: R,
    kernel: Kernel,
}

impl<R: Runner> Host<R> {
    /// Looks which kernel there is, which decides what its programs can be asked.
    ///
    /// # Errors
    /// [`CommandError`] if the kernel does not tell its release.
    pub fn look(runner: R) -> Result<Self, CommandError> {
        let arguments = ["-n", Sysctl::RELEASE_DATE.as_str(), Sysctl::RELEASE.as_str()];
        let mut kernel = command::read(&runner, Invocation::new(Program::SYSCTL, arguments), Kernel::read)?;
        let vimage = Invocation::new(Program::SYSCTL, ["-n", Sysctl::VIMAGE.as_str()]);
        let vimage = command::read_if(&runner, vimage, |text| Ok(text.trim_end() == "1"))?;
        kernel.has_vimage = vimage.unwrap_or(false);
        Ok(Self { runner, kernel })
    }

    /// Its kernel.
    #[must_use]
    pub const fn kernel(&self) -> &Kernel {
        &self.kernel
    }

    /// What runs its programs.
    #[must_use]
    pub const fn runner(&self) -> &R {
        &self.runner
    }

    /// The host's own network stack.
    #[must_use]
    pub const fn stack(&self) -> Stack<'_, R> {
        Stack::new(self, None)
    }

    /// The network stack of a vnet jail. Up to 13 the jail's own programs are run for it, and what they say is the jail's word.
    #[must_use]
    pub const fn stack_of<'a>(&'a self, jail: &'a JailName) -> Stack<'a, R> {
        Stack::new(self, Some(jail))
    }

    /// Lists the host's interfaces, in one command.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails or cannot be read.
    pub fn interfaces(&self) -> Result<Vec<Interface>, CommandError> {
        self.stack().interfaces()
    }

    /// Lists the interfaces of a vnet jail, in one command.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails, as it does for a jail that is not there or dying, or cannot be read.
    pub fn interfaces_in(&self, jail: &JailName) -> Result<Vec<Interface>, CommandError> {
        self.stack_of(jail).interfaces()
    }

    /// The messages about duplicates that the kernel still remembers.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails.
    pub fn kernel_messages(&self) -> Result<Vec<KernelMessage>, CommandError> {
        Ok(self.kernel_lines()?.iter().filter_map(|line| KernelMessage::read(line)).collect())
    }

    /// All lines that the kernel still remembers, oldest first. Of the first the beginning may be overwritten, and of the last
    /// the end not be written yet.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails.
    pub fn kernel_lines(&self) -> Result<Vec<String>, CommandError> {
        let dmesg = Invocation::new(Program::DMESG, [""; 0]);
        command::read(&self.runner, dmesg, |text| Ok(text.lines().map(str::to_owned).collect()))
    }
}

#[cfg(test)]
mod tests;
