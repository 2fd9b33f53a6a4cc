//! A cluster that was lost begins anew with a backup, as real processes: nothing is handed out twice on the way.

use std::path::Path;
use std::process::{Command, Output};

use allocd_client::client::Client;
use allocd_tests::program::{allocctl, allocd};
use allocd_types::agent::{Adoption, AgentRef, AgentReport, Inventory, LeaseAt, Reconciliation};
use allocd_types::allocation::{AllocationSpec, Pins};
use allocd_types::effect::Effect;
use allocd_types::host::{HostRegistration, HostUuid, SeenOnHost};
use allocd_types::lease::{Lease, LeaseState};
use allocd_types::name::{HostName, PoolName};
use allocd_types::reason::Reason;
use allocd_types::recovery::{OtherHosts, RecoveryConfirmation, SkipTo};
use allocd_types::time::Span;

use crate::cluster::{Cluster, STEADY};
use crate::wishes::{all_leases, allocate, allocate_some, assert_unique, furnish, jail};

/// Backs a cluster up with allocctl; what it said on stderr.
fn back_up(cluster: &Cluster, file: &Path) -> Output {
    let endpoints: Vec<String> = (0..cluster.members()).map(|at| cluster.address(at).to_string()).collect();
    Command::new(allocctl())
        .env_clear()
        .env("ALLOCCTL_ENDPOINTS", endpoints.join(","))
        .args(["cluster", "backup"])
        .arg(file)
        .output()
        .expect("start allocctl")
}

fn restore(file: &Path, data: &Path, more: &[&str]) -> Output {
    Command::new(allocd())
        .arg("restore")
        .arg(file)
        .arg("--data")
        .arg(data)
        .args(more)
        .output()
        .expect("start allocd")
}

/// What the holder of a lease names when it has it already.
fn adoption(lease: &Lease) -> AllocationSpec {
    let addresses = lease.addresses.iter().map(|leased| leased.address).collect();
    let pins = Pins { index: lease.index, macs: lease.macs, addresses };
    AllocationSpec { pins, ..jail(lease.holder.jail.as_str()) }
}

async fn refused(client: &Client, wish: AllocationSpec) -> Reason {
    client.allocate_lease(wish, Effect::Commit).await.expect_err("it is refused").problem.reason
}

#[tokio::test]
async fn what_the_backup_has_is_kept_and_what_it_lacks_is_not_handed_out_again() {
    let mut old = Cluster::start_with("blue", 3, STEADY);
    furnish(&old.client()).await;
    let kept = allocate_some(&old.client(), "kept", 20).await;
    let file = old.directory().join("backup");
    let said = back_up(&old, &file);
    assert!(said.status.success(), "{said:?}");
    let again = back_up(&old, &file);
    assert_eq!(again.status.code(), Some(2), "a backup is not overwritten: {again:?}");
    // After the backup jails came.
    let lost = allocate_some(&old.client(), "lost", 5).await;
    old.kill(0..3);

    let mut new = Cluster::prepare("blue-2", 1, STEADY);
    let said = restore(&file, &new.data(0), &[]);
    assert!(said.status.success(), "{said:?}");
    let text = String::from_utf8(said.stdout).expect("UTF-8");
    assert!(text.contains("restored 20 leases of cluster blue") && text.contains("cluster blue-2"), "{text}");
    new.start_all();
    let client = new.client();
    assert_eq!(all_leases(&client).await.len(), 20);
    assert_eq!(refused(&client, jail("new0")).await, Reason::Recovering);
    // A jail that lives is taken over with what it has.
    let adopted =
        client.allocate_lease(adoption(&lost[0]), Effect::Commit).await.expect("a lease").value.lease;
    assert_eq!((adopted.macs, adopted.index), (lost[0].macs, lost[0].index));
    // Somebody vouches for the host, and says too early that there is no other.
    let hosts = [HostName::new("h1").expect("a host")];
    let confirm = |others| RecoveryConfirmation { hosts: hosts.clone().into(), others };
    let early = client.confirm_recovery(confirm(OtherHosts::None), Effect::Commit).await;
    assert_eq!(early.expect_err("it is too early").problem.reason, Reason::Recovering);
    let told =
        client.confirm_recovery(confirm(OtherHosts::Unsaid), Effect::Commit).await.expect("a word").value;
    let open = told.open.expect("recovery goes on");
    assert!(open.hosts.is_empty() && open.rests_for > Span::ZERO);
    // The fast way: past all that the old cluster can have handed out.
    let last = lost.iter().map(|lease| lease.addresses[0].address).max().expect("an address");
    let index = lost.iter().filter_map(|lease| lease.index).max().expect("a unit");
    for skip in [
        SkipTo::Addresses { network: jail("a").network, last },
        SkipTo::Indices { host: hosts[0].clone(), kind: jail("a").kind, last: index },
        SkipTo::Macs { pool: PoolName::unsaid() },
    ] {
        client.skip_values(skip, Effect::Commit).await.expect("a skip");
    }
    let fresh = allocate_some(&client, "new", 30).await;
    let living: Vec<Lease> = kept.iter().chain(&lost).chain(&fresh).cloned().collect();
    assert_unique(&living);
    // It grows like any other cluster, and the newcomer knows what is open.
    let at = new.prepare_another();
    let address = new.address(at).to_string();
    client.add_member(None, &address).await.expect("a member is added");
    new.start_one(at);
    let digest = new.equal_digests().await;
    new.kill(0..2);
    new.start_one(0);
    assert_eq!(new.client_of(0).check().await.expect("a check").value.state_digest, digest);
    allocate(&new.client_of(0), "new30").await;
    assert!(new.client_of(0).recovery().await.expect("a status").value.is_open());
}

