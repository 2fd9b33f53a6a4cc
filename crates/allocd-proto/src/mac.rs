//! The MAC addresses of an interface: two texts in a message, none, one or a pair in the vocabulary.

use allocd_types::kind::{InterfaceKind, MacNeed};
use allocd_types::mac::{Mac, Macs};
use allocd_types::violation::Violations;

use crate::read::{optional_text, path};

/// Reads both ends.
pub(crate) fn read(mac_a: &str, mac_b: &str, field: &str, wrong: &mut Violations) -> Option<Macs> {
    let (field_a, field_b) = (path(field, "mac_a"), path(field, "mac_b"));
    let a = optional_text::<Mac>(mac_a, &field_a, wrong);
    let b = optional_text::<Mac>(mac_b, &field_b, wrong);
    match (a?, b?) {
        (None, None) => Some(Macs::None),
        (Some(a), None) => wrong.keep(&field_a, a.check_usable()).map(|()| Macs::Single(a)),
        (Some(a), Some(b)) => {
            wrong.keep(&field_a, a.check_usable())?;
            wrong.keep(&field_b, Macs::pair(a, b))
        }
        (None, Some(_)) => {
            wrong.add(&field_a, "is missing: the jail's end is given only together with the host's");
            None
        }
    }
}

/// Notes that a kind of interface cannot have these.
pub(crate) fn check_fit(kind: InterfaceKind, macs: Macs, field: &str, wrong: &mut Violations) {
    match (macs, kind.mac_need()) {
        (Macs::None, MacNeed::None | MacNeed::Single | MacNeed::Pair)
        | (Macs::Single(_), MacNeed::Single)
        | (Macs::Pair { .. }, MacNeed::Pair) => {}
        (Macs::Single(_), MacNeed::Pair) => {
            wrong.add(&path(field, "mac_b"), "is missing: give the addresses of both ends, or none");
        }
        (Macs::Pair { .. }, MacNeed::Single) => {
            wrong.add(&path(field, "mac_b"), format!("an interface of kind {kind} has one end"));
        }
        (Macs::Single(_) | Macs::Pair { .. }, MacNeed::None) => {
            wrong.add(&path(field, "mac_a"), format!("an interface of kind {kind} has no MAC address"));
        }
    }
}

/// Both ends as texts.
pub(crate) fn texts(macs: Macs) -> (String, String) {
    let text = |mac: Option<Mac>| mac.map(|mac| mac.to_string()).unwrap_or_default();
    (text(macs.a()), text(macs.b()))
}
