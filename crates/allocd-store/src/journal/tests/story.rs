//! A journal and, beside it, what it has to come to: a story that a seed tells.
//!
//! After a power cut a journal may be in any state that it was in since the last flush, in the order of the calls. The story
//! keeps all of these, with how many were reached by the last flush and by the one before.

use std::collections::BTreeMap;

use allocd_replica::log::{Configuration, HardState, LogError, Position, Record};
use prost::bytes::Bytes;

use super::chance::Chance;
use super::faulty::{FaultyDirectory, SectorBytes};
use crate::damage::Damage;
use crate::journal::{Journal, LogId, recover};

pub(super) const LOG: LogId = LogId(0x00c0_ffee_0bad_cafe);

/// Small, so that a story crosses many of them.
pub(super) const SEGMENT_BYTES: u32 = 8 * 1_024;

/// All that a log holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) base: Position,
    pub(super) records: BTreeMap<u64, (u64, Bytes)>,
    pub(super) hard_state: HardState,
    pub(super) configuration: Option<Configuration>,
}

impl State {
    pub(super) fn of(journal: &Journal<FaultyDirectory>) -> Self {
        let records = journal.read(journal.base().index + 1, journal.last_index() + 1, u64::MAX).unwrap();
        Self {
            base: journal.base(),
            records: records.into_iter().map(|record| (record.index, (record.term, record.bytes))).collect(),
            hard_state: journal.hard_state(),
            configuration: journal.configuration().cloned(),
        }
    }

    fn last(&self) -> Position {
        let last = self.records.last_key_value();
        last.map_or(self.base, |(&index, &(term, _))| Position { index, term })
    }

    fn term(&self, index: u64) -> u64 {
        self.records.get(&index).map_or(self.base.term, |(term, _)| *term)
    }

    fn put(&mut self, record: &Record) {
        self.records.retain(|&index, _| index < record.index);
        self.records.insert(record.index, (record.term, record.bytes.clone()));
    }

    fn set_base(&mut self, base: Position) {
        self.records.retain(|&index, _| index > base.index);
        self.base = base;
    }
}

/// Opens a journal as the store does.
pub(super) fn open(directory: &FaultyDirectory) -> Result<Journal<FaultyDirectory>, Damage> {
    let recovered = recover(directory, LOG)?.ok_or(Damage::SegmentMissing { segment: String::new() })?;
    Ok(Journal::resume(directory.clone(), LOG, SEGMENT_BYTES, recovered).unwrap())
}

pub(super) struct Story {
    pub(super) chance: Chance,
    pub(super) directory: FaultyDirectory,
    pub(super) journal: Journal<FaultyDirectory>,
    /// The states it was in, the latest last.
    pub(super) states: Vec<State>,
    /// The first state that a power cut may leave.
    pub(super) flushed: usize,
    /// What that was before the last flush.
    pub(super) flushed_before: usize,
}

impl Story {
    pub(super) fn begin(seed: u64) -> Self {
        let directory = FaultyDirectory::default();
        let journal = Journal::create(directory.clone(), LOG, SEGMENT_BYTES).unwrap();
        let states = vec![State::default()];
        Self { chance: Chance::new(seed), directory, journal, states, flushed: 0, flushed_before: 0 }
    }

    pub(super) fn now(&self) -> &State {
        self.states.last().unwrap()
    }

    /// Does something that a replica would do.
    pub(super) fn step(&mut self) -> Result<(), LogError> {
        match self.chance.below(16) {
            0..=4 => self.append(self.now().last().index + 1),
            5 => self.append_in_place(),
            6 | 7 => self.set_hard_state(),
            8 => self.set_configuration(),
            9 => self.set_base(),
            10 if self.chance.percent(10) => self.replace(),
            10 | 11 => self.tidy(),
            _ => self.flush(),
        }
    }

    pub(super) fn flush(&mut self) -> Result<(), LogError> {
        self.journal.flush()?;
        let reached = self.states.len() - 1;
        // A flush with nothing to do changes nothing, nor what is at stake.
        if reached > self.flushed {
            (self.flushed_before, self.flushed) = (self.flushed, reached);
        }
        Ok(())
    }

