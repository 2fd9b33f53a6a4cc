//! Leases: listed, read, allocated, renewed, released and moved.

use std::net::IpAddr;

use allocd_client::error::ClientError;
use allocd_types::allocation::{
    AllocationSpec, ExistingLease, FamilyWish, LeaseRef, Pins, ReleaseSpec, RenewalSpec, Teardown,
};
use allocd_types::answer::Released;
use allocd_types::grant::{BatchMode, Granted, Novelty};
use allocd_types::holder::Holder;
use allocd_types::id::{Generation, MoveId};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::mac::Mac;
use allocd_types::migration::{CancelMoveSpec, MoveSpec};
use allocd_types::name::{HostName, NetworkName};
use allocd_types::request::Batch;
use allocd_types::time::Span;
use clap::{Args, Subcommand, ValueEnum};

use super::filter::FilterFlags;
use super::{missing, would};
use crate::failure::Failure;
use crate::input;
use crate::session::{Change, Session};
use crate::view::DoneJson;

/// Lists leases, or does what the verb says.
#[derive(Debug, Args)]
pub(crate) struct Leases {
    #[command(flatten)]
    filter: FilterFlags,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one lease.
    Get(Get),
    /// Ask for a lease: index, MACs and addresses at once. Asking again gives the same lease.
    #[command(visible_alias = "create")]
    Allocate(Box<Allocate>),
    /// Prolong a lease that has a lifetime.
    Renew(Renew),
    /// Give a lease back; its values rest before they are handed out again.
    #[command(visible_alias = "delete")]
    Release(Release),
    /// Move a lease to another host, or leave it where it is after all.
    Move(Move),
}

#[derive(Debug, Args)]
struct Get {
    /// The lease: leases/17, or HOST/JAIL or HOST/JAIL/INTERFACE.
    #[arg(value_parser = input::lease_ref, value_name = "LEASE")]
    lease: LeaseRef,
}

#[derive(Debug, Args)]
struct Allocate {
    /// For whom: HOST/JAIL or HOST/JAIL/INTERFACE. Several: all of them in one commit, or none.
    #[arg(required = true, value_parser = input::holder, value_name = "HOLDER")]
    holders: Vec<Holder>,
    /// On which network.
    #[arg(long, value_name = "NETWORK")]
    network: NetworkName,
    /// The kind of interface: epair, tap, ngeth, tun or address.
    #[arg(long, default_value = "epair", value_name = "KIND")]
    kind: InterfaceKind,
    /// Whether an IPv4 address is wanted.
    #[arg(long, value_enum, default_value_t = Wish::IfSubnets, value_name = "WISH")]
    ipv4: Wish,
    /// Whether an IPv6 address is wanted.
    #[arg(long, value_enum, default_value_t = Wish::IfSubnets, value_name = "WISH")]
    ipv6: Wish,
    /// This unit and no other, the 7 of epair7a.
    #[arg(long, value_name = "UNIT")]
    index: Option<UnitIndex>,
    /// This MAC address for the host's end, or the only one.
    #[arg(long, value_name = "MAC")]
    mac_a: Option<Mac>,
    /// This MAC address for the jail's end.
    #[arg(long, value_name = "MAC")]
    mac_b: Option<Mac>,
    /// This address and no other; may be given several times.
    #[arg(long, value_name = "IP")]
    address: Vec<IpAddr>,
    /// End the lease by itself after this time unless it is renewed, such as 1h. Nothing said: it is permanent.
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    ttl: Option<Span>,
    /// Refuse if the holder has a lease already, even if it is what is asked for.
    #[arg(long)]
    create_only: bool,
    /// Of several holders, grant those that can be granted.
    #[arg(long)]
    partial_ok: bool,
    /// A note on the lease; may be given several times.
    #[arg(long, value_parser = input::pair, value_name = "KEY=VALUE")]
    label: Vec<(String, String)>,
    #[command(flatten)]
    change: Change,
}

