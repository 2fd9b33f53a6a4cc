//! A gRPC status, from a member or from anything in between: the first byte is its code, then a frame with the message, and the
//! rest are the details.

use allocd_proto::status::{problem, status};
use allocd_types::time::Span;
use tonic::{Code, Status};

use crate::frames::Frames;

/// Above this a message or a list of violations is cut on its way, by intent.
const BYTES_UNCUT: usize = 1_000;

/// The longest delay that `google.protobuf.Duration` holds: ten thousand years.
const DELAY_MAX: Span = Span::from_millis(315_576_000_000_000);

pub(crate) fn run(data: &[u8]) {
    let Some((&code, rest)) = data.split_first() else { return };
    let Some((_, message)) = Frames::of(rest).next() else { return };
    let details = &rest[3 + message.len()..];
    let message = String::from_utf8_lossy(message);
    let mut read = problem(&Status::with_details(
        Code::from(i32::from(code)),
        message.clone().into_owned(),
        details.to_vec().into(),
    ));
    let mut again = problem(&status(&read));
    for told in [&mut read, &mut again] {
        told.retry_after = told.retry_after.map(|delay| delay.min(DELAY_MAX));
    }
    assert_eq!((again.reason, &again.hint, again.retry_after), (read.reason, &read.hint, read.retry_after));
    if message.len() + details.len() <= BYTES_UNCUT {
        assert_eq!(again, read, "what was read survives being written");
    }
}
