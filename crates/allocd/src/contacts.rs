//! What hosts' agents have said to this member since it leads.
//!
//! It is kept in memory only, one word for each host, and is no part of the replicated state: nothing is decided by it, and an
//! entry in the log for each word would be most of the log. A member that comes to lead begins with nothing, and says so until
//! every agent has had the time to speak. It counts by this process's own monotonic clock.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use allocd_replica::{Role, Standing};
use allocd_types::contact::{Contact, ContactState, Heartbeat, KnownHost, LastPass};
use allocd_types::host::Host;
use allocd_types::id::Incarnation;
use allocd_types::limits::{HEARTBEAT_INTERVAL_SECONDS_MAX, SILENT_AFTER_INTERVALS};
use allocd_types::name::HostName;
use allocd_types::time::Span;
use tokio::sync::watch;

/// Most hosts whose words are kept. There are far fewer; hosts that come and go under ever new names fill it at most so far.
const WORDS_MAX: usize = 65_536;

/// What agents have said to this member.
pub(crate) struct Contacts {
    standing: watch::Receiver<Standing>,
    lead: Mutex<Option<Lead>>,
}

/// The member does not lead, and whoever asks for contacts does not ask it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotLeading;

impl Contacts {
    /// Nothing said yet.
    pub(crate) fn new(standing: watch::Receiver<Standing>) -> Self {
        Self { standing, lead: Mutex::new(None) }
    }

    /// Notes when the member comes to lead, and when it does no more.
    pub(crate) async fn follow(&self) {
        let mut standing = self.standing.clone();
        loop {
            self.with_lead(Instant::now(), |_| ());
            if standing.changed().await.is_err() {
                return;
            }
        }
    }

    /// Keeps an agent's word.
    pub(crate) fn hear(&self, heartbeat: &Heartbeat) -> Result<(), NotLeading> {
        let now = Instant::now();
        self.with_lead(now, |lead| lead.map(|lead| lead.hear(heartbeat, now))).ok_or(NotLeading)
    }

    /// Forgets a host that is none any more.
    pub(crate) fn forget(&self, host: &HostName) {
        self.with_lead(Instant::now(), |lead| lead.map(|lead| lead.words.remove(host)));
    }

    /// A host with what is known of its agent.
    pub(crate) fn known(&self, host: Host) -> KnownHost {
        let now = Instant::now();
        let contact = self.with_lead(now, |lead| contact(lead.as_deref(), &host, now));
        KnownHost { host, contact }
    }

    /// Does something with what was said in the term that this member leads now.
    fn with_lead<T>(&self, now: Instant, act: impl FnOnce(Option<&mut Lead>) -> T) -> T {
        let standing = *self.standing.borrow();
        // What is kept is whole after every line that changes it.
        let mut lead = self.lead.lock().unwrap_or_else(PoisonError::into_inner);
        match standing.role {
            Role::Leader if lead.as_ref().is_some_and(|lead| lead.term == standing.term) => {}
            Role::Leader => *lead = Some(Lead::new(standing.term, now)),
            Role::Follower | Role::Candidate => *lead = None,
        }
        act(lead.as_mut())
    }
}

/// A term in which this member leads.
#[derive(Debug)]
struct Lead {
    term: u64,
    since: Instant,
    words: BTreeMap<HostName, Word>,
}

/// The last word of an agent.
#[derive(Debug)]
struct Word {
    at: Instant,
    interval: Duration,
    last: LastPass,
}

impl Lead {
    const fn new(term: u64, since: Instant) -> Self {
        Self { term, since, words: BTreeMap::new() }
    }

    fn hear(&mut self, heartbeat: &Heartbeat, now: Instant) {
        let Heartbeat { agent, interval, pass } = heartbeat;
        if self.words.len() >= WORDS_MAX && !self.words.contains_key(&agent.host) {
            return;
        }
        let interval = Duration::from_millis(interval.span().millis());
        let last = LastPass { incarnation: agent.incarnation, pass: *pass };
        self.words.insert(agent.host.clone(), Word { at: now, interval, last });
    }
}

/// What is known of a host's agent.
fn contact(lead: Option<&Lead>, host: &Host, now: Instant) -> Contact {
    if host.incarnation == Incarnation::default() {
        return Contact { state: ContactState::NoAgent, ..Contact::UNKNOWN };
    }
    let Some(lead) = lead else { return Contact::UNKNOWN };
    let longest = Duration::from_secs(HEARTBEAT_INTERVAL_SECONDS_MAX.into());
    let (heard, patience, last) = match lead.words.get(&host.spec.name) {
        Some(word) => (word.at, word.interval, Some(word.last)),
        None => (lead.since, longest, None),
    };
    let silence = now.saturating_duration_since(heard);
    let state = match last {
        _ if silence > patience * SILENT_AFTER_INTERVALS => ContactState::Silent,
        Some(_) => ContactState::Heard,
        None => ContactState::Unknown,
    };
    Contact { state, silent_for: span(silence), last }
}

