//! The `protobuf` crate's `Message` trait for every message, carried out by prost.
//!
//! raft asks for this trait whatever its codec, but calls only `compute_size`, `write_to_bytes` and `merge_from_bytes`.
//! Those and everything built on them work. Reflection does not exist here: a descriptor or the unknown fields of a
//! message have no answer, and asking for them is a fault.

use std::any::Any;
use std::io;
use std::sync::OnceLock;

use prost::Message as _;
use protobuf::reflect::MessageDescriptor;
use protobuf::{Clear, CodedInputStream, CodedOutputStream, ProtobufError, ProtobufResult, UnknownFields};

use crate::eraftpb::{
    ConfChange, ConfChangeSingle, ConfChangeV2, ConfState, Entry, HardState, Message, Snapshot,
    SnapshotMetadata,
};

impl Snapshot {
    /// Tells whether this is no snapshot at all: none stands at index 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.get_metadata().index == 0
    }
}

fn merge<M: prost::Message>(message: &mut M, bytes: &[u8]) -> ProtobufResult<()> {
    message
        .merge(bytes)
        .map_err(|error| ProtobufError::IoError(io::Error::new(io::ErrorKind::InvalidData, error)))
}

fn read_to_end(input: &mut CodedInputStream<'_>) -> ProtobufResult<Vec<u8>> {
    let mut bytes = Vec::new();
    while !input.eof()? {
        bytes.push(input.read_raw_byte()?);
    }
    Ok(bytes)
}

fn size(message: &impl prost::Message) -> u32 {
    u32::try_from(message.encoded_len()).expect("a message of raft is far below 4 GiB")
}

macro_rules! carried_out_by_prost {
    ($($message:ty),+ $(,)?) => {$(
        impl Clear for $message {
            fn clear(&mut self) {
                prost::Message::clear(self);
            }
        }

        impl protobuf::Message for $message {
            fn descriptor(&self) -> &'static MessageDescriptor {
                unreachable!("raft's messages are built without reflection")
            }

            fn is_initialized(&self) -> bool {
                // proto3 has no required fields.
                true
            }

            fn merge_from(&mut self, input: &mut CodedInputStream<'_>) -> ProtobufResult<()> {
                merge(self, &read_to_end(input)?)
            }

            fn merge_from_bytes(&mut self, bytes: &[u8]) -> ProtobufResult<()> {
                merge(self, bytes)
            }

            fn write_to_with_cached_sizes(&self, output: &mut CodedOutputStream<'_>) -> ProtobufResult<()> {
                output.write_raw_bytes(&self.encode_to_vec())
            }

            fn write_to_bytes(&self) -> ProtobufResult<Vec<u8>> {
                Ok(self.encode_to_vec())
            }

            fn compute_size(&self) -> u32 {
                size(self)
            }

            fn get_cached_size(&self) -> u32 {
                size(self)
            }

            fn get_unknown_fields(&self) -> &UnknownFields {
                unreachable!("prost drops unknown fields")
            }

            fn mut_unknown_fields(&mut self) -> &mut UnknownFields {
                unreachable!("prost drops unknown fields")
            }

            fn as_any(&self) -> &dyn Any {
                self
            }

            fn new() -> Self {
                Self::default()
            }

            fn default_instance() -> &'static Self {
                static DEFAULT: OnceLock<$message> = OnceLock::new();
                DEFAULT.get_or_init(Self::default)
            }
        }
    )+};
}

carried_out_by_prost!(
    ConfChange,
    ConfChangeSingle,
    ConfChangeV2,
    ConfState,
    Entry,
    HardState,
    Message,
    Snapshot,
    SnapshotMetadata,
);

#[cfg(test)]
mod tests {
    use protobuf::Message as _;

    use super::*;
    use crate::eraftpb::{EntryType, MessageType};

    fn message() -> Message {
        let mut entry = Entry { term: 3, index: 7, data: "data".into(), ..Entry::default() };
        entry.set_entry_type(EntryType::EntryConfChangeV2);
        let mut message = Message { to: 1, from: 2, priority: -1, ..Message::default() };
        message.set_msg_type(MessageType::MsgSnapshot);
        message.set_entries(vec![entry]);
        message.mut_snapshot().mut_metadata().set_conf_state(ConfState::from(([1, 2, 3], [])));
        message
    }

    #[test]
    fn a_message_survives_bytes_and_streams() {
        let sent = message();
        let bytes = sent.write_to_bytes().unwrap();
        assert_eq!(u32::try_from(bytes.len()).unwrap(), sent.compute_size());
        assert_eq!(Message::parse_from_bytes(&bytes).unwrap(), sent);
        let mut stream = Vec::new();
        sent.write_to_vec(&mut stream).unwrap();
        assert_eq!(stream, bytes);
    }

    #[test]
    fn field_numbers_are_rafts() {
        // Written by hand from raft's published numbers: type 1, to 2, commit_term 15, priority 16.
        let bytes = [0x08, 3, 0x10, 5, 0x78, 9, 0x80, 0x01, 1];
        let read = Message::parse_from_bytes(&bytes).unwrap();
        assert_eq!(read.get_msg_type(), MessageType::MsgAppend);
        assert_eq!((read.to, read.commit_term, read.priority), (5, 9, 1));
    }

    #[test]
    fn garbage_is_refused() {
        let mut message = Message::default();
        assert!(message.merge_from_bytes(&[0xff, 0xff]).is_err());
    }

    #[test]
    fn an_absent_snapshot_reads_as_empty() {
        let mut message = Message::default();
        assert!(!message.has_snapshot());
        assert!(message.get_snapshot().is_empty());
        message.mut_snapshot().mut_metadata().index = 4;
        assert!(!message.take_snapshot().is_empty());
        assert!(!message.has_snapshot());
    }
}
