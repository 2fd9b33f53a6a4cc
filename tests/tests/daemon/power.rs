//! The power fails: what is left on the disks of all members at that moment is started again, and everything that was
//! acknowledged before has to be there.
//!
//! Each member's data is on a file system in a file ([`crate::image`]). At a moment all members are held up, and the files are
//! copied; nothing is synced for that. The members go on, so one run has many such moments.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use allocd_client::client::Client;
use allocd_tests::until::{until, within};
use allocd_types::effect::Effect;
use allocd_types::lease::Lease;
use tokio::task::JoinHandle;

use crate::cluster::Cluster;
use crate::image::Image;
use crate::syncs::Syncs;
use crate::wishes::{all_leases, allocate, furnish, jail};

/// Members of the cluster.
const MEMBERS: usize = 3;
/// Clients that allocate all the time.
const CLIENTS: usize = 4;
/// After how many acknowledged leases the power fails, each time.
const CUTS: [usize; 3] = [0, 40, 300];

/// Snapshots and a short log, so that the power fails around those too.
const SETTINGS: &str =
    "heartbeat_ms = 50\nelection_timeout_ms = 250\n[snapshots]\nentries = 100\nentries_kept = 5\n";

/// How many leases a member makes that stops before its syncs: two snapshots are taken meanwhile.
const LEASES_STEPPED: usize = 230;
/// Before every so manieth sync the power fails there.
const SYNCS_A_CUT: usize = 37;

/// What was acknowledged so far.
type Acknowledged = Arc<Mutex<Vec<Lease>>>;

/// A moment at which the power failed.
struct Cut {
    /// What was acknowledged before it.
    acknowledged: Vec<Lease>,
    /// The members' disks at that moment.
    disks: Vec<PathBuf>,
}

/// What became of it.
struct Outcome {
    /// What was acknowledged before the power failed.
    acknowledged: Vec<Lease>,
    /// Which leases are there, or why there is no cluster.
    there: Result<Vec<Lease>, String>,
    /// True if another lease was to be had, on the network that was made at the very beginning.
    goes_on: bool,
}

impl Outcome {
    /// Everything that was acknowledged is there, as it was told.
    fn has_everything(self) {
        let Self { acknowledged, there, goes_on: _ } = self;
        let there = there.expect("the members start again");
        for lease in &acknowledged {
            assert!(there.contains(lease), "{lease:?} is lost, one of {}", acknowledged.len());
        }
    }
}

/// A cluster whose disks are files.
struct Powered {
    /// Before the cluster, whose directory cannot be removed while something is mounted in it.
    images: Vec<Image>,
    cluster: Cluster,
}

impl Powered {
    /// Starts so many members; nothing, if no file system can be made here.
    fn start(members: usize, syncs: Syncs) -> Option<Self> {
        let mut cluster = Cluster::prepare("blue", members, SETTINGS);
        let directory = cluster.directory().to_owned();
        let image = |at: usize| Image::make(&directory.join(format!("disk{at}")), &cluster.data(at));
        let images: Vec<Image> = (0..members).map_while(image).collect();
        if images.len() < members {
            return None;
        }
        (0..members).for_each(|at| cluster.start_by(at, syncs.command(&directory)));
        Some(Self { images, cluster })
    }

    /// The power fails, as far as these disks know; the members do not notice.
    fn cut(&mut self, number: usize, acknowledged: &Acknowledged) -> Cut {
        let members = self.images.len();
        (0..members).for_each(|at| self.cluster.process(at).signal("STOP"));
        let acknowledged = acknowledged.lock().expect("nobody panicked").clone();
        let directory = self.cluster.directory().to_owned();
        let disks = self.images.iter().zip(0..).map(|(image, at)| {
            let copy = directory.join(format!("cut{number}disk{at}"));
            image.copy(&copy);
            copy
        });
        let disks: Vec<PathBuf> = disks.collect();
        (0..members).for_each(|at| self.cluster.process(at).signal("CONT"));
        Cut { acknowledged, disks }
    }

    /// Starts all members on what was left.
    async fn restart(&mut self, cut: Cut) -> Outcome {
        self.images.clear();
        let mounted = cut.disks.iter().zip(0..).map(|(disk, at)| Image::mount(disk, &self.cluster.data(at)));
        self.images = mounted.collect();
        self.cluster.start_all();
        let client = self.cluster.client();
        let there = tokio::select! {
            leases = all_leases(&client) => Ok(leases),
            log = refusal(&mut self.cluster) => Err(log),
        };
        let mut goes_on = false;
        if there.is_ok() {
            goes_on = client.allocate_lease(jail("after"), Effect::Commit).await.is_ok();
            self.cluster.equal_digests().await;
        }
        self.cluster.kill(0..self.images.len());
        Outcome { acknowledged: cut.acknowledged, there, goes_on }
    }
}

