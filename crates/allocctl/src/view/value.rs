//! One value and everything known about it.

use allocd_types::address::NotAHost;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::lease::Lease;
use allocd_types::reservation::ReservationSpec;
use allocd_types::value::{Value, ValueReport, ValueState};
use serde::Serialize;

use super::exclusion::ExclusionJson;
use super::lease::{HolderJson, LeaseJson, wall_time};
use super::pool::PoolRefJson;
use super::reservation::ReservationJson;
use super::{Resource, joined, labels_cell};

/// `allocd.v1.ValueReport`.
#[derive(Serialize)]
pub(crate) struct ValueReportJson {
    value: ValueJson,
    state: &'static str,
    pool: Option<PoolRefJson>,
    lease: Option<LeaseJson>,
    last_lease: String,
    last_holder: Option<HolderJson>,
    rests_for_ms: Option<u64>,
    reservations: Vec<ReservationJson>,
    exclusions: Vec<ExclusionJson>,
    never_a_host: Option<&'static str>,
}

/// `allocd.v1.Value`.
#[derive(Default, Serialize)]
pub(crate) struct ValueJson {
    index: Option<IndexValueJson>,
    mac: Option<String>,
    address: Option<AddressValueJson>,
}

/// `allocd.v1.IndexValue`.
#[derive(Serialize)]
struct IndexValueJson {
    host: String,
    kind: &'static str,
    index: u16,
}

/// `allocd.v1.AddressValue`.
#[derive(Serialize)]
struct AddressValueJson {
    address: String,
    vrf: String,
}

impl From<&ValueReport> for ValueReportJson {
    fn from(report: &ValueReport) -> Self {
        Self {
            value: ValueJson::from(&report.value),
            state: state_json(report.state),
            pool: report.pool.as_ref().map(PoolRefJson::from),
            lease: report.lease.as_ref().map(Resource::json),
            last_lease: report.last_lease.map(|lease| lease.resource_name()).unwrap_or_default(),
            last_holder: report.last_holder.as_ref().map(HolderJson::from),
            rests_for_ms: report.rests_for.map(|span| span.millis()),
            reservations: report.reservations.iter().map(Resource::json).collect(),
            exclusions: report.exclusions.iter().map(Resource::json).collect(),
            never_a_host: report.never_a_host.map(never_a_host_json),
        }
    }
}

impl From<&Value> for ValueJson {
    fn from(value: &Value) -> Self {
        let none = Self::default();
        match value {
            Value::Index(host, kind, index) => {
                let index =
                    IndexValueJson { host: host.to_string(), kind: kind.as_str(), index: index.get() };
                Self { index: Some(index), ..none }
            }
            Value::Mac(mac) => Self { mac: Some(mac.to_string()), ..none },
            Value::Address(vrf, address) => {
                let address = AddressValueJson { address: address.to_string(), vrf: vrf.to_string() };
                Self { address: Some(address), ..none }
            }
        }
    }
}

const fn state_json(state: ValueState) -> &'static str {
    match state {
        ValueState::Free => "free",
        ValueState::Leased => "leased",
        ValueState::Reserved => "reserved",
        ValueState::Quarantined => "quarantined",
        ValueState::Excluded => "excluded",
        ValueState::Foreign => "foreign",
    }
}

const fn never_a_host_json(why: NotAHost) -> &'static str {
    match why {
        NotAHost::Network => "network",
        NotAHost::Broadcast => "broadcast",
        NotAHost::SubnetRouterAnycast => "subnet_router_anycast",
        NotAHost::Gateway => "gateway",
    }
}

/// What is told, and of what.
type Line = (&'static str, String);

/// A line for everything that is known.
pub(crate) fn told(report: &ValueReport) -> String {
    let mut lines: Vec<Line> = vec![("value", report.value.to_string()), ("state", report.state.to_string())];
    lines.extend(report.pool.iter().map(|pool| ("pool", pool.to_string())));
    lines.extend(report.never_a_host.iter().map(|why| ("never a host", format!("it is {why}"))));
    lines.extend(report.lease.iter().flat_map(lease_lines));
    lines.extend(report.rests_for.iter().map(|span| ("rests for", span.to_string())));
    lines.extend(report.last_holder.iter().map(|holder| ("last holder", holder.to_string())));
    lines.extend(report.last_lease.iter().map(|lease| ("last lease", lease.resource_name())));
    lines.extend(report.reservations.iter().map(reservation_line));
    lines.extend(report.exclusions.iter().map(|exclusion| ("exclusion", excluded(exclusion))));
    laid_out(&lines)
}

/// A jail's leases, each a paragraph, and its reservations.
pub(crate) fn told_of_jail(leases: &[Lease], reservations: &[ReservationSpec]) -> String {
    let mut paragraphs: Vec<String> = leases.iter().map(|lease| laid_out(&lease_lines(lease))).collect();
    if !reservations.is_empty() {
        paragraphs.push(laid_out(&reservations.iter().map(reservation_line).collect::<Vec<_>>()));
    }
    paragraphs.join("\n")
}

fn laid_out(lines: &[Line]) -> String {
    lines.iter().map(|(what, text)| format!("{what:<14}{text}\n")).collect()
}

fn lease_lines(lease: &Lease) -> Vec<Line> {
    let ifnames = lease.ifname_a.iter().chain(lease.ifname_b.iter());
    let addresses = lease.addresses.iter().map(|held| format!("{}/{}", held.address, held.subnet.length()));
    let mut lines = vec![
        ("lease", Resource::name(lease)),
        ("holder", lease.holder.to_string()),
        ("network", format!("{} on {}", lease.network, lease.bridge)),
        ("interfaces", joined(ifnames)),
        ("macs", joined(lease.macs.iter())),
        ("addresses", joined(addresses)),
    ];
    // The address that DAD complains of when the MAC is there twice (RFC 4291, appendix A).
    lines.extend(lease.macs.b().or(lease.macs.a()).map(|mac| ("link-local", mac.link_local().to_string())));
    lines.push(("generation", lease.generation.to_string()));
    lines.push((
        "lifetime",
        lease.remaining.map_or_else(|| "permanent".to_owned(), |left| format!("{left} left")),
    ));
    lines.push(("granted at", wall_time(lease.granted_at).unwrap_or_else(|| "-".to_owned())));
    if !lease.labels.is_empty() {
        lines.push(("labels", labels_cell(&lease.labels)));
    }
    lines
}

fn reservation_line(reservation: &ReservationSpec) -> Line {
    ("reservation", format!("{} for {} on {}", reservation.name, reservation.holder, reservation.network))
}

fn excluded(exclusion: &ExclusionSpec) -> String {
    let reason = if exclusion.reason.is_empty() { String::new() } else { format!(": {}", exclusion.reason) };
    format!("{} of {}{reason}", exclusion.name, exclusion.values)
}
