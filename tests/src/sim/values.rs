//! The values of a lease, as the checkers and the holders count them.

use allocd_state::record::LeaseRecord;
use allocd_types::holder::Holder;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::lease::Lease;
use allocd_types::mac::Macs;
use allocd_types::name::VrfName;
use allocd_types::time::Span;
use allocd_types::value::Value;

/// How long addresses rest in the simulator: longer than any pause within the bounds.
pub const ADDRESS_QUARANTINE: Span = Span::from_seconds(5);
/// How long suspects are kept in the simulator, where they are not kept for ever.
pub const SUSPECTS_KEPT: Span = Span::from_seconds(3);
/// How long MACs and units rest in the simulator.
pub const LINK_QUARANTINE: Span = Span::from_seconds(4);

/// The values of a lease as its holder was told.
#[must_use]
pub fn of_lease(lease: &Lease) -> Vec<Value> {
    let addresses = lease.addresses.iter().map(|leased| Value::Address(leased.vrf.clone(), leased.address));
    link(&lease.holder, lease.kind, lease.index, lease.macs).chain(addresses).collect()
}

/// The values of a lease as a member keeps it; the simulator has one VRF.
#[must_use]
pub fn of_record(record: &LeaseRecord) -> Vec<Value> {
    let addresses = record.addresses.iter().map(|address| Value::Address(VrfName::unsaid(), *address));
    link(&record.holder, record.kind, record.index, record.macs).chain(addresses).collect()
}

/// How long a value must rest, in milliseconds.
#[must_use]
pub const fn quarantine_millis(value: &Value) -> u64 {
    match value {
        Value::Address(..) => ADDRESS_QUARANTINE.millis(),
        Value::Index(..) | Value::Mac(_) => LINK_QUARANTINE.millis(),
    }
}

fn link(
    holder: &Holder,
    kind: InterfaceKind,
    index: Option<UnitIndex>,
    macs: Macs,
) -> impl Iterator<Item = Value> {
    let index = index.map(|index| Value::Index(holder.host.clone(), kind, index));
    index.into_iter().chain(macs.iter().map(Value::Mac))
}