/// Whether an address of a family is wanted.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wish {
    /// One, if the network has a subnet of the family.
    IfSubnets,
    /// One in any case.
    Required,
    /// None.
    Unwanted,
}

#[derive(Debug, Args)]
struct Renew {
    /// The lease: leases/17, or HOST/JAIL or HOST/JAIL/INTERFACE.
    #[arg(value_parser = input::lease_ref, value_name = "LEASE")]
    lease: LeaseRef,
    /// The lifetime from now on. Nothing said: as long as it was granted for.
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    ttl: Option<Span>,
    /// Only if the lease still has this generation, such as 1.42.
    #[arg(long, value_name = "GENERATION")]
    generation: Option<Generation>,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Args)]
struct Release {
    /// The lease: leases/17, or HOST/JAIL or HOST/JAIL/INTERFACE.
    #[arg(value_parser = input::lease_ref, value_name = "LEASE")]
    lease: LeaseRef,
    /// Only if the lease still has this generation, such as 1.42.
    #[arg(long, value_name = "GENERATION")]
    generation: Option<Generation>,
    /// If it is not there, say yes.
    #[arg(long)]
    allow_missing: bool,
    /// Its jail is off for certain: end it without waiting for its host's word.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Args)]
struct Move {
    /// The lease: leases/17, or HOST/JAIL or HOST/JAIL/INTERFACE.
    #[arg(value_parser = input::lease_ref, value_name = "LEASE")]
    lease: LeaseRef,
    /// The host to move it to. It keeps its MAC and IP addresses.
    #[arg(long, required_unless_present = "cancel", value_name = "HOST")]
    to: Option<HostName>,
    /// Leave it where it is.
    #[arg(long, conflicts_with = "to")]
    cancel: bool,
    /// Only if the lease still has this generation, such as 1.42.
    #[arg(long, conflicts_with = "cancel", value_name = "GENERATION")]
    generation: Option<Generation>,
    /// Of its moves, this one only.
    #[arg(long = "move", requires = "cancel", value_name = "ID")]
    id: Option<u64>,
    #[command(flatten)]
    change: Change,
}

pub(crate) async fn run(session: &Session, leases: Leases) -> Result<(), Failure> {
    match leases.verb {
        None => {
            let filter = leases.filter.lease_filter()?;
            session.output.list(&session.client.export(&filter).await?.value)
        }
        Some(Verb::Get(get)) => session.output.one(&session.client.get_lease(get.lease).await?.value),
        Some(Verb::Allocate(allocate)) => self::allocate(session, *allocate).await,
        Some(Verb::Renew(renew)) => self::renew(session, renew).await,
        Some(Verb::Release(release)) => self::release(session, release).await,
        Some(Verb::Move(spec)) => migrate(session, spec).await,
    }
}

async fn allocate(session: &Session, allocate: Allocate) -> Result<(), Failure> {
    let (client, effect) = session.change(&allocate.change);
    let specs = specs(&allocate)?;
    if let [spec] = specs.as_slice() {
        let spec = spec.clone();
        let granted = client.allocate_lease(spec, effect).await?.value;
        if granted.novelty == Novelty::Existing {
            session.output.note(&format!("{} has this lease already", granted.lease.holder));
        }
        return session.output.one(&granted.lease);
    }
    let mode = if allocate.partial_ok { BatchMode::PartialOk } else { BatchMode::AllOrNothing };
    let batch = client.batch_allocate_leases(Batch { items: specs, mode }, effect).await;
    let results = batch.map_err(|error| named(error, &allocate.holders))?.value;
    let mut leases: Vec<Lease> = Vec::new();
    let mut refused = 0;
    for (holder, result) in allocate.holders.iter().zip(results) {
        match result {
            Ok(Granted { lease, novelty: Novelty::New | Novelty::Existing }) => leases.push(lease),
            Err(problem) => {
                refused += 1;
                session.output.note(&format!("{holder}: {problem}"));
            }
        }
    }
    session.output.list(&leases)?;
    if refused > 0 {
        return Err(Failure::Findings {
            message: format!("{refused} of {} holders got no lease", allocate.holders.len()),
            hint: "why is told above, holder by holder".to_owned(),
        });
    }
    Ok(())
}

/// A refusal of the whole batch says which position was refused, from 0; people know the holder.
fn named(mut error: ClientError, holders: &[Holder]) -> ClientError {
    let position = error.problem.metadata.get("position").and_then(|position| position.parse().ok());
    if let Some(holder) = position.and_then(|position: usize| holders.get(position)) {
        error.problem.message = format!("{holder}: {}", error.problem.message);
    }
    error
}

fn specs(allocate: &Allocate) -> Result<Vec<AllocationSpec>, Failure> {
    let pins = Pins {
        index: allocate.index,
        macs: input::macs(allocate.mac_a, allocate.mac_b)?,
        addresses: allocate.address.clone(),
    };
    let labels = input::labels(&allocate.label)?;
    let spec = |holder: &Holder| AllocationSpec {
        holder: holder.clone(),
        network: allocate.network.clone(),
        kind: allocate.kind,
        ipv4: allocate.ipv4.into(),
        ipv6: allocate.ipv6.into(),
        pins: pins.clone(),
        ttl: allocate.ttl,
        existing: if allocate.create_only { ExistingLease::Refuse } else { ExistingLease::Return },
        labels: labels.clone(),
    };
    Ok(allocate.holders.iter().map(spec).collect())
}

async fn renew(session: &Session, renew: Renew) -> Result<(), Failure> {
    let (client, effect) = session.change(&renew.change);
    let spec = RenewalSpec { lease: renew.lease, generation: renew.generation, ttl: renew.ttl };
    session.output.one(&client.renew_lease(spec, effect).await?.value)
}

async fn release(session: &Session, release: Release) -> Result<(), Failure> {
    let (client, effect) = session.change(&release.change);
    let asked = release.lease.to_string();
    let missing = missing(release.allow_missing);
    let teardown = if release.force { Teardown::Stated } else { Teardown::Awaited };
    let spec = ReleaseSpec { lease: release.lease, generation: release.generation, missing, teardown };
    let answer = client.release_lease(spec, effect).await?;
    let Released { lease, is_awaited } = answer.value;
    if is_awaited {
        session
            .output
            .note("its host has still to confirm that nothing of it is left; until then its values stay");
    }
    match lease {
        Some(lease) => {
            let name = lease.resource_name();
            let done = DoneJson::new(&name, answer.revision, answer.now);
            session.output.report(&format!("{} {name}\n", would(effect, "released", "release")), &done, &name)
        }
        None => {
            session.output.note(&format!("there was no lease of {asked}"));
            Ok(())
        }
    }
}

async fn migrate(session: &Session, spec: Move) -> Result<(), Failure> {
    let (client, effect) = session.change(&spec.change);
    let Move { lease, to, generation, id, .. } = spec;
    let lease = match to {
        Some(to) => client.move_lease(MoveSpec { lease, generation, to }, effect).await?.value,
        None => client.cancel_move(CancelMoveSpec { lease, id: id.map(MoveId::new) }, effect).await?.value,
    };
    if let Some(migration) = &lease.migration {
        let (host, to, id) = (&lease.holder.host, &migration.to, migration.id);
        session.output.note(&format!(
            "it moves to {to} (move {id}) once the agent of {host} has confirmed that nothing of it is left there"
        ));
    }
    session.output.one(&lease)
}

impl From<Wish> for FamilyWish {
    fn from(wish: Wish) -> Self {
        match wish {
            Wish::IfSubnets => Self::IfSubnets,
            Wish::Required => Self::Required,
            Wish::Unwanted => Self::Unwanted,
        }
    }
}
