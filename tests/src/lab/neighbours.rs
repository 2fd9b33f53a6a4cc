//! The neighbours that a network stack has found, and how it forgets them.
//!
//! Linux keeps those of all stacks in one table with one limit for the machine (gc_thresh3 in arp(7)), which is too small for a
//! hundred jails that all know each other. The kernel is spoken to as rtnetlink(7) has it: what it lists as there is sent back to
//! it as what is to go.

use std::io;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, recv, send, socket};

/// Bytes of a message before its body.
const HEADER: usize = 16;
/// Bytes of `struct ndmsg`, all zero to ask for the neighbours of every interface and family.
const EVERY: [u8; 12] = [0; 12];
/// Most bytes that the kernel puts into one answer.
const ANSWER_BYTES_MAX: usize = 1 << 16;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const RTM_NEWNEIGH: u16 = 28;
const RTM_DELNEIGH: u16 = 29;
const RTM_GETNEIGH: u16 = 30;
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_ACK: u16 = 0x4;
const NLM_F_DUMP: u16 = 0x300;

/// The neighbours of the network stack in which this was made.
#[derive(Debug)]
pub(super) struct Neighbours(OwnedFd);

/// What a message of the kernel says.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// A neighbour, as it was found.
    Neighbour(Vec<u8>),
    /// The end of a list.
    Done,
    /// Something was done, or why it could not be.
    Result(Result<(), Errno>),
}

impl Neighbours {
    /// Those of the stack that this thread is in.
    pub(super) fn here() -> io::Result<Self> {
        Ok(Self(socket(AddressFamily::NETLINK, SocketType::RAW, None)?))
    }

    /// Forgets them all.
    pub(super) fn forget(&self) -> io::Result<()> {
        let found = self.found()?;
        let requests = found.iter().flat_map(|body| message(RTM_DELNEIGH, NLM_F_ACK, body));
        self.say(&requests.collect::<Vec<u8>>())?;
        let mut results = 0;
        while results < found.len() {
            for answer in self.hear()? {
                match answer {
                    // One that is gone by itself meanwhile is what was wanted.
                    Answer::Result(Ok(()) | Err(Errno::NOENT)) => results += 1,
                    Answer::Result(Err(errno)) => return Err(errno.into()),
                    Answer::Neighbour(_) | Answer::Done => {}
                }
            }
        }
        Ok(())
    }

    fn found(&self) -> io::Result<Vec<Vec<u8>>> {
        self.say(&message(RTM_GETNEIGH, NLM_F_DUMP, &EVERY))?;
        let mut found = Vec::new();
        loop {
            for answer in self.hear()? {
                match answer {
                    Answer::Neighbour(body) => found.push(body),
                    Answer::Done => return Ok(found),
                    Answer::Result(result) => result?,
                }
            }
        }
    }

    fn say(&self, messages: &[u8]) -> io::Result<()> {
        // Nothing at all is not a message.
        if !messages.is_empty() {
            send(&self.0, messages, SendFlags::empty())?;
        }
        Ok(())
    }

    fn hear(&self) -> io::Result<Vec<Answer>> {
        let mut bytes = vec![0; ANSWER_BYTES_MAX];
        let (_, length) = recv(&self.0, &mut bytes[..], RecvFlags::empty())?;
        Ok(answers(&bytes[..length]))
    }
}

/// A request.
fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(HEADER + body.len()).expect("a neighbour is a few bytes");
    let flags = flags | NLM_F_REQUEST;
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend([kind.to_ne_bytes(), flags.to_ne_bytes()].concat());
    // Number and sender: answers come in the order of the requests, and to this socket.
    bytes.extend([0; 8]);
    bytes.extend(body);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// The messages of what the kernel sent at a time.
fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let [a, b, c, d, e, f, ..] = *bytes {
        let length = usize::try_from(u32::from_ne_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let Some(body) = bytes.get(HEADER..length) else { break };
        match (u16::from_ne_bytes([e, f]), body) {
            (RTM_NEWNEIGH, body) => answers.push(Answer::Neighbour(body.to_vec())),
            (NLMSG_DONE, _) => answers.push(Answer::Done),
            (NLMSG_ERROR, [a, b, c, d, ..]) => {
                answers.push(Answer::Result(result(i32::from_ne_bytes([*a, *b, *c, *d]))));
            }
            _ => {}
        }
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    answers
}

/// The kernel gives the number of an error less than zero, and zero if there is none.
fn result(number: i32) -> Result<(), Errno> {
    if number == 0 { Ok(()) } else { Err(Errno::from_raw_os_error(-number)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_at_a_time_is_taken_apart() {
        let error = |number: i32| message(NLMSG_ERROR, 0, &number.to_ne_bytes());
        let sent = [
            message(RTM_NEWNEIGH, 0, &[1, 2, 3]),
            error(0),
            error(-2),
            message(RTM_DELNEIGH, 0, &EVERY),
            message(NLMSG_DONE, 0, &[]),
        ]
        .concat();
        let expected = [
            Answer::Neighbour(vec![1, 2, 3]),
            Answer::Result(Ok(())),
            Answer::Result(Err(Errno::NOENT)),
            Answer::Done,
        ];
        assert_eq!(answers(&sent), expected);
        assert_eq!(answers(&sent[..sent.len() - 1]), expected[..3], "half a message is none");
        assert_eq!(answers(&[]), []);
    }
}
