//! The other members: who they are, where each is reached, and one lazy connection to each, over which messages, questions,
//! snapshots and handed-on calls go.
//!
//! Who is a member the log knows. Where one is reached the configuration file knows best, then the log; of a member that is newer
//! than all that this one has heard of, its own word is taken until the log has come that far.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use allocd_proto::request::member::address as check_address;
use allocd_replica::{MEMBERS_MAX, Membership};
use allocd_types::cluster::MemberVote;
use allocd_types::id::MemberId;
use arc_swap::ArcSwap;
use tonic::transport::{Channel, Endpoint};

use crate::config::Config;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How often a connection is asked whether it lives, so that a peer that hangs or lost its power is noticed.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(2);
/// How long that answer may take.
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(3);

/// A member, as far as this one knows where it is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) id: MemberId,
    pub(crate) vote: MemberVote,
    /// Empty if it is not known.
    pub(crate) address: String,
}

/// The members and the connections to them. A clone is the same.
#[derive(Clone)]
pub(crate) struct Peers {
    member: MemberId,
    /// What the configuration file says.
    configured: Arc<BTreeMap<MemberId, String>>,
    known: Arc<ArcSwap<Known>>,
    /// Held by whoever makes a newer version of what is known.
    writer: Arc<Mutex<()>>,
}

#[derive(Clone)]
struct Known {
    membership: Membership,
    connections: BTreeMap<MemberId, Connection>,
}

#[derive(Clone)]
struct Connection {
    address: String,
    channel: Channel,
}

impl Peers {
    /// Lays the connections out; each is made when it is first needed.
    pub(crate) fn new(config: &Config, membership: &Membership) -> Self {
        let configured = config.members.iter().map(|member| (member.id, member.address.clone())).collect();
        let known = Known { membership: Membership::default(), connections: BTreeMap::new() };
        let peers = Self {
            member: config.member,
            configured: Arc::new(configured),
            known: Arc::new(ArcSwap::from_pointee(known)),
            writer: Arc::default(),
        };
        peers.follow(membership);
        peers
    }

    /// Reaches the members that there are now, and no others.
    pub(crate) fn follow(&self, membership: &Membership) {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = Known::clone(&self.known.load());
        known.membership = membership.clone();
        known.connections.retain(|&id, _| !membership.is_former(id));
        for place in self.places_of(membership) {
            known.reach(place.id, &place.address, self.member);
        }
        self.known.store(Arc::new(known));
    }

    /// Takes the word of a member that this one has not heard of yet for where it is. True if it is new.
    ///
    /// There is room for as many as a cluster may have: whoever makes ids up fills that, and no more.
    pub(crate) fn learn(&self, member: MemberId, address: &str) -> bool {
        let is_news = |known: &Known| {
            let is_unheard_of =
                member > known.membership.highest() && !known.connections.contains_key(&member);
            is_unheard_of && known.connections.len() < MEMBERS_MAX && check_address(address).is_ok()
        };
        // Every part of every stream comes by here, and almost none has news.
        if !is_news(&self.known.load()) {
            return false;
        }
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = Known::clone(&self.known.load());
        if !is_news(&known) {
            return false;
        }
        known.reach(member, address, self.member);
        self.known.store(Arc::new(known));
        true
    }

    /// The connection to a peer.
    pub(crate) fn get(&self, peer: MemberId) -> Option<Channel> {
        self.known.load().connections.get(&peer).map(|connection| connection.channel.clone())
    }

    /// The peers there is a connection to.
    pub(crate) fn ids(&self) -> Vec<MemberId> {
        self.known.load().connections.keys().copied().collect()
    }

    /// Who belongs to the cluster, as far as this member has applied.
    pub(crate) fn membership(&self) -> Membership {
        self.known.load().membership.clone()
    }

    /// All members, this one among them.
    pub(crate) fn places(&self) -> Vec<Place> {
        self.places_of(&self.known.load().membership)
    }

    /// True of who was a member once and is none any more.
    pub(crate) fn is_former(&self, member: MemberId) -> bool {
        self.known.load().membership.is_former(member)
    }

    /// Where this member says that it is reached.
    pub(crate) fn own_address(&self) -> String {
        self.configured.get(&self.member).cloned().unwrap_or_default()
    }

    fn places_of(&self, membership: &Membership) -> Vec<Place> {
        let place = |(id, vote)| {
            let configured = self.configured.get(&id).map(String::as_str);
            let address = configured.or(membership.address(id)).unwrap_or_default().to_owned();
            Place { id, vote, address }
        };
        membership.members().into_iter().map(place).collect()
    }
}

impl Known {
    fn reach(&mut self, peer: MemberId, address: &str, member: MemberId) {
        let is_reached = self.connections.get(&peer).is_some_and(|there| there.address == address);
        if peer == member || is_reached {
            return;
        }
        match connect(address) {
            Ok(channel) => {
                self.connections.insert(peer, Connection { address: address.to_owned(), channel });
            }
            Err(error) => tracing::warn!(
                peer = peer.get(),
                address,
                %error,
                "a member cannot be reached; add it to `members` in the configuration, with its address"
            ),
        }
    }
}

fn connect(address: &str) -> Result<Channel, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?
        .tcp_nodelay(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .keep_alive_timeout(KEEP_ALIVE_TIMEOUT);
    Ok(endpoint.connect_lazy())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const SAMPLE: &str = include_str!("../../../deploy/allocd.toml.sample");

    /// A member of three, which knows the membership that a log would tell it.
    fn peers() -> Peers {
        let config = Config::parse(Path::new("allocd.toml"), SAMPLE).unwrap();
        // Voters 1, 2 and 3, as `allocd.storage.v1.Membership` has them.
        Peers::new(&config, &Membership::decode(&[0x0a, 3, 1, 2, 3]).unwrap())
    }

    #[tokio::test]
    async fn a_newer_member_is_reached_where_it_says_and_nobody_else_is() {
        let peers = peers();
        assert_eq!(peers.ids(), [2, 3].map(MemberId::new));
        assert!(peers.learn(MemberId::new(4), "127.0.0.1:7424"));
        assert!(!peers.learn(MemberId::new(4), "127.0.0.1:9999"), "it is known already");
        assert!(!peers.learn(MemberId::new(2), "127.0.0.1:9999"), "the log knows better");
        assert!(!peers.learn(MemberId::new(5), ""), "it does not say where");
        assert_eq!(peers.ids(), [2, 3, 4].map(MemberId::new));
    }

    #[tokio::test]
    async fn ids_that_somebody_makes_up_take_no_more_room_than_a_cluster() {
        let peers = peers();
        for id in 4..1_000 {
            peers.learn(MemberId::new(id), "127.0.0.1:7424");
        }
        assert_eq!(peers.ids().len(), MEMBERS_MAX);
    }
}
