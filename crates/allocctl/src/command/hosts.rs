//! Hosts: listed, read, made, registered, drained, fenced and deleted.

use std::collections::BTreeMap;

use allocd_types::host::{FenceSpec, HostRegistration, HostSpec, HostUuid, OsRelease, SeenOnHost};
use allocd_types::name::{HostName, InterfaceName, NetworkName};
use allocd_types::request::Deletion;
use clap::{Args, Subcommand};

use super::{Delete, missing, told_gone};
use crate::failure::Failure;
use crate::input;
use crate::session::{Change, Session};

/// Lists hosts, or does what the verb says.
#[derive(Debug, Args)]
pub(crate) struct Hosts {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one host.
    #[command(alias = "show")]
    Get(Get),
    /// Make a host; it has to exist before its jails get leases.
    Create(Create),
    /// Say that a host's agent has started; older starts are refused from then on.
    Register(Register),
    /// Let a host get leases again, after a drain.
    Activate(Turn),
    /// Give a host no more leases; it keeps what it has.
    Drain(Turn),
    /// State that a host is off: what it had may be given to others.
    Fence(Fence),
    /// Delete a host that nothing uses.
    #[command(alias = "remove")]
    Delete(Delete<HostName>),
}

#[derive(Debug, Args)]
struct Get {
    /// Its DNS name.
    name: HostName,
}

#[derive(Debug, Args)]
struct Create {
    /// Its DNS name.
    name: HostName,
    /// A bridge that is called otherwise here than its network's default; may be given several times.
    #[arg(long, value_parser = bridge, value_name = "NETWORK=BRIDGE")]
    bridge: Vec<(NetworkName, InterfaceName)>,
    /// A note on it; may be given several times.
    #[arg(long, value_parser = input::pair, value_name = "KEY=VALUE")]
    label: Vec<(String, String)>,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Args)]
struct Register {
    /// Its DNS name.
    name: HostName,
    /// The machine's identity, as `sysctl -n kern.hostuuid` prints it.
    #[arg(long, value_parser = uuid, value_name = "HOSTUUID")]
    uuid: HostUuid,
    /// What it runs, as `uname -r` prints it.
    #[arg(long, value_parser = release, value_name = "RELEASE")]
    release: Option<OsRelease>,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Args)]
struct Turn {
    /// Its DNS name.
    name: HostName,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Args)]
struct Fence {
    /// Its DNS name.
    name: HostName,
    /// Yes, it is off: no jail of it runs, and none will start before its agent has torn down what is left.
    #[arg(long, required = true)]
    host_is_off: bool,
    #[command(flatten)]
    change: Change,
}

pub(crate) async fn run(session: &Session, hosts: Hosts) -> Result<(), Failure> {
    match hosts.verb {
        None => session.output.list(&session.client.all_hosts().await?.value),
        Some(Verb::Get(get)) => session.output.one(&session.client.get_host(get.name).await?.value),
        Some(Verb::Create(create)) => {
            let (client, effect) = session.change(&create.change);
            let bridges: BTreeMap<NetworkName, InterfaceName> = create.bridge.into_iter().collect();
            let spec = HostSpec { name: create.name, bridges, labels: input::labels(&create.label)? };
            session.output.one(&client.create_host(spec, effect).await?.value)
        }
        Some(Verb::Register(register)) => {
            let (client, effect) = session.change(&register.change);
            let (host, uuid, release) = (register.name, register.uuid, register.release);
            let registration = HostRegistration { host, uuid, release, seen: SeenOnHost::default() };
            session.output.one(&client.register_host(registration, effect).await?.value)
        }
        Some(Verb::Activate(turn)) => {
            let (client, effect) = session.change(&turn.change);
            session.output.one(&client.activate_host(turn.name, effect).await?.value)
        }
        Some(Verb::Drain(turn)) => {
            let (client, effect) = session.change(&turn.change);
            session.output.one(&client.drain_host(turn.name, effect).await?.value)
        }
        Some(Verb::Fence(fence)) => {
            let (client, effect) = session.change(&fence.change);
            // If it comes back between this look and the word of it, the word is of the past.
            let seen = session.client.get_host(fence.name.clone()).await?.value;
            let spec = FenceSpec { host: fence.name, incarnation: Some(seen.host.incarnation) };
            let host = client.fence_host(spec, effect).await?.value;
            if host.leases > 0 {
                let (name, leases) = (&host.spec.name, host.leases);
                session.output.note(&format!(
                    "{name} still has {leases} leases: move or release them, see `allocctl leases --host {name}`"
                ));
            }
            session.output.one(&host)
        }
        Some(Verb::Delete(Delete { name, allow_missing, change })) => {
            let (client, effect) = session.change(&change);
            let missing = missing(allow_missing);
            let deletion = Deletion { name: name.clone(), missing };
            let answer = client.delete_host(deletion, effect).await?;
            told_gone(session, ("host", name.as_str()), (missing, effect), &answer)
        }
    }
}

fn bridge(text: &str) -> Result<(NetworkName, InterfaceName), String> {
    let (network, bridge) = text.split_once('=').ok_or_else(|| format!("{text:?} is not NETWORK=BRIDGE"))?;
    let network = NetworkName::new(network).map_err(|error| input::told(&error))?;
    InterfaceName::new(bridge).map(|bridge| (network, bridge)).map_err(|error| input::told(&error))
}

fn uuid(text: &str) -> Result<HostUuid, String> {
    HostUuid::new(text).map_err(|error| input::told(&error))
}

fn release(text: &str) -> Result<OsRelease, String> {
    OsRelease::new(text).map_err(|error| input::told(&error))
}
