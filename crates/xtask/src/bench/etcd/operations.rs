//! What etcd is asked for. A lease in etcd is what allocd promises for one: who holds it, its index, its two MACs and its
//! two addresses, in as few bytes as they take.
//!
//! `Put` only writes it, at a place that is known to be free. `Swap` allocates: it draws an index, a pair of MACs and two
//! addresses, and writes them in one transaction if nobody has any of them; if somebody has, it draws again. Each value is
//! a key of its own that names the holder's, so that no other allocation can take it and whoever sees a MAC or an address
//! can ask whose it is, as with allocd. Values are bytes and not text, and labels, times and generations are left out: that
//! is less than allocd keeps.

use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::bench::load::Work;
use crate::bench::names::Names;
use crate::bench::wire::etcdserverpb::compare::{CompareResult, CompareTarget, TargetUnion};
use crate::bench::wire::etcdserverpb::kv_client::KvClient;
use crate::bench::wire::etcdserverpb::request_op::Request;
use crate::bench::wire::etcdserverpb::{Compare, PutRequest, RangeRequest, RequestOp, TxnRequest};

/// How often an allocation draws before it gives up.
const DRAWS_MAX: u32 = 100;
/// Addresses are drawn from 10.0.0.0/8.
const NET4: u8 = 10;
/// Addresses are drawn from fd00:1::/64.
const NET6: [u8; 8] = [0xfd, 0, 0, 1, 0, 0, 0, 0];
/// MACs are drawn from a prefix of 24 bits, as allocd's are.
const MAC_PREFIX: [u8; 3] = [0x12, 0x34, 0x56];

/// The values of a lease.
struct Drawn {
    unit: [u8; 2],
    mac_a: [u8; 6],
    mac_b: [u8; 6],
    ip4: [u8; 4],
    ip6: [u8; 16],
}

impl Drawn {
    fn new() -> Self {
        let unit = rand::random::<u16>() >> 1;
        let [b3, b4, b5]: [u8; 3] = rand::random();
        let [p0, p1, p2] = MAC_PREFIX;
        let [c1, c2, c3]: [u8; 3] = rand::random();
        let mut ip6 = [0; 16];
        ip6[..8].copy_from_slice(&NET6);
        ip6[8..].copy_from_slice(&rand::random::<[u8; 8]>());
        Self {
            unit: unit.to_be_bytes(),
            mac_a: [p0, p1, p2, b3, b4, b5 & 0xfe],
            mac_b: [p0, p1, p2, b3, b4, b5 | 1],
            ip4: [NET4, c1, c2, c3],
            ip6,
        }
    }

    fn lease(&self) -> Vec<u8> {
        [&self.unit[..], &self.mac_a, &self.mac_b, &self.ip4, &self.ip6].concat()
    }

    /// The keys that make the values this lease's alone.
    fn claims(&self, host: &str) -> [Vec<u8>; 5] {
        [
            [b"i/", host.as_bytes(), b"/", &self.unit[..]].concat(),
            [b"m/", &self.mac_a[..]].concat(),
            [b"m/", &self.mac_b[..]].concat(),
            [b"4/", &self.ip4[..]].concat(),
            [b"6/", &self.ip6[..]].concat(),
        ]
    }
}

/// Writes what is promised for a lease.
pub(in crate::bench) struct Put {
    client: KvClient<Channel>,
    names: Names,
}

impl Put {
    pub(in crate::bench) fn new(channel: Channel) -> Self {
        Self { client: KvClient::new(channel), names: Names::new() }
    }

    async fn put(&mut self) -> Result<Vec<u8>, Status> {
        let (_, key) = next(&mut self.names);
        self.client.put(PutRequest { key: key.clone(), value: Drawn::new().lease() }).await?;
        Ok(key)
    }
}

impl Work for Put {
    async fn call(&mut self) -> Result<u32, Status> {
        self.put().await.map(|_| 0)
    }
}

/// Writes keys to read, and says which.
pub(in crate::bench) async fn keys_to_read(channel: Channel, count: usize) -> Result<Vec<Vec<u8>>, Status> {
    let mut writer = Put::new(channel);
    let mut keys = Vec::with_capacity(count);
    for _ in 0..count {
        keys.push(writer.put().await?);
    }
    Ok(keys)
}

/// Allocates a lease by compare-and-swap.
pub(in crate::bench) struct Swap {
    client: KvClient<Channel>,
    names: Names,
}

impl Swap {
    pub(in crate::bench) fn new(channel: Channel) -> Self {
        Self { client: KvClient::new(channel), names: Names::new() }
    }
}

impl Work for Swap {
    async fn call(&mut self) -> Result<u32, Status> {
        let (host, key) = next(&mut self.names);
        for conflicts in 0..DRAWS_MAX {
            let drawn = Drawn::new();
            let claims = drawn.claims(&host).into_iter().map(|claim| (claim, key.clone()));
            let wanted: Vec<(Vec<u8>, Vec<u8>)> = claims.chain([(key.clone(), drawn.lease())]).collect();
            let request = TxnRequest {
                compare: wanted.iter().map(|(key, _)| is_absent(key)).collect(),
                success: wanted.into_iter().map(|(key, value)| put(key, value)).collect(),
            };
            if self.client.txn(request).await?.into_inner().succeeded {
                return Ok(conflicts);
            }
        }
        Err(Status::new(Code::Aborted, format!("no free values after {DRAWS_MAX} draws")))
    }
}

/// Reads keys in turn, linearizably.
pub(in crate::bench) struct Range {
    client: KvClient<Channel>,
    keys: std::iter::Cycle<std::vec::IntoIter<Vec<u8>>>,
}

impl Range {
    /// `first` is where among the keys it begins.
    pub(in crate::bench) fn new(channel: Channel, mut keys: Vec<Vec<u8>>, first: usize) -> Self {
        let first = first % keys.len().max(1);
        keys.rotate_left(first);
        Self { client: KvClient::new(channel), keys: keys.into_iter().cycle() }
    }
}

impl Work for Range {
    async fn call(&mut self) -> Result<u32, Status> {
        let key = self.keys.next().ok_or_else(|| Status::not_found("there are no keys to read"))?;
        let found = self.client.range(RangeRequest { key }).await?.into_inner();
        if found.kvs.is_empty() { Err(Status::not_found("a key that was written is gone")) } else { Ok(0) }
    }
}

/// The next holder's host, and the key of its lease.
fn next(names: &mut Names) -> (String, Vec<u8>) {
    let holder = names.holder();
    let key = format!("l/{}/{}/{}", holder.host, holder.jail, holder.interface).into_bytes();
    (holder.host, key)
}

fn is_absent(key: &[u8]) -> Compare {
    Compare {
        result: CompareResult::Equal.into(),
        target: CompareTarget::Create.into(),
        key: key.to_vec(),
        target_union: Some(TargetUnion::CreateRevision(0)),
    }
}

fn put(key: Vec<u8>, value: Vec<u8>) -> RequestOp {
    RequestOp { request: Some(Request::RequestPut(PutRequest { key, value })) }
}
