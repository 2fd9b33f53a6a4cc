//! Pools that are resources of their own: of MAC addresses, and of interface indices. Addresses are pooled by network.

use std::fmt;

use crate::index::UnitIndex;
use crate::kind::InterfaceKind;
use crate::label::Labels;
use crate::limits::BLOCKS_PER_POOL_MAX;
use crate::mac::MacBlock;
use crate::name::{HostName, NetworkName, PoolName};
use crate::time::Span;
use crate::usage::Thresholds;
use crate::violation::Violations;

/// What the operator says of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PoolSpec {
    /// Its id.
    pub name: PoolName,
    /// What is in it.
    pub values: PoolValues,
    /// How long its values rest before they are handed out again.
    pub quarantine: Span,
    /// When its usage is worth a word.
    pub thresholds: Thresholds,
    /// Notes.
    pub labels: Labels,
}

/// The values of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PoolValues {
    /// MAC addresses of these blocks, handed out at random; none given: the cluster draws a 24-bit block of its own.
    Mac {
        /// The blocks; no two blocks of a cluster overlap.
        blocks: Vec<MacBlock>,
    },
    /// Indices of one kind of interface. A kind without such a pool has every unit, unique per host.
    Index {
        /// The kind; one pool for each kind at most.
        kind: InterfaceKind,
        /// The first unit to hand out.
        first: UnitIndex,
        /// The last unit to hand out.
        last: UnitIndex,
        /// Where an index is unique.
        scope: IndexScope,
    },
}

/// Where an index is unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexScope {
    /// On its host, as the kernel needs it.
    Host,
    /// In the whole cluster, as people like to read it.
    Cluster,
}

impl PoolSpec {
    /// Checks what no single field shows.
    pub fn check(&self, field: &str, violations: &mut Violations) {
        match &self.values {
            PoolValues::Mac { blocks } => check_blocks(&format!("{field}.mac.blocks"), blocks, violations),
            PoolValues::Index { kind, first, last, scope: IndexScope::Host | IndexScope::Cluster } => {
                if !kind.has_index() {
                    violations.add(
                        &format!("{field}.index.kind"),
                        format!("interfaces of kind {kind} have no index"),
                    );
                }
                if last < first {
                    violations.add(
                        &format!("{field}.index.last"),
                        format!("{last} comes before the first unit, {first}"),
                    );
                }
            }
        }
    }
}

fn check_blocks(field: &str, blocks: &[MacBlock], violations: &mut Violations) {
    if blocks.len() > BLOCKS_PER_POOL_MAX {
        violations.add(field, format!("{BLOCKS_PER_POOL_MAX} blocks are allowed"));
    }
    for (at, block) in blocks.iter().enumerate() {
        violations.keep(&format!("{field}[{at}]"), block.check_for_pool());
        if let Some(other) = blocks[..at].iter().find(|other| other.overlaps(*block)) {
            violations.add(&format!("{field}[{at}]"), format!("{block} overlaps {other}"));
        }
    }
}

/// Which pool: the one of a named resource, or one that comes with a network or a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PoolRef {
    /// MAC addresses.
    Mac(PoolName),
    /// Indices of a kind that are unique on a host.
    HostIndex(HostName, InterfaceKind),
    /// Indices of a kind that are unique in the cluster.
    ClusterIndex(InterfaceKind),
    /// Addresses of one subnet of a network.
    Subnet(NetworkName, crate::address::Prefix),
    /// Addresses of one family of a network, over all its subnets.
    Family(NetworkName, crate::address::Family),
}

impl fmt::Display for PoolRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Mac(name) => format!("MAC pool {name}"),
            Self::HostIndex(host, kind) => format!("{kind} indices of {host}"),
            Self::ClusterIndex(kind) => format!("{kind} indices of the cluster"),
            Self::Subnet(network, prefix) => format!("{prefix} of network {network}"),
            Self::Family(network, family) => format!("{family} addresses of network {network}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_pool_names_every_block_that_is_not_ours() {
        let blocks = ["12:34:56:00:00:00/24", "02:00:00:00:00:00/24", "12:34:00:00:00:00/16"];
        let spec = PoolSpec {
            name: PoolName::unsaid(),
            values: PoolValues::Mac { blocks: blocks.map(|block| block.parse().unwrap()).to_vec() },
            quarantine: Span::ZERO,
            thresholds: Thresholds::default(),
            labels: Labels::default(),
        };
        let mut violations = Violations::default();
        spec.check("pool", &mut violations);
        let fields: Vec<_> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["pool.mac.blocks[1]", "pool.mac.blocks[2]"]);
    }
}
