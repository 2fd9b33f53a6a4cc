//! Committed entries into the machine, and what comes out of it to those who wait.

use allocd_state::command;
use allocd_state::response::Applied;
use raft_proto::ConfChangeI;
use raft_proto::eraftpb::{ConfChange, ConfChangeV2, Entry, EntryType};

use crate::cache;
use crate::codec;
use crate::effects::{Answer, Author, Effect, Unavailable};
use crate::fault::Fault;
use crate::log::{LogError, LogStore, Position};
use crate::proposals::Applicants;
use crate::replica::Replica;

impl<S: LogStore> Replica<S> {
    /// Applies entries in order; then shows the new state; then answers.
    ///
    /// The answers come last so that whoever got one finds what it tells of, even in a state that may be stale.
    pub(crate) fn apply(
        &mut self,
        entries: Vec<Entry>,
        perform: &mut dyn FnMut(Effect),
    ) -> Result<(), Fault> {
        if entries.is_empty() {
            return Ok(());
        }
        self.shared = None;
        let mut answers = Vec::new();
        for entry in entries {
            assert_eq!(entry.index, self.applied + 1, "entries are applied one after the other");
            self.applied = entry.index;
            self.snapshots.count(cache::size(&entry));
            let at = Position { index: entry.index, term: entry.term };
            let kind = EntryType::try_from(entry.entry_type).map_err(|_| LogError::Corrupted {
                index: entry.index,
                reason: "it is of an unknown kind",
            })?;
            match kind {
                EntryType::EntryNormal => self.apply_commands(&entry, &mut answers, perform)?,
                EntryType::EntryConfChange => self.apply_membership::<ConfChange>(&entry, perform)?,
                EntryType::EntryConfChangeV2 => self.apply_membership::<ConfChangeV2>(&entry, perform)?,
            }
            self.node.mut_store().note_applied(at);
        }
        self.catch_up_clock();
        perform(Effect::State(self.share_state()));
        answers.into_iter().for_each(perform);
        Ok(())
    }

    fn apply_commands(
        &mut self,
        entry: &Entry,
        answers: &mut Vec<Effect>,
        perform: &mut dyn FnMut(Effect),
    ) -> Result<(), Fault> {
        let applicants = self.waiting.take(entry.index, entry.term);
        let (authors, applied) = if entry.data.is_empty() {
            // A leader begins its term with an entry of nothing, to commit what it inherited.
            (Vec::new(), Vec::new())
        } else {
            let index = entry.index;
            let decoded = codec::decode_entry(index, entry.data.clone(), self.levels.understands);
            let (level, decoded) = decoded.map_err(|source| Fault::entry(index, source))?;
            self.levels.use_level(level);
            let applied = self.machine.apply(&decoded);
            (authors(decoded), applied)
        };
        let tokens = match applicants {
            Applicants::Answered(tokens) => tokens,
            Applicants::Displaced(tokens) => {
                let answer = Answer::Unavailable(Unavailable::OutcomeUnknown { leader: self.leader() });
                answers
                    .extend(tokens.into_iter().map(|token| Effect::Answer { token, answer: answer.clone() }));
                Vec::new()
            }
        };
        assert!(
            tokens.is_empty() || tokens.len() == applied.len(),
            "each command of an entry has one answer"
        );
        let mut tokens = tokens.into_iter();
        for (by, Applied { revision, outcome, events }) in authors.into_iter().zip(applied) {
            if let Some(token) = tokens.next() {
                answers.push(Effect::Answer {
                    token,
                    answer: Answer::Applied { revision, outcome: Box::new(outcome) },
                });
            }
            if !events.is_empty() {
                perform(Effect::Events { revision, by, events });
            }
        }
        Ok(())
    }

    /// Applies a change of members, unless the configuration that was loaded contains it already.
    fn apply_membership<C>(&mut self, entry: &Entry, perform: &mut dyn FnMut(Effect)) -> Result<(), Fault>
    where
        C: ConfChangeI + prost::Message + Default,
    {
        if entry.index <= self.membership.index() {
            return Ok(());
        }
        // Empty data decodes to the empty change, which leaves a joint configuration.
        let change = C::decode(entry.data.clone()).map_err(|_| LogError::Corrupted {
            index: entry.index,
            reason: "its change of members cannot be read",
        })?;
        let voters =
            self.node.apply_conf_change(&change).map_err(Fault::raft("apply a change of members"))?;
        // What cannot be read as an address is none: a peer's configuration may know it.
        let context = change.as_v2().context.clone();
        let address = std::str::from_utf8(&context).unwrap_or_default();
        self.membership = self.membership.after(voters, address, entry.index);
        self.node.mut_store().set_membership(&self.membership)?;
        self.answer_change(entry.index, entry.term);
        perform(Effect::Members(self.membership.clone()));
        Ok(())
    }
}

/// Who asked for each command of an entry.
fn authors(entry: command::Entry) -> Vec<Author> {
    let labelled_at = entry.labelled_at;
    let author = |request: command::Request| Author {
        caller: request.caller,
        request_id: request.request_id,
        command: request.command.name(),
        labelled_at,
    };
    entry.commands.into_iter().map(author).collect()
}
