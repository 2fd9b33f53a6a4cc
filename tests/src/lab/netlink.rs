//! rtnetlink(7): the Linux kernel asked about a network stack, and told what is to go.
//!
//! A program that lists what there is would have to be started for each look, and FreeBSD's commands look all the time.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;
use std::thread;

use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, recv, send, socket};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Bytes of a message before its body.
const HEADER: usize = 16;
/// Most bytes that the kernel puts into one answer.
const ANSWER_BYTES_MAX: usize = 1 << 16;
/// Most requests at a time: their answers wait in the socket.
const REQUESTS_MAX: usize = 64;

const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
/// The first kind of message that is about a network stack; those before are netlink's own.
const RTM_BASE: u16 = 16;
const NLM_F_REQUEST: u16 = 0x1;
const NLM_F_ACK: u16 = 0x4;
const NLM_F_DUMP: u16 = 0x300;

/// The kernel of one network stack.
#[derive(Debug)]
pub(super) struct Netlink(OwnedFd);

/// What a message of the kernel says.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// Something that is there.
    Found(Vec<u8>),
    /// The end of a list.
    Done,
    /// Something was done, or why it could not be.
    Result(Result<(), Errno>),
}

/// Does something in a thread that is in the network stack that a file stands for, and stays in it.
pub(super) fn within<T: Send>(network: &Path, act: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    let network = File::open(network)?;
    let entered = || {
        move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))?;
        act()
    };
    thread::scope(|scope| scope.spawn(entered).join().expect("errors are returned"))
}

impl Netlink {
    /// The kernel of the stack that this thread is in.
    pub(super) fn here() -> io::Result<Self> {
        Ok(Self(socket(AddressFamily::NETLINK, SocketType::RAW, None)?))
    }

    /// Everything of a kind that is there, each as the kernel describes it.
    pub(super) fn list(&self, kind: u16, what: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        self.say(&message(kind, NLM_F_DUMP, what))?;
        let mut all = Vec::new();
        loop {
            for answer in self.hear()? {
                match answer {
                    Answer::Found(body) => all.push(body),
                    Answer::Done => return Ok(all),
                    Answer::Result(result) => result?,
                }
            }
        }
    }

    /// One that is asked for.
    pub(super) fn get(&self, kind: u16, what: &[u8]) -> io::Result<Option<Vec<u8>>> {
        self.say(&message(kind, NLM_F_ACK, what))?;
        let mut found = None;
        loop {
            for answer in self.hear()? {
                match answer {
                    Answer::Found(body) => found = Some(body),
                    Answer::Result(Ok(())) => return Ok(found),
                    Answer::Result(Err(Errno::NODEV)) => return Ok(None),
                    Answer::Result(Err(errno)) => return Err(errno.into()),
                    Answer::Done => {}
                }
            }
        }
    }

    /// Has things go; one that is gone by itself meanwhile is what was wanted.
    pub(super) fn delete(&self, kind: u16, all: &[Vec<u8>]) -> io::Result<()> {
        all.chunks(REQUESTS_MAX).try_for_each(|some| self.delete_some(kind, some))
    }

    fn delete_some(&self, kind: u16, some: &[Vec<u8>]) -> io::Result<()> {
        self.say(&some.iter().flat_map(|body| message(kind, NLM_F_ACK, body)).collect::<Vec<u8>>())?;
        let mut results = 0;
        while results < some.len() {
            for answer in self.hear()? {
                match answer {
                    Answer::Result(Ok(()) | Err(Errno::NOENT)) => results += 1,
                    Answer::Result(Err(errno)) => return Err(errno.into()),
                    Answer::Found(_) | Answer::Done => {}
                }
            }
        }
        Ok(())
    }

    fn say(&self, messages: &[u8]) -> io::Result<()> {
        send(&self.0, messages, SendFlags::empty())?;
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
    let length = u32::try_from(HEADER + body.len()).expect("what is asked for is described in a few bytes");
    let flags = flags | NLM_F_REQUEST;
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend([kind.to_ne_bytes(), flags.to_ne_bytes()].concat());
    // Number and sender: answers come in the order of the requests, and to this socket.
    bytes.extend([0; 8]);
    bytes.extend(body);
    pad(&mut bytes);
    bytes
}

/// An attribute of what is asked for.
pub(super) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).expect("an attribute is a few bytes");
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    pad(&mut bytes);
    bytes
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// The attributes that follow a description, each with its kind.
pub(super) fn attributes(mut bytes: &[u8]) -> Vec<(u16, &[u8])> {
    let mut attributes = Vec::new();
    while let [a, b, c, d, ..] = *bytes {
        let length = usize::from(u16::from_ne_bytes([a, b]));
        let Some(value) = bytes.get(4..length) else { break };
        attributes.push((u16::from_ne_bytes([c, d]), value));
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    attributes
}

/// The messages of what the kernel sent at a time.
fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let [a, b, c, d, e, f, ..] = *bytes {
        let length = usize::try_from(u32::from_ne_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let Some(body) = bytes.get(HEADER..length) else { break };
        match (u16::from_ne_bytes([e, f]), body) {
            (NLMSG_DONE, _) => answers.push(Answer::Done),
            (NLMSG_ERROR, [a, b, c, d, ..]) => {
                answers.push(Answer::Result(result(i32::from_ne_bytes([*a, *b, *c, *d]))));
            }
            (RTM_BASE.., body) => answers.push(Answer::Found(body.to_vec())),
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
        let sent = [message(RTM_BASE, 0, &[1, 2, 3]), error(0), error(-2), message(NLMSG_DONE, 0, &[])];
        let sent = sent.concat();
        let expected = [
            Answer::Found(vec![1, 2, 3]),
            Answer::Result(Ok(())),
            Answer::Result(Err(Errno::NOENT)),
            Answer::Done,
        ];
        assert_eq!(answers(&sent), expected);
        assert_eq!(answers(&sent[..sent.len() - 1]), expected[..3], "half a message is none");
        assert_eq!(answers(&[]), []);
    }

    #[test]
    fn attributes_are_read_as_they_are_written() {
        let bytes = [attribute(3, b"lo\0"), attribute(4, &[1, 0, 0, 0])].concat();
        assert_eq!(attributes(&bytes), [(3, &b"lo\0"[..]), (4, &[1, 0, 0, 0][..])]);
        assert_eq!(attributes(&bytes[..9]), [(3, &b"lo\0"[..])], "half an attribute is none");
    }
}
