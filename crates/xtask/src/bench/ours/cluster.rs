//! Three allocd processes with a configuration that says nothing but who and where they are.

use std::path::Path;
use std::time::Duration;

use allocd_proto::v1;
use allocd_proto::v1::admin_service_client::AdminServiceClient;
use allocd_proto::v1::lease_service_client::LeaseServiceClient;
use anyhow::{Context as _, Result};
use tonic::Code;
use tonic::transport::Channel;

use crate::bench::load::connect_lazily;
use crate::bench::until::until;
use crate::members::{MEMBERS, Members};

/// How long the cluster may take until a member leads, or until all have applied the same.
const PATIENCE: Duration = Duration::from_secs(300);

/// A cluster that runs; its processes are ended when this is dropped.
pub(in crate::bench) struct Ours {
    pub(in crate::bench) members: Members,
    clients: Vec<Channel>,
}

impl Ours {
    /// Starts three members below `work`, and waits until one leads and all know it.
    pub(in crate::bench) async fn start(program: &Path, work: &Path) -> Result<Self> {
        let mut members = Members::prepare(program, work, "bench")?;
        members.start()?;
        let clients =
            members.addresses().iter().map(|address| connect_lazily(address)).collect::<Result<_>>()?;
        let ours = Self { members, clients };
        ours.settled().await?;
        Ok(ours)
    }

    /// The position of the member that leads and says so itself. A member digests its whole state for this answer: ask
    /// only where there is little.
    pub(in crate::bench) async fn leader(&self) -> Result<usize> {
        until("a member leads", PATIENCE, async || {
            for (at, client) in self.clients.iter().enumerate() {
                let request = v1::GetClusterStatusRequest {};
                let Ok(answer) = AdminServiceClient::new(client.clone()).get_cluster_status(request).await
                else {
                    continue;
                };
                let leader = answer.into_inner().cluster.context("an answer without a cluster")?.leader;
                if usize::try_from(leader).is_ok_and(|leader| leader == at + 1) {
                    return Ok(Some(at));
                }
            }
            Ok(None)
        })
        .await
    }

    /// The address of the member that leads.
    pub(in crate::bench) async fn leader_address(&self) -> Result<String> {
        Ok(self.address(self.leader().await?))
    }

    /// Where a member listens.
    pub(in crate::bench) fn address(&self, at: usize) -> String {
        self.members.addresses()[at].clone()
    }

    /// A connection to a member, for what is not measured.
    pub(in crate::bench) fn client(&self, at: usize) -> Channel {
        self.clients[at].clone()
    }

    /// Waits until a member serves and has applied all that is committed now: it answers a linearizable read.
    pub(in crate::bench) async fn caught_up(&self, at: usize) -> Result<()> {
        until("a member has caught up", PATIENCE, async || {
            let request =
                v1::GetLeaseRequest { name: "leases/1".to_owned(), ..v1::GetLeaseRequest::default() };
            match LeaseServiceClient::new(self.client(at)).get_lease(request).await {
                Ok(_) => Ok(Some(())),
                Err(status) if status.code() == Code::NotFound => Ok(Some(())),
                Err(status) => Err(status.into()),
            }
        })
        .await
    }

    /// Waits until all members have applied what is committed now.
    pub(in crate::bench) async fn settled(&self) -> Result<()> {
        for at in 0..MEMBERS {
            self.caught_up(at).await?;
        }
        Ok(())
    }
}
