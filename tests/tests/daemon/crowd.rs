//! A crowd of clients that allocate, read, renew, release and repeat themselves, each with some holders of its own, and write
//! everything down. They keep the deadline rule, and use nothing that they have asked to end.
//!
//! What they want, they call by the simulator's words, so that its checkers can judge them ([`allocd_tests::recorded`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use allocd_client::client::Client;
use allocd_client::deadline::{HolderTime, UseUntil, renew_at};
use allocd_client::error::ClientError;
use allocd_state::command::Command;
use allocd_state::response::Response;
use allocd_tests::recorded::Record;
use allocd_tests::sim::message::{Ask, Outcome};
use allocd_tests::sim::random::Random;
use allocd_tests::sim::values::{ADDRESS_QUARANTINE, LINK_QUARANTINE};
use allocd_tests::sim::wish;
use allocd_tests::until::{until, within};
use allocd_types::answer::Answer;
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::grant::{Granted, Novelty};
use allocd_types::holder::Holder;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::lease::Lease;
use allocd_types::mac::{Mac, MacBlock};
use allocd_types::name::PoolName;
use allocd_types::network::{NetworkSpec, SubnetSpec};
use allocd_types::pool::{IndexScope, PoolSpec, PoolValues};
use allocd_types::problem::Problem;
use allocd_types::reason::{Reason, ReasonKind};
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;
use tokio::task::JoinHandle;

use crate::wishes::{host, network};

/// Hosts among which the crowd's holders are spread.
const HOSTS: u64 = 8;
/// Holders of each client.
const HOLDERS_EACH: u64 = 2;
/// How long leases with a lifetime are asked for, in seconds.
const TTL_SECONDS: (u64, u64) = (10, 20);
/// What a holder keeps in hand between looking at its clock and its last frame.
const MARGIN: Span = Span::from_millis(50);

/// Makes what the crowd needs: pools that are emptied within seconds, so that values go from hand to hand.
pub(crate) async fn furnish(client: &Client) {
    let blocks = vec![MacBlock::new(Mac::new([0x12, 0, 0, 0, 0, 0]), 37).expect("a block")];
    let (first, last) = (UnitIndex::FIRST, UnitIndex::new(255).expect("a unit"));
    let units = PoolValues::Index { kind: InterfaceKind::Epair, first, last, scope: IndexScope::Host };
    for (name, values) in [("macs", PoolValues::Mac { blocks }), ("units", units)] {
        let (thresholds, labels) = (Thresholds::default(), Labels::default());
        let name = PoolName::new(name).expect("a pool");
        let pool = PoolSpec { name, values, quarantine: LINK_QUARANTINE, thresholds, labels };
        client.create_pool(pool, Effect::Commit).await.expect("make a pool");
    }
    let prefix = "10.0.0.0/23".parse().expect("a prefix");
    let lan = NetworkSpec {
        subnets: vec![SubnetSpec { prefix, gateway: None, ranges: Vec::new() }],
        mac_pool: PoolName::new("macs").expect("a pool"),
        quarantine: ADDRESS_QUARANTINE,
        free_suspects_after: None,
        ..network()
    };
    client.create_network(lan, Effect::Commit).await.expect("make the network");
    for number in 0..HOSTS {
        client.create_host(host(&wish::host_name(number)), Effect::Commit).await.expect("make a host");
    }
}

/// Clients that go on until they are told to end.
pub(crate) struct Crowd {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
}

/// What all of them have in common.
struct Shared {
    record: Record,
    /// The number of the last operation.
    last: AtomicU64,
    /// Operations that were answered.
    answered: AtomicU64,
    is_over: AtomicBool,
}

/// One client.
struct One {
    client: Client,
    random: Random,
    shared: Arc<Shared>,
}

/// A holder, and what it knows.
struct Seat {
    holder: Holder,
    held: Option<Held>,
    /// A lease that was asked to end, as long as no answer came: it may end at any time, and is not used again.
    given_back: Option<(LeaseId, Generation)>,
}

struct Held {
    lease: LeaseId,
    generation: Generation,
    until: UseUntil,
    renews_at: Option<HolderTime>,
}

impl Crowd {
    /// Starts a crowd with these clients.
    pub(crate) fn start(clients: Vec<Client>, record: &Record, random: &mut Random) -> Self {
        let shared = Arc::new(Shared {
            record: record.clone(),
            last: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
        });
        let start = |(number, client)| {
            let one = One { client, random: random.fork(), shared: Arc::clone(&shared) };
            tokio::spawn(one.run(seats(number)))
        };
        let clients = clients.into_iter().enumerate().map(start).collect();
        Self { shared, clients }
    }

    /// Operations that were answered so far.
    pub(crate) fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// Waits until so many more were.
    pub(crate) async fn go_on(&self, operations: u64) {
        let goal = self.answered() + operations;
        let what = format!("{operations} more operations are answered");
        let done = async || {
            assert!(!self.clients.iter().any(JoinHandle::is_finished), "a client ended before its time");
            (self.answered() >= goal).then_some(())
        };
        until(&what, done).await;
    }

