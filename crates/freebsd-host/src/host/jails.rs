//! Jails: listed, started and stopped from their files or without any, and programs in them.

use allocd_types::name::JailName;

use super::Host;
use crate::command::{self, bring_about, bring_about_and_look};
use crate::error::CommandError;
use crate::invocation::{Invocation, TIME_LIMIT_JAIL};
use crate::jail::{Jail, PARAMETER_OF_VIMAGE, PARAMETERS, parse_json, parse_pairs};
use crate::output::Output;
use crate::path::HostPath;
use crate::program::Program;
use crate::runner::Runner;

/// A jail that is made without a file: with a network stack of its own, and there until it is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJail {
    /// Its name.
    pub name: JailName,
    /// Its root.
    pub path: HostPath,
    /// Its hostname.
    pub hostname: String,
    /// The rule set of its devices; without one it gets no /dev.
    pub devfs_ruleset: Option<u16>,
    /// What it is allowed, each the rest of an `allow.` parameter.
    pub allow: Vec<String>,
}

/// What pgrep(1) ends with when nothing matches.
const PGREP_NONE: i32 = 1;

impl<R: Runner> Host<R> {
    /// Lists all jails, dying ones among them, in one command.
    ///
    /// # Errors
    /// [`CommandError`] if the command fails or cannot be read.
    pub fn jails(&self) -> Result<Vec<Jail>, CommandError> {
        let has_libxo = self.kernel.has_libxo();
        let options = if has_libxo { &["--libxo", "json", "-d"][..] } else { &["-d", "-n"] };
        let vimage = self.kernel.has_vimage.then_some(PARAMETER_OF_VIMAGE);
        let arguments = options.iter().copied().chain(PARAMETERS).chain(vimage);
        let list = Invocation::new(Program::JLS, arguments);
        command::read(&self.runner, list, if has_libxo { parse_json } else { parse_pairs })
    }

    /// Starts a jail as its file says. Afterwards it is there.
    ///
    /// jail(8) undoes a start that fails, but for what the hooks of the host did.
    ///
    /// # Errors
    /// [`CommandError`] if it is not there.
    pub fn start_jail(&self, file: &HostPath, jail: &JailName) -> Result<(), CommandError> {
        let start = Invocation::new(Program::JAIL, ["-f", file.as_str(), "-c", jail.as_str()]);
        bring_about(&self.runner, start.within(TIME_LIMIT_JAIL), || self.is_alive(jail))
    }

    /// Stops a jail as its file says. Afterwards it is not there, or dying.
    ///
    /// # Errors
    /// [`CommandError`] if it is alive.
    pub fn stop_jail(&self, file: &HostPath, jail: &JailName) -> Result<(), CommandError> {
        let stop = Invocation::new(Program::JAIL, ["-f", file.as_str(), "-r", jail.as_str()]);
        bring_about(&self.runner, stop.within(TIME_LIMIT_JAIL), || Ok(!self.is_alive(jail)?))
    }

    /// Starts a jail by way of rc.d/jail, enabled there or not. Afterwards it is there; rc.d/jail does not say if it failed.
    ///
    /// # Errors
    /// [`CommandError`] if it is not there.
    pub fn start_jail_service(&self, jail: &JailName) -> Result<(), CommandError> {
        let start = Invocation::new(Program::SERVICE, ["jail", "onestart", jail.as_str()]);
        let start = start.within(TIME_LIMIT_JAIL);
        bring_about_and_look(&self.runner, start, "the jail is not there", || self.is_alive(jail))
    }

    /// Stops a jail by way of rc.d/jail. Afterwards it is not there, or dying; rc.d/jail does not say if it failed.
    ///
    /// # Errors
    /// [`CommandError`] if it is alive.
    pub fn stop_jail_service(&self, jail: &JailName) -> Result<(), CommandError> {
        let stop = Invocation::new(Program::SERVICE, ["jail", "onestop", jail.as_str()]);
        let stop = stop.within(TIME_LIMIT_JAIL);
        bring_about_and_look(&self.runner, stop, "the jail is still there", || Ok(!self.is_alive(jail)?))
    }

