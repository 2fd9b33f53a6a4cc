//! Changes of members: what is applied of them is written down, and is not applied again after a restart.

use raft_proto::eraftpb::{ConfChangeType, ConfChangeV2};
use raft_proto::new_conf_change_single;

use super::cluster::Cluster;
use crate::log::LogStore;

#[test]
fn a_change_of_members_is_applied_once_and_survives() {
    let (mut cluster, leader) = Cluster::with_leader();
    let change = ConfChangeV2 {
        changes: vec![new_conf_change_single(4, ConfChangeType::AddLearnerNode)],
        ..ConfChangeV2::default()
    };
    cluster.member(leader).node.propose_conf_change(Vec::new(), change).unwrap();
    cluster.settle();
    cluster.ticks(2);
    for id in [1, 2, 3] {
        let store = cluster.member(id).node.store();
        let (members, applied) = store.configuration().unwrap().unwrap();
        assert_eq!(members.learners, [4], "member {id}");
        assert!(applied > 0 && applied <= store.store().last_index());
    }
    // The log is replayed from its beginning, the change in it too; the configuration stays as it is.
    cluster.crash(leader, usize::MAX);
    cluster.start(leader);
    let (members, _) = cluster.member(leader).node.store().configuration().unwrap().unwrap();
    assert_eq!((members.voters.len(), members.learners), (3, vec![4]));
    cluster.elect();
    cluster.assert_equal();
}
