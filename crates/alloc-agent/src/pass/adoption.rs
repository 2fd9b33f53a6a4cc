//! Taking over what runs already.

use allocd_types::name::JailName;
use freebsd_host::Runner;

use super::{Agent, PassError, Report};
use crate::cluster::Cluster;
use crate::plan::{self, Plan};
use crate::want::Build;

/// What an adoption came to.
#[derive(Debug)]
pub(crate) enum Adoption {
    /// There is nothing to adopt it for, and this is why.
    NotWanted(String),
    /// It was compared; without a finding it is taken over, by these steps.
    Compared(Plan),
}

impl<R: Runner, C: Cluster> Agent<'_, R, C> {
    /// Compares a jail with its leases, and takes it over if nothing differs.
    ///
    /// # Errors
    /// [`PassError`] if nothing could be done at all.
    pub(crate) fn adopt(&mut self, jail: &JailName) -> Result<(Adoption, Report), PassError> {
        let _alone = self.store.begin().map_err(PassError::Store)?;
        let mut report = Report::default();
        let standing = self.hear(&mut report)?;
        let want = self.want(standing, report.is_told())?;
        let seen = self.see(&want)?;
        report.unseen.clone_from(&seen.failures);
        let not_wanted = |why: &str| Adoption::NotWanted(why.to_owned());
        let adoption = match want.jails.get(jail).map(|desired| (&desired.build, &desired.waiting)) {
            None => not_wanted("it has no lease on this host"),
            Some((Build::Refused(why), _)) => not_wanted(why),
            Some((Build::Jail(wanted), waiting)) if waiting.is_empty() => {
                let part = plan::adopt(jail, wanted, &seen);
                Adoption::Compared(Plan { jails: vec![part], ..Plan::default() })
            }
            Some((Build::Jail(_) | Build::Nothing | Build::Later, _)) => {
                not_wanted("its leases are not this host's to use now")
            }
        };
        if let Adoption::Compared(plan) = &adoption {
            let plan = self.take_up_lost(plan.clone(), standing, &mut report)?;
            report.outcomes = self.execute(plan);
        }
        Ok((adoption, report))
    }
}
