//! Who the cluster is: from the disk, from a peer that is asked, or ahead of a snapshot.

use allocd_replica::Membership;

pub(crate) fn run(data: &[u8]) {
    let Some(membership) = Membership::decode(data) else { return };
    assert_eq!(Membership::decode(&membership.encode()).as_ref(), Some(&membership), "it survives");
    assert!(membership.voters() > 0, "somebody votes");
    for (member, vote) in membership.members() {
        assert_eq!(membership.vote(member), Some(vote));
        assert!(member.get() != 0 && member <= membership.highest() && !membership.is_former(member));
    }
}
