//! Requests read back as they were written, and a bad one is told everything that is wrong with it.

use allocd_types::allocation::{ReleaseSpec, RenewalSpec, Teardown};
use allocd_types::audit::{AuditFilter, AuditListing};
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::grant::BatchMode;
use allocd_types::id::Caller;
use allocd_types::import::{BadLines, ImportFragment, ImportLine, ImportSpec};
use allocd_types::kind::InterfaceKind;
use allocd_types::lookup::LeaseQuery;
use allocd_types::name::NetworkName;
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation};
use allocd_types::request::{Batch, LeaseListing};
use allocd_types::time::WallTime;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::{arbitrary, v1};

fn mutation<T: fmt::Debug>(wish: impl Strategy<Value = T>) -> impl Strategy<Value = Mutation<T>> {
    (option::of(arbitrary::request_id()), any::<bool>(), wish).prop_map(|(request_id, only, wish)| Mutation {
        request_id,
        effect: if only { Effect::ValidateOnly } else { Effect::Commit },
        wish,
    })
}

fn query<T: fmt::Debug>(wish: impl Strategy<Value = T>) -> impl Strategy<Value = Query<T>> {
    (any::<bool>(), wish).prop_map(|(stale, wish)| Query {
        freshness: if stale { Freshness::Stale } else { Freshness::Linearizable },
        wish,
    })
}

fn page() -> impl Strategy<Value = PageSpec> {
    (1_usize..=1_000, option::of("[!-~]{1,80}")).prop_map(|(size, token)| {
        let page = PageSpec::check("page_size", size, &mut Violations::default()).unwrap();
        token.map_or(page.clone(), |token| page.at(PageToken::new(&token).unwrap()))
    })
}

fn missing() -> impl Strategy<Value = MissingResource> {
    proptest::sample::select(vec![MissingResource::Allow, MissingResource::Refuse])
}

fn deletion<N: FromStr<Err: fmt::Debug> + fmt::Debug>() -> impl Strategy<Value = Deletion<N>> {
    (arbitrary::id(), missing()).prop_map(|(name, missing)| Deletion { name, missing })
}

fn filter() -> impl Strategy<Value = LeaseFilter> {
    let labels = proptest::collection::btree_map("[a-z][a-z0-9._-]{0,9}", "\\PC{0,20}", 0..3);
    (option::of(arbitrary::host_name()), option::of(arbitrary::kind()), labels)
        .prop_map(|(host, kind, labels)| LeaseFilter { host, kind, labels, ..LeaseFilter::default() })
}

fn import() -> impl Strategy<Value = ImportSpec> {
    let name = || (arbitrary::host_name(), arbitrary::interface_name());
    let line =
        (any::<u32>(), name(), arbitrary::jail_name(), "\\PC{0,20}", arbitrary::ip(), arbitrary::unit());
    let line = line.prop_map(|(number, (host, bridge), jail, text, address, index)| ImportLine {
        number,
        host,
        bridge,
        jail,
        original_jail: text.clone(),
        version: text,
        address,
        index,
    });
    let fragment =
        (any::<u32>(), option::of(name()), option::of(arbitrary::ip()), option::of(arbitrary::unit()));
    let fragment = fragment.prop_map(|(number, names, address, index)| {
        let (host, bridge) = names.unzip();
        ImportFragment { number, host, bridge, address, index }
    });
    let bad_lines = proptest::sample::select(vec![BadLines::Refuse, BadLines::Skip]);
    (vec(line, 0..3), vec(fragment, 0..3), option::of(arbitrary::id()), bad_lines).prop_map(
        |(lines, fragments, network, bad_lines)| ImportSpec { lines, fragments, network, bad_lines },
    )
}

fn lease_query() -> impl Strategy<Value = LeaseQuery> {
    prop_oneof![
        arbitrary::mac().prop_map(LeaseQuery::Mac),
        (arbitrary::id(), arbitrary::ip()).prop_map(|(vrf, address)| LeaseQuery::Address(vrf, address)),
        arbitrary::holder().prop_map(LeaseQuery::Holder),
        (arbitrary::host_name(), arbitrary::interface_name())
            .prop_map(|(host, ifname)| LeaseQuery::Interface(host, ifname)),
    ]
}

/// Writes a request and reads it again.
macro_rules! reads_back {
    ($said:expr, $message:ty) => {
        let read: Result<_, Violations> = <$message>::from($said.clone()).try_into();
        prop_assert_eq!(read.as_ref(), Ok(&$said));
    };
}

