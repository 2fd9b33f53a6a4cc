//! Hosts: listed, read, made, registered and deleted.

use std::collections::BTreeMap;

use allocd_types::host::{HostSpec, HostUuid};
use allocd_types::name::{HostName, InterfaceName, NetworkName};
use allocd_types::request::{Deletion, Registration};
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
    Get(Get),
    /// Make a host; it has to exist before its jails get leases.
    Create(Create),
    /// Say that a host's agent has started; older starts are refused from then on.
    Register(Register),
    /// Delete a host that nothing uses.
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
            let registration = Registration { host: register.name, uuid: register.uuid };
            session.output.one(&client.register_host(registration, effect).await?.value)
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