    /// Lets everybody finish what is under way, and then read what each holder has.
    pub(crate) async fn end(self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        for client in self.clients {
            within("a client is done", client).await.expect("a client does not panic");
        }
    }
}

fn seats(number: usize) -> Vec<Seat> {
    let holder = |place: u64| {
        let host = u64::try_from(number).expect("a number fits") % HOSTS;
        format!("{}/c{number}x{place}", wish::host_name(host)).parse().expect("a holder")
    };
    (0..HOLDERS_EACH).map(|place| Seat { holder: holder(place), held: None, given_back: None }).collect()
}

impl One {
    async fn run(mut self, mut seats: Vec<Seat>) {
        while !self.shared.is_over.load(Ordering::Relaxed) {
            let at = self.random.between(0, HOLDERS_EACH - 1);
            self.turn(&mut seats[usize::try_from(at).expect("a position")]).await;
        }
        for seat in &mut seats {
            self.read(seat).await;
        }
    }

    /// One operation of a holder.
    async fn turn(&mut self, seat: &mut Seat) {
        let now = self.shared.record.now();
        if let Some(ended) = seat.held.take_if(|held| !held.until.allows(now)) {
            self.shared.record.stops(ended.lease);
        }
        if let Some((lease, generation)) = seat.given_back {
            return self.release(seat, lease, generation).await;
        }
        let chance = self.random.between(0, 999);
        match &seat.held {
            None if chance < 150 => self.read(seat).await,
            None => self.allocate(seat).await,
            Some(held) if held.renews_at.is_some_and(|at| at <= now) && chance < 800 => {
                let (lease, generation) = (held.lease, held.generation);
                self.renew(seat, lease, generation).await;
            }
            Some(held) if chance < 400 => {
                // The interface goes down before the lease is given back.
                let (lease, generation) = (held.lease, held.generation);
                self.shared.record.stops(lease);
                (seat.held, seat.given_back) = (None, Some((lease, generation)));
                self.release(seat, lease, generation).await;
            }
            // It has forgotten what it has.
            Some(_) if chance < 700 => self.allocate(seat).await,
            Some(_) => self.read(seat).await,
        }
    }

    async fn allocate(&mut self, seat: &mut Seat) {
        let seconds = self.random.between(TTL_SECONDS.0, TTL_SECONDS.1);
        let ttl =
            self.random.in_a_thousand(400).then(|| Span::from_seconds(seconds.try_into().expect("few")));
        let operation = self.begin();
        let command = wish::allocate(&seat.holder, ttl, operation);
        let Command::Allocate(spec) = command.clone() else { unreachable!("it was just made") };
        let sent_at = self.shared.record.now();
        let ask = Ask::Do(command);
        let client = self.client.repeating(self.client.request_id());
        let send = |client: Client| {
            let spec = spec.clone();
            async move { client.allocate_lease(spec, Effect::Commit).await }
        };
        let refusals = [Reason::PoolExhausted, Reason::HolderHasLease, Reason::Superseded];
        let Some(answer) = self.mutate(&client, (operation, ask), &refusals, &send).await else {
            return self.forget(seat);
        };
        let Answer { value: granted, revision, .. } = answer;
        self.answered(operation, revision.get(), Response::Lease(granted.clone()));
        self.take(seat, &granted.lease, sent_at);
        if self.random.in_a_thousand(100) {
            self.repeat(&client, &granted, send).await;
        }
    }

    /// Asks for the same by the same id once more: nothing new comes of it.
    async fn repeat<F>(&self, client: &Client, granted: &Granted, send: impl Fn(Client) -> F)
    where
        F: Future<Output = Result<Answer<Granted>, ClientError>>,
    {
        match send(client.clone()).await {
            Ok(Answer { value: again, .. }) => {
                let values = |lease: &Lease| allocd_tests::sim::values::of_lease(lease);
                assert_eq!(
                    (again.lease.id, again.lease.generation, values(&again.lease)),
                    (granted.lease.id, granted.lease.generation, values(&granted.lease)),
                    "a repeated request is answered with what it was granted"
                );
            }
            // It has ended meanwhile, or nobody answers just now.
            Err(error) => {
                let reason = error.problem.reason;
                assert!(reason == Reason::Superseded || is_no_answer(&error.problem), "{error}");
            }
        }
    }

    async fn renew(&mut self, seat: &mut Seat, lease: LeaseId, generation: Generation) {
        let operation = self.begin();
        let command = wish::renew(lease, generation);
        let Command::Renew(spec) = command.clone() else { unreachable!("it was just made") };
        let sent_at = self.shared.record.now();
        let client = self.client.repeating(self.client.request_id());
        let send = |client: Client| {
            let spec = spec.clone();
            async move { client.renew_lease(spec, Effect::Commit).await }
        };
        let refusals = [Reason::LeaseNotFound, Reason::Fenced, Reason::Superseded];
        match self.mutate(&client, (operation, Ask::Do(command)), &refusals, send).await {
            Some(Answer { value: lease, revision, .. }) => {
                let granted = Granted { lease: lease.clone(), novelty: Novelty::Existing };
                self.answered(operation, revision.get(), Response::Lease(granted));
                self.take(seat, &lease, sent_at);
            }
            None => self.forget(seat),
        }
    }

