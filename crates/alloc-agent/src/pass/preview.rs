//! Passes that change nothing, or only files.

use std::collections::BTreeMap;

use allocd_client::deadline::HolderTime;
use allocd_types::lease::{Lease, LeaseState};
use freebsd_config::Release;
use freebsd_host::Runner;

use super::{Agent, PassError, Report, standing};
use crate::cluster::{Cluster, Told};
use crate::config::Layers;
use crate::lifetime::Lifetimes;
use crate::observe::{Looks, ObservedHost};
use crate::plan::{Finding, Plan};
use crate::step::Step;
use crate::want::{DesiredHost, Purpose, Times};

/// Into which jails a preview looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookInto {
    EveryJail,
    NoJail,
}

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Writes the files of jails and does nothing else.
    ///
    /// # Errors
    /// [`PassError`] if nothing could be done at all.
    pub(crate) fn render(&mut self) -> Result<Report, PassError> {
        let _alone = self.store.begin().map_err(PassError::Store)?;
        let mut report = Report::default();
        let standing = self.hear(&mut report)?;
        let want = self.want(standing, report.is_told())?;
        self.memory.looks = Looks::from_outside();
        let seen = self.see(&want)?;
        let mut plan = self.plan(&want, &seen, self.config.policy.destructive_max);
        report.tell(&plan);
        for part in &mut plan.jails {
            part.confirms.clear();
            part.steps.retain(|planned| {
                let Step::WriteFile { path, .. } = &planned.step else { return false };
                report.written.push(path.clone());
                true
            });
        }
        report.outcomes = self.execute(plan);
        Ok(report)
    }

    /// What would be done, without doing anything: by what the cluster tells, or else by what is known.
    ///
    /// # Errors
    /// [`PassError::Look`] if the host cannot be looked at.
    pub(crate) fn preview(
        &mut self,
        told: Option<Told>,
        into: LookInto,
    ) -> Result<(DesiredHost, ObservedHost, Plan), PassError> {
        let want = match told {
            None => self.want(self.kept_standing(), false)?,
            Some(told) => {
                let is_watched = self.is_watched()?;
                as_told(told, (self.clock.now(), is_watched), (&self.config.jails, self.release))
            }
        };
        match into {
            LookInto::EveryJail => {}
            LookInto::NoJail => self.memory.looks = Looks::from_outside(),
        }
        let seen = self.see(&want)?;
        let mut plan = self.plan(&want, &seen, self.config.policy.destructive_max);
        self.recall(&mut Report::default());
        for (lease, matter, case) in self.memory.conflicts.cases() {
            if let Some(lease) = self.store.cache().leases.get(&lease) {
                plan.tell(&lease.holder.jail, Finding::OnWire(matter.told(case)));
            }
        }
        Ok((want, seen, plan))
    }
}

/// What is wanted by what the cluster tells at this time. What is not bound yet will be, before anything else.
pub(crate) fn as_told(
    told: Told,
    (now, is_watched): (HolderTime, bool),
    (jails, release): (&Layers, Release),
) -> DesiredHost {
    let leases: Vec<Lease> = told.leases.into_iter().map(as_if_bound).collect();
    let mut lifetimes = Lifetimes::default();
    leases.iter().for_each(|lease| lifetimes.note(lease, now));
    let times = Times { now, lifetimes: &lifetimes, ended: &BTreeMap::new(), is_watched };
    let mut want = DesiredHost::new(&leases, standing(told.state), times, (jails, release));
    want.is_told = true;
    want
}

/// A lease as it will be when its host has taken it up.
fn as_if_bound(lease: Lease) -> Lease {
    match (Purpose::of(&lease), lease.state) {
        (Purpose::Use, LeaseState::Granted) => Lease { state: LeaseState::Bound, ..lease },
        (Purpose::Use | Purpose::TearDown, _) => lease,
    }
}