/// Waits until a majority has ended of itself.
async fn refusal(cluster: &mut Cluster) -> String {
    for at in 0..cluster.members().div_ceil(2) {
        cluster.process(at).ended().await;
    }
    cluster.process(0).log()
}

/// Clients that allocate until they are told to end.
fn allocating(cluster: &Cluster, acknowledged: &Acknowledged) -> Vec<JoinHandle<()>> {
    let one = |number: usize| {
        let (client, acknowledged): (Client, _) =
            (cluster.client_from(number % MEMBERS), acknowledged.clone());
        tokio::spawn(async move {
            for jail in 0.. {
                let lease = allocate(&client, &format!("c{number}x{jail}")).await;
                acknowledged.lock().expect("nobody panicked").push(lease);
            }
        })
    };
    (0..CLIENTS).map(one).collect()
}

/// Runs a cluster on disks of this sort through all cuts.
async fn run(syncs: Syncs) -> Option<Vec<Outcome>> {
    let mut powered = Powered::start(MEMBERS, syncs)?;
    furnish(&powered.cluster.client()).await;
    let acknowledged = Acknowledged::default();
    let clients = allocating(&powered.cluster, &acknowledged);
    let mut cuts = Vec::new();
    for (number, least) in CUTS.into_iter().enumerate() {
        let what = format!("{least} leases are acknowledged");
        let count = || acknowledged.lock().expect("nobody panicked").len();
        until(&what, async || (count() >= least).then_some(())).await;
        cuts.push(powered.cut(number, &acknowledged));
    }
    clients.iter().for_each(JoinHandle::abort);
    powered.cluster.kill(0..MEMBERS);
    let mut outcomes = Vec::new();
    for cut in cuts {
        outcomes.push(within("the members start again", powered.restart(cut)).await);
    }
    Some(outcomes)
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_power_failed() {
    let Some(outcomes) = run(Syncs::Done).await else { return };
    for outcome in outcomes {
        assert!(outcome.goes_on, "the network was acknowledged and is lost");
        outcome.has_everything();
    }
}

/// The test above would notice: nothing but our own syncs makes it pass.
#[tokio::test]
async fn a_disk_that_ignores_syncs_loses_what_was_acknowledged() {
    let Some(outcomes) = run(Syncs::Ignored).await else { return };
    for Outcome { acknowledged, there, goes_on } in outcomes {
        let kept = |lease: &&Lease| there.as_ref().is_ok_and(|there| there.contains(lease));
        let kept = acknowledged.iter().filter(kept).count();
        println!("{} acknowledged, {kept} of them there", acknowledged.len());
        assert!(kept < acknowledged.len() || (acknowledged.is_empty() && !goes_on), "all {kept} are there");
    }
}

/// One member, which stops before each of its syncs. It makes so many leases, and the power fails before every so manieth sync.
async fn step(leases: usize, every: usize) -> Option<Vec<Outcome>> {
    let mut powered = Powered::start(1, Syncs::Stepped)?;
    let client = powered.cluster.client_of(0);
    let acknowledged = Acknowledged::default();
    let told = acknowledged.clone();
    let works = tokio::spawn(async move {
        furnish(&client).await;
        for jail in 0..leases {
            let lease = allocate(&client, &format!("web{jail}")).await;
            told.lock().expect("nobody panicked").push(lease);
        }
    });
    let (mut syncs, mut cuts) = (0, Vec::new());
    while !works.is_finished() {
        let is_next = async || (powered.cluster.process(0).is_stopped() || works.is_finished()).then_some(());
        until("the member comes to its next sync", is_next).await;
        syncs += 1;
        if syncs % every == 0 {
            cuts.push(powered.cut(cuts.len(), &acknowledged));
        } else {
            powered.cluster.process(0).signal("CONT");
        }
    }
    works.await.expect("the client got what it wanted");
    powered.cluster.kill([0]);
    assert!(cuts.len() > 3, "a member cannot serve without syncs");
    let mut outcomes = Vec::new();
    for cut in cuts {
        outcomes.push(within("the member starts again", powered.restart(cut)).await);
    }
    Some(outcomes)
}

/// A member that has never served has nothing to lose, and must not take the beginnings of its files for a loss.
#[tokio::test]
async fn a_member_whose_power_failed_at_its_first_start_starts_again() {
    for Outcome { there, .. } in step(0, 1).await.unwrap_or_default() {
        assert_eq!(there, Ok(Vec::new()));
    }
}

#[tokio::test]
async fn what_was_acknowledged_is_there_whichever_sync_the_power_failed_before() {
    for outcome in step(LEASES_STEPPED, SYNCS_A_CUT).await.unwrap_or_default() {
        outcome.has_everything();
    }
}