/// The agent of h1 starts.
async fn register(client: &Client) -> AgentRef {
    let host = HostName::new("h1").expect("a host");
    let uuid = HostUuid::new("4c4c4544-0050-3510-8052-b4c04f4a4e32").expect("a hostuuid");
    let registration =
        HostRegistration { host: host.clone(), uuid, release: None, seen: SeenOnHost::default() };
    let registered = client.register_host(registration, Effect::Commit).await.expect("a registration");
    AgentRef { host, incarnation: registered.value.incarnation }
}

async fn reconcile(client: &Client, agent: &AgentRef, leases: &[Lease]) -> Reconciliation {
    let leases = leases.iter().map(|lease| lease.id).collect();
    let inventory = Inventory { agent: agent.clone(), leases };
    client.reconcile_host(inventory, Effect::Commit).await.expect("an inventory").value
}

#[tokio::test]
async fn a_host_tells_what_lives_on_it_and_is_vouched_for() {
    let mut old = Cluster::start_with("blue", 1, STEADY);
    furnish(&old.client()).await;
    let file = old.directory().join("backup");
    assert!(back_up(&old, &file).status.success());
    let agent = register(&old.client()).await;
    let mut living = Vec::new();
    for lease in allocate_some(&old.client(), "web", 3).await {
        let lease = LeaseAt { lease: lease.id, generation: lease.generation };
        let report = AgentReport { agent: agent.clone(), lease };
        living.push(old.client().bind_lease(report, Effect::Commit).await.expect("it is taken up").value);
    }
    old.kill([0]);

    let mut new = Cluster::prepare("blue-2", 1, STEADY);
    assert!(restore(&file, &new.data(0), &[]).status.success());
    new.start_all();
    let client = new.client();
    let agent = register(&client).await;
    let told = reconcile(&client, &agent, &living).await;
    assert_eq!(told.adopt, living.iter().map(|lease| lease.id).collect::<Vec<_>>());
    assert!(told.destroy.is_empty(), "{told:?}");
    for lease in &living {
        let adoption = Adoption::of(agent.clone(), lease);
        let adopted = client.adopt_lease(adoption, Effect::Commit).await.expect("it lives").value;
        assert_eq!((adopted.id, adopted.macs, adopted.state), (lease.id, lease.macs, LeaseState::Bound));
    }
    let told = reconcile(&client, &agent, &living).await;
    assert_eq!((told.keep.len(), told.adopt.len()), (3, 0));
    let open = client.recovery().await.expect("a status").value.open.expect("it is in recovery");
    assert!(open.hosts.is_empty(), "{open:?}");
    assert_unique(&all_leases(&client).await);
}

#[tokio::test]
async fn a_backup_that_is_damaged_or_a_directory_that_is_somebodys_is_refused() {
    let mut cluster = Cluster::start_with("blue", 1, STEADY);
    furnish(&cluster.client()).await;
    allocate_some(&cluster.client(), "web", 3).await;
    let file = cluster.directory().join("backup");
    assert!(back_up(&cluster, &file).status.success());
    let refused = |file: &Path, data: &Path, more: &[&str]| {
        let said = restore(file, data, more);
        assert!(!said.status.success(), "{said:?}");
        String::from_utf8(said.stderr).expect("UTF-8")
    };
    let nowhere = cluster.directory().join("nowhere");
    let running = refused(&file, &cluster.data(0), &[]);
    assert!(running.contains("is there already"), "{running}");
    let same = refused(&file, &nowhere, &["--cluster", "blue"]);
    assert!(same.contains("must have another id than blue"), "{same}");
    let whole = std::fs::read(&file).expect("read the backup");
    std::fs::write(&file, &whole[..whole.len() - 1]).expect("cut the backup");
    let cut = refused(&file, &nowhere, &[]);
    assert!(cut.contains("it is cut short") || cut.contains("is another"), "{cut}");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    std::fs::write(&file, flipped).expect("damage the backup");
    refused(&file, &nowhere, &[]);
    assert!(!nowhere.exists(), "what is refused leaves nothing");
    // A disk that is full leaves no half of a backup, and a cluster that is away none at all.
    let away = cluster.directory().join("away");
    cluster.kill([0]);
    let said = back_up(&cluster, &away);
    assert_eq!(said.status.code(), Some(4), "{said:?}");
    assert!(!away.exists() && !away.with_extension("part").exists());
}
