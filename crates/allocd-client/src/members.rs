//! The members a client knows, and the one that answered last.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tonic::transport::Channel;

use crate::endpoint::Endpoint;

/// The members, never none.
#[derive(Debug)]
pub(crate) struct Members {
    members: Vec<Member>,
    /// The position of the member to ask: the last one that answered, as long as it does.
    current: AtomicUsize,
}

#[derive(Debug)]
struct Member {
    endpoint: Endpoint,
    /// Made at the first use, because making it needs the runtime that will drive it.
    channel: OnceLock<Channel>,
}

/// The member that an attempt is made at.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    position: usize,
    /// Where it is.
    pub(crate) endpoint: &'a Endpoint,
    /// The way there.
    pub(crate) channel: Channel,
}

impl Members {
    pub(crate) fn new(endpoints: Vec<Endpoint>) -> Self {
        let member = |endpoint| Member { endpoint, channel: OnceLock::new() };
        Self { members: endpoints.into_iter().map(member).collect(), current: AtomicUsize::new(0) }
    }

    /// The member to ask.
    pub(crate) fn current(&self) -> Asked<'_> {
        let position = self.current.load(Ordering::Relaxed);
        let member = &self.members[position];
        let channel = member.channel.get_or_init(|| member.endpoint.channel()).clone();
        Asked { position, endpoint: &member.endpoint, channel }
    }

    /// Asks the next one from now on, unless another call has moved on already.
    pub(crate) fn pass_over(&self, asked: &Asked<'_>) {
        let next = (asked.position + 1) % self.members.len();
        let _ = self.current.compare_exchange(asked.position, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Where all of them are.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.members.iter().map(|member| &member.endpoint)
    }
}
