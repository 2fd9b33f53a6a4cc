//! Exclusions: listed, read, made and lifted.

use std::str::FromStr;

use allocd_types::address::AddressRange;
use allocd_types::exclusion::{ExcludedValues, ExclusionSpec};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::mac::Mac;
use allocd_types::name::{ExclusionName, HostName, VrfName};
use allocd_types::request::Deletion;
use clap::{Args, Subcommand};

use super::{Delete, missing, told_gone};
use crate::failure::Failure;
use crate::input;
use crate::session::{Change, Session};

/// Lists exclusions, or does what the verb says.
#[derive(Debug, Args)]
pub(crate) struct Exclusions {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one exclusion.
    Get(Get),
    /// Take values out of every pool; one that is leased is excluded once it is given back.
    Create(Create),
    /// Lift an exclusion.
    Delete(Delete<ExclusionName>),
}

#[derive(Debug, Args)]
struct Get {
    /// Its name.
    name: ExclusionName,
}

#[derive(Debug, Args)]
struct Create {
    /// Its name: a lower-case letter, then lower-case letters, digits and hyphens.
    name: ExclusionName,
    #[command(flatten)]
    values: Values,
    /// The scope of the addresses.
    #[arg(long, default_value = "default", value_name = "VRF")]
    vrf: VrfName,
    /// The host of the units.
    #[arg(long, requires = "index", value_name = "HOST")]
    host: Option<HostName>,
    /// The kind of interface of the units.
    #[arg(long, default_value = "epair", value_name = "KIND")]
    kind: InterfaceKind,
    /// Why.
    #[arg(long, default_value = "", value_name = "TEXT")]
    reason: String,
    /// A note on it; may be given several times.
    #[arg(long, value_parser = input::pair, value_name = "KEY=VALUE")]
    label: Vec<(String, String)>,
    #[command(flatten)]
    change: Change,
}

/// The values: one sort of them.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Values {
    /// An address, or two with a hyphen between.
    #[arg(long, value_name = "FIRST[-LAST]")]
    address: Option<AddressRange>,
    /// A MAC address, or two with a hyphen between.
    #[arg(long, value_parser = interval::<Mac>, value_name = "FIRST[-LAST]")]
    mac: Option<(Mac, Mac)>,
    /// A unit on --host, or two with a hyphen between.
    #[arg(long, requires = "host", value_parser = interval::<UnitIndex>, value_name = "FIRST[-LAST]")]
    index: Option<(UnitIndex, UnitIndex)>,
}

pub(crate) async fn run(session: &Session, exclusions: Exclusions) -> Result<(), Failure> {
    match exclusions.verb {
        None => session.output.list(&session.client.all_exclusions().await?.value),
        Some(Verb::Get(get)) => session.output.one(&session.client.get_exclusion(get.name).await?.value),
        Some(Verb::Create(create)) => {
            let (client, effect) = session.change(&create.change);
            let made = client.create_exclusion(create.spec()?, effect).await?.value;
            if made.leased > 0 {
                let count = made.leased;
                session
                    .output
                    .note(&format!("{count} of the values are leased and will be excluded once given back"));
            }
            session.output.one(&made.exclusion)
        }
        Some(Verb::Delete(Delete { name, allow_missing, change })) => {
            let (client, effect) = session.change(&change);
            let missing = missing(allow_missing);
            let deletion = Deletion { name: name.clone(), missing };
            let answer = client.delete_exclusion(deletion, effect).await?;
            told_gone(session, ("exclusion", name.as_str()), (missing, effect), &answer)
        }
    }
}

impl Create {
    fn spec(self) -> Result<ExclusionSpec, Failure> {
        let Values { address, mac, index } = self.values;
        let values = match (address, mac, index.zip(self.host)) {
            (Some(range), ..) => ExcludedValues::Addresses { vrf: self.vrf, range },
            (None, Some((first, last)), _) => ExcludedValues::Macs { first, last },
            (None, None, Some(((first, last), host))) => {
                ExcludedValues::Indices { host, kind: self.kind, first, last }
            }
            (None, None, None) => {
                return Err(Failure::input("say what: --address, --mac, or --index with --host"));
            }
        };
        Ok(ExclusionSpec {
            name: self.name,
            values,
            reason: self.reason,
            labels: input::labels(&self.label)?,
        })
    }
}

/// One, or a first and a last.
fn interval<T: FromStr<Err: std::error::Error> + Copy + PartialOrd>(text: &str) -> Result<(T, T), String> {
    let read = |text: &str| text.parse::<T>().map_err(|error| input::told(&error));
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (read(first)?, read(last)?),
        None => {
            let only = read(text)?;
            (only, only)
        }
    };
    if last < first {
        return Err(format!("{text:?} ends before it begins"));
    }
    Ok((first, last))
}
