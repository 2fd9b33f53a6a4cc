//! One member: a replica on its disk, with its clock and its door, switched on and off.

mod round;

pub use round::{Input, Round};

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use allocd_replica::log::memory::MemoryLog;
use allocd_replica::log::{LogError, LogStore};
use allocd_replica::{
    Config, Effect, Fault as Stop, Level, Membership, Replica, StartError, Token, begin_with,
};
use allocd_state::machine::Machine;
use allocd_types::id::MemberId;

use super::clock::Clock;
use super::disk::{Control, Disk};
use super::fault::Fault;
use super::fault::disk::DiskFault;
use super::fault::door::{Door, Honest};
use super::fault::snapshot::SnapshotFault;
use super::message::Request;
use super::random::Random;
use super::schedule::Snapshots;
use super::transfer::Transfers;

/// How a member begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// With a cluster of so many.
    Founding(u64),
    /// It joins a cluster that runs.
    Joining,
    /// It is the first of a cluster that begins with a backup.
    Restored,
}

/// A replica that runs, or what is on its disk.
enum Power {
    On(Box<Replica<Disk>>),
    Off(Box<MemoryLog>),
}

/// One member.
pub struct Member {
    id: u64,
    begins: Begins,
    /// What it was told of the cluster when it joined.
    joined: Option<Membership>,
    power: Power,
    /// The hand on its disk.
    pub control: Rc<RefCell<Control>>,
    /// Its clocks.
    pub clock: Clock,
    /// Until when it is held up, in real time.
    pub paused_until: u64,
    /// When its next round is, if it runs.
    pub round_at: Option<u64>,
    /// How far it has been seen to have applied its log.
    pub applied: u64,
    /// True once its disk has rotted so that it can never start again.
    pub is_lost: bool,
    /// True once it has stopped because it is no member any more.
    pub is_removed: bool,
    /// True once its machine was taken away.
    pub is_away: bool,
    fault: Option<Fault>,
    door: Box<dyn Door>,
    snapshots: Snapshots,
    transfers: Transfers,
    inbox: Vec<Input>,
    starts: u64,
    next_tick: u64,
    tokens: u64,
    asked: BTreeMap<Token, Request>,
    orders: BTreeMap<Token, u64>,
}

impl Member {
    /// A member that is off, with an empty disk.
    #[must_use]
    pub fn new(id: u64, begins: Begins, clock: Clock, snapshots: Snapshots, fault: Option<Fault>) -> Self {
        Self {
            id,
            begins,
            joined: None,
            power: Power::Off(Box::default()),
            control: Rc::default(),
            clock,
            paused_until: 0,
            round_at: None,
            applied: 0,
            is_lost: false,
            is_removed: false,
            is_away: false,
            fault,
            door: Box::new(Honest),
            snapshots,
            transfers: Transfers::new(id, 0, snapshots, SnapshotFault::None, Random::seeded(0)),
            inbox: Vec::new(),
            starts: 0,
            next_tick: 0,
            tokens: 0,
            asked: BTreeMap::new(),
            orders: BTreeMap::new(),
        }
    }

    /// Writes what a cluster of this one member begins with on its empty disk.
    pub fn restore(&mut self, machine: Machine) {
        let mut log = MemoryLog::new();
        begin_with(&mut log, MemberId::new(self.id), (Level::NEWEST, machine))
            .expect("memory takes everything");
        self.power = Power::Off(Box::new(log));
    }

    /// True of one that has never started: its disk is empty.
    #[must_use]
    pub fn is_new(&self) -> bool {
        matches!(&self.power, Power::Off(found) if found.configuration().is_none())
    }

    /// True of one that has to ask who the cluster is before it can start.
    #[must_use]
    pub fn has_to_ask(&self) -> bool {
        let is_to_join = self.begins == Begins::Joining && self.is_new();
        is_to_join && !(self.fault == Some(Fault::RejoinedIdentity) && self.joined.is_some())
    }

    /// True of one that runs and knows that it is no member any more.
    #[must_use]
    pub fn is_former(&self) -> bool {
        self.replica().is_some_and(|replica| replica.membership().vote(MemberId::new(self.id)).is_none())
    }

    /// The replica, if it runs.
    #[must_use]
    pub fn replica(&self) -> Option<&Replica<Disk>> {
        match &self.power {
            Power::On(replica) => Some(replica),
            Power::Off(_) => None,
        }
    }

