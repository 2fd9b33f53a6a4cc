//! One thing that the agent does, and what is there afterwards. A step may be done again.

use std::fmt;
use std::net::IpAddr;

use allocd_types::id::LeaseId;
use allocd_types::name::{InterfaceName, JailName};
use freebsd_config::{HostStep, JailStep, mark};
use freebsd_host::HostPath;
use freebsd_host::dataset::{DatasetName, SnapshotName};
use freebsd_host::host::NewJail;

use crate::cache::Progress;
use crate::config::Target;

/// A step for a jail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Writes down how far the jail is, so that whoever comes after a crash knows.
    Note { target: Target, progress: Progress },
    /// Strikes the jail out of what is written down.
    Forget,
    /// Has `ezjail-admin create` make the root.
    CreateEzjail,
    /// Makes the root as a clone.
    CloneRoot { template: SnapshotName, dataset: DatasetName, path: HostPath },
    /// Writes the jail's file.
    WriteFile { path: String, text: String, replaces: Replaces },
    /// Removes the jail's file.
    RemoveFile { path: String },
    /// Removes the file that tells of a start of the jail.
    ForgetStart,
    /// Changes rc.conf(5).
    EditRcConf(RcEdit),
    /// Marks an interface that a start of ours made and did not come to mark.
    Claim { name: InterfaceName, lease: LeaseId },
    /// Does something to an interface, on the host or in the jail.
    Link { place: Place, step: HostStep },
    /// Takes an interface off a bridge that is not its own.
    LeaveBridge { bridge: InterfaceName, member: InterfaceName },
    /// Destroys an interface that carries a lease's mark.
    Destroy { name: InterfaceName, lease: LeaseId },
    /// Makes a jail without a file.
    CreateJail(Box<NewJail>),
    /// Starts the jail as its file says.
    Start(Way),
    /// Moves an interface into the jail.
    MoveIn { name: InterfaceName },
    /// Takes an interface out of the jail.
    TakeOut { name: InterfaceName },
    /// Does something in the jail.
    Inside(JailStep),
    /// Removes an address in the jail.
    RemoveAddress { name: InterfaceName, address: IpAddr },
    /// Stops the jail's services; that this fails stops nothing.
    StopServices(JailStep),
    /// Stops the jail as its file says; if that fails, it is removed.
    Stop(Way),
    /// Removes the jail without its file.
    RemoveJail,
    /// Unmounts the jail's /dev.
    UnmountDev { path: HostPath },
}

/// In which network stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Host,
    Jail,
}

/// By which script a jail is started and stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// By jail(8) with this file.
    File(HostPath),
    /// By ezjail's script.
    Ezjail,
}

/// What a file may replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replaces {
    /// One of ours for the same jail.
    Ours,
    /// Also the one that ezjail-admin(8) has just written for the jail.
    EzjailAdmins,
}

/// A change of rc.conf(5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RcEdit {
    /// `jail_enable="YES"`.
    EnableJails,
    /// `ezjail_enable="YES"`.
    EnableEzjail,
    /// Puts the jail on `jail_list`.
    List(JailName),
    /// Takes the jail off it.
    Unlist(JailName),
}

/// True of a file that ezjail-admin(8) has written for a jail and nobody has made ours.
pub(crate) fn is_ezjail_admins(text: &str, jail: &JailName) -> bool {
    let is_ezjails = text.contains("# PROVIDE: standard_ezjail")
        && text.contains(&format!("export jail_{jail}_hostname="));
    is_ezjails && freebsd_config::origin::read(text).is_none()
}

impl Step {
    /// True if what it brings about is wanted and not needed: what comes after does without.
    pub(crate) const fn may_fail(&self) -> bool {
        matches!(self, Self::StopServices(_) | Self::TakeOut { .. })
    }

    /// True if something is gone afterwards that may have been in use.
    pub(crate) const fn is_destructive(&self) -> bool {
        match self {
            Self::RemoveFile { .. } | Self::Destroy { .. } | Self::Stop(_) | Self::RemoveJail => true,
            Self::Note { .. }
            | Self::Forget
            | Self::CreateEzjail
            | Self::CloneRoot { .. }
            | Self::WriteFile { .. }
            | Self::ForgetStart
            | Self::EditRcConf(_)
            | Self::Claim { .. }
            | Self::Link { .. }
            | Self::LeaveBridge { .. }
            | Self::CreateJail(_)
            | Self::Start(_)
            | Self::MoveIn { .. }
            | Self::TakeOut { .. }
            | Self::Inside(_)
            | Self::RemoveAddress { .. }
            | Self::StopServices(_)
            | Self::UnmountDev { .. } => false,
        }
    }
}

