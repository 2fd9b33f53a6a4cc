//! The order of one Ready: the one place where a member's promises are kept or broken.

use raft::{ReadState, StateRole};
use raft_proto::eraftpb::{Entry, EntryType};

use crate::effects::Effect;
use crate::fault::Fault;
use crate::log::LogStore;
use crate::replica::Replica;

impl<S: LogStore> Replica<S> {
    /// Whether [`Replica::advance`] will wait for the disk: what was handed in has to be durable before it is promised. A caller
    /// that has other things to do may let another thread wait.
    #[must_use]
    pub fn waits_for_disk(&self) -> bool {
        let raft = &self.node.raft;
        let (now, kept) = (raft.hard_state(), self.node.store().store().hard_state());
        !raft.raft_log.unstable_entries().is_empty()
            || raft.raft_log.unstable_snapshot().is_some()
            || (now.term, now.vote) != (kept.term, kept.vote)
            || self.has_committed_change(&[])
    }

    /// Handles all that raft has ready.
    pub(crate) fn handle_ready(&mut self, perform: &mut dyn FnMut(Effect)) -> Result<(), Fault> {
        while self.node.has_ready() {
            self.handle_one_ready(perform)?;
        }
        Ok(())
    }

    /// Handles one Ready, in the only order that is right. No step and no proposal may come in between.
    ///
    /// 1. **A leader's messages leave at once**: the peers' flushes overlap its own (thesis §10.2.1). They promise nothing. Only
    ///    those that tell that a change of members is committed wait for the flush: whoever is removed by it stops, and if this
    ///    member forgot of it, it could need a vote that nobody gives any more.
    /// 2. **A peer's snapshot takes the place of all**, then **entries go into the log**, in place of a conflicting tail.
    /// 3. **The hard state after them**: what a power cut leaves has never a commit beyond the end of its log.
    /// 4. **One flush makes both durable**; without entries and with the same term and vote, nothing has to be, except for 1.
    /// 5. **All other messages leave**: votes and acknowledgements, which promise what was just flushed.
    /// 6. Confirmed reads are noted.
    /// 7. raft is told, and may now count this member's own flush: that can commit more.
    /// 8. The commit is written down, not flushed: it can be learned again; except for 1.
    /// 9. What follows from the commit is sent.
    /// 10. **Committed entries are applied**, and those who asked are answered.
    /// 11. raft is told how far; who does not vote any more does not lead.
    fn handle_one_ready(&mut self, perform: &mut dyn FnMut(Effect)) -> Result<(), Fault> {
        let mut ready = self.node.ready();
        // 1.
        let has_to_keep_commit = self.has_committed_change(ready.committed_entries());
        let mut messages = ready.take_messages();
        if !has_to_keep_commit {
            self.send(std::mem::take(&mut messages), perform);
        }
        // 2.
        if !ready.snapshot().is_empty() {
            self.replace_all(ready.snapshot().get_metadata().index, perform)?;
        }
        let entries = ready.take_entries();
        self.node.mut_store().append(&entries)?;
        // 3.
        if let Some(hard_state) = ready.hs() {
            self.node.mut_store().set_hard_state(hard_state)?;
        }
        // 4.
        if ready.must_sync() || has_to_keep_commit {
            self.node.mut_store().flush()?;
        }
        self.send(messages, perform);
        // 5.
        self.send(ready.take_persisted_messages(), perform);
        // 6.
        for ReadState { index, request_ctx } in ready.take_read_states() {
            self.reads.confirm(&request_ctx, index);
        }
        // 7.
        let mut committed = ready.take_committed_entries();
        let mut light = self.node.advance_append(ready);
        // 8.
        if light.commit_index().is_some() {
            let hard_state = self.node.raft.hard_state();
            self.node.mut_store().set_hard_state(&hard_state)?;
            if self.has_committed_change(light.committed_entries()) {
                self.node.mut_store().flush()?;
            }
        }
        // 9.
        self.send(light.take_messages(), perform);
        // 10.
        committed.append(&mut light.take_committed_entries());
        self.apply(committed, perform)?;
        // 11.
        self.node.advance_apply_to(self.applied);
        self.step_down_if_no_voter();
        self.note_standing(perform);
        self.node.store().take_failure()?;
        Ok(())
    }

    /// Whether this member leads and a change of members is committed and not applied. It is among the entries that are to be
    /// applied now, or, if these are not all that are committed, may be among those that come later.
    fn has_committed_change(&self, entries: &[Entry]) -> bool {
        let raft = &self.node.raft;
        let committed = raft.raft_log.committed;
        let may_be = raft.state == StateRole::Leader
            && raft.has_pending_conf()
            && committed >= raft.pending_conf_index;
        let are_all = entries.last().is_some_and(|last| last.index == committed);
        let is_change = |entry: &Entry| entry.get_entry_type() != EntryType::EntryNormal;
        may_be && (!are_all || entries.iter().any(is_change))
    }
}
