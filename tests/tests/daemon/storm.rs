//! A storm: 64 clients at work while members are killed, held up, restarted all at once, added, promoted and removed, by a plan
//! that a seed decides. Afterwards the record is judged, and every member has to have everything.
//!
//! A step ends when so many more operations were answered, so the clients must get on in every situation. The seed is printed;
//! [`SEED`] repeats its plan, [`STEPS`] makes it longer.

use allocd_client::error::ClientError;
use allocd_tests::sim::random::Random;
use allocd_tests::until::until;
use allocd_types::answer::Answer;
use allocd_types::id::MemberId;
use allocd_types::reason::{Reason, ReasonKind};

use crate::cluster::Cluster;
use crate::members::{id, promoted};
use crate::scene::Scene;

/// The environment variable that repeats a plan.
const SEED: &str = "ALLOCD_STORM_SEED";
/// The environment variable that says how many steps there are.
const STEPS: &str = "ALLOCD_STORM_STEPS";
/// How many steps there are if nobody says: every trouble comes once at least.
const STEPS_USUAL: usize = 10;
/// How many clients there are.
const CLIENTS: usize = 64;
/// How many members there are always; others come and go.
const MEMBERS: usize = 3;
/// How many of those there are at most.
const JOINED_MAX: usize = 2;
/// After how many operations a trouble ends, and the next one begins.
const OPERATIONS_A_STEP: u64 = 400;
/// Snapshots often enough for a new member to get one, and for a restart to begin with one.
const SNAPSHOTS: &str = "[snapshots]\nentries = 1500\nentries_kept = 500\n";

/// What befalls the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// A member is killed and comes back.
    Kill,
    /// The leader is killed and comes back.
    KillLeader,
    /// The leader is held up, and goes on as if nothing had been.
    HoldLeader,
    /// All are killed at once and come back.
    KillAll,
    /// The lead is handed over.
    Transfer,
    /// A new member joins and gets the lead, while another one is killed.
    Grow,
    /// A member that joined is removed, while another one is killed.
    Shrink,
}

/// All of them.
const TROUBLES: [Trouble; 7] = [
    Trouble::Kill,
    Trouble::KillLeader,
    Trouble::HoldLeader,
    Trouble::KillAll,
    Trouble::Transfer,
    Trouble::Grow,
    Trouble::Shrink,
];

/// So many troubles: each once in any order, then any.
fn plan(random: &mut Random, steps: usize) -> Vec<Trouble> {
    let mut left = TROUBLES.to_vec();
    let mut plan = Vec::new();
    while !left.is_empty() {
        let next = *random.pick(&left);
        left.retain(|trouble| *trouble != next);
        plan.push(next);
    }
    plan.extend((plan.len()..steps).map(|_| *random.pick(&TROUBLES)));
    plan
}

fn seed() -> u64 {
    let drawn = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        u64::from(now.expect("a clock after 1970").subsec_nanos())
    };
    said(SEED).unwrap_or_else(drawn)
}

fn said<T: std::str::FromStr>(variable: &str) -> Option<T> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is {text}, which is no number")))
}

