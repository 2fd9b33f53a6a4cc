//! Between the machine's commands and content, and the messages of `allocd.storage.v1` that stand for them in the log and in
//! snapshots.
//!
//! Two rules. **What was admitted stays admitted**: the border has judged a command before it was proposed; here it is read
//! back as it was, and no limit is applied a second time, for a limit that was tightened meanwhile must not make an old
//! log unreadable. **What is not understood is refused**: an entry of a newer format, a command or a variant without a name
//! here. To guess would be to diverge from the members that know.

mod agent;
mod backup;
mod command;
mod decline;
mod entry;
mod exclusion;
mod host;
mod import;
mod lease;
mod level;
mod migration;
mod name;
mod network;
mod outcome;
mod pool;
mod recovery;
mod rejection;
mod reservation;
mod snapshot;
mod space;
mod value;

pub use backup::{Backup, BackupDecoder, BackupError, BackupHead};
pub use level::{Level, LevelOf, level_of};
pub use snapshot::{Snapshot, SnapshotCodecError, SnapshotDecoder};

pub use entry::{Stamp, StoredRequest, decode_entry, encode_entry, store_request};

pub(crate) use entry::size_in_entry;

/// Why stored bytes are no entry that this member can apply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes are no message.
    #[error("it is not in the form of an entry")]
    Malformed(#[source] prost::DecodeError),
    /// A newer allocd has written it.
    #[error("it is of level {found}, and this allocd understands levels up to {understood}")]
    NewerFormat {
        /// The level that it needs.
        found: Level,
        /// The newest level that is understood.
        understood: Level,
    },
    /// A part that has to be there is not, or is of a variant that has no name here.
    #[error("its {field} is missing or of an unknown kind")]
    Unknown {
        /// Which part.
        field: &'static str,
    },
    /// A part is not a value of its type.
    #[error("its {field} is not valid: {reason}")]
    Invalid {
        /// Which part.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

/// A value that has a message of its own in the log.
pub(crate) trait Stored: Sized {
    /// The message.
    type Message;

    fn store(&self) -> Self::Message;

    fn load(message: Self::Message) -> Result<Self, CodecError>;
}

/// Reads what something stored needs to be understood, and refuses what this member does not.
const fn check_format(format: u32, understood: Level) -> Result<Level, CodecError> {
    match format {
        // What has no format is nothing of ours.
        0 => Err(CodecError::Unknown { field: "format" }),
        found if found <= understood.get() => Ok(Level::new(found)),
        found => Err(CodecError::NewerFormat { found: Level::new(found), understood }),
    }
}

/// Stores values in their order.
fn store_all<T: Stored>(values: &[T]) -> Vec<T::Message> {
    values.iter().map(Stored::store).collect()
}

/// Loads messages in their order.
fn load_all<T: Stored>(messages: Vec<T::Message>) -> Result<Vec<T>, CodecError> {
    messages.into_iter().map(T::load).collect()
}

/// Loads a message that has to be there.
fn load_required<T: Stored>(field: &'static str, message: Option<T::Message>) -> Result<T, CodecError> {
    T::load(message.ok_or(CodecError::Unknown { field })?)
}

/// Names the part whose value is not one of its type.
fn valid<T, E: std::fmt::Display>(field: &'static str, result: Result<T, E>) -> Result<T, CodecError> {
    result.map_err(|error| CodecError::Invalid { field, reason: error.to_string() })
}

#[cfg(test)]
mod tests;
