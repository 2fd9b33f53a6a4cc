//! Frames are read as they were written, and from nothing else.

use proptest::prelude::*;

use super::*;

const LOG: LogId = LogId(7);
const PLACE: Place = Place { segment: 3, offset: 4_096 };

fn setting() -> Setting {
    Setting { log: LOG, place: PLACE, previous: 0x1234_5678, synced: Place { segment: 2, offset: 9_000 } }
}

fn position() -> impl Strategy<Value = Position> {
    (any::<u64>(), any::<u64>()).prop_map(|(index, term)| Position { index, term })
}

fn hard_state() -> impl Strategy<Value = HardState> {
    any::<(u64, u64, u64)>().prop_map(|(term, vote, commit)| HardState { term, vote, commit })
}

fn configuration() -> impl Strategy<Value = Configuration> {
    let bytes = prop::collection::vec(any::<u8>(), 0..100);
    (any::<u64>(), bytes).prop_map(|(applied, bytes)| Configuration { applied, bytes: bytes.into() })
}

fn standing() -> impl Strategy<Value = Standing> {
    let parts = (position(), position(), hard_state(), prop::option::of(configuration()));
    parts.prop_map(|(base, last, hard_state, configuration)| Standing {
        base,
        last,
        hard_state,
        configuration,
    })
}

fn body() -> impl Strategy<Value = Body<'static>> {
    // A frame borrows its record's bytes; these are as good as any.
    const BYTES: &[u8] = &[0xa5; 300];
    prop_oneof![
        standing().prop_map(Body::Start),
        (position(), 0..BYTES.len()).prop_map(|(at, length)| Body::Record { at, bytes: &BYTES[..length] }),
        hard_state().prop_map(Body::HardState),
        configuration().prop_map(Body::Configuration),
        position().prop_map(Body::Base),
        position().prop_map(Body::Replaced),
        Just(Body::Sealed),
    ]
}

proptest! {
    #[test]
    fn a_frame_is_read_as_it_was_written(body in body(), behind in prop::collection::vec(any::<u8>(), 0..50)) {
        let mut bytes = Vec::new();
        let checksum = write(&mut bytes, setting(), &body);
        prop_assert_eq!(bytes.len(), usize_of(length(&body)));
        bytes.extend(behind);
        let Setting { previous, synced, .. } = setting();
        let expected = Frame { checksum, previous, synced, length: length(&body), body };
        prop_assert_eq!(read(&bytes, LOG, PLACE), Some(expected));
    }

    #[test]
    fn a_frame_changed_cut_or_elsewhere_is_none(body in body(), chance: prop::sample::Index, bit in 0..8_u32) {
        let mut bytes = Vec::new();
        write(&mut bytes, setting(), &body);
        let covered = stated_length(&bytes).unwrap();
        let at = chance.index(covered);
        prop_assert_eq!(read(&bytes[..at], LOG, PLACE), None);
        prop_assert_eq!(read(&bytes, LogId(8), PLACE), None);
        prop_assert_eq!(read(&bytes, LOG, Place { segment: 4, ..PLACE }), None);
        prop_assert_eq!(read(&bytes, LOG, Place { offset: 4_104, ..PLACE }), None);
        bytes[at] ^= 1 << bit;
        prop_assert_eq!(read(&bytes, LOG, PLACE), None);
    }

    #[test]
    fn whatever_bytes_there_are_reading_ends(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(read(&bytes, LOG, PLACE), None);
    }

    /// With a checksum that is right: what a body says is checked for itself.
    #[test]
    fn a_sound_body_of_any_kind_and_bytes_is_read_or_none(kind: u32, body in prop::collection::vec(any::<u8>(), 0..100)) {
        for kind in [kind, kind % 9] {
            if let Some(body) = read_body(kind, &body) {
                let mut bytes = Vec::new();
                write_body(&mut bytes, &body);
                prop_assert_eq!(read_body(kind, &bytes), Some(body));
            }
        }
    }
}
