//! The bounds of everything that could grow, each with its name and default.

/// Longest request id or cluster id, in bytes.
pub const REQUEST_ID_BYTES_MAX: usize = 64;
/// Longest caller, in bytes.
pub const CALLER_BYTES_MAX: usize = 128;
/// Most labels on one resource.
pub const LABELS_MAX: usize = 32;
/// Longest key of a label, in bytes.
pub const LABEL_KEY_BYTES_MAX: usize = 63;
/// Longest value of a label, in bytes.
pub const LABEL_VALUE_BYTES_MAX: usize = 256;
/// Most resources on one page of a list.
pub const PAGE_SIZE_MAX: usize = 1_000;
/// Resources on a page when the caller does not say.
pub const PAGE_SIZE_DEFAULT: usize = 100;
/// Longest page token, in bytes.
pub const PAGE_TOKEN_BYTES_MAX: usize = 512;
/// Longest filter of a list, in bytes.
pub const FILTER_BYTES_MAX: usize = 4_096;
/// Longest evidence of a conflict, in bytes.
pub const EVIDENCE_BYTES_MAX: usize = 512;
/// How long a value rests that was declined once, in seconds; each repetition doubles it, up to [`QUARANTINE_SECONDS_MAX`].
pub const DECLINE_QUARANTINE_SECONDS: u32 = 86_400;
/// Most conflicts of one host within [`DECLINES_PER_HOST_SECONDS`] whose values are replaced: a jail can forge them.
pub const DECLINES_PER_HOST_MAX: usize = 10;
/// Over how long the conflicts of a host are counted, in seconds of cluster time.
pub const DECLINES_PER_HOST_SECONDS: u32 = 3_600;
/// Most of a pool that may rest for conflicts, in percent; one value may in any case.
pub const DECLINED_SHARE_PERCENT_MAX: u128 = 5;
/// Most declines that are kept; the oldest go first.
pub const DECLINES_KEPT_MAX: usize = 4_096;
/// Most interfaces and MAC addresses that an agent may name as its host's own.
pub const SEEN_PER_HOST_MAX: usize = 256;
/// Longest time in which an agent may mean to speak again, in seconds.
pub const HEARTBEAT_INTERVAL_SECONDS_MAX: u32 = 3_600;
/// After how many of its intervals without a word an agent is silent.
pub const SILENT_AFTER_INTERVALS: u32 = 3;
/// Longest release of a host's system, in bytes.
pub const RELEASE_BYTES_MAX: usize = 64;
/// Longest reason of an exclusion, in bytes.
pub const EXCLUSION_REASON_BYTES_MAX: usize = 256;
/// Most leases that one batch may ask for.
pub const BATCH_SIZE_MAX: usize = 1_000;
/// Most lines that one import may carry.
pub const IMPORT_LINES_MAX: usize = 5_000;
/// Most hosts that one word of the operator may vouch for.
pub const HOSTS_CONFIRMED_MAX: usize = 10_000;
/// Most leases on one host.
pub const LEASES_PER_HOST_MAX: usize = 32_768;
/// Most addresses in one lease.
pub const ADDRESSES_PER_LEASE_MAX: usize = 16;
/// Most subnets of one network.
pub const SUBNETS_PER_NETWORK_MAX: usize = 64;
/// Most ranges of one subnet.
pub const RANGES_PER_SUBNET_MAX: usize = 64;
/// Most blocks of one MAC pool.
pub const BLOCKS_PER_POOL_MAX: usize = 64;
/// Most resolvers of one network.
pub const RESOLVERS_MAX: usize = 8;
/// Most freed values that one pool remembers once they are rested, for stickiness and for reuse in the order of freeing.
pub const RESTED_PER_POOL_MAX: usize = 4_096;
/// Most requests that the request memory keeps, in total.
pub const REQUESTS_REMEMBERED_MAX: usize = 100_000;
/// Most requests that the request memory keeps for one caller.
pub const REQUESTS_REMEMBERED_PER_CALLER_MAX: usize = 20_000;
/// Most outcomes that those requests have, in total: a batch has one for each lease, an import one for each finding.
pub const OUTCOMES_REMEMBERED_MAX: usize = 1_000_000;
/// Most outcomes that the requests of one caller have.
pub const OUTCOMES_REMEMBERED_PER_CALLER_MAX: usize = 200_000;
/// How long the request memory keeps an outcome, in seconds of cluster time; a client's retries end well before.
pub const REQUESTS_REMEMBERED_SECONDS: u32 = 600;
/// Most deadlines that fall in one tick.
pub const DEADLINES_PER_TICK_MAX: usize = 1_000;
/// Shortest lifetime of a lease that has one, in seconds.
pub const TTL_SECONDS_MIN: u32 = 10;
/// Longest lifetime of a lease that has one, in seconds: ten years.
pub const TTL_SECONDS_MAX: u32 = 315_360_000;
/// Longest quarantine of a pool, in seconds: thirty days.
pub const QUARANTINE_SECONDS_MAX: u32 = 2_592_000;
/// Shortest time after which a network may free suspects, in seconds: a host that is only being rebuilt keeps what it has.
pub const FREE_SUSPECTS_SECONDS_MIN: u32 = 3_600;
/// Longest time after which a network may free suspects, in seconds: a year. Who wants more wants none freed.
pub const FREE_SUSPECTS_SECONDS_MAX: u32 = 31_536_000;
/// Quarantine of addresses, in seconds: FreeBSD keeps an ARP entry that long (`net.link.ether.inet.max_age`).
pub const ADDRESS_QUARANTINE_SECONDS_DEFAULT: u32 = 1_200;
/// Quarantine of MAC addresses and indices, in seconds: a bridge forgets a MAC that long after its last frame.
pub const LINK_QUARANTINE_SECONDS_DEFAULT: u32 = 300;
/// Share of a pool in use, in percent, from which its usage is a warning.
pub const USAGE_WARNING_PERCENT_DEFAULT: u8 = 80;
/// Share of a pool in use, in percent, from which its usage is critical.
pub const USAGE_CRITICAL_PERCENT_DEFAULT: u8 = 95;
