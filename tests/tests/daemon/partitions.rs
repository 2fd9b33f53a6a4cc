//! Networks that break: a member cut off, a cable between two, packets lost in one direction. The clients go on with the
//! majority, the minority refuses, and after healing all is one again; the record is judged.

use std::panic::resume_unwind;

use allocd_client::client::Client;
use allocd_tests::sim::random::Random;
use allocd_tests::until::until;
use allocd_types::effect::Effect;
use allocd_types::id::MemberId;
use allocd_types::reason::ReasonKind;
use allocd_types::time::Span;

use crate::cluster::{Address, Cluster, hasty_client};
use crate::members::id;
use crate::namespaces::{CLIENTS, Network, address};
use crate::scene::Scene;
use crate::wishes::{host, jail};

/// Members of the cluster.
const MEMBERS: usize = 3;
/// How many clients there are.
const CROWD: usize = 16;
/// Operations that show that clients get on.
const GET_ON: u64 = 200;
/// Longer than any connection lives that nobody answers on.
const LONG: Span = Span::from_seconds(6);
/// Longer than an election takes.
const SHORT: Span = Span::from_seconds(2);
/// Where the members listen, each in a namespace of its own.
const PORT: u16 = 7421;

/// A cluster on a network that can be broken.
struct Broken<'a> {
    network: &'a Network,
    scene: Scene,
}

