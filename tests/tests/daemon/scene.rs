//! A cluster with a crowd at work, everything written down; in the end it is looked at, and the record is judged.

use allocd_tests::recorded::{Record, Watching, kept};
use allocd_tests::sim::observation::Kept;
use allocd_tests::sim::random::Random;
use allocd_tests::until::until;
use allocd_types::answer::Answer;
use allocd_types::filter::LeaseFilter;
use allocd_types::request::Freshness;

use crate::cluster::{Cluster, equal_digests};
use crate::crowd::{Crowd, furnish};
use crate::members::id;

/// A cluster at work.
pub(crate) struct Scene {
    pub(crate) cluster: Cluster,
    pub(crate) crowd: Crowd,
    pub(crate) record: Record,
    watches: Vec<Watching>,
}

impl Scene {
    /// Lets so many clients begin; the members have been started.
    pub(crate) async fn begin(cluster: Cluster, clients: usize, random: &mut Random) -> Self {
        furnish(&cluster.client()).await;
        let record = Record::default();
        let watches = watch(&cluster, &record);
        let crowd = Crowd::start(cluster.hasty_clients(clients), &record, random);
        Self { cluster, crowd, record, watches }
    }

    /// Lets the clients finish, looks at these members, and judges what was written down.
    pub(crate) async fn end(self, members: &[usize]) {
        let Self { cluster, crowd, record, watches } = self;
        crowd.end().await;
        let end = look_at_all(&cluster, members, &record).await;
        drop(watches);
        record.judge(&end);
    }
}

/// A watch at every member, and one that goes from one to the other.
fn watch(cluster: &Cluster, record: &Record) -> Vec<Watching> {
    let one = |at: usize| record.watch(id(at).get(), cluster.client_of(at));
    let any = record.watch(0, cluster.client());
    (0..cluster.members()).map(one).chain([any]).collect()
}

/// Every member has the same, and nobody finds a flaw: what each has in the end.
async fn look_at_all(cluster: &Cluster, there: &[usize], record: &Record) -> Vec<Kept> {
    equal_digests(&cluster.client(), there.len()).await;
    let mut all = Vec::new();
    for &at in there {
        let client = cluster.client_of(at);
        assert_eq!(client.check().await.expect("a check").value.findings, []);
        for client in [&client, &client.reading(Freshness::Stale)] {
            let exported = client.export(&LeaseFilter::default()).await.expect("an export");
            let Answer { value, revision, .. } = exported;
            all.push(kept(id(at).get(), revision.get(), &value));
        }
        record.says(&client.cluster_status().await.expect("a status").value);
    }
    let last = all.iter().map(|kept| kept.revision).max().expect("there is a member");
    until("the watches have told everything", async || (record.told_up_to() >= last).then_some(())).await;
    all
}
