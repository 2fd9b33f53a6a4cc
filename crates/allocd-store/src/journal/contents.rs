//! What a journal comes to, frame by frame: the same for a writer that adds one and for a reader that finds it again.

use allocd_replica::log::{Configuration, HardState};

use super::catalog::Catalog;
use super::frame::{Body, Place, Standing};

/// No log counts as far in its life.
const INDEX_MAX: u64 = u64::MAX / 2;

/// What a log holds, as far as its journal was read or written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contents {
    pub(crate) catalog: Catalog,
    pub(crate) hard_state: HardState,
    pub(crate) configuration: Option<Configuration>,
}

impl Contents {
    /// What the first frame of a segment says of those before.
    ///
    /// # Errors
    /// What cannot be so of any log.
    pub(crate) fn begin(standing: &Standing) -> Result<Self, &'static str> {
        let Standing { base, last, hard_state, ref configuration } = *standing;
        if base.index > last.index || base.term > last.term {
            return Err("it ends before it begins");
        }
        check_index(last.index)?;
        Ok(Self { catalog: Catalog::between(base, last), hard_state, configuration: configuration.clone() })
    }

    /// What the next segment begins with.
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            base: self.catalog.base(),
            last: self.catalog.last(),
            hard_state: self.hard_state,
            configuration: self.configuration.clone(),
        }
    }

    /// Takes in what the next frame says.
    ///
    /// # Errors
    /// What does not fit to the frames before: a sound journal has no such frame.
    pub(crate) fn take(&mut self, body: &Body<'_>, place: Place) -> Result<(), &'static str> {
        match body {
            Body::Start(standing) => {
                if *standing != self.standing() {
                    return Err("it begins with what the segments before it did not come to");
                }
            }
            Body::Record { at, .. } => {
                check_index(at.index)?;
                let base = self.catalog.base().index;
                if at.index <= base || at.index > self.catalog.last_index() + 1 {
                    return Err("its record leaves a gap");
                }
                if self.catalog.term(at.index - 1).is_some_and(|before| at.term < before) {
                    return Err("its record's term is below the one before");
                }
                self.catalog.put(*at, place);
            }
            Body::HardState(hard_state) => self.hard_state = *hard_state,
            Body::Configuration(configuration) => self.configuration = Some(configuration.clone()),
            Body::Base(base) => {
                // A reader that begins late does not know the terms of before.
                let is_other = self.catalog.term(base.index).is_some_and(|term| term != base.term);
                if base.index < self.catalog.base().index
                    || base.index > self.catalog.last_index()
                    || is_other
                {
                    return Err("its base is no entry of the log");
                }
                self.catalog.set_base(*base);
            }
            Body::Replaced(base) => {
                check_index(base.index)?;
                self.catalog.replace(*base);
            }
            Body::Sealed => {}
        }
        Ok(())
    }
}

fn check_index(index: u64) -> Result<(), &'static str> {
    if index > INDEX_MAX { Err("no log counts as far") } else { Ok(()) }
}
