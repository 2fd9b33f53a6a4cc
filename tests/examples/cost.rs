//! What a lease costs one member's machine: asked for alone, asked for in a batch, read back from a snapshot's records, and digested
//! with all others; and how much memory it takes.
//!
//! ```text
//! cargo run --release -p allocd-tests --example cost [-- LEASES...]
//! ```
//!
//! Leases lie on 64 hosts, in a /8 and a /64. Each figure is the mean over the last tenth of the leases, so that it tells what
//! one more costs where so many are held. Bytes are what the system counts as resident more than before (proc(5), on Linux): with the
//! memory of requests, of which no more than a bounded number is kept, so that it weighs less the more leases there are.
#![expect(clippy::print_stdout, reason = "it is there to be read")]

use std::error::Error;
use std::time::{Duration, Instant};

use allocd_state::command::{Command, Entry, Request};
use allocd_state::machine::Machine;
use allocd_state::snapshot::MachineBuilder;
use allocd_types::allocation::{AllocationSpec, ExistingLease, FamilyWish, Pins};
use allocd_types::grant::BatchMode;
use allocd_types::host::HostSpec;
use allocd_types::id::{Caller, RequestId};
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::name::{HostName, InterfaceName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::time::{ClusterTime, Span, WallTime};
use allocd_types::usage::Thresholds;

const HOSTS: usize = 64;
/// Requests in an entry of the log, under load.
const REQUESTS_PER_ENTRY: usize = 8;
const LEASES_PER_BATCH: usize = 100;
/// Leases held, unless others are named.
const LEASES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// Which part of the leases is measured: the last tenth.
const MEASURED: usize = 10;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let named: Vec<usize> = std::env::args().skip(1).map(|text| text.parse()).collect::<Result<_, _>>()?;
    let sizes = if named.is_empty() { LEASES.to_vec() } else { named };
    let mut alone = Vec::new();
    for leases in &sizes {
        let before = resident_bytes();
        let (machine, took) = filled(*leases, 1)?;
        let bytes = resident_bytes().saturating_sub(before) / u64::try_from(*leases)?;
        // Kept to the end: memory that is given back would not be counted when the next takes it.
        alone.push((machine, took, bytes));
    }
    println!(
        "{:>9} {:>9} {:>9} {:>9} {:>9} us a lease {:>9} a lease",
        "leases", "alone", "batch", "restore", "digest", "bytes"
    );
    for (leases, (machine, alone, bytes)) in sizes.into_iter().zip(&alone) {
        let (_, batch) = filled(leases, LEASES_PER_BATCH)?;
        println!(
            "{leases:>9} {:>9.2} {:>9.2} {:>9.2} {:>9.2} {bytes:>20}",
            micros(*alone, leases / MEASURED),
            micros(batch, leases / MEASURED),
            micros(restore(machine)?, leases),
            micros(digest(machine), leases),
        );
    }
    Ok(())
}

/// A machine with as many leases, and what the last tenth of them took.
fn filled(leases: usize, per_request: usize) -> Result<(Machine, Duration), Failure> {
    let mut driver = Driver { machine: Machine::new(), entries: 0, requests: 0 };
    driver.apply(vec![Command::CreateNetwork(network()?)])?;
    for at in 0..HOSTS {
        let host = HostSpec { name: host(at)?, bridges: Default::default(), labels: Labels::default() };
        driver.apply(vec![Command::CreateHost(host)])?;
    }
    let mut took = Duration::ZERO;
    let mut held = 0;
    while held < leases {
        let commands = (0..REQUESTS_PER_ENTRY).map(|request| -> Result<Command, Failure> {
            let first = held + request * per_request;
            let mut wishes = (first..first + per_request).map(wish).collect::<Result<Vec<_>, _>>()?;
            Ok(match (per_request, wishes.pop()) {
                (1, Some(wish)) => Command::Allocate(wish),
                (_, last) => {
                    Command::BatchAllocate(wishes.into_iter().chain(last).collect(), BatchMode::AllOrNothing)
                }
            })
        });
        let commands = commands.collect::<Result<_, _>>()?;
        let spent = driver.apply(commands)?;
        if held >= leases - leases / MEASURED {
            took += spent;
        }
        held += REQUESTS_PER_ENTRY * per_request;
    }
    Ok((driver.machine, took))
}