/// The cluster in the storm.
struct Storm {
    scene: Scene,
    random: Random,
    /// Those that joined and are there.
    joined: Vec<usize>,
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_given_twice_in_a_storm() {
    let seed = seed();
    let mut random = Random::seeded(seed);
    let steps = plan(&mut random, said(STEPS).unwrap_or(STEPS_USUAL));
    println!("{SEED}={seed}: {steps:?}");
    let cluster = Cluster::start_with("blue", MEMBERS, SNAPSHOTS);
    let scene = Scene::begin(cluster, CLIENTS, &mut random).await;
    let mut storm = Storm { scene, random, joined: Vec::new() };
    storm.scene.crowd.go_on(OPERATIONS_A_STEP).await;
    for trouble in steps {
        println!("after {} operations: {trouble:?}", storm.scene.crowd.answered());
        storm.befall(trouble).await;
        storm.scene.crowd.go_on(OPERATIONS_A_STEP).await;
        if let Ok(status) = storm.scene.cluster.client().cluster_status().await {
            storm.scene.record.says(&status.value);
        }
    }
    let there: Vec<usize> = (0..MEMBERS).chain(storm.joined).collect();
    storm.scene.end(&there).await;
}

impl Storm {
    async fn befall(&mut self, trouble: Trouble) {
        match trouble {
            Trouble::Kill => {
                let victim = self.any();
                self.kill(victim).await;
            }
            Trouble::KillLeader => {
                let leader = self.scene.cluster.leader().await;
                self.kill(leader).await;
            }
            Trouble::HoldLeader => {
                let leader = self.scene.cluster.leader().await;
                self.scene.cluster.process(leader).signal("STOP");
                self.scene.crowd.go_on(OPERATIONS_A_STEP).await;
                self.scene.cluster.process(leader).signal("CONT");
            }
            Trouble::KillAll => {
                let all: Vec<usize> = (0..MEMBERS).chain(self.joined.iter().copied()).collect();
                self.scene.cluster.kill(all.iter().copied());
                all.into_iter().for_each(|at| self.scene.cluster.start_one(at));
            }
            Trouble::Transfer => {
                let to = self.any();
                self.transfer(to).await;
            }
            Trouble::Grow if self.joined.len() == JOINED_MAX => self.shrink().await,
            Trouble::Shrink if self.joined.is_empty() => self.grow().await,
            Trouble::Grow => self.grow().await,
            Trouble::Shrink => self.shrink().await,
        }
    }

    /// One of those that stay.
    fn any(&mut self) -> usize {
        *self.random.pick(&[0, 1, 2])
    }

    async fn kill(&mut self, at: usize) {
        self.scene.cluster.kill([at]);
        self.scene.crowd.go_on(OPERATIONS_A_STEP).await;
        self.scene.cluster.start_one(at);
    }

    /// Adds a member while another one is away, and hands it the lead.
    async fn grow(&mut self) {
        let at = self.scene.cluster.prepare_another();
        let victim = self.any();
        self.scene.cluster.kill([victim]);
        let client = self.scene.cluster.client_from((victim + 1) % MEMBERS);
        let address = self.scene.cluster.address(at).to_string();
        // One that is answered too late is refused when it is asked for again: it is there.
        settle(async || client.add_member(Some(id(at)), &address).await, &[Reason::MemberChangeRefused])
            .await;
        self.scene.cluster.start_one(at);
        self.joined.push(at);
        promoted(&client, id(at)).await;
        self.scene.cluster.start_one(victim);
        self.transfer(at).await;
    }

    /// Removes a member that joined, while another one is away.
    async fn shrink(&mut self) {
        let at = self.joined.pop().expect("one has joined");
        let victim = self.any();
        self.scene.cluster.kill([victim]);
        let client = self.scene.cluster.client_from((victim + 1) % MEMBERS);
        let remove = async || match client.remove_member(id(at)).await {
            Ok(_) => Some(()),
            Err(error) if error.problem.reason == Reason::MemberNotFound => Some(()),
            Err(error) => {
                assert!(is_passing(&error), "{error}");
                // It leads, maybe.
                let _ = client.transfer_leadership(id((victim + 1) % MEMBERS)).await;
                None
            }
        };
        until("the member is removed", remove).await;
        assert!(!self.scene.cluster.process(at).ended().await.success());
        drop(self.scene.cluster.take(at));
        self.scene.cluster.start_one(victim);
    }

    async fn transfer(&self, to: usize) {
        let client = self.scene.cluster.client();
        settle(async || client.transfer_leadership(id(to)).await, &[]).await;
    }
}

/// Asks until it is done, or refused for a reason that means as much.
async fn settle(ask: impl AsyncFn() -> Result<Answer<MemberId>, ClientError>, done: &[Reason]) {
    let look = async || match ask().await {
        Ok(_) => Some(()),
        Err(error) if done.contains(&error.problem.reason) => Some(()),
        Err(error) => {
            assert!(is_passing(&error), "{error}");
            None
        }
    };
    until("members are changed", look).await;
}

/// True of a refusal that the next moment may lift.
fn is_passing(error: &ClientError) -> bool {
    let kind = error.problem.reason.kind();
    let is_unknown = matches!(kind, ReasonKind::Unavailable | ReasonKind::DeadlineExceeded);
    is_unknown || error.problem.reason == Reason::MemberChangeRefused
}