/// What is there afterwards, in one line.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note { progress: Progress::Building, .. } => {
                f.write_str("it is written down that the jail is being built")
            }
            Self::Note { progress: Progress::Repairing, .. } => {
                f.write_str("it is written down that an interface is made anew")
            }
            Self::Note { progress: Progress::Built, .. } => {
                f.write_str("it is written down that the jail is built")
            }
            Self::Forget => f.write_str("nothing is written down of the jail"),
            Self::CreateEzjail => f.write_str("its root is there, made by ezjail-admin"),
            Self::CloneRoot { template, dataset, path } => {
                write!(f, "its root {path} is {dataset}, a clone of {template}")
            }
            Self::WriteFile { path, .. } => write!(f, "{path} is written"),
            Self::RemoveFile { path } => write!(f, "{path} is gone"),
            Self::ForgetStart => f.write_str("no file tells of a start of it"),
            Self::EditRcConf(edit) => edit.fmt(f),
            Self::Claim { name, lease } => write!(f, "{name} carries the mark {}", mark(*lease)),
            Self::Link { place, step } => link(f, *place, step),
            Self::LeaveBridge { bridge, member } => write!(f, "{member} is not on {bridge}"),
            Self::Destroy { name, .. } => write!(f, "{name} is gone"),
            Self::CreateJail(_) => f.write_str("the jail is there"),
            Self::Start(_) => f.write_str("the jail runs"),
            Self::MoveIn { name } => write!(f, "{name} is in the jail"),
            Self::TakeOut { name } => write!(f, "{name} is on the host"),
            Self::Inside(step) => inside(f, step),
            Self::RemoveAddress { name, address } => write!(f, "{name} in the jail has not {address}"),
            Self::StopServices(_) => f.write_str("its services have ended"),
            Self::Stop(_) | Self::RemoveJail => f.write_str("the jail is gone"),
            Self::UnmountDev { path } => write!(f, "nothing is mounted on {path}"),
        }
    }
}

fn link(f: &mut fmt::Formatter<'_>, place: Place, step: &HostStep) -> fmt::Result {
    let place = match place {
        Place::Host => "",
        Place::Jail => " in the jail",
    };
    match step {
        HostStep::Create { kind, unit } => write!(f, "{kind}{unit} is made"),
        HostStep::Mark { name, lease } => write!(f, "{name} carries the mark {}", mark(*lease)),
        HostStep::Rename { from, to } => write!(f, "{from} is called {to}"),
        HostStep::SetMac { name, mac } => write!(f, "{name}{place} has the MAC {mac}"),
        HostStep::SetMtu { name, mtu } => write!(f, "{name}{place} has the MTU {mtu}"),
        HostStep::BringUp { name } => write!(f, "{name}{place} is up"),
        HostStep::AddMember { bridge, member } => write!(f, "{member} is on {bridge}"),
    }
}

fn inside(f: &mut fmt::Formatter<'_>, step: &JailStep) -> fmt::Result {
    match step {
        JailStep::Loopback => f.write_str("lo0 in the jail is up"),
        JailStep::AddAddress { name, address, length, .. } => {
            write!(f, "{name} in the jail has {address}/{length}")
        }
        JailStep::BringUp { name } => write!(f, "{name} in the jail is up"),
        JailStep::AddRoute { gateway, .. } => write!(f, "the jail's way out is {gateway}"),
        JailStep::EnableIpv6 { name } => write!(f, "{name} in the jail has IPv6"),
        JailStep::Run { what, .. } => write!(f, "done in the jail: {what}"),
    }
}

impl fmt::Display for RcEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnableJails => f.write_str("rc.conf has jail_enable=\"YES\""),
            Self::EnableEzjail => f.write_str("rc.conf has ezjail_enable=\"YES\""),
            Self::List(jail) => write!(f, "jail_list in rc.conf has {jail}"),
            Self::Unlist(jail) => write!(f, "jail_list in rc.conf has not {jail}"),
        }
    }
}