/// Lets a test run at the clients' place of a network; leaves it out where none can be made.
fn on_network(test: impl AsyncFnOnce(&Broken<'_>) + Send) {
    let Some(network) = Network::lay_out(MEMBERS) else { return };
    let run = || {
        network.enter();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(play(&network, test));
    };
    let ended = std::thread::scope(|scope| scope.spawn(run).join());
    drop(network);
    ended.unwrap_or_else(|panic| resume_unwind(panic));
}

async fn play(network: &Network, test: impl AsyncFnOnce(&Broken<'_>)) {
    let listen = |at| Address::fixed(format!("{}:{PORT}", address(at)).parse().expect("an address"));
    let addresses = (0..MEMBERS).map(listen).collect();
    let mut cluster = Cluster::prepare_at("blue", addresses, "insecure = true\n");
    (0..MEMBERS).for_each(|at| cluster.start_by(at, network.command(at)));
    let scene = Scene::begin(cluster, CROWD, &mut Random::seeded(1)).await;
    let broken = Broken { network, scene };
    broken.go_on().await;
    test(&broken).await;
    broken.go_on().await;
    broken.scene.end(&[0, 1, 2]).await;
}

impl Broken<'_> {
    /// Waits until clients got on.
    async fn go_on(&self) {
        self.scene.crowd.go_on(GET_ON).await;
    }

    /// Cuts what goes between two places, both ways.
    fn cut(&self, one: usize, other: usize) {
        self.network.lose(one, other);
        self.network.lose(other, one);
    }

    fn mend(&self, one: usize, other: usize) {
        self.network.deliver(one, other);
        self.network.deliver(other, one);
    }

    /// The others than a member.
    fn others(member: usize) -> impl Iterator<Item = usize> {
        (0..MEMBERS).filter(move |other| *other != member)
    }

    /// A client of one member that gives up soon.
    fn asking(&self, member: usize) -> Client {
        hasty_client("asking", &[self.scene.cluster.address(member)])
    }

    /// A member that is cut off neither answers reads as if it knew, nor takes anything on.
    async fn refuses(&self, member: usize) {
        let client = self.asking(member);
        let (read, decided, committed) = tokio::join!(
            client.check(),
            client.allocate_lease(jail("minority"), Effect::ValidateOnly),
            client.create_host(host("minority"), Effect::Commit),
        );
        let read = read.expect_err("a minority cannot know");
        let decided = decided.expect_err("a minority cannot decide");
        let committed = committed.expect_err("a minority cannot commit");
        for error in [read, decided, committed] {
            let kind = error.problem.reason.kind();
            assert!(matches!(kind, ReasonKind::Unavailable | ReasonKind::DeadlineExceeded), "{error}");
        }
    }

    /// A member answers as one of the majority.
    async fn answers(&self, member: usize) {
        let client = self.asking(member);
        let what = format!("member {} answers", id(member));
        until(&what, async || client.check().await.ok().map(drop)).await;
    }

    /// Waits for a leader other than this one, which the others know.
    async fn other_leader(&self, than: usize) -> usize {
        until("another member leads", async || {
            for member in Self::others(than) {
                let status = self.asking(member).cluster_status().await.ok()?.value;
                let leader = status.leader.filter(|leader| *leader != id(than));
                if let Some(leader) = leader {
                    return Some(position(leader));
                }
            }
            None
        })
        .await
    }

    /// Waits until a leader has not heard of a member for so long.
    async fn silent(&self, (leader, member): (usize, usize), long: Span) {
        let client = self.asking(leader);
        let is_silent = async || {
            let status = client.cluster_status().await.ok()?.value;
            let told = status.members.into_iter().find(|member| member.id == id(leader))?.answer.ok()?;
            let silent = told.progress.iter().find(|peer| peer.member == id(member))?.last_contact?;
            (silent > long).then_some(())
        };
        until("a member is not heard of for long", is_silent).await;
    }
}

fn position(member: MemberId) -> usize {
    usize::try_from(member.get() - 1).expect("a position fits")
}

#[test]
fn a_member_that_is_cut_off_refuses_while_the_others_go_on() {
    on_network(async |broken| {
        let leader = broken.scene.cluster.leader().await;
        for other in Broken::others(leader) {
            broken.cut(leader, other);
        }
        let next = broken.other_leader(leader).await;
        broken.refuses(leader).await;
        broken.go_on().await;
        // Connections die of that, on both sides.
        broken.silent((next, leader), LONG).await;
        for other in Broken::others(leader) {
            broken.mend(leader, other);
        }
        broken.answers(leader).await;
        // A follower next, and only for a moment: its connections live on.
        let follower = (broken.scene.cluster.leader().await + 1) % MEMBERS;
        for other in Broken::others(follower) {
            broken.cut(follower, other);
        }
        broken.refuses(follower).await;
        broken.go_on().await;
        for other in Broken::others(follower) {
            broken.mend(follower, other);
        }
        broken.answers(follower).await;
    });
}

#[test]
fn two_members_that_do_not_reach_each_other_serve_by_the_third() {
    on_network(async |broken| {
        let leader = broken.scene.cluster.leader().await;
        let [one, other] = [1, 2].map(|further| (leader + further) % MEMBERS);
        // Who leads is heard by both.
        broken.cut(one, other);
        broken.go_on().await;
        broken.mend(one, other);
        // Who leads is heard by one, which is heard by the other one.
        broken.cut(leader, one);
        broken.silent((leader, one), SHORT).await;
        broken.go_on().await;
        broken.mend(leader, one);
        broken.answers(one).await;
        // Each is heard by the next one and by no other: nobody is answered by anybody, and nothing can be decided.
        for (from, to) in [(1, 0), (2, 1), (0, 2)] {
            broken.network.lose(from, to);
        }
        let refuses = async |member| {
            until("a member refuses", async || broken.asking(member).check().await.err().map(drop)).await;
            broken.refuses(member).await;
        };
        tokio::join!(refuses(0), refuses(1), refuses(2));
        for (from, to) in [(1, 0), (2, 1), (0, 2)] {
            broken.network.deliver(from, to);
        }
        for member in 0..MEMBERS {
            broken.answers(member).await;
        }
    });
}

#[test]
fn a_leader_that_is_not_heard_and_one_that_hears_nothing_are_replaced() {
    on_network(async |broken| {
        for is_mute in [true, false] {
            let leader = broken.scene.cluster.leader().await;
            let lost = |other| if is_mute { (leader, other) } else { (other, leader) };
            for (from, to) in Broken::others(leader).map(lost) {
                broken.network.lose(from, to);
            }
            let next = broken.other_leader(leader).await;
            broken.refuses(leader).await;
            broken.go_on().await;
            broken.silent((next, leader), SHORT).await;
            for (from, to) in Broken::others(leader).map(lost) {
                broken.network.deliver(from, to);
            }
            broken.answers(leader).await;
        }
    });
}

#[test]
fn clients_that_do_not_reach_the_leader_get_on_by_the_others() {
    on_network(async |broken| {
        let leader = broken.scene.cluster.leader().await;
        for (from, to) in [(CLIENTS, leader), (leader, CLIENTS)] {
            broken.network.lose(from, to);
            broken.go_on().await;
            let status = broken.asking((leader + 1) % MEMBERS).cluster_status().await.expect("a status");
            assert_eq!(status.value.leader, Some(id(leader)), "the members miss nothing");
            broken.network.deliver(from, to);
        }
    });
}