    fn change(&mut self, change: impl FnOnce(&mut State)) {
        let mut state = self.now().clone();
        change(&mut state);
        // What changes nothing is not written, nor flushed.
        if state != *self.now() {
            self.states.push(state);
        }
    }

    fn append(&mut self, first: u64) -> Result<(), LogError> {
        let mut term = self.now().term(first - 1);
        let mut records = Vec::new();
        for index in first..first + self.chance.between(1, 5) {
            term += u64::from(self.chance.percent(10));
            let size =
                if self.chance.percent(3) { self.chance.below(20_000) } else { self.chance.below(700) };
            let byte = u8::try_from(self.chance.below(256)).unwrap();
            records.push(Record { index, term, bytes: vec![byte; size].into() });
        }
        for record in &records {
            self.change(|state| state.put(record));
        }
        self.journal.append(&records)
    }

    fn append_in_place(&mut self) -> Result<(), LogError> {
        let State { base, hard_state, .. } = self.now();
        let low = base.index.max(hard_state.commit) + 1;
        let first = self.chance.clone().between(low, self.now().last().index + 1);
        self.chance.next();
        self.append(first)
    }

    fn set_hard_state(&mut self) -> Result<(), LogError> {
        let HardState { term, commit, .. } = self.now().hard_state;
        let low = commit.max(self.now().base.index);
        let commit = self.chance.between(low, self.states.last().unwrap().last().index);
        let hard_state =
            HardState { term: term + self.chance.next() % 2, vote: self.chance.next() % 4, commit };
        self.change(|state| state.hard_state = hard_state);
        self.journal.set_hard_state(hard_state);
        Ok(())
    }

    fn set_configuration(&mut self) -> Result<(), LogError> {
        let applied = self.now().hard_state.commit;
        let configuration = Configuration { applied, bytes: vec![7; self.chance.below(100)].into() };
        self.change(|state| state.configuration = Some(configuration.clone()));
        self.journal.set_configuration(configuration)
    }

    fn set_base(&mut self) -> Result<(), LogError> {
        let State { base, hard_state, .. } = self.now();
        if hard_state.commit <= base.index {
            return Ok(());
        }
        let (low, high) = (base.index + 1, hard_state.commit);
        let index = self.chance.between(low, high);
        let base = Position { index, term: self.now().term(index) };
        self.change(|state| state.set_base(base));
        self.journal.set_base(index)
    }

    fn replace(&mut self) -> Result<(), LogError> {
        let last = self.now().last();
        let base = Position { index: last.index + self.chance.next() % 100, term: last.term + 1 };
        self.change(|state| {
            state.records.clear();
            state.base = base;
        });
        self.journal.replace(base)
    }

    fn tidy(&mut self) -> Result<(), LogError> {
        self.journal.tidy(self.chance.below(4))?;
        Ok(())
    }

    /// Lets power fail now, opens what is left, and goes on with it.
    pub(super) fn cut_power(&mut self, sector: SectorBytes) {
        loop {
            self.directory = self.directory.after_power_cut(sector, &mut self.chance);
            if self.chance.percent(30) {
                // Power fails again while the log is opened.
                let fails_after = self.chance.next() % 12;
                self.directory.fail_after(fails_after);
                let recovered = recover(&self.directory, LOG).expect("a power cut is no damage").unwrap();
                if Journal::resume(self.directory.clone(), LOG, SEGMENT_BYTES, recovered).is_err() {
                    continue;
                }
                self.directory = self.directory.after_power_cut(sector, &mut self.chance);
            }
            break;
        }
        self.open_again();
    }

    /// Ends the process now, without a close and with power on, and goes on with what it wrote, synced or not.
    pub(super) fn kill(&mut self) {
        self.directory.fail_after(0);
        self.directory = self.directory.copy();
        self.open_again();
    }

    fn open_again(&mut self) {
        self.journal = open(&self.directory).expect("neither a power cut nor a kill is damage");
        let found = State::of(&self.journal);
        let possible = &self.states[self.flushed..];
        assert!(possible.contains(&found), "found {found:?}, and not one of {possible:?}");
        // What was found counts, so it is durable.
        (self.states, self.flushed, self.flushed_before) = (vec![found], 0, 0);
    }
}
