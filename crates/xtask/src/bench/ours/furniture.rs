//! What has to be there before a lease can be: hosts, a MAC pool, and networks, each in a VRF of its own so that their
//! prefixes may overlap.

use std::net::Ipv4Addr;

use allocd_proto::v1;
use allocd_proto::v1::host_service_client::HostServiceClient;
use allocd_proto::v1::network_service_client::NetworkServiceClient;
use allocd_proto::v1::pool::Values;
use allocd_proto::v1::pool_service_client::PoolServiceClient;
use allocd_proto::v1::reservation_service_client::ReservationServiceClient;
use anyhow::{Context as _, Result};

use super::cluster::Ours;
use crate::bench::names::hosts;

/// A network to allocate from.
#[derive(Debug, Clone)]
pub(in crate::bench) struct Pool {
    pub(in crate::bench) network: String,
}

impl Ours {
    /// Makes the hosts and the MAC pool.
    pub(in crate::bench) async fn furnish(&self) -> Result<()> {
        let channel = self.client(0);
        let values = Some(Values::Mac(v1::MacValues { blocks: Vec::new() }));
        let pool = v1::Pool { name: "default".to_owned(), values, ..v1::Pool::default() };
        let request = v1::CreatePoolRequest { pool: Some(pool), ..v1::CreatePoolRequest::default() };
        PoolServiceClient::new(channel.clone())
            .create_pool(request)
            .await
            .context("cannot make a MAC pool")?;
        let mut client = HostServiceClient::new(channel);
        for name in hosts() {
            let host = Some(v1::Host { name, ..v1::Host::default() });
            let request = v1::CreateHostRequest { host, ..v1::CreateHostRequest::default() };
            client.create_host(request).await.context("cannot make a host")?;
        }
        Ok(())
    }

    /// Makes a network with an IPv4 prefix and an IPv6 prefix. What is given back to it is free again at once.
    pub(in crate::bench) async fn network(&self, name: &str, prefix: &str) -> Result<Pool> {
        let subnet = |prefix: &str| v1::Subnet { prefix: prefix.to_owned(), ..v1::Subnet::default() };
        let network = v1::Network {
            name: name.to_owned(),
            vrf: name.to_owned(),
            bridge: "bridge0".to_owned(),
            subnets: vec![subnet(prefix), subnet("fd00:1::/64")],
            quarantine_ms: Some(0),
            ..v1::Network::default()
        };
        let request =
            v1::CreateNetworkRequest { network: Some(network), ..v1::CreateNetworkRequest::default() };
        NetworkServiceClient::new(self.client(0))
            .create_network(request)
            .await
            .with_context(|| format!("cannot make the network {name}"))?;
        Ok(Pool { network: name.to_owned() })
    }

    /// Excludes addresses of a pool, and says what the exclusion is called.
    pub(in crate::bench) async fn exclude(
        &self,
        pool: &Pool,
        first: Ipv4Addr,
        last: Ipv4Addr,
    ) -> Result<String> {
        let range = format!("{first}-{last}");
        let name = format!("{}-{}-{}", pool.network, first.to_bits(), last.to_bits());
        let addresses = v1::ExcludedAddresses { vrf: pool.network.clone(), range: range.clone() };
        let exclusion = v1::Exclusion {
            name: name.clone(),
            values: Some(v1::exclusion::Values::Addresses(addresses)),
            reason: "the bench fills a pool".to_owned(),
            ..v1::Exclusion::default()
        };
        let request = v1::CreateExclusionRequest {
            exclusion: Some(exclusion),
            ..v1::CreateExclusionRequest::default()
        };
        ReservationServiceClient::new(self.client(0))
            .create_exclusion(request)
            .await
            .with_context(|| format!("cannot exclude {range}"))?;
        Ok(name)
    }
}

/// A wish for a whole lease: an epair with its index and both MACs, an IPv4 and an IPv6 address.
pub(in crate::bench) fn allocation(pool: &Pool, holder: v1::Holder) -> v1::Allocation {
    v1::Allocation {
        holder: Some(holder),
        network: pool.network.clone(),
        kind: v1::InterfaceKind::Epair.into(),
        ipv4: v1::FamilyWish::Required.into(),
        ipv6: v1::FamilyWish::Required.into(),
        create_only: true,
        ..v1::Allocation::default()
    }
}
