//! Members that come and go while the cluster serves, as real processes.

use allocd_client::client::Client;
use allocd_client::error::ClientError;
use allocd_tests::until::until;
use allocd_types::answer::Answer;
use allocd_types::cluster::MemberVote;
use allocd_types::id::MemberId;
use allocd_types::reason::Reason;
use allocd_types::time::Span;

use crate::cluster::{Cluster, STEADY};
use crate::wishes::{all_leases, allocate, allocate_some, furnish};

/// Adds a member, starts it, and lets it vote once it has caught up; its position.
async fn grow(cluster: &mut Cluster) -> usize {
    let client = cluster.client();
    let at = cluster.prepare_another();
    let address = cluster.address(at).to_string();
    let added = client.add_member(None, &address).await.expect("a member is added").value;
    assert_eq!(added, id(at));
    cluster.start_one(at);
    promoted(&client, added).await;
    at
}

pub(crate) async fn promoted(client: &Client, member: MemberId) {
    let promote = async || match client.promote_member(member).await {
        Ok(_) => Some(()),
        Err(error) => {
            assert_eq!(error.problem.reason, Reason::MemberChangeRefused, "{error}");
            None
        }
    };
    until("the new member has caught up", promote).await;
}

pub(crate) fn id(at: usize) -> MemberId {
    MemberId::new(u64::try_from(at + 1).expect("a position fits"))
}

async fn voters(client: &Client) -> Vec<MemberId> {
    let status = client.cluster_status().await.expect("the status").value;
    let votes = status.members.into_iter().filter(|member| member.vote == MemberVote::Voter);
    votes.map(|member| member.id).collect()
}

#[tokio::test]
async fn one_grows_to_three_and_back_and_serves_all_the_time() {
    let mut cluster = Cluster::start_with("blue", 1, STEADY);
    furnish(&cluster.client()).await;
    allocate_some(&cluster.client(), "one", 10).await;
    for _ in 0..2 {
        let at = grow(&mut cluster).await;
        allocate_some(&cluster.client(), &format!("with{at}x"), 10).await;
    }
    assert_eq!(voters(&cluster.client()).await, [id(0), id(1), id(2)]);
    let digest = cluster.equal_digests().await;
    // All three know who they are after a restart, although no configuration names them all.
    cluster.kill(0..3);
    cluster.start_all();
    assert_eq!(cluster.equal_digests().await, digest);
    // The one that it began with goes.
    cluster.leader().await;
    let client = cluster.client_from(1);
    client.transfer_leadership(id(1)).await.expect("the lead is handed over");
    client.remove_member(id(0)).await.expect("a member is removed");
    let ended = cluster.process(0).ended().await;
    assert!(!ended.success());
    let log = cluster.process(0).log();
    assert!(log.contains("member 1 was removed from cluster blue"), "{log}");
    client.remove_member(id(2)).await.expect("a member is removed");
    assert_eq!(voters(&client).await, [id(1)]);
    allocate(&client, "last").await;
    assert_eq!(all_leases(&client).await.len(), 31);
}

#[tokio::test]
async fn a_dead_member_is_replaced_by_one_that_gets_a_snapshot() {
    let settings = format!("{STEADY}[snapshots]\nentries = 100\nentries_kept = 5\n");
    let mut cluster = Cluster::start_with("blue", 3, &settings);
    furnish(&cluster.client()).await;
    let leader = cluster.leader().await;
    let dead = (leader + 1) % 3;
    cluster.kill([dead]);
    allocate_some(&cluster.client(), "web", 250).await;
    cluster.until_logged(leader, "took a snapshot", 2).await;
    let client = cluster.client_from(leader);
    client.remove_member(id(dead)).await.expect("a dead member is removed");
    let new = grow(&mut cluster).await;
    cluster.until_logged(new, "installed a peer's snapshot", 1).await;
    // It counts: another one may fail now.
    cluster.kill([(leader + 2) % 3]);
    allocate(&client, "more").await;
    // The dead one comes back, and is told.
    cluster.start_one(dead);
    assert!(!cluster.process(dead).ended().await.success());
    let log = cluster.process(dead).log();
    assert!(log.contains("was removed from cluster blue") && log.contains("says so"), "{log}");
}

