//! Answers read back as they were written, and a malformed one is an error that names its fields.

use allocd_types::answer::{Answer, Changes, MadeExclusion, MoreOfRevision, Released};
use allocd_types::audit::{AuditPage, AuditRecord};
use allocd_types::change::Change;
use allocd_types::check::{CheckFinding, CheckReport};
use allocd_types::cluster::{ClusterStatus, Member, MemberRole, MemberStatus, MemberVote, PeerProgress};
use allocd_types::grant::{Granted, Novelty};
use allocd_types::id::{Caller, ClusterId, MemberId, Revision};
use allocd_types::import::{ImportFinding, ImportFlaw, ImportReport};
use allocd_types::lease::Lease;
use allocd_types::page::{Page, PageToken};
use allocd_types::time::{ClusterTime, Span, WallTime};
use allocd_types::violation::Violations;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::{arbitrary, v1};

fn answer<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Answer<T>> {
    (value, any::<u64>(), any::<u64>()).prop_map(|(value, revision, now)| Answer {
        value,
        revision: Revision::new(revision),
        now: ClusterTime::from_millis(now),
    })
}

fn page<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Page<T>> {
    (vec(item, 0..3), option::of("[!-~]{1,80}"))
        .prop_map(|(items, next)| Page { items, next: next.map(|next| PageToken::new(&next).unwrap()) })
}

fn audit() -> impl Strategy<Value = AuditPage> {
    let texts = ["[A-Z][a-z]{0,9}", "[a-z0-9/]{0,20}", "\\PC{0,20}", "\\PC{0,20}"];
    let record = (any::<u64>(), any::<u32>(), arbitrary::request_id(), texts, option::of("\\PC{0,20}"))
        .prop_map(|(revision, at, request_id, [request, resource, holder, after], before)| AuditRecord {
            revision: Revision::new(revision),
            at: WallTime::from_unix_millis(at.into()),
            caller: Caller::new("ops").unwrap(),
            request_id,
            request,
            resource,
            holder,
            before,
            after,
        });
    (page(record), any::<u64>())
        .prop_map(|(page, first)| AuditPage { page, first_revision: Revision::new(first) })
}