    /// Starts it; the effects of what is replayed.
    ///
    /// # Errors
    /// Why it does not start.
    pub fn start(
        &mut self,
        real: u64,
        joins: Option<Membership>,
        random: &mut Random,
    ) -> Result<Vec<Effect>, StartError> {
        let Power::Off(found) = &self.power else { return Ok(Vec::new()) };
        self.starts += 1;
        self.joined = joins.or(self.joined.take());
        // One that lost its disk goes by what it was told first only if that is its fault.
        let joins = self.joined.clone().filter(|_| found.configuration().is_none());
        let (rotten, written) = {
            let control = self.control.borrow();
            (control.rotten.clone(), control.written.clone())
        };
        self.control = Rc::new(RefCell::new(Control { rotten, written, ..Control::default() }));
        let disk = Disk::holding((**found).clone(), Rc::clone(&self.control), self.disk_fault());
        let voters = match self.begins {
            Begins::Founding(count) => (1..=count).map(MemberId::new).collect(),
            Begins::Joining | Begins::Restored => vec![MemberId::new(self.id)],
        };
        let config = Config {
            snapshots: self.snapshots.limits,
            joins,
            ..Config::new(MemberId::new(self.id), voters, random.draw())
        };
        let mut effects = Vec::new();
        let start = || Replica::start_telling(&config, disk, &mut |effect| effects.push(effect));
        let replica = unless_the_disk_failed(&self.control, start)??;
        self.power = Power::On(Box::new(replica));
        self.door = match self.fault {
            Some(fault) => fault.door(self.id, self.starts),
            None => Box::new(Honest),
        };
        self.transfers =
            Transfers::new(self.id, self.starts, self.snapshots, self.snapshot_fault(), random.fork());
        self.clock.restart(real);
        self.next_tick = 0;
        Ok(effects)
    }

    /// Cuts its power; says how many writes were found again of those that were not flushed.
    pub fn crash(&mut self, random: &mut Random) -> u64 {
        let Some(disk) = self.let_go() else { return 0 };
        let unflushed = u64::try_from(disk.unflushed()).expect("a count fits");
        let kept = random.between(0, unflushed);
        self.put_back(disk.after_power_cut(usize::try_from(kept).expect("below a count")));
        kept
    }

    /// Ends its process. What it has written is found again, flushed or not: the machine goes on.
    pub fn switch_off(&mut self) {
        if let Some(disk) = self.let_go() {
            let all = disk.unflushed();
            self.put_back(disk.after_power_cut(all));
        }
    }

    /// What runs goes with all that it had in memory; its disk stays.
    fn let_go(&mut self) -> Option<Disk> {
        self.inbox.clear();
        self.asked.clear();
        self.orders.clear();
        self.round_at = None;
        match std::mem::replace(&mut self.power, Power::Off(Box::default())) {
            Power::On(replica) => Some(replica.into_log()),
            off @ Power::Off(_) => {
                self.power = off;
                None
            }
        }
    }

    fn put_back(&mut self, found: MemoryLog) {
        // What a disk finds again that is not what was written is for the other checkers to find.
        if self.disk_fault() != DiskFault::ForgottenQuarantine {
            let records = found
                .read(found.first_index(), found.last_index() + 1, u64::MAX)
                .expect("memory gives everything");
            let mut control = self.control.borrow_mut();
            control.written = records.into_iter().map(|record| (record.index, record)).collect();
            control.flushed = found.last_index();
        }
        self.power = Power::Off(Box::new(found));
    }

    /// Puts something before it, to be taken in the next round.
    pub fn put(&mut self, input: Input) {
        if self.replica().is_some() {
            self.inbox.push(input);
        }
    }

    fn snapshot_fault(&self) -> SnapshotFault {
        self.fault.map_or(SnapshotFault::None, Fault::snapshot)
    }

    fn disk_fault(&self) -> DiskFault {
        self.fault.map_or(DiskFault::None, |fault| fault.disk(self.begins))
    }
}

/// Does something with a replica. raft panics where a read fails, which ends a member as surely as a stop: it counts as one, if
/// a read has failed. Any other panic is the simulator's to find.
fn unless_the_disk_failed<T>(control: &RefCell<Control>, act: impl FnOnce() -> T) -> Result<T, Stop> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|panic| {
        if !control.borrow().has_failed {
            resume_unwind(panic);
        }
        Stop::Log(LogError::Corrupted { index: 0, reason: "a read failed, and raft panicked" })
    })
}
