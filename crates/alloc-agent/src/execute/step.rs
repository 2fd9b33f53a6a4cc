//! One step, by the host's verbs.

use std::net::IpAddr;

use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::name::{InterfaceName, JailName};
use freebsd_config::{HostStep, JailStep, mark, start_mark};
use freebsd_host::host::{Cloned, Creation, Stack};
use freebsd_host::interface::Description;
use freebsd_host::{CommandError, Invocation, Program, Runner, TIME_LIMIT_JAIL};
use ipnetwork::IpNetwork;

use super::{Executor, StepError};
use crate::cache::Built;
use crate::observe::mark_of;
use crate::step::{Place, Step, Way};

/// The loopback of a jail.
const LOOPBACK: &str = "lo0";
/// Its address.
const LOOPBACK_ADDRESS: &str = "127.0.0.1/8";

impl<R: Runner> Executor<'_, R> {
    /// Does one step.
    pub(super) fn step(&mut self, jail: &JailName, step: &Step) -> Result<(), StepError> {
        let host = self.host;
        match step {
            Step::Note { target, progress } => {
                let built = Built { target: *target, progress: *progress };
                self.store.change(|cache| {
                    cache.built.insert(jail.clone(), built);
                })?;
            }
            Step::Forget => self.store.change(|cache| {
                cache.built.remove(jail);
            })?,
            Step::CreateEzjail => host.create_ezjail(jail)?,
            Step::CloneRoot { template, dataset, path } => host.clone_snapshot(template, dataset, path)?,
            Step::WriteFile { path, text, replaces } => self.write_file(jail, path, text, *replaces)?,
            Step::RemoveFile { path } => self.remove_file(jail, path)?,
            Step::ForgetStart => self.files.remove(&start_mark::path(jail))?,
            Step::EditRcConf(edit) => self.edit_rc_conf(edit)?,
            Step::Claim { name, lease } => host.stack().describe(name, &description(&mark(*lease)))?,
            Step::Link { place: Place::Host, step } => self.link(&host.stack(), step)?,
            Step::Link { place: Place::Jail, step } => self.link(&host.stack_of(jail), step)?,
            Step::LeaveBridge { bridge, member } => host.stack().remove_member(bridge, member)?,
            Step::Destroy { name, lease } => self.destroy(name, *lease)?,
            Step::CreateJail(new) => host.create_jail(new)?,
            Step::Start(Way::File(file)) => host.start_jail(file, jail)?,
            Step::Start(Way::Ezjail) => host.start_ezjail(jail)?,
            Step::MoveIn { name } => host.stack().move_into(jail, name)?,
            Step::TakeOut { name } => host.stack().take_out(jail, name)?,
            Step::Inside(step) => self.inside(jail, step)?,
            Step::RemoveAddress { name, address } => host.stack_of(jail).remove_address(name, *address)?,
            Step::StopServices(step) => self.inside(jail, step)?,
            Step::Stop(way) => self.stop(jail, way)?,
            Step::RemoveJail => host.remove_jail(jail)?,
            Step::UnmountDev { path } => host.unmount(path)?,
        }
        Ok(())
    }

    fn link(&self, stack: &Stack<'_, R>, step: &HostStep) -> Result<(), StepError> {
        match step {
            HostStep::Create { kind, unit } => self.create(*kind, *unit)?,
            HostStep::Mark { name, lease } => stack.describe(name, &description(&mark(*lease)))?,
            HostStep::Rename { from, to } => stack.rename(from, to)?,
            HostStep::SetMac { name, mac } => stack.set_ether(name, *mac)?,
            HostStep::SetMtu { name, mtu } => stack.set_mtu(name, *mtu)?,
            HostStep::BringUp { name } => stack.bring_up(name)?,
            HostStep::AddMember { bridge, member } => stack.add_member(bridge, member)?,
        }
        Ok(())
    }

    /// Makes an interface. One that is there all the same was made by the command that failed, or by somebody else; it is taken
    /// for the former only as long as nobody has done anything with it.
    fn create(&self, kind: InterfaceKind, unit: UnitIndex) -> Result<(), StepError> {
        let cloned = match kind {
            InterfaceKind::Epair => Cloned::Epair(unit),
            InterfaceKind::Tap => Cloned::Tap(unit),
            InterfaceKind::Tun => Cloned::Tun(unit),
            InterfaceKind::Ngeth | InterfaceKind::Address => {
                unreachable!("no step makes an interface that ifconfig(8) does not clone")
            }
        };
        let stack = self.host.stack();
        match stack.create(cloned)? {
            Creation::Made => Ok(()),
            Creation::WasThere => {
                let is_new = stack.interface(&cloned.name())?.is_some_and(|interface| {
                    !interface.is_up() && interface.description.is_none() && interface.addresses.is_empty()
                });
                if is_new { Ok(()) } else { Err(StepError::Taken { name: cloned.name() }) }
            }
        }
    }

    /// Destroys an interface, if it still carries the mark.
    fn destroy(&self, name: &InterfaceName, lease: allocd_types::id::LeaseId) -> Result<(), StepError> {
        let stack = self.host.stack();
        match stack.interface(name)? {
            None => Ok(()),
            Some(interface) if mark_of(&interface) == Some(lease) => Ok(stack.destroy(name)?),
            Some(_) => Err(StepError::NotOurs { name: name.clone(), lease }),
        }
    }

    fn inside(&self, jail: &JailName, step: &JailStep) -> Result<(), StepError> {
        let stack = self.host.stack_of(jail);
        match step {
            JailStep::Loopback => {
                let name = InterfaceName::new(LOOPBACK).expect("it is a name");
                stack.add_address(&name, LOOPBACK_ADDRESS.parse().expect("it is an address"))?;
                stack.bring_up(&name)?;
            }
            JailStep::AddAddress { name, address, length, is_first } => {
                let network = IpNetwork::new(*address, *length).expect("a lease's prefix fits its address");
                stack.add_address(name, network)?;
                if *is_first && matches!(address, IpAddr::V4(_)) {
                    stack.bring_up(name)?;
                }
            }
            JailStep::BringUp { name } => stack.bring_up(name)?,
            JailStep::AddRoute { gateway, interface } => stack.add_default_route(*gateway, interface)?,
            JailStep::EnableIpv6 { name } => stack.enable_ipv6(name)?,
            JailStep::Run { script, .. } => self.run(jail, script)?,
        }
        Ok(())
    }

    /// Runs a script in the jail, by the jail's shell.
    fn run(&self, jail: &JailName, script: &str) -> Result<(), CommandError> {
        let shell = Program::new("/bin/sh").expect("it is an absolute path");
        let inside = Invocation::new(shell, ["-c", script]).within(TIME_LIMIT_JAIL);
        self.host.run_in(jail, &inside).map(drop)
    }

    /// Stops a jail as its file says; one that does not go by that is removed.
    fn stop(&self, jail: &JailName, way: &Way) -> Result<(), CommandError> {
        let stopped = match way {
            Way::File(file) => self.host.stop_jail(file, jail),
            Way::Ezjail => self.host.stop_ezjail(jail),
        };
        stopped.or_else(|error| {
            tracing::warn!(%jail, error = %error, "it did not stop as its file says and is removed");
            self.host.remove_jail(jail)
        })
    }
}

fn description(mark: &str) -> Description {
    Description::new(mark).expect("a mark is a short plain text")
}
