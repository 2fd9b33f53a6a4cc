//! Recovery after a restore: what is left to be found out, and the operator's words.

use std::net::IpAddr;

use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::name::{HostName, NetworkName, PoolName};
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation, RecoveryStatus, SkipTo};
use allocd_types::time::Span;
use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::output::Format;
use crate::session::{Change, Session};
use crate::view::recovery::RecoveryJson;

/// Tells how far recovery after a restore has come, and takes the operator's word.
#[derive(Debug, Args)]
pub(crate) struct Recovery {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show whether the cluster is in recovery, and what is left to be found out.
    Status,
    /// Say that hosts have nothing but what the cluster has leases for, or that there are no hosts but those it knows.
    Confirm(Confirm),
    /// Let a pool hand out again, past what may have been handed out after the backup.
    SkipTo(Skip),
}

#[derive(Debug, Args)]
struct Confirm {
    /// Hosts whose jails were compared with their leases, or that are off.
    #[arg(value_name = "HOST", required_unless_present = "no_other_hosts")]
    hosts: Vec<HostName>,
    /// There are no other hosts with leases: recovery may end.
    #[arg(long)]
    no_other_hosts: bool,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Args)]
#[command(after_help = "Say one of: --network NETWORK --address IP, --index UNIT, --mac-pool POOL.")]
struct Skip {
    /// The network of the address.
    #[arg(long, requires = "address", value_name = "NETWORK")]
    network: Option<NetworkName>,
    /// The last address that may have been handed out; its subnet hands out what comes after it.
    #[arg(long, requires = "network", group = "what", value_name = "IP")]
    address: Option<IpAddr>,
    /// The last unit that may have been handed out.
    #[arg(long, group = "what", value_name = "UNIT")]
    index: Option<UnitIndex>,
    /// The kind of interface of the unit.
    #[arg(long, default_value = "epair", value_name = "KIND")]
    kind: InterfaceKind,
    /// The host of the unit. Nothing said: every host.
    #[arg(long, requires = "index", value_name = "HOST")]
    host: Option<HostName>,
    /// The pool of MAC addresses; the cluster draws it a block of its own.
    #[arg(long, group = "what", value_name = "POOL")]
    mac_pool: Option<PoolName>,
    #[command(flatten)]
    change: Change,
}

pub(crate) async fn run(session: &Session, recovery: &Recovery) -> Result<(), Failure> {
    match &recovery.verb {
        None | Some(Verb::Status) => tell(session, &session.client.recovery().await?.value),
        Some(Verb::Confirm(confirm)) => {
            let (client, effect) = session.change(&confirm.change);
            let others = if confirm.no_other_hosts { OtherHosts::None } else { OtherHosts::Unsaid };
            let hosts = confirm.hosts.iter().cloned().collect();
            let confirmation = RecoveryConfirmation { hosts, others };
            tell(session, &client.confirm_recovery(confirmation, effect).await?.value)
        }
        Some(Verb::SkipTo(skip)) => self::skip(session, skip).await,
    }
}

async fn skip(session: &Session, skip: &Skip) -> Result<(), Failure> {
    let wishes = match (&skip.network, skip.address, skip.index, &skip.mac_pool) {
        (Some(network), Some(last), ..) => vec![SkipTo::Addresses { network: network.clone(), last }],
        (.., Some(last), _) => {
            let hosts = match &skip.host {
                Some(host) => vec![host.clone()],
                None => {
                    let hosts = session.client.all_hosts().await?.value;
                    hosts.into_iter().map(|known| known.host.spec.name).collect()
                }
            };
            hosts.into_iter().map(|host| SkipTo::Indices { host, kind: skip.kind, last }).collect()
        }
        (.., Some(pool)) => vec![SkipTo::Macs { pool: pool.clone() }],
        _ => return Err(Failure::input("say what to skip: --network and --address, --index, or --mac-pool")),
    };
    let (first, effect) = session.change(&skip.change);
    let mut told = None;
    for (at, wish) in wishes.into_iter().enumerate() {
        // One id is for one request.
        let client = if at == 0 { first.clone() } else { session.client.clone() };
        told = Some(client.skip_values(wish, effect).await?.value);
    }
    match told {
        Some(status) => tell(session, &status),
        None => Err(Failure::input("there is no host whose units could be skipped")),
    }
}

fn tell(session: &Session, status: &RecoveryStatus) -> Result<(), Failure> {
    let output = session.output;
    let json = RecoveryJson::from(status);
    output.report(&headline(status), &json, if status.is_open() { "open" } else { "none" })?;
    let Some(open) = &status.open else { return Ok(()) };
    if let Format::Table | Format::Wide = output.format() {
        if !open.hosts.is_empty() {
            output.list(&open.hosts)?;
        }
        if !open.open_pools.is_empty() {
            output.text("\nThese hand out already:\n")?;
            let pools: String = open.open_pools.iter().map(|pool| format!("  {pool}\n")).collect();
            output.text(&pools)?;
        }
        output.note(&next(status));
    }
    Ok(())
}

fn headline(status: &RecoveryStatus) -> String {
    let timeline = status.timeline;
    match &status.open {
        None => format!("timeline {timeline}: no recovery is open\n"),
        Some(open) => {
            let rests = match open.rests_for {
                Span::ZERO => String::new(),
                rests => format!("; it ends in {rests} at the earliest"),
            };
            let hosts = match open.hosts.len() {
                0 => "every host is confirmed".to_owned(),
                1 => "1 host is not confirmed".to_owned(),
                count => format!("{count} hosts are not confirmed"),
            };
            format!("timeline {timeline}: in recovery, {hosts}{rests}\n")
        }
    }
}

/// What to do next.
fn next(status: &RecoveryStatus) -> String {
    let has_hosts = status.open.as_ref().is_some_and(|open| !open.hosts.is_empty());
    if has_hosts {
        "compare each host with `allocctl leases --host HOST`; take over what lives there without a lease by naming all its values \
         (`allocctl leases allocate HOST/JAIL --index … --mac-a … --mac-b … --address …`); then: allocctl cluster recovery confirm HOST"
            .to_owned()
    } else {
        "if there are no other hosts: allocctl cluster recovery confirm --no-other-hosts".to_owned()
    }
}
