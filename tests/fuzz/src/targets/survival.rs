//! What the API's conversions owe: a message that is taken says the same once it was written and read again, and one that is not
//! taken is told why.

use std::fmt::Debug;

use allocd_types::violation::Violations;
use prost::Message;

/// Reads bytes as a message and the message as a word, writes the word, and reads it again.
pub(crate) fn survives<M, W>(bytes: &[u8])
where
    M: Message + Default + From<W>,
    W: TryFrom<M, Error = Violations> + Clone + PartialEq + Debug,
{
    let Ok(message) = M::decode(bytes) else { return };
    match W::try_from(message) {
        Err(wrong) => {
            assert!(!wrong.is_empty(), "a refusal says what is wrong");
            assert!(!wrong.to_string().is_empty());
        }
        Ok(word) => {
            let written = M::from(word.clone()).encode_to_vec();
            let again = M::decode(&written[..]).expect("what was written is a message");
            assert_eq!(W::try_from(again), Ok(word), "what was read survives being written");
        }
    }
}