fn span(duration: Duration) -> Span {
    Span::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use allocd_types::agent::AgentRef;
    use allocd_types::contact::{HeartbeatInterval, PassCounts};
    use allocd_types::host::{HostSpec, HostState};
    use allocd_types::id::MemberId;
    use allocd_types::label::Labels;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);

    fn host(incarnation: u64) -> Host {
        let spec = HostSpec {
            name: HostName::new("h1").unwrap(),
            bridges: BTreeMap::new(),
            labels: Labels::default(),
        };
        Host {
            spec,
            state: HostState::Active,
            incarnation: Incarnation::new(incarnation),
            uuid: None,
            release: None,
            leases: 0,
            awaited: 0,
            suspects: 0,
        }
    }

    fn heartbeat() -> Heartbeat {
        Heartbeat {
            agent: AgentRef { host: HostName::new("h1").unwrap(), incarnation: Incarnation::new(1) },
            interval: HeartbeatInterval::new(span(INTERVAL)).unwrap(),
            pass: PassCounts { drifts: 2, ..PassCounts::default() },
        }
    }

    fn leads(term: u64) -> Standing {
        Standing { role: Role::Leader, term, leader: Some(MemberId::new(1)) }
    }

    #[test]
    fn an_agent_is_silent_when_it_missed_to_speak_several_times() {
        let began = Instant::now();
        let mut lead = Lead::new(1, began);
        lead.hear(&heartbeat(), began);
        let patience = INTERVAL * SILENT_AFTER_INTERVALS;
        let heard = contact(Some(&lead), &host(1), began + patience);
        assert_eq!((heard.state, heard.silent_for), (ContactState::Heard, span(patience)));
        let silent = contact(Some(&lead), &host(1), began + patience + SECOND);
        assert_eq!(silent.state, ContactState::Silent);
        assert_eq!(silent.last.unwrap().pass.drifts, 2, "its last word stays known");
    }

    #[test]
    fn who_has_just_come_to_lead_does_not_call_anybody_silent() {
        let began = Instant::now();
        let lead = Lead::new(1, began);
        let hour = Duration::from_secs(HEARTBEAT_INTERVAL_SECONDS_MAX.into());
        let early = contact(Some(&lead), &host(1), began + hour * SILENT_AFTER_INTERVALS);
        assert_eq!(early.state, ContactState::Unknown);
        assert_eq!(early.silent_for, span(hour * SILENT_AFTER_INTERVALS), "it says how long it leads");
        let late = contact(Some(&lead), &host(1), began + hour * SILENT_AFTER_INTERVALS + SECOND);
        assert_eq!(late.state, ContactState::Silent);
    }

    #[test]
    fn who_does_not_lead_knows_nothing_but_that_there_is_no_agent() {
        assert_eq!(contact(None, &host(1), Instant::now()), Contact::UNKNOWN);
        assert_eq!(contact(None, &host(0), Instant::now()).state, ContactState::NoAgent);
    }

    #[test]
    fn what_was_heard_is_forgotten_with_the_lead() {
        let (standing, following) = watch::channel(leads(1));
        let contacts = Contacts::new(following);
        assert_eq!(contacts.hear(&heartbeat()), Ok(()));
        assert_eq!(contacts.known(host(1)).contact.state, ContactState::Heard);
        standing.send_replace(Standing { role: Role::Follower, term: 2, leader: None });
        assert_eq!(contacts.hear(&heartbeat()), Err(NotLeading));
        assert_eq!(contacts.known(host(1)).contact, Contact::UNKNOWN);
        standing.send_replace(leads(3));
        assert_eq!(contacts.known(host(1)).contact.state, ContactState::Unknown);
        // It may lead again without ever having looked in between.
        assert_eq!(contacts.hear(&heartbeat()), Ok(()));
        standing.send_replace(leads(5));
        assert_eq!(contacts.known(host(1)).contact.state, ContactState::Unknown);
    }

    #[test]
    fn a_host_that_is_deleted_is_forgotten() {
        let (_standing, following) = watch::channel(leads(1));
        let contacts = Contacts::new(following);
        contacts.hear(&heartbeat()).unwrap();
        contacts.forget(&HostName::new("h1").unwrap());
        assert_eq!(contacts.known(host(1)).contact.last, None);
    }
}
