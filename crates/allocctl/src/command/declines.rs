//! Values that are in use by somebody else on the wire: listed, and cleared.

use std::net::IpAddr;

use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::mac::Mac;
use allocd_types::name::{HostName, VrfName};
use allocd_types::value::Value;
use clap::{Args, Subcommand};

use crate::failure::Failure;
use crate::input;
use crate::session::{Change, Session};
use crate::view::DoneJson;

use super::would;

/// Lists what was declined, or does what the verb says.
#[derive(Debug, Args)]
pub(crate) struct Declines {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Let a declined value be handed out again, when its other user is gone.
    Clear(Clear),
}

#[derive(Debug, Args)]
struct Clear {
    /// The value: a MAC, an IP address, or HOST/INTERFACE such as h1.example/epair7.
    #[arg(value_parser = subject, value_name = "MAC|IP|HOST/IFNAME")]
    value: Subject,
    /// The scope of an IP address.
    #[arg(long, default_value = "default", value_name = "VRF")]
    vrf: VrfName,
    #[command(flatten)]
    change: Change,
}

/// A value without its scope.
#[derive(Debug, Clone)]
enum Subject {
    Mac(Mac),
    Address(IpAddr),
    Unit(HostName, InterfaceKind, UnitIndex),
}

pub(crate) async fn run(session: &Session, declines: Declines) -> Result<(), Failure> {
    match declines.verb {
        None => session.output.list(&session.client.all_declines().await?.value),
        Some(Verb::Clear(Clear { value, vrf, change })) => {
            let (client, effect) = session.change(&change);
            let value = match value {
                Subject::Mac(mac) => Value::Mac(mac),
                Subject::Address(address) => Value::Address(vrf, address),
                Subject::Unit(host, kind, index) => Value::Index(host, kind, index),
            };
            let name = value.to_string();
            let answer = client.clear_decline(value, effect).await?;
            let done = DoneJson::new(&name, answer.revision, answer.now);
            session.output.report(&format!("{} {name}\n", would(effect, "cleared", "clear")), &done, &name)
        }
    }
}

fn subject(text: &str) -> Result<Subject, String> {
    if let Ok(mac) = text.parse() {
        return Ok(Subject::Mac(mac));
    }
    if let Ok(address) = text.parse() {
        return Ok(Subject::Address(address));
    }
    let (host, ifname) = text
        .split_once('/')
        .ok_or_else(|| format!("{text:?} is no MAC, no IP address and no HOST/IFNAME"))?;
    let host = HostName::new(host).map_err(|error| input::told(&error))?;
    input::unit(ifname)
        .map(|(kind, index)| Subject::Unit(host, kind, index))
        .ok_or_else(|| format!("{ifname:?} is no interface with a unit, such as epair7"))
}