#[tokio::test]
async fn who_was_not_added_or_has_voted_does_not_join() {
    let mut cluster = Cluster::start_with("blue", 3, STEADY);
    furnish(&cluster.client()).await;
    let stranger = cluster.prepare_another();
    cluster.start_one(stranger);
    assert!(!cluster.process(stranger).ended().await.success());
    let log = cluster.process(stranger).log();
    let address = cluster.address(stranger);
    assert!(log.contains(&format!("allocctl cluster add {address} --id 4")), "{log}");
    // A disk was lost, and somebody tries to make do with the old id.
    let leader = cluster.leader().await;
    let emptied = (leader + 1) % 3;
    cluster.kill([emptied]);
    cluster.empty_and_let_join(emptied);
    cluster.start_one(emptied);
    assert!(!cluster.process(emptied).ended().await.success());
    let log = cluster.process(emptied).log();
    assert!(log.contains("votes in its cluster and has lost its data"), "{log}");
    allocate(&cluster.client_from(leader), "web").await;
}

#[tokio::test]
async fn nobody_joins_by_the_word_of_a_member_that_may_be_behind() {
    let mut cluster = Cluster::start_with("blue", 3, STEADY);
    furnish(&cluster.client()).await;
    let at = cluster.prepare_another();
    let address = cluster.address(at).to_string();
    cluster.client().add_member(None, &address).await.expect("a member is added");
    // The one that is left knows of the newcomer, and not whether that is still so.
    cluster.kill([0, 1]);
    cluster.start_one(at);
    assert!(!cluster.process(at).ended().await.success());
    let log = cluster.process(at).log();
    assert!(log.contains("no member of cluster blue says who belongs to it"), "{log}");
}

#[tokio::test]
async fn what_would_harm_is_refused_with_what_to_do() {
    let mut cluster = Cluster::start_with("blue", 3, STEADY);
    furnish(&cluster.client()).await;
    let leader = cluster.leader().await;
    let client = cluster.client_from((leader + 1) % 3);
    let refusal = |outcome: Result<Answer<MemberId>, ClientError>| {
        let error = outcome.expect_err("it is refused");
        (error.problem.reason, error.problem.to_string())
    };
    let (reason, text) = refusal(client.remove_member(id(leader)).await);
    assert_eq!(reason, Reason::MemberChangeRefused);
    assert!(text.contains("leads"), "{text}");
    let (reason, _) = refusal(client.promote_member(id(8)).await);
    assert_eq!(reason, Reason::MemberNotFound);
    let taken = cluster.address(0).to_string();
    let (reason, text) = refusal(client.add_member(None, &taken).await);
    assert_eq!((reason, text.contains("already")), (Reason::MemberChangeRefused, true), "{text}");
    let (reason, _) = refusal(client.add_member(None, "nowhere").await);
    assert_eq!(reason, Reason::InvalidFields);
    let away = (leader + 1) % 3;
    cluster.kill([away]);
    let client = cluster.client_from(leader);
    let other = (leader + 2) % 3;
    let is_away = async || {
        let status = client.cluster_status().await.ok()?.value;
        let told = status.members.into_iter().find(|member| member.id == id(leader))?.answer.ok()?;
        let silent = told.progress.iter().find(|peer| peer.member == id(away))?.last_contact?;
        (silent > Span::from_seconds(3)).then_some(())
    };
    until("the leader notices that a member is away", is_away).await;
    let (reason, text) = refusal(client.remove_member(id(other)).await);
    assert_eq!((reason, text.contains("no majority")), (Reason::MemberChangeRefused, true), "{text}");
}
