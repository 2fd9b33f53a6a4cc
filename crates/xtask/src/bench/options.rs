//! What the bench may be told, and what follows from it.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use super::load::Window;

/// The numbers of clients for which there are goals.
pub(super) const CLIENTS: [u32; 4] = [1, 16, 64, 256];

/// What `cargo xtask bench` may be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Short windows and small states: shows that everything runs; the figures mean little.
    #[arg(long)]
    pub(super) quick: bool,
    /// How many clients call side by side, one run after the other.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "N,...",
        default_values_t = CLIENTS,
        value_parser = clap::value_parser!(u32).range(1..=4096),
    )]
    pub(super) clients: Vec<u32>,
    /// Where the rows go: [{metric, clients, ours, theirs, unit, ratio, goal, met}].
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
}

impl Options {
    /// Whether all goals are measured as they are meant. Only such a run has figures for the documentation.
    pub(super) fn is_whole(&self) -> bool {
        !self.quick && CLIENTS.iter().all(|clients| self.clients.contains(clients))
    }
}

/// How long and how much is measured.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) clients: Vec<u32>,
    /// How often each thing is measured; never less than a median needs.
    pub(super) rounds: usize,
    pub(super) window: Window,
    /// Calls in a series by one client.
    pub(super) calls: usize,
    /// Leases held when something is measured, ascending.
    pub(super) sizes: Vec<usize>,
    /// The pool that is filled with leases.
    pub(super) filled: Filled,
}

/// A prefix that is filled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filled {
    pub(super) prefix: &'static str,
    /// Its first address that is handed out.
    pub(super) first: Ipv4Addr,
    /// How many it hands out.
    pub(super) addresses: usize,
}

impl Plan {
    pub(super) fn new(options: &Options) -> Self {
        let window = |warm_up, measure| Window {
            warm_up: Duration::from_millis(warm_up),
            measure: Duration::from_millis(measure),
        };
        let clients = options.clients.clone();
        if options.quick {
            let (rounds, calls) = (3, 20);
            let sizes = vec![1_000, 10_000];
            let filled =
                Filled { prefix: "10.0.0.0/20", first: Ipv4Addr::new(10, 0, 0, 1), addresses: 4_094 };
            Self { clients, rounds, window: window(50, 150), calls, sizes, filled }
        } else {
            let (rounds, calls) = (3, 500);
            let sizes = vec![1_000, 10_000, 100_000, 1_000_000];
            let filled =
                Filled { prefix: "10.0.0.0/16", first: Ipv4Addr::new(10, 0, 0, 1), addresses: 65_534 };
            Self { clients, rounds, window: window(1_000, 4_000), calls, sizes, filled }
        }
    }
}