fn granted() -> impl Strategy<Value = Granted> {
    (arbitrary::lease(), any::<bool>()).prop_map(|(lease, new)| Granted {
        lease,
        novelty: if new { Novelty::New } else { Novelty::Existing },
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        arbitrary::lease().prop_map(Change::LeaseGranted),
        arbitrary::lease().prop_map(Change::LeaseRenewed),
        arbitrary::lease().prop_map(Change::LeaseReleased),
        arbitrary::lease().prop_map(Change::LeaseExpired),
        arbitrary::lease().prop_map(Change::SuspectFreed),
        arbitrary::value().prop_map(Change::ValueRested),
        arbitrary::network().prop_map(Change::NetworkCreated),
        arbitrary::network().prop_map(Change::NetworkUpdated),
        arbitrary::id().prop_map(Change::NetworkDeleted),
        arbitrary::pool().prop_map(Change::PoolCreated),
        arbitrary::pool().prop_map(Change::PoolUpdated),
        arbitrary::id().prop_map(Change::PoolDeleted),
        arbitrary::host().prop_map(Change::HostCreated),
        arbitrary::host().prop_map(Change::HostRegistered),
        arbitrary::host_name().prop_map(Change::HostDeleted),
        arbitrary::reservation().prop_map(Change::ReservationCreated),
        arbitrary::id().prop_map(Change::ReservationDeleted),
        arbitrary::exclusion().prop_map(Change::ExclusionCreated),
        arbitrary::id().prop_map(Change::ExclusionDeleted),
        arbitrary::recovery::status().prop_map(Change::RecoveryChanged),
        change_by_agents(),
    ]
}

fn change_by_agents() -> impl Strategy<Value = Change> {
    prop_oneof![
        arbitrary::lease().prop_map(Change::LeaseBound),
        arbitrary::lease().prop_map(Change::LeaseAdopted),
        arbitrary::lease().prop_map(Change::LeaseReleasing),
        arbitrary::lease().prop_map(Change::LeaseMoveBegun),
        arbitrary::lease().prop_map(Change::LeaseMoveCancelled),
        (arbitrary::host_name(), arbitrary::lease())
            .prop_map(|(from, lease)| Change::LeaseMoved { from, lease }),
        (arbitrary::lease(), arbitrary::agent::decline())
            .prop_map(|(lease, decline)| Change::LeaseDeclined { lease, decline }),
        arbitrary::agent::decline().prop_map(Change::DeclineNoted),
        arbitrary::value().prop_map(Change::DeclineCleared),
        arbitrary::lease().prop_map(Change::LeaseSuspected),
        arbitrary::lease().prop_map(Change::LeaseFound),
        arbitrary::host().prop_map(Change::HostStateChanged),
        arbitrary::host().prop_map(Change::HostReturned),
    ]
}

fn flaw() -> impl Strategy<Value = ImportFlaw> {
    use ImportFlaw as Flaw;
    let (ip, host, bridge) = (arbitrary::ip, arbitrary::host_name, arbitrary::interface_name);
    prop_oneof![
        (ip(), any::<u32>()).prop_map(|(address, line)| Flaw::AddressTwice { address, line }),
        (arbitrary::unit(), host(), any::<u32>()).prop_map(|(index, host, line)| Flaw::IndexTwice {
            index,
            host,
            line
        }),
        ("\\PC{1,9}", host(), any::<u32>()).prop_map(|(jail, host, line)| Flaw::JailTwice {
            jail,
            host,
            line
        }),
        ("\\PC{1,9}", "\\PC{1,9}", any::<u32>(), arbitrary::jail_name())
            .prop_map(|(jail, other, line, name)| Flaw::JailsMeet { jail, other, line, name }),
        (ip(), bridge()).prop_map(|(address, bridge)| Flaw::NoSubnet { address, bridge }),
        (ip(), arbitrary::not_a_host()).prop_map(|(address, why)| Flaw::NotAHost { address, why }),
        bridge().prop_map(|bridge| Flaw::NoNetwork { bridge }),
        (bridge(), vec(arbitrary::id(), 0..3))
            .prop_map(|(bridge, networks)| Flaw::AmbiguousBridge { bridge, networks }),
        "\\PC{1,20}".prop_map(|message| Flaw::Refused { message }),
    ]
}

prop_compose! {
    fn report()(
        (leases, unchanged, hosts_created) in any::<(u32, u32, u32)>(),
        findings in vec((any::<u32>(), flaw()), 0..4),
        exclusions in vec((any::<u32>(), arbitrary::exclusion()), 0..3),
    ) -> ImportReport {
        let findings = findings.into_iter().map(|(number, flaw)| ImportFinding { number, flaw }).collect();
        ImportReport { leases, unchanged, hosts_created, findings, exclusions }
    }
}

prop_compose! {
    fn member_status()(
        (id, term, commit_index, applied_index) in any::<(u64, u64, u64, u64)>(),
        (revision, cluster_time, leases) in any::<(u64, u64, u64)>(),
        leader in option::of(1..u64::MAX),
        role in proptest::sample::select(vec![
            MemberRole::Follower, MemberRole::PreCandidate, MemberRole::Candidate, MemberRole::Leader,
        ]),
        (state_digest, memory_digest) in (arbitrary::digest(), arbitrary::digest()),
        version in "[0-9.]{1,9}",
        (last_index, disk_bytes) in any::<(u64, u64)>(),
        (level, level_in_use) in (1..u32::MAX, 1..u32::MAX),
        progress in vec((any::<u64>(), any::<u64>(), option::of(any::<u64>()), any::<bool>()), 0..3),
    ) -> MemberStatus {
        let progress = progress.into_iter().map(|(member, match_index, silent, gets_snapshot)| PeerProgress {
            member: MemberId::new(member), match_index, last_contact: silent.map(Span::from_millis), gets_snapshot,
        });
        MemberStatus {
            id: MemberId::new(id), role, leader: leader.map(MemberId::new), term, commit_index, applied_index,
            revision: Revision::new(revision), cluster_time: ClusterTime::from_millis(cluster_time),
            state_digest, memory_digest, leases, version, last_index, disk_bytes, progress: progress.collect(),
            level, level_in_use,
        }
    }
}

prop_compose! {
    fn cluster()(
        cluster_id in "[a-z0-9-]{1,36}",
        leader in option::of(1..u64::MAX),
        members in vec((any::<u64>(), "[a-z.:0-9]{1,20}", any::<bool>(), prop_oneof![
            member_status().prop_map(Ok),
            "\\PC{1,20}".prop_map(Err),
        ]), 0..4),
    ) -> ClusterStatus {
        let members = members.into_iter().map(|(id, address, votes, answer)| {
            let vote = if votes { MemberVote::Voter } else { MemberVote::Learner };
            Member { id: MemberId::new(id), address, vote, answer }
        });
        ClusterStatus {
            cluster_id: ClusterId::new(&cluster_id).unwrap(),
            leader: leader.map(MemberId::new),
            members: members.collect(),
        }
    }
}

/// Writes an answer and reads it again.
macro_rules! reads_back {
    ($said:expr, $message:ty) => {
        prop_assert_eq!(<$message>::from($said.clone()).try_into(), Ok::<_, Violations>($said));
    };
}

proptest! {
    #[test]
    fn answers_about_resources_read_back(
        network in answer(arbitrary::network()),
        pool in answer(arbitrary::pool()),
        host in answer(arbitrary::host()),
        reservation in answer(arbitrary::reservation()),
        exclusion in answer((arbitrary::exclusion(), any::<u64>())
            .prop_map(|(exclusion, leased)| MadeExclusion { exclusion, leased })),
        usages in answer(page(arbitrary::usage())),
    ) {
        reads_back!(network, v1::GetNetworkResponse);
        reads_back!(pool, v1::GetPoolResponse);
        reads_back!(host, v1::RegisterHostResponse);
        reads_back!(reservation, v1::GetReservationResponse);
        reads_back!(exclusion, v1::CreateExclusionResponse);
        reads_back!(usages, v1::ListUsagesResponse);
    }

    #[test]
    fn records_read_back(audit in answer(audit())) {
        reads_back!(audit, v1::ListAuditResponse);
    }

    #[test]
    fn answers_to_agents_read_back(
        host in answer(arbitrary::host()),
        found in answer(arbitrary::agent::reconciliation()),
        lease in answer(arbitrary::lease()),
        adopted in answer(arbitrary::lease()),
        confirmed in answer(arbitrary::agent::confirmed()),
        declined in answer(arbitrary::agent::declined()),
        declines in answer(page(arbitrary::agent::decline())),
        known in answer(arbitrary::agent::known_host()),
        hosts in answer(page(arbitrary::agent::known_host())),
    ) {
        reads_back!(known, v1::GetHostResponse);
        reads_back!(hosts, v1::ListHostsResponse);
        reads_back!(host, v1::FenceHostResponse);
        reads_back!(found, v1::ReconcileHostResponse);
        reads_back!(lease, v1::BindLeaseResponse);
        reads_back!(adopted, v1::AdoptLeaseResponse);
        reads_back!(confirmed, v1::ConfirmTeardownResponse);
        reads_back!(declined, v1::DeclineLeaseResponse);
        reads_back!(declines, v1::ListDeclinesResponse);
    }

    #[test]
    fn answers_about_leases_read_back(
        granted in answer(granted()),
        batch in answer(vec(prop_oneof![granted().prop_map(Ok), arbitrary::problem().prop_map(Err)], 0..3)),
        lease in answer(arbitrary::lease()),
        leases in answer(page(arbitrary::lease())),
        released in answer(arbitrary::agent::released()),
        report in answer(arbitrary::value_report()),
    ) {
        reads_back!(granted, v1::AllocateLeaseResponse);
        reads_back!(batch, v1::BatchAllocateLeasesResponse);
        reads_back!(lease, v1::RenewLeaseResponse);
        reads_back!(leases, v1::ListLeasesResponse);
        reads_back!(released, v1::ReleaseLeaseResponse);
        reads_back!(report, v1::ExplainValueResponse);
    }

    #[test]
    fn what_a_watch_tells_reads_back(told in answer((vec(option::weighted(0.9, change()), 0..4), any::<bool>())
        .prop_map(|(changes, complete)| Changes {
            changes,
            more: if complete { MoreOfRevision::Complete } else { MoreOfRevision::Follows },
        }))) {
        reads_back!(told, v1::WatchLeasesResponse);
    }

    #[test]
    fn answers_to_operators_read_back(
        import in answer(report()),
        leases in answer(vec(arbitrary::lease(), 0..3)),
        check in answer((vec("[a-z_]{1,9}", 0..3), any::<u64>(), arbitrary::digest()).prop_map(|(found, leases, digest)| {
            let finding = |invariant: String| CheckFinding { message: invariant.clone(), invariant };
            CheckReport { findings: found.into_iter().map(finding).collect(), leases, state_digest: digest }
        })),
        cluster in answer(cluster()),
        recovery in answer(arbitrary::recovery::status()),
    ) {
        reads_back!(import, v1::ImportResponse);
        reads_back!(leases, v1::ExportResponse);
        reads_back!(check, v1::CheckResponse);
        reads_back!(cluster, v1::GetClusterStatusResponse);
        reads_back!(recovery, v1::ConfirmRecoveryResponse);
    }
}

#[test]
fn a_malformed_answer_names_its_fields() {
    let lease = v1::Lease {
        name: "17".to_owned(),
        addresses: vec![v1::LeasedAddress {
            address: "10.0.0.1/16".to_owned(),
            gateway: String::new(),
            subnet: "10.0.0.0/24".to_owned(),
            vrf: "default".to_owned(),
        }],
        ..v1::Lease::default()
    };
    let response = v1::GetLeaseResponse { lease: Some(lease), ..Default::default() };
    let wrong = Answer::<Lease>::try_from(response).unwrap_err();
    let fields: Vec<_> = wrong.iter().map(|violation| violation.field.as_str()).collect();
    for field in ["lease.name", "lease.holder", "lease.kind", "lease.addresses[0].address", "lease.state"] {
        assert!(fields.contains(&field), "{field} is not among {fields:?}");
    }
    let release = v1::ReleaseLeaseResponse { name: "lease 1".to_owned(), ..Default::default() };
    assert!(Answer::<Released>::try_from(release).is_err());
}

#[test]
fn a_change_of_a_newer_member_keeps_its_place() {
    let response = v1::WatchLeasesResponse {
        revision: 7,
        changes: vec![v1::Change::default(), Change::HostDeleted("h1".parse().unwrap()).into()],
        ..Default::default()
    };
    let told = Answer::<Changes>::try_from(response).unwrap();
    assert_eq!(told.value.changes, [None, Some(Change::HostDeleted("h1".parse().unwrap()))]);
}
