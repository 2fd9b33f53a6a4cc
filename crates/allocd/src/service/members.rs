//! Changes of members and transfers of the lead: asked of the replica, and what it refuses told with what to do instead.

use std::time::Duration;

use allocd_proto::status;
use allocd_replica::ChangeRefused;
use allocd_types::answer::Answer;
use allocd_types::cluster::MemberChange;
use allocd_types::id::MemberId;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::time::Span;
use allocd_types::violation::Violations;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::Status;

use crate::door::{Door, answer_at, refused, stopped, unavailable};
use crate::inbox::Input;
use crate::peers::Peers;

/// How long another member may take to take the lead over.
const TRANSFER_MAX: Duration = Duration::from_secs(5);
/// When to try again while another change is under way.
const TRY_AGAIN: Span = Span::from_millis(200);

/// What a change of members needs.
pub(super) struct Members<'a> {
    pub(super) door: &'a Door,
    pub(super) peers: &'a Peers,
}

impl Members<'_> {
    /// Has a change of members made.
    pub(super) async fn change<M, R>(&self, rpc: &'static str, message: M) -> Result<R, Status>
    where
        MemberChange: TryFrom<M, Error = Violations>,
        R: From<Answer<MemberId>>,
    {
        let change = MemberChange::try_from(message).map_err(status::refusal)?;
        match self.decide(change.clone()).await {
            Ok(member) => {
                tracing::info!(rpc, member = member.get(), ?change, "done");
                Ok(answer_at(&self.door.view.moment(), member).into())
            }
            Err(problem) => {
                let status = status::status(&problem);
                let reason = problem.reason.as_str();
                tracing::info!(rpc, ?change, reason, problem = status.message(), "refused");
                Err(status)
            }
        }
    }

    /// Hands the lead over, and waits until it is.
    pub(super) async fn transfer(&self, to: MemberId) -> Result<Answer<MemberId>, Status> {
        self.begin_transfer(to).await.map_err(|problem| status::status(&problem))?;
        let mut standing = self.door.view.standing.subscribe();
        let took_over = standing.wait_for(|standing| standing.leader == Some(to));
        match timeout(TRANSFER_MAX, took_over).await {
            Ok(Ok(_)) => Ok(answer_at(&self.door.view.moment(), to)),
            Ok(Err(_)) => Err(status::status(&stopped())),
            Err(_) => {
                let late = format!("member {to} did not take the lead within {TRANSFER_MAX:?}");
                let problem = Problem::new(Reason::MemberChangePending, late)
                    .hint("allocctl cluster status shows who leads")
                    .retry_after(TRY_AGAIN);
                Err(status::status(&problem))
            }
        }
    }

    async fn begin_transfer(&self, to: MemberId) -> Result<(), Problem> {
        let (answer, begun) = oneshot::channel();
        self.door.inbox.offer(Input::Transfer { to, answer }).map_err(refused)?;
        begun.await.map_err(|_| stopped())?.map_err(|why| problem(&why))
    }

    async fn decide(&self, change: MemberChange) -> Result<MemberId, Problem> {
        if let MemberChange::Add { member, address } = &change {
            self.check_address(*member, address)?;
        }
        let asked = change.clone();
        let answered = self.door.inbox.call(|waiter| Input::Change { change, waiter }).map_err(refused)?;
        let membership = answered.await.map_err(|_| stopped())?.map_err(|why| problem(&why))?;
        Ok(match asked {
            MemberChange::Promote(member) | MemberChange::Remove(member) => member,
            MemberChange::Add { address, .. } => {
                let members = membership.members();
                let added = members.keys().find(|&&member| membership.address(member) == Some(&address));
                added.copied().unwrap_or_else(|| membership.highest())
            }
        })
    }

    /// The replica knows only the addresses that came while the cluster ran.
    fn check_address(&self, member: Option<MemberId>, address: &str) -> Result<(), Problem> {
        let membership = self.peers.membership();
        let is_other = |id| membership.address(id).is_none() && member != Some(id);
        let places = self.peers.places();
        match places.iter().find(|place| place.address == address && is_other(place.id)) {
            None => Ok(()),
            Some(place) => {
                let (member, address) = (place.id, address.to_owned());
                Err(problem(&ChangeRefused::AddressTaken { member, address }))
            }
        }
    }
}

/// Why a change is refused, and what to do about it.
fn problem(why: &ChangeRefused) -> Problem {
    let hint = match why {
        ChangeRefused::Unavailable(why) => return unavailable(*why),
        ChangeRefused::TooSoon | ChangeRefused::Pending => {
            let pending = Problem::new(Reason::MemberChangePending, why);
            return pending.hint("try again").retry_after(TRY_AGAIN);
        }
        ChangeRefused::Unknown(_) => {
            let unknown = Problem::new(Reason::MemberNotFound, why);
            return unknown.hint("allocctl cluster members shows those that there are");
        }
        ChangeRefused::IdUsed { .. } => "say no id, and the next free one is taken",
        ChangeRefused::AddressTaken { .. } => "choose another address, or remove that member first",
        ChangeRefused::TooMany { .. } => "remove one first",
        ChangeRefused::NotReady { .. } => {
            "see with allocctl cluster members that it runs and catches up, and try again"
        }
        ChangeRefused::TooOld { .. } => "install a newer allocd on it first (docs/upgrade.md)",
        ChangeRefused::Leads(_) => "allocctl cluster transfer MEMBER hands the lead over",
        ChangeRefused::LastVoter(_) => "add another member and promote it first",
        ChangeRefused::NoMajority { .. } => {
            "start the members that are away, or add and promote a new one first"
        }
    };
    Problem::new(Reason::MemberChangeRefused, why).hint(hint)
}