    async fn release(&mut self, seat: &mut Seat, lease: LeaseId, generation: Generation) {
        let operation = self.begin();
        let command = wish::release(lease, generation);
        let Command::Release(spec) = command.clone() else { unreachable!("it was just made") };
        let client = self.client.repeating(self.client.request_id());
        let send = |client: Client| {
            let spec = spec.clone();
            async move { client.release_lease(spec, Effect::Commit).await }
        };
        let refusals = [Reason::Superseded];
        if let Some(answer) = self.mutate(&client, (operation, Ask::Do(command)), &refusals, send).await {
            self.answered(
                operation,
                answer.revision.get(),
                Response::Released { lease: answer.value.lease, is_awaited: answer.value.is_awaited },
            );
            seat.given_back = None;
        }
    }

    async fn read(&self, seat: &mut Seat) {
        let operation = self.begin();
        let record = &self.shared.record;
        let (host, jail) = (Some(seat.holder.host.clone()), Some(seat.holder.jail.clone()));
        let filter = LeaseFilter { host, jail, ..LeaseFilter::default() };
        let sent_at = record.now();
        record.asked(operation, Ask::Read(seat.holder.clone()));
        match self.client.all_leases(&filter).await {
            Ok(Answer { value: mut leases, revision, .. }) => {
                assert!(leases.len() <= 1, "{} has several leases: {leases:?}", seat.holder);
                let lease = leases.pop();
                let told = lease.clone().map(Box::new);
                record.answered(operation, Outcome::Read { revision: revision.get(), lease: told });
                self.shared.answered.fetch_add(1, Ordering::Relaxed);
                match lease {
                    // What was given back is not taken up again.
                    Some(_) if seat.given_back.is_some() => {}
                    Some(lease) => self.take(seat, &lease, sent_at),
                    None => self.forget(seat),
                }
            }
            Err(error) => assert!(is_no_answer(&error.problem), "{error}"),
        }
    }

    fn begin(&self) -> u64 {
        self.shared.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Has something done under one request id, however often it has to be asked for.
    async fn mutate<T, F>(
        &self,
        client: &Client,
        (operation, ask): (u64, Ask),
        refusals: &[Reason],
        send: impl Fn(Client) -> F,
    ) -> Option<Answer<T>>
    where
        F: Future<Output = Result<Answer<T>, ClientError>>,
    {
        self.shared.record.asked(operation, ask);
        loop {
            match send(client.clone()).await {
                Ok(answer) => return Some(answer),
                // It came to its turn too late; the id is used up.
                Err(error) if error.problem.reason == Reason::RequestExpired => return None,
                Err(error)
                    if is_no_answer(&error.problem) && !self.shared.is_over.load(Ordering::Relaxed) => {}
                Err(error) => {
                    let reason = error.problem.reason;
                    let is_expected = refusals.contains(&reason) || is_no_answer(&error.problem);
                    assert!(is_expected, "operation {operation}: {error}");
                    if refusals.contains(&reason) {
                        self.shared.answered.fetch_add(1, Ordering::Relaxed);
                    }
                    return None;
                }
            }
        }
    }

    fn answered(&self, operation: u64, revision: u64, response: Response) {
        let outcome = Outcome::Applied { revision, result: Box::new(Ok(response)) };
        self.shared.record.answered(operation, outcome);
        self.shared.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// A holder is told of its lease.
    fn take(&self, seat: &mut Seat, lease: &Lease, sent_at: HolderTime) {
        let record = &self.shared.record;
        if let Some(other) = seat.held.take_if(|held| held.lease != lease.id) {
            record.stops(other.lease);
        }
        let until = UseUntil::rule(sent_at, lease.remaining, MARGIN);
        if !until.allows(record.now()) {
            return self.forget(seat);
        }
        let renews_at = renew_at(sent_at, lease.remaining);
        seat.held = Some(Held { lease: lease.id, generation: lease.generation, until, renews_at });
        record.uses(lease, until);
    }

    /// The lease is not what the holder takes it for: it is not used any more.
    fn forget(&self, seat: &mut Seat) {
        if let Some(ended) = seat.held.take() {
            self.shared.record.stops(ended.lease);
        }
    }
}

/// True if it is not known what happened, so that the same may be asked for again.
fn is_no_answer(problem: &Problem) -> bool {
    match problem.reason.kind() {
        ReasonKind::Unavailable | ReasonKind::DeadlineExceeded => true,
        ReasonKind::InvalidArgument
        | ReasonKind::NotFound
        | ReasonKind::AlreadyExists
        | ReasonKind::FailedPrecondition
        | ReasonKind::ResourceExhausted
        | ReasonKind::OutOfRange
        | ReasonKind::Internal => false,
    }
}
