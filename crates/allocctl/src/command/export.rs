//! Leases as a file: an inventory as it was kept by hand, CSV, or JSON.

use std::net::IpAddr;

use allocd_types::address::Family;
use allocd_types::lease::Lease;
use clap::{Args, ValueEnum};
use freebsd_config::inventory;

use super::filter::FilterFlags;
use crate::failure::Failure;
use crate::output::{Format, Output};
use crate::progress::spinner;
use crate::session::Session;
use crate::view::{joined, or_empty};

/// Writes leases.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// As what. Nothing said: what --output says, an inventory for a table.
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<ExportFormat>,
    #[command(flatten)]
    filter: FilterFlags,
}

/// What a file of leases may be.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum ExportFormat {
    /// hostname:bridge:jail_name:version:jail_ip:epair_no; what a line cannot carry is told on stderr.
    Inventory,
    /// Comma-separated values with a heading (RFC 4180).
    Csv,
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Jsonl,
}

/// The columns of the CSV.
const COLUMNS: [&str; 15] = [
    "name",
    "host",
    "jail",
    "interface",
    "network",
    "kind",
    "index",
    "ifname_a",
    "ifname_b",
    "mac_a",
    "mac_b",
    "ipv4",
    "ipv6",
    "bridge",
    "state",
];

pub(crate) async fn run(session: &Session, export: &Export) -> Result<(), Failure> {
    let filter = export.filter.lease_filter()?;
    let progress = spinner("reading leases".to_owned());
    let leases = session.client.export(&filter).await?.value;
    progress.finish_and_clear();
    let format = match (export.format, session.output.format()) {
        (Some(format), _) => format,
        (None, Format::Table | Format::Wide) => ExportFormat::Inventory,
        (None, Format::Json | Format::Jsonl | Format::Name) => return session.output.list(&leases),
    };
    match format {
        ExportFormat::Inventory => {
            let inventory = inventory::render(&leases);
            for remark in &inventory.remarks {
                let name = remark.lease.resource_name();
                session.output.note(&format!("{name} ({}): {}", remark.holder, remark.reason));
            }
            session.output.text(&inventory.text)
        }
        ExportFormat::Csv => session.output.bytes(&csv(&leases)?),
        ExportFormat::Json => Output::new(Format::Json).list(&leases),
        ExportFormat::Jsonl => Output::new(Format::Jsonl).list(&leases),
    }
}

fn csv(leases: &[Lease]) -> Result<Vec<u8>, Failure> {
    let broken = |error: csv::Error| Failure::Output(error.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(broken)?;
    for lease in leases {
        writer.write_record(row(lease)).map_err(broken)?;
    }
    writer.into_inner().map_err(|error| Failure::Output(error.into_error()))
}

fn row(lease: &Lease) -> [String; 15] {
    let of = |family: Family| {
        let addresses = lease.addresses.iter().map(|held| held.address);
        let addresses: Vec<IpAddr> = addresses.filter(|address| Family::of(*address) == family).collect();
        if addresses.is_empty() { String::new() } else { joined(addresses) }
    };
    [
        lease.id.resource_name(),
        lease.holder.host.to_string(),
        lease.holder.jail.to_string(),
        lease.holder.interface.to_string(),
        lease.network.to_string(),
        lease.kind.to_string(),
        or_empty(lease.index.as_ref()),
        or_empty(lease.ifname_a.as_ref()),
        or_empty(lease.ifname_b.as_ref()),
        or_empty(lease.macs.a().as_ref()),
        or_empty(lease.macs.b().as_ref()),
        of(Family::V4),
        of(Family::V6),
        lease.bridge.to_string(),
        lease.state.to_string(),
    ]
}
