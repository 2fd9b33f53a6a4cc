//! What people type, read once: values that belong to no single noun. Errors are told whole, with their causes.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use allocd_types::allocation::LeaseRef;
use allocd_types::holder::Holder;
use allocd_types::id::{Caller, LeaseId, RequestId};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::{Mac, Macs};
use allocd_types::time::Span;
use allocd_types::violation::Violations;
use jiff::SignedDuration;

use crate::failure::Failure;

/// `leases/17`, or HOST/JAIL or HOST/JAIL/INTERFACE.
pub(crate) fn lease_ref(text: &str) -> Result<LeaseRef, String> {
    if text.starts_with("leases/") && text.matches('/').count() == 1 {
        return LeaseId::from_resource_name(text).map(LeaseRef::Id).map_err(|error| told(&error));
    }
    // A number alone can be no holder.
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return lease_ref(&format!("leases/{text}"));
    }
    holder(text).map(LeaseRef::Holder)
}

/// HOST/JAIL or HOST/JAIL/INTERFACE.
pub(crate) fn holder(text: &str) -> Result<Holder, String> {
    text.parse().map_err(|error: allocd_types::holder::HolderError| told(&error))
}

/// The kind and unit of a name as the kernel gives it: `epair7a`, `tap3`.
pub(crate) fn unit(text: &str) -> Option<(InterfaceKind, UnitIndex)> {
    InterfaceKind::ALL.into_iter().filter(|kind| kind.has_index()).find_map(|kind| {
        let rest = text.strip_prefix(kind.as_str())?;
        let unit = match kind {
            InterfaceKind::Epair => rest.strip_suffix(['a', 'b']).unwrap_or(rest),
            InterfaceKind::Tap | InterfaceKind::Ngeth | InterfaceKind::Tun | InterfaceKind::Address => rest,
        };
        unit.parse().ok().map(|unit| (kind, unit))
    })
}

/// A time span: `90`, `90s`, `20m`, `1h30m`, `7d`.
pub(crate) fn span(text: &str) -> Result<Span, String> {
    let rule = || format!("{text:?} is no time span: seconds, or such as 90s, 20m, 1h30m or 7d");
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Span::from_seconds(seconds));
    }
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok());
    if let Some(hours) = days.and_then(|days| days.checked_mul(24)) {
        return hours.checked_mul(3_600_000).map(Span::from_millis).ok_or_else(rule);
    }
    let parsed: SignedDuration = text.parse().map_err(|_| rule())?;
    u64::try_from(parsed.as_millis()).map(Span::from_millis).map_err(|_| rule())
}

/// A time span as the clock of this machine counts it.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let span = span(text)?;
    if span == Span::ZERO {
        return Err("a call needs some time".to_owned());
    }
    Ok(Duration::from_millis(span.millis()))
}

/// A caller's name.
pub(crate) fn caller(text: &str) -> Result<Caller, String> {
    Caller::new(text).map_err(|error| told(&error))
}

/// A request id.
pub(crate) fn request_id(text: &str) -> Result<RequestId, String> {
    RequestId::new(text).map_err(|error| told(&error))
}

/// `KEY=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not KEY=VALUE"))?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Labels from their pairs; of a key that is said twice the last value counts.
pub(crate) fn labels(pairs: &[(String, String)]) -> Result<Labels, Failure> {
    let mut wrong = Violations::default();
    let map: BTreeMap<String, String> = pairs.iter().cloned().collect();
    let labels = Labels::check("labels", map, &mut wrong);
    wrong.finish(Some(labels)).map_err(Failure::from)
}

/// Two ends, one, or none.
pub(crate) fn macs(a: Option<Mac>, b: Option<Mac>) -> Result<Macs, Failure> {
    match (a, b) {
        (None, None) => Ok(Macs::None),
        (Some(a), None) => Ok(Macs::Single(a)),
        (Some(a), Some(b)) => Macs::pair(a, b).map_err(|error| Failure::input(told(&error))),
        (None, Some(_)) => Err(Failure::input("--mac-b is given without --mac-a: give both ends of a cable")),
    }
}

/// An error with all its causes in one line.
pub(crate) fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_as_people_write_it() {
        for (text, millis) in [
            ("90", 90_000),
            ("90s", 90_000),
            ("20m", 1_200_000),
            ("1h30m", 5_400_000),
            ("7d", 604_800_000),
            ("0", 0),
        ] {
            assert_eq!(span(text), Ok(Span::from_millis(millis)), "{text}");
        }
        for bad in ["", "x", "-5s", "5 parsecs", "99999999999999999999d"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_lease_is_named_by_its_number_or_its_holder() {
        assert_eq!(lease_ref("leases/17"), Ok(LeaseRef::Id(LeaseId::new(17))));
        assert_eq!(lease_ref("17"), Ok(LeaseRef::Id(LeaseId::new(17))));
        assert!(matches!(lease_ref("h1.example/web01"), Ok(LeaseRef::Holder(_))));
        assert!(matches!(lease_ref("leases/web01/net0"), Ok(LeaseRef::Holder(_))), "a host may be called so");
        let error = lease_ref("h1.example/$(reboot)").unwrap_err();
        assert!(error.contains("the jail name \"$(reboot)\" must be letters"), "{error}");
    }
}