struct Driver {
    machine: Machine,
    entries: u64,
    requests: u64,
}

impl Driver {
    /// Applies commands as one entry; how long that took.
    fn apply(&mut self, commands: Vec<Command>) -> Result<Duration, Failure> {
        self.entries += 1;
        let caller = Caller::new("cost")?;
        let commands = commands.into_iter().map(|command| {
            self.requests += 1;
            let request_id = RequestId::new(&format!("0e3f9a52-77b1-4c1d-9d4e-{:012}", self.requests))?;
            Ok(Request {
                request_id,
                caller: caller.clone(),
                expires_at: ClusterTime::from_millis(1),
                command,
            })
        });
        let entry = Entry {
            index: self.entries,
            stamped_at: ClusterTime::default(),
            labelled_at: WallTime::from_unix_millis(0),
            entropy: self.entries,
            commands: commands.collect::<Result<_, Failure>>()?,
        };
        let begun = Instant::now();
        let applied = self.machine.apply(&entry);
        let took = begun.elapsed();
        for applied in applied {
            applied.outcome.map_err(|rejection| format!("{rejection:?}"))?;
        }
        Ok(took)
    }
}

/// How long a machine of the other's records takes.
fn restore(machine: &Machine) -> Result<Duration, Failure> {
    let records: Vec<_> = machine.records().collect();
    let begun = Instant::now();
    let mut builder = MachineBuilder::new();
    for record in records {
        builder.add(record)?;
    }
    let again = builder.build()?;
    let took = begun.elapsed();
    if again.state().revision() != machine.state().revision() {
        return Err("the machine from the records is another".into());
    }
    Ok(took)
}

/// How long it takes to say in a few bytes what a machine holds.
fn digest(machine: &Machine) -> Duration {
    let begun = Instant::now();
    std::hint::black_box(machine.digest());
    begun.elapsed()
}

/// What the system counts as resident of this process; nothing where it does not say.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
    1024 * value.and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or_default()
}

fn wish(number: usize) -> Result<AllocationSpec, Failure> {
    Ok(AllocationSpec {
        holder: format!("{}/jail{number}", host(number % HOSTS)?).parse()?,
        network: NetworkName::new("lan")?,
        kind: InterfaceKind::Epair,
        ipv4: FamilyWish::Required,
        ipv6: FamilyWish::Required,
        pins: Pins::none(),
        ttl: None,
        existing: ExistingLease::Refuse,
        labels: Labels::default(),
    })
}

fn host(at: usize) -> Result<HostName, Failure> {
    Ok(HostName::new(&format!("host{at}.example.org"))?)
}

fn network() -> Result<NetworkSpec, Failure> {
    let subnet = |prefix: &str| -> Result<SubnetSpec, Failure> {
        Ok(SubnetSpec { prefix: prefix.parse()?, gateway: None, ranges: Vec::new() })
    };
    Ok(NetworkSpec {
        name: NetworkName::new("lan")?,
        vrf: VrfName::unsaid(),
        bridge: InterfaceName::new("bridge0")?,
        vlan: None,
        mtu: None,
        subnets: vec![subnet("10.0.0.0/8")?, subnet("fd00:1::/64")?],
        mac_pool: PoolName::unsaid(),
        rename_prefix: None,
        resolvers: Vec::new(),
        quarantine: Span::from_seconds(0),
        free_suspects_after: None,
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    })
}

fn micros(took: Duration, leases: usize) -> f64 {
    took.as_secs_f64() * 1e6 / f64::from(u32::try_from(leases).unwrap_or(u32::MAX))
}
