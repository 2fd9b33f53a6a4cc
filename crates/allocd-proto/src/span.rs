//! Spans of time with their bounds, and wall clocks.

use allocd_types::limits::{
    FREE_SUSPECTS_SECONDS_MAX, FREE_SUSPECTS_SECONDS_MIN, QUARANTINE_SECONDS_MAX, TTL_SECONDS_MAX,
    TTL_SECONDS_MIN,
};
use allocd_types::time::{Span, WallTime};
use allocd_types::violation::Violations;
use prost_types::Timestamp;

/// Reads a lifetime; the outer nothing means that it is wrong.
pub(crate) fn ttl(ms: Option<u64>, field: &str, wrong: &mut Violations) -> Option<Option<Span>> {
    let Some(span) = ms.map(Span::from_millis) else {
        return Some(None);
    };
    let (shortest, longest) = (Span::from_seconds(TTL_SECONDS_MIN), Span::from_seconds(TTL_SECONDS_MAX));
    if span < shortest || longest < span {
        wrong.add(field, format!("{span} is no lifetime: {shortest} to {longest}"));
        return None;
    }
    Some(Some(span))
}

/// Reads a quarantine.
pub(crate) fn quarantine(
    ms: Option<u64>,
    unsaid_seconds: u32,
    field: &str,
    wrong: &mut Violations,
) -> Option<Span> {
    let span = ms.map_or(Span::from_seconds(unsaid_seconds), Span::from_millis);
    let longest = Span::from_seconds(QUARANTINE_SECONDS_MAX);
    if longest < span {
        wrong.add(field, format!("{span} is no quarantine: {longest} at most"));
        return None;
    }
    Some(span)
}

/// Reads how long suspects are kept, if not until somebody frees them; what is wrong is no policy.
pub(crate) fn free_suspects_after(ms: Option<u64>, field: &str, wrong: &mut Violations) -> Option<Span> {
    let span = ms.map(Span::from_millis)?;
    let shortest = Span::from_seconds(FREE_SUSPECTS_SECONDS_MIN);
    let longest = Span::from_seconds(FREE_SUSPECTS_SECONDS_MAX);
    if span < shortest || longest < span {
        wrong.add(field, format!("suspects are kept for {shortest} to {longest}, and not for {span}"));
        return None;
    }
    Some(span)
}

/// Reads a wall clock.
pub(crate) fn wall(timestamp: Option<Timestamp>, field: &str, wrong: &mut Violations) -> Option<WallTime> {
    let Some(timestamp) = timestamp else {
        wrong.add(field, "is missing");
        return None;
    };
    let millis = u64::try_from(timestamp.seconds).ok().zip(u64::try_from(timestamp.nanos).ok());
    let millis = millis
        .and_then(|(seconds, nanos)| seconds.checked_mul(1000)?.checked_add(nanos / 1_000_000))
        .ok_or("is before 1970 or beyond what can be counted");
    wrong.keep(field, millis).map(WallTime::from_unix_millis)
}

/// A wall clock as a message.
pub(crate) fn timestamp(wall: WallTime) -> Timestamp {
    let millis = wall.unix_millis();
    Timestamp {
        seconds: i64::try_from(millis / 1000).expect("a thousandth of a u64 fits"),
        nanos: i32::try_from(millis % 1000).expect("three digits fit") * 1_000_000,
    }
}
