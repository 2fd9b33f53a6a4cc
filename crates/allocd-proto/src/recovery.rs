//! Recovery after a restore.

use std::net::IpAddr;

use allocd_types::name::{HostName, NetworkName};
use allocd_types::recovery::{OpenRecovery, RecoveryStatus, SkipTo, UnconfirmedHost};
use allocd_types::time::Span;
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, ip, list, optional, path, text};
use crate::v1::skip_to::Values;
use crate::{index, v1};

impl Read for v1::RecoveryStatus {
    type Word = RecoveryStatus;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<RecoveryStatus> {
        let open = optional(self.open, &path(field, "open"), wrong)?;
        Some(RecoveryStatus { timeline: self.timeline, open })
    }
}

impl From<RecoveryStatus> for v1::RecoveryStatus {
    fn from(status: RecoveryStatus) -> Self {
        Self { timeline: status.timeline, open: status.open.map(Into::into) }
    }
}

impl Read for v1::OpenRecovery {
    type Word = OpenRecovery;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<OpenRecovery> {
        let hosts = list(self.hosts, &path(field, "hosts"), wrong, |host, field, wrong| {
            let name = text(&host.name, &path(field, "name"), wrong)?;
            Some(UnconfirmedHost { name, leases: host.leases })
        });
        let open_pools = list(self.open_pools, &path(field, "open_pools"), wrong, |pool, field, wrong| {
            pool.read(field, wrong)
        });
        let rests_for = Span::from_millis(self.rests_for_ms);
        Some(OpenRecovery { hosts: hosts?, rests_for, open_pools: open_pools? })
    }
}

impl From<OpenRecovery> for v1::OpenRecovery {
    fn from(open: OpenRecovery) -> Self {
        let host =
            |host: UnconfirmedHost| v1::UnconfirmedHost { name: host.name.to_string(), leases: host.leases };
        Self {
            hosts: open.hosts.into_iter().map(host).collect(),
            rests_for_ms: open.rests_for.millis(),
            open_pools: open.open_pools.into_iter().map(Into::into).collect(),
        }
    }
}

impl Read for v1::SkipTo {
    type Word = SkipTo;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<SkipTo> {
        match self.values {
            Some(Values::Addresses(addresses)) => {
                let network: Option<NetworkName> =
                    text(&addresses.network, &path(field, "addresses.network"), wrong);
                let last: Option<IpAddr> = ip(&addresses.last, &path(field, "addresses.last"), wrong);
                Some(SkipTo::Addresses { network: network?, last: last? })
            }
            Some(Values::Indices(indices)) => {
                let host: Option<HostName> = text(&indices.host, &path(field, "indices.host"), wrong);
                let at = path(field, "indices.kind");
                let kind = said::<v1::InterfaceKind>(indices.kind, &at, wrong);
                if let Some(kind) = kind.filter(|kind| !kind.has_index()) {
                    wrong.add(&at, format!("interfaces of kind {kind} have no index"));
                }
                let last = index::read(indices.last, &path(field, "indices.last"), wrong);
                Some(SkipTo::Indices { host: host?, kind: kind?, last: last? })
            }
            Some(Values::MacPool(name)) => {
                text(&name, &path(field, "mac_pool"), wrong).map(|pool| SkipTo::Macs { pool })
            }
            None => {
                wrong.add(field, "has no values: say addresses, indices or mac_pool");
                None
            }
        }
    }
}

impl From<SkipTo> for v1::SkipTo {
    fn from(skip: SkipTo) -> Self {
        let values = match skip {
            SkipTo::Addresses { network, last } => Values::Addresses(v1::SkippedAddresses {
                network: network.to_string(),
                last: last.to_string(),
            }),
            SkipTo::Indices { host, kind, last } => Values::Indices(v1::SkippedIndices {
                host: host.to_string(),
                kind: v1::InterfaceKind::from(kind).into(),
                last: last.get().into(),
            }),
            SkipTo::Macs { pool } => Values::MacPool(pool.to_string()),
        };
        Self { values: Some(values) }
    }
}