proptest! {
    #[test]
    fn what_agents_say_reads_back(
        turn in mutation(arbitrary::host_name()),
        fence in mutation(arbitrary::agent::fence()),
        inventory in mutation(arbitrary::agent::inventory()),
        report in mutation(arbitrary::agent::report()),
        adoption in mutation(arbitrary::agent::adoption()),
        begin in mutation(arbitrary::agent::move_spec()),
        cancel in mutation(arbitrary::agent::cancel()),
        decline in mutation(arbitrary::agent::decline_spec()),
        clear in mutation(arbitrary::value()),
        list in query(page()),
        heartbeat in arbitrary::agent::heartbeat(),
    ) {
        let heartbeat = Query { freshness: Freshness::Linearizable, wish: heartbeat };
        reads_back!(heartbeat, v1::HeartbeatHostRequest);
        reads_back!(turn, v1::ActivateHostRequest);
        reads_back!(turn, v1::DrainHostRequest);
        reads_back!(fence, v1::FenceHostRequest);
        reads_back!(inventory, v1::ReconcileHostRequest);
        reads_back!(report, v1::BindLeaseRequest);
        reads_back!(report, v1::ConfirmTeardownRequest);
        reads_back!(adoption, v1::AdoptLeaseRequest);
        reads_back!(begin, v1::MoveLeaseRequest);
        reads_back!(cancel, v1::CancelMoveRequest);
        reads_back!(decline, v1::DeclineLeaseRequest);
        reads_back!(clear, v1::ClearDeclineRequest);
        reads_back!(list, v1::ListDeclinesRequest);
    }
}

proptest! {
    #[test]
    fn questions_for_records_read_back(
        page in page(),
        caller in option::of("[a-z]{1,9}"),
        resource in "[a-z0-9/]{0,20}",
        since in option::of(0..=4_102_444_800_000_u64),
        stale: bool,
    ) {
        let caller = caller.map(|caller| Caller::new(&caller).unwrap());
        let filter = AuditFilter { caller, resource, since: since.map(WallTime::from_unix_millis) };
        let freshness = if stale { Freshness::Stale } else { Freshness::Linearizable };
        let query = Query { freshness, wish: AuditListing { page, filter } };
        reads_back!(query, v1::ListAuditRequest);
    }
}

proptest! {
    #[test]
    fn wishes_for_resources_read_back(
        network in mutation(arbitrary::network()),
        update in mutation(arbitrary::network()),
        pool in mutation(arbitrary::pool()),
        host in mutation(arbitrary::host_spec()),
        reservation in mutation(arbitrary::reservation()),
        exclusion in mutation(arbitrary::exclusion()),
        deletion in mutation(deletion::<NetworkName>()),
        registration in mutation(arbitrary::agent::registration()),
    ) {
        reads_back!(network, v1::CreateNetworkRequest);
        reads_back!(update, v1::UpdateNetworkRequest);
        reads_back!(pool, v1::CreatePoolRequest);
        reads_back!(host, v1::CreateHostRequest);
        reads_back!(reservation, v1::CreateReservationRequest);
        reads_back!(exclusion, v1::CreateExclusionRequest);
        reads_back!(deletion, v1::DeleteNetworkRequest);
        reads_back!(registration, v1::RegisterHostRequest);
    }

    #[test]
    fn wishes_for_leases_read_back(
        allocation in mutation(arbitrary::allocation()),
        batch in mutation((vec(arbitrary::allocation(), 1..4), any::<bool>()).prop_map(|(items, all)| Batch {
            items,
            mode: if all { BatchMode::AllOrNothing } else { BatchMode::PartialOk },
        })),
        renewal in mutation((arbitrary::lease_ref(), option::of(arbitrary::generation()), option::of(arbitrary::ttl()))
            .prop_map(|(lease, generation, ttl)| RenewalSpec { lease, generation, ttl })),
        release in mutation((arbitrary::lease_ref(), option::of(arbitrary::generation()), missing())
            .prop_map(|(lease, generation, missing)| {
                let teardown = if generation.is_none() { Teardown::Stated } else { Teardown::Awaited };
                ReleaseSpec { lease, generation, missing, teardown }
            })),
        import in mutation(import()),
        confirmation in mutation((proptest::collection::btree_set(arbitrary::host_name(), 0..3), any::<bool>())
            .prop_map(|(hosts, none)| RecoveryConfirmation {
                hosts,
                others: if none { OtherHosts::None } else { OtherHosts::Unsaid },
            })),
        skip in mutation(arbitrary::recovery::skip()),
    ) {
        reads_back!(allocation, v1::AllocateLeaseRequest);
        reads_back!(batch, v1::BatchAllocateLeasesRequest);
        reads_back!(renewal, v1::RenewLeaseRequest);
        reads_back!(release, v1::ReleaseLeaseRequest);
        reads_back!(import, v1::ImportRequest);
        reads_back!(confirmation, v1::ConfirmRecoveryRequest);
        reads_back!(skip, v1::SkipValuesRequest);
    }

    #[test]
    fn questions_read_back(
        name in query(arbitrary::id::<NetworkName>()),
        page in query(page()),
        usage in query(arbitrary::pool_ref()),
        lease in query(arbitrary::lease_ref()),
        listing in query((page(), filter()).prop_map(|(page, filter)| LeaseListing { page, filter })),
        lookup in query(lease_query()),
        value in query(arbitrary::value()),
        export in query(filter()),
    ) {
        reads_back!(name, v1::GetNetworkRequest);
        reads_back!(page, v1::ListNetworksRequest);
        reads_back!(usage, v1::GetUsageRequest);
        reads_back!(lease, v1::GetLeaseRequest);
        reads_back!(listing, v1::ListLeasesRequest);
        reads_back!(lookup, v1::LookupLeaseRequest);
        reads_back!(value, v1::ExplainValueRequest);
        reads_back!(export, v1::ExportRequest);
    }
}

