//! One interface of a jail: it holds a lease, with a lifetime or without one, and keeps the deadline rule.

use allocd_client::deadline::{HolderTime, UseUntil, renew_at};
use allocd_state::response::Response;
use allocd_types::holder::Holder;
use allocd_types::id::{Generation, LeaseId};
use allocd_types::lease::Lease;
use allocd_types::rejection::Rejection;
use allocd_types::time::Span;

use super::super::clock::Clock;
use super::super::message::{Ask, Outcome};
use super::super::observation::Use;
use super::super::{values, wish};
use super::{Out, Step};

/// What a holder keeps in hand between looking at its clock and its last frame.
const MARGIN: Span = Span::from_millis(50);
/// How long leases with a lifetime are asked for, in seconds.
const TTL_SECONDS: (u64, u64) = (8, 25);

/// An interface of a jail.
#[derive(Debug, Clone)]
pub(super) struct Jail {
    holder: Holder,
    held: Option<Held>,
    /// A lease that was asked to end, as long as no answer came: it may end at any time, and is not used again.
    given_back: Option<(LeaseId, Generation)>,
    is_lazy: bool,
}

/// A lease in use.
#[derive(Debug, Clone)]
struct Held {
    lease: Box<Lease>,
    until: UseUntil,
    renews_at: Option<HolderTime>,
    /// True once it was said that the cluster is in recovery: it has to be told what lives here.
    is_to_be_told: bool,
}

impl Jail {
    pub(super) const fn new(holder: Holder) -> Self {
        Self { holder, held: None, given_back: None, is_lazy: false }
    }

    pub(super) const fn holder(&self) -> &Holder {
        &self.holder
    }

    pub(super) fn uses(&self) -> Option<&Lease> {
        self.held.as_ref().map(|held| &*held.lease)
    }

    pub(super) fn take_down(&mut self) -> Option<LeaseId> {
        self.held.take().map(|held| held.lease.id)
    }

    /// When it has to stop using what it uses.
    pub(super) fn ends_at(&self) -> Option<HolderTime> {
        match self.held.as_ref()?.until {
            UseUntil::Moment(end) => Some(end),
            UseUntil::Forever => None,
        }
    }

    /// The deadline rule: what may no longer be used is not.
    pub(super) fn stop_if_due(&mut self, step: &mut Step<'_>) {
        if let Some(ended) = self.held.take_if(|held| !held.until.allows(step.clock.holder(step.real))) {
            step.out.push(Out::Stops(ended.lease.id));
        }
    }

    pub(super) fn choose(
        &mut self,
        chance: u64,
        operation: u64,
        now: HolderTime,
        step: &mut Step<'_>,
    ) -> Option<Ask> {
        let Some(there) = &self.held else { return Some(self.ask_for_one(chance, operation, step)) };
        let (lease, generation) = (there.lease.id, there.lease.generation);
        if there.is_to_be_told && chance < 700 {
            let ttl = there.lease.remaining.map(|_| Span::from_millis(TTL_SECONDS.0 * 1_000));
            return Some(Ask::Do(wish::adopt(&there.lease, ttl, operation)));
        }
        if !self.is_lazy && there.renews_at.is_some_and(|at| at <= now) {
            return Some(Ask::Do(wish::renew(lease, generation)));
        }
        match chance {
            0..150 => {
                // The interface goes down before the lease is given back.
                self.held = None;
                self.given_back = Some((lease, generation));
                step.out.push(Out::Stops(lease));
                Some(Ask::Do(wish::release(lease, generation)))
            }
            150..300 => Some(Ask::Read(self.holder.clone())),
            300..400 => {
                // Whoever asks for it starts again, knows nothing, and asks what its jail has.
                self.held = None;
                step.out.push(Out::Stops(lease));
                Some(Ask::Read(self.holder.clone()))
            }
            _ => None,
        }
    }

    fn ask_for_one(&self, chance: u64, operation: u64, step: &mut Step<'_>) -> Ask {
        if let Some((lease, generation)) = self.given_back {
            return Ask::Do(wish::release(lease, generation));
        }
        if chance < 150 {
            return Ask::Read(self.holder.clone());
        }
        let seconds = step.random.between(TTL_SECONDS.0, TTL_SECONDS.1);
        let ttl = (chance < 750).then(|| Span::from_millis(seconds * 1_000));
        Ask::Do(wish::allocate(&self.holder, ttl, operation))
    }

    pub(super) fn take(&mut self, outcome: &Outcome, sent_at: HolderTime, step: &mut Step<'_>) {
        self.given_back = None;
        let lease = match outcome {
            Outcome::Applied { result, .. } => match &**result {
                Ok(Response::Lease(granted)) => Some(&granted.lease),
                Ok(_) => None,
                // Nobody knows yet whether the lease is what the holder takes it for; what lives goes on.
                Err(Rejection::Recovering { .. }) => {
                    if let Some(held) = &mut self.held {
                        held.is_to_be_told = true;
                    }
                    None
                }
                Err(_) => {
                    // Whatever was refused, the lease is not what the holder takes it for.
                    let ended = self.held.take();
                    step.out.extend(ended.map(|ended| Out::Stops(ended.lease.id)));
                    None
                }
            },
            Outcome::Read { lease, .. } => lease.as_deref(),
            Outcome::ReadHost { .. } | Outcome::Unavailable { .. } => None,
        };
        // One of a former timeline says nothing about what may be used.
        let Some(lease) = lease.filter(|lease| !lease.is_unconfirmed) else { return };
        let other = self.held.take_if(|held| held.lease.id != lease.id);
        step.out.extend(other.map(|other| Out::Stops(other.lease.id)));
        let until = UseUntil::rule(sent_at, lease.remaining, MARGIN);
        if !until.allows(step.clock.holder(step.real)) {
            return;
        }
        self.is_lazy = step.random.in_a_thousand(400);
        let renews_at = renew_at(sent_at, lease.remaining);
        self.held = Some(Held { lease: Box::new(lease.clone()), until, renews_at, is_to_be_told: false });
        step.out.push(Out::Uses(usage(&self.holder, lease, until, step.clock)));
    }
}

fn usage(holder: &Holder, lease: &Lease, until: UseUntil, clock: &Clock) -> Use {
    let due_at = match until {
        UseUntil::Moment(end) => Some(clock.real(end)),
        UseUntil::Forever => None,
    };
    Use { holder: holder.clone(), lease: lease.id, values: values::of_lease(lease), due_at }
}