    /// Starts an ezjail, enabled or not. Afterwards it is there; ezjail's script does not say if it failed.
    ///
    /// # Errors
    /// [`CommandError`] if it is not there.
    pub fn start_ezjail(&self, jail: &JailName) -> Result<(), CommandError> {
        let start = Invocation::new(Program::SERVICE, ["ezjail", "onestart", jail.as_str()]);
        let start = start.within(TIME_LIMIT_JAIL);
        bring_about_and_look(&self.runner, start, "the jail is not there", || self.is_alive(jail))
    }

    /// Stops an ezjail. Afterwards it is not there, or dying; ezjail's script does not say if it failed.
    ///
    /// # Errors
    /// [`CommandError`] if it is alive.
    pub fn stop_ezjail(&self, jail: &JailName) -> Result<(), CommandError> {
        let stop = Invocation::new(Program::SERVICE, ["ezjail", "onestop", jail.as_str()]);
        let stop = stop.within(TIME_LIMIT_JAIL);
        bring_about_and_look(&self.runner, stop, "the jail is still there", || Ok(!self.is_alive(jail)?))
    }

    /// Makes a jail without a file, with nothing running in it. Afterwards it is there.
    ///
    /// # Errors
    /// [`CommandError`] if it is not there.
    pub fn create_jail(&self, jail: &NewJail) -> Result<(), CommandError> {
        let mut arguments = vec![
            "-c".to_owned(),
            format!("name={}", jail.name),
            format!("path={}", jail.path),
            format!("host.hostname={}", jail.hostname),
            "vnet=new".to_owned(),
            "persist".to_owned(),
        ];
        if let Some(ruleset) = jail.devfs_ruleset {
            arguments.extend([format!("devfs_ruleset={ruleset}"), "mount.devfs".to_owned()]);
        }
        arguments.extend(jail.allow.iter().map(|allow| format!("allow.{allow}")));
        let create = Invocation::new(Program::JAIL, arguments);
        bring_about(&self.runner, create, || self.is_alive(&jail.name))
    }

    /// Removes a jail without a file, and kills what runs in it. Afterwards it is not there, or dying; a /dev that was mounted
    /// for it still is.
    ///
    /// # Errors
    /// [`CommandError`] if it is alive.
    pub fn remove_jail(&self, jail: &JailName) -> Result<(), CommandError> {
        let remove = Invocation::new(Program::JAIL, ["-R", jail.as_str()]);
        bring_about(&self.runner, remove, || Ok(!self.is_alive(jail)?))
    }

    /// Whether a jail(8) runs, whoever started it and for whatever jail. One in a jail counts too: what `-j 0` means to pgrep(1)
    /// has changed.
    ///
    /// # Errors
    /// [`CommandError`] if that cannot be told.
    pub fn is_jail_at_work(&self) -> Result<bool, CommandError> {
        let find = Invocation::new(Program::PGREP, ["-x", Program::JAIL.name()]);
        command::ask(&self.runner, find, PGREP_NONE)
    }

    /// Runs a program in a jail, with the time limit of its invocation, and wants success.
    ///
    /// # Errors
    /// [`CommandError`] if it fails, or the jail is not there.
    pub fn run_in(&self, jail: &JailName, inside: &Invocation) -> Result<Output, CommandError> {
        let command = [jail.as_str(), inside.program.path()].into_iter().map(str::to_owned);
        let arguments = command.chain(inside.arguments.iter().cloned());
        let run = Invocation::new(Program::JEXEC, arguments).within(inside.time_limit);
        command::succeed(&self.runner, run)
    }

    /// Whether a jail of this name is there and not dying.
    fn is_alive(&self, name: &JailName) -> Result<bool, CommandError> {
        Ok(self.jails()?.iter().any(|jail| jail.name == *name && !jail.is_dying))
    }
}