fn fields<T: fmt::Debug>(read: Result<T, Violations>) -> Vec<String> {
    read.unwrap_err().iter().map(|violation| violation.field.clone()).collect()
}

#[test]
fn every_wrong_field_of_an_allocation_is_named() {
    let request = v1::AllocateLeaseRequest {
        request_id: "has a blank".to_owned(),
        allocation: Some(v1::Allocation {
            holder: Some(v1::Holder {
                host: "-h".to_owned(),
                jail: "12".to_owned(),
                interface: "Net0".to_owned(),
            }),
            network: String::new(),
            kind: 99,
            ipv4: -1,
            ipv6: 0,
            pins: Some(v1::Pins {
                index: Some(32_768),
                mac_a: String::new(),
                mac_b: "12:34:56:00:00:01".to_owned(),
                addresses: vec!["10.0.0.1".to_owned(), "10.0.0.256".to_owned()],
            }),
            ttl_ms: Some(1),
            create_only: false,
            labels: [("BAD".to_owned(), String::new())].into(),
        }),
        validate_only: false,
    };
    assert_eq!(
        fields(Mutation::<allocd_types::allocation::AllocationSpec>::try_from(request)),
        [
            "allocation.holder.host",
            "allocation.holder.jail",
            "allocation.holder.interface",
            "allocation.network",
            "allocation.kind",
            "allocation.ipv4",
            "allocation.pins.index",
            "allocation.pins.mac_a",
            "allocation.pins.addresses[1]",
            "allocation.ttl_ms",
            "allocation.labels[BAD]",
            "request_id",
        ]
    );
}

#[test]
fn what_no_single_field_shows_is_said_beside_what_one_does() {
    let subnet = |prefix: &str, gateway: &str| v1::Subnet {
        prefix: prefix.to_owned(),
        gateway: gateway.to_owned(),
        ranges: Vec::new(),
    };
    let request = v1::CreateNetworkRequest {
        network: Some(v1::Network {
            name: "Lan".to_owned(),
            vrf: "-".to_owned(),
            bridge: "vlan10.5".to_owned(),
            vlan: Some(5_000),
            mtu: Some(70_000),
            subnets: vec![subnet("10.0.0.0/24", "10.0.1.1"), subnet("10.0.0.128/25", "")],
            rename_prefix: "epair".to_owned(),
            quarantine_ms: Some(u64::MAX),
            free_suspects_after_ms: Some(3_599_999),
            thresholds: Some(v1::Thresholds { warning_percent: Some(90), critical_percent: Some(80) }),
            ..v1::Network::default()
        }),
        ..v1::CreateNetworkRequest::default()
    };
    assert_eq!(
        fields(Mutation::<allocd_types::network::NetworkSpec>::try_from(request)),
        [
            "network.name",
            "network.vrf",
            "network.bridge",
            "network.mtu",
            "network.rename_prefix",
            "network.quarantine_ms",
            "network.free_suspects_after_ms",
            "network.thresholds",
            "network.vlan",
            "network.subnets[0].gateway",
            "network.subnets[1].prefix",
        ]
    );
}

