//! Reservations: listed, read, made and deleted.

use std::net::IpAddr;

use allocd_types::holder::Holder;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::mac::Mac;
use allocd_types::name::{NetworkName, ReservationName};
use allocd_types::request::Deletion;
use allocd_types::reservation::ReservationSpec;
use clap::{Args, Subcommand};

use super::{Delete, missing, told_gone};
use crate::failure::Failure;
use crate::input;
use crate::session::{Change, Session};

/// Lists reservations, or does what the verb says.
#[derive(Debug, Args)]
pub(crate) struct Reservations {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one reservation.
    Get(Get),
    /// Set values aside for a holder.
    Create(Create),
    /// Give reserved values free.
    Delete(Delete<ReservationName>),
}

#[derive(Debug, Args)]
struct Get {
    /// Its name.
    name: ReservationName,
}

#[derive(Debug, Args)]
struct Create {
    /// Its name: a lower-case letter, then lower-case letters, digits and hyphens.
    name: ReservationName,
    /// For whom: HOST/JAIL or HOST/JAIL/INTERFACE. The host has to exist, the jail need not.
    #[arg(long, value_parser = input::holder, value_name = "HOLDER")]
    holder: Holder,
    /// On which network.
    #[arg(long, value_name = "NETWORK")]
    network: NetworkName,
    /// The kind of interface: epair, tap, ngeth, tun or address.
    #[arg(long, default_value = "epair", value_name = "KIND")]
    kind: InterfaceKind,
    /// The unit.
    #[arg(long, value_name = "UNIT")]
    index: Option<UnitIndex>,
    /// The MAC address of the host's end, or the only one.
    #[arg(long, value_name = "MAC")]
    mac_a: Option<Mac>,
    /// The MAC address of the jail's end.
    #[arg(long, value_name = "MAC")]
    mac_b: Option<Mac>,
    /// An address; may be given several times.
    #[arg(long, value_name = "IP")]
    address: Vec<IpAddr>,
    /// A note on it; may be given several times.
    #[arg(long, value_parser = input::pair, value_name = "KEY=VALUE")]
    label: Vec<(String, String)>,
    #[command(flatten)]
    change: Change,
}

pub(crate) async fn run(session: &Session, reservations: Reservations) -> Result<(), Failure> {
    match reservations.verb {
        None => session.output.list(&session.client.all_reservations().await?.value),
        Some(Verb::Get(get)) => session.output.one(&session.client.get_reservation(get.name).await?.value),
        Some(Verb::Create(create)) => {
            let (client, effect) = session.change(&create.change);
            let spec = ReservationSpec {
                name: create.name,
                holder: create.holder,
                network: create.network,
                kind: create.kind,
                index: create.index,
                macs: input::macs(create.mac_a, create.mac_b)?,
                addresses: create.address,
                labels: input::labels(&create.label)?,
            };
            session.output.one(&client.create_reservation(spec, effect).await?.value)
        }
        Some(Verb::Delete(Delete { name, allow_missing, change })) => {
            let (client, effect) = session.change(&change);
            let missing = missing(allow_missing);
            let deletion = Deletion { name: name.clone(), missing };
            let answer = client.delete_reservation(deletion, effect).await?;
            told_gone(session, ("reservation", name.as_str()), (missing, effect), &answer)
        }
    }
}
