//! Linearizable reads without a log entry (thesis §6.4).
//!
//! A read that has arrived waits until the leader has learned from a majority that it still leads; the commit index of that
//! moment is the read's index, and the read is answered once this member has applied so far. All reads that wait share one
//! question. raft drops a question silently while a leader is new, and the network may at any time, so an unanswered one is
//! asked again under another context after [`READ_RETRY_TICKS`]; after [`READ_DEADLINE_TICKS`] the read fails.

use std::collections::{BTreeMap, VecDeque};

use allocd_types::id::MemberId;

use crate::effects::Token;

/// Ticks after which an unanswered question is asked again.
pub const READ_RETRY_TICKS: u64 = 3;
/// Ticks after which a read fails.
pub const READ_DEADLINE_TICKS: u64 = 30;
/// Most reads that wait at one time; further ones are refused as busy.
pub const READS_WAITING_MAX: usize = 65_536;
/// Most questions on their way at one time; reads beyond them wait for the next one.
const QUESTIONS_MAX: usize = 64;

/// The reads of one member.
#[derive(Debug)]
pub(crate) struct Reads {
    /// Distinguishes this start of this member from every other: contexts are unique in the cluster.
    origin: [u64; 2],
    questions_asked: u64,
    ticks: u64,
    count: usize,
    waiting: Vec<Pending>,
    asked: VecDeque<Question>,
    confirmed: BTreeMap<u64, Vec<Pending>>,
}

#[derive(Debug, Clone, Copy)]
struct Pending {
    token: Token,
    fails_at: u64,
}

#[derive(Debug)]
struct Question {
    context: Vec<u8>,
    repeats_at: u64,
    reads: Vec<Pending>,
}

impl Reads {
    pub(crate) fn new(member: MemberId, start: u64) -> Self {
        Self {
            origin: [member.get(), start],
            questions_asked: 0,
            ticks: 0,
            count: 0,
            waiting: Vec::new(),
            asked: VecDeque::new(),
            confirmed: BTreeMap::new(),
        }
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Takes a read in; false if too many wait.
    pub(crate) fn add(&mut self, token: Token) -> bool {
        if self.count >= READS_WAITING_MAX {
            return false;
        }
        self.count += 1;
        self.waiting.push(Pending { token, fails_at: self.ticks + READ_DEADLINE_TICKS });
        true
    }

    /// The context of a question to ask now, for all reads that wait.
    pub(crate) fn ask(&mut self) -> Option<Vec<u8>> {
        if self.waiting.is_empty() || self.asked.len() >= QUESTIONS_MAX {
            return None;
        }
        self.questions_asked += 1;
        let [member, start] = self.origin;
        let context: Vec<u8> =
            [member, start, self.questions_asked].into_iter().flat_map(u64::to_be_bytes).collect();
        let reads = std::mem::take(&mut self.waiting);
        self.asked.push_back(Question {
            context: context.clone(),
            repeats_at: self.ticks + READ_RETRY_TICKS,
            reads,
        });
        Some(context)
    }

    /// Notes the answer to a question; one that was asked again meanwhile is nobody's.
    pub(crate) fn confirm(&mut self, context: &[u8], index: u64) {
        let Some(at) = self.asked.iter().position(|question| question.context == context) else { return };
        let question = self.asked.remove(at).expect("the position was just found");
        self.confirmed.entry(index).or_default().extend(question.reads);
    }

    /// The reads that may be answered from a state that has applied up to an index.
    pub(crate) fn take_ready(&mut self, applied: u64) -> Vec<Token> {
        let later = self.confirmed.split_off(&(applied + 1));
        let ready = std::mem::replace(&mut self.confirmed, later);
        let tokens: Vec<Token> = ready.into_values().flatten().map(|read| read.token).collect();
        self.count -= tokens.len();
        tokens
    }

    /// Lets a tick pass: unanswered questions will be asked again, and reads past their deadline fail.
    pub(crate) fn tick(&mut self) -> Vec<Token> {
        self.ticks += 1;
        while let Some(question) = self.asked.pop_front_if(|question| question.repeats_at <= self.ticks) {
            self.waiting.extend(question.reads);
        }
        let mut failed = Vec::new();
        let groups = std::iter::once(&mut self.waiting)
            .chain(self.asked.iter_mut().map(|question| &mut question.reads))
            .chain(self.confirmed.values_mut());
        for group in groups {
            failed.extend(group.extract_if(.., |read| read.fails_at <= self.ticks).map(|read| read.token));
        }
        self.count -= failed.len();
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads() -> Reads {
        Reads::new(MemberId::new(1), 99)
    }

    #[test]
    fn all_that_wait_share_one_question_and_contexts_never_repeat() {
        let mut reads = reads();
        assert_eq!(reads.ask(), None);
        assert!(reads.add(Token(1)) && reads.add(Token(2)));
        let first = reads.ask().unwrap();
        assert_eq!(reads.ask(), None);
        assert!(reads.add(Token(3)));
        let second = reads.ask().unwrap();
        assert_ne!(first, second);
        reads.confirm(&second, 7);
        reads.confirm(&first, 5);
        assert_eq!(reads.take_ready(4), vec![]);
        assert_eq!(reads.take_ready(5), vec![Token(1), Token(2)]);
        assert_eq!(reads.take_ready(9), vec![Token(3)]);
        assert_eq!(reads.count(), 0);
    }

    #[test]
    fn an_unanswered_question_is_asked_again_and_its_late_answer_is_nobodys() {
        let mut reads = reads();
        assert!(reads.add(Token(1)));
        let first = reads.ask().unwrap();
        for _ in 1..READ_RETRY_TICKS {
            assert_eq!(reads.tick(), vec![]);
            assert_eq!(reads.ask(), None);
        }
        assert_eq!(reads.tick(), vec![]);
        let second = reads.ask().unwrap();
        reads.confirm(&first, 3);
        assert_eq!(reads.take_ready(9), vec![]);
        reads.confirm(&second, 4);
        assert_eq!(reads.take_ready(9), vec![Token(1)]);
    }

    #[test]
    fn a_read_fails_at_its_deadline_wherever_it_waits() {
        let mut reads = reads();
        assert!(reads.add(Token(1)));
        let question = reads.ask().unwrap();
        reads.confirm(&question, 100);
        assert!(reads.add(Token(2)));
        let failed: Vec<Token> = (0..READ_DEADLINE_TICKS).flat_map(|_| reads.tick()).collect();
        assert_eq!(failed.len(), 2);
        assert_eq!(reads.count(), 0);
        assert_eq!(reads.take_ready(u64::MAX - 1), vec![]);
    }

    #[test]
    fn too_many_are_refused() {
        let mut reads = reads();
        let taken = (0..).take_while(|&number| reads.add(Token(number))).count();
        assert_eq!(taken, READS_WAITING_MAX);
    }
}
