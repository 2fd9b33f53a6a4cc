//! How a new member finds out who the cluster is that it joins: it asks those that its configuration names.
//!
//! A member answers once it has asked the leader how far the cluster is: what one knows that is behind would do harm, for a voter that
//! lost its disk was a learner once. Whether this member may join, the replica judges.

use std::time::Duration;

use allocd_proto::peer::v1::GetMembershipRequest;
use allocd_proto::peer::v1::peer_service_client::PeerServiceClient;
use allocd_proto::status::problem;
use allocd_replica::{Level, Membership};
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use anyhow::{Result, anyhow, bail};
use tokio::time::timeout;
use tonic::transport::Endpoint;

use crate::config::{Config, MemberAddress};

/// How long a member may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(3);

/// What a member answers.
enum Told {
    Members(Membership),
    /// This member does not understand what is in use.
    TooOld(Problem),
}

/// Asks who the cluster is. The newest answer counts.
pub(crate) async fn ask(config: &Config) -> Result<Membership> {
    let mut newest: Option<Membership> = None;
    let mut failures = Vec::new();
    for peer in config.peers() {
        match timeout(ANSWER_MAX, ask_one(config, peer)).await {
            Ok(Ok(Told::TooOld(problem))) => bail!(
                "cluster {} does not take member {} in: {problem}; {}",
                config.cluster,
                config.member,
                problem.hint.as_deref().unwrap_or_default()
            ),
            Ok(Ok(Told::Members(found))) => {
                if newest.as_ref().is_none_or(|newest| newest.index() < found.index()) {
                    newest = Some(found);
                }
            }
            Ok(Err(error)) => failures.push(format!("{}: {error:#}", peer.address)),
            Err(_) => failures.push(format!("{}: no answer within {ANSWER_MAX:?}", peer.address)),
        }
    }
    let cluster = &config.cluster;
    let Some(membership) = newest else {
        bail!(
            "no member of cluster {cluster} says who belongs to it, so member {} cannot join; name members that run under `members` ({})",
            config.member,
            failures.join("; ")
        );
    };
    if membership.vote(config.member).is_none() && !membership.is_former(config.member) {
        let own = config.members.iter().find(|member| member.id == config.member);
        let address = own.map_or("ADDRESS", |own| own.address.as_str());
        bail!(
            "cluster {cluster} has no member {id} yet; add it first: allocctl cluster add {address} --id {id}",
            id = config.member
        );
    }
    Ok(membership)
}

async fn ask_one(config: &Config, peer: &MemberAddress) -> Result<Told> {
    let channel = Endpoint::from_shared(format!("http://{}", peer.address))?.connect().await?;
    let request = GetMembershipRequest {
        cluster_id: config.cluster.to_string(),
        from: config.member.get(),
        level: Level::NEWEST.get(),
    };
    let answer = match PeerServiceClient::new(channel).get_membership(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let problem = problem(&status);
            let is_too_old = problem.reason == Reason::UpgradePending;
            return if is_too_old { Ok(Told::TooOld(problem)) } else { Err(problem.into()) };
        }
    };
    let membership = Membership::decode(&answer.membership);
    membership.map(Told::Members).ok_or_else(|| anyhow!("its answer cannot be read"))
}