#[test]
fn a_missing_message_and_an_unset_choice_are_named() {
    assert_eq!(
        fields(Mutation::<allocd_types::network::NetworkSpec>::try_from(v1::CreateNetworkRequest::default())),
        ["network"]
    );
    assert_eq!(fields(Query::<LeaseQuery>::try_from(v1::LookupLeaseRequest::default())), ["query"]);
    assert_eq!(
        fields(Query::<allocd_types::allocation::LeaseRef>::try_from(v1::GetLeaseRequest::default())),
        ["name"]
    );
    let both = v1::GetLeaseRequest {
        name: "leases/1".to_owned(),
        holder: Some(v1::Holder::default()),
        allow_stale: false,
    };
    assert_eq!(fields(Query::<allocd_types::allocation::LeaseRef>::try_from(both)), ["holder"]);
    let pool = v1::CreatePoolRequest { pool: Some(v1::Pool::default()), ..Default::default() };
    assert_eq!(fields(Mutation::<allocd_types::pool::PoolSpec>::try_from(pool)), ["pool.name", "pool"]);
}

#[test]
fn addresses_that_do_not_fit_the_kind_are_refused() {
    let read = |kind: InterfaceKind, mac_a: &str, mac_b: &str| {
        let allocation = v1::Allocation {
            holder: Some(v1::Holder {
                host: "h1".to_owned(),
                jail: "web01".to_owned(),
                ..Default::default()
            }),
            network: "lan".to_owned(),
            kind: v1::InterfaceKind::from(kind).into(),
            pins: Some(v1::Pins { mac_a: mac_a.to_owned(), mac_b: mac_b.to_owned(), ..Default::default() }),
            ..Default::default()
        };
        crate::read::read("allocation", Some(allocation))
    };
    let (a, b) = ("12:34:56:00:00:00", "12:34:56:00:00:01");
    assert!(read(InterfaceKind::Epair, a, b).is_ok() && read(InterfaceKind::Tap, a, "").is_ok());
    assert_eq!(fields(read(InterfaceKind::Epair, a, "")), ["allocation.pins.mac_b"]);
    assert_eq!(fields(read(InterfaceKind::Tap, a, b)), ["allocation.pins.mac_b"]);
    assert_eq!(fields(read(InterfaceKind::Tun, a, "")), ["allocation.pins.mac_a"]);
    assert_eq!(fields(read(InterfaceKind::Epair, a, a)), ["allocation.pins.mac_b"]);
}

#[test]
fn what_a_plain_client_leaves_out_has_a_meaning() {
    let allocation = v1::Allocation {
        holder: Some(v1::Holder { host: "h1".to_owned(), jail: "web01".to_owned(), ..Default::default() }),
        network: "lan".to_owned(),
        ..Default::default()
    };
    let request = v1::AllocateLeaseRequest { allocation: Some(allocation), ..Default::default() };
    let read = Mutation::<allocd_types::allocation::AllocationSpec>::try_from(request).unwrap();
    assert_eq!((read.request_id, read.effect), (None, Effect::Commit));
    assert_eq!((read.wish.kind, read.wish.holder.interface.as_str()), (InterfaceKind::Epair, "net0"));
    assert_eq!((read.wish.ttl, read.wish.pins), (None, allocd_types::allocation::Pins::none()));
}

#[test]
fn a_batch_is_bounded_and_not_empty() {
    type Wish = Mutation<Batch<allocd_types::allocation::AllocationSpec>>;
    assert_eq!(fields(Wish::try_from(v1::BatchAllocateLeasesRequest::default())), ["allocations"]);
    let good = v1::Allocation {
        holder: Some(v1::Holder { host: "h1".to_owned(), jail: "web01".to_owned(), ..Default::default() }),
        network: "lan".to_owned(),
        ..Default::default()
    };
    let allocations = vec![good; allocd_types::limits::BATCH_SIZE_MAX + 1];
    let request = v1::BatchAllocateLeasesRequest { allocations, ..Default::default() };
    assert_eq!(fields(Wish::try_from(request)), ["allocations"]);
}
