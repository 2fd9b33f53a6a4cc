//! Steps that change files: ours only, and looked at once more right before.

use allocd_types::name::JailName;
use freebsd_config::origin;
use freebsd_config::rc_conf::{self, ListVariable, VariableName};
use freebsd_host::Runner;

use super::{Executor, StepError};
use crate::observe::RC_CONF_FILES;
use crate::step::{RcEdit, Replaces, is_ezjail_admins};

/// Everybody may read what is rendered.
const MODE: u32 = 0o644;

impl<R: Runner> Executor<'_, R> {
    pub(super) fn write_file(
        &self,
        jail: &JailName,
        path: &str,
        text: &str,
        replaces: Replaces,
    ) -> Result<(), StepError> {
        match self.files.read(path)? {
            Some(found) if found == text => return Ok(()),
            Some(found) if !is_ours(&found, jail) && !may_replace(&found, jail, replaces) => {
                return Err(StepError::ForeignFile { path: path.to_owned() });
            }
            Some(_) | None => {}
        }
        Ok(self.files.write(path, text, MODE)?)
    }

    pub(super) fn remove_file(&self, jail: &JailName, path: &str) -> Result<(), StepError> {
        match self.files.read(path)? {
            None => Ok(()),
            Some(found) if is_ours(&found, jail) => Ok(self.files.remove(path)?),
            Some(_) => Err(StepError::ForeignFile { path: path.to_owned() }),
        }
    }

    /// Changes the file that says the variable, which is the last one that sets it, or else the first.
    pub(super) fn edit_rc_conf(&self, edit: &RcEdit) -> Result<(), StepError> {
        let name = match edit {
            RcEdit::EnableJails => "jail_enable",
            RcEdit::EnableEzjail => "ezjail_enable",
            RcEdit::List(_) | RcEdit::Unlist(_) => ListVariable::JailList.as_str(),
        };
        let name = VariableName::new(name)?;
        let mut place = (RC_CONF_FILES[0], self.files.read(RC_CONF_FILES[0])?.unwrap_or_default());
        for path in &RC_CONF_FILES[1..] {
            let text = self.files.read(path)?.unwrap_or_default();
            if rc_conf::get(&text, &name)?.is_some() {
                place = (path, text);
            }
        }
        let (path, text) = place;
        let next = match edit {
            RcEdit::EnableJails | RcEdit::EnableEzjail => rc_conf::enable(&text, &name)?,
            RcEdit::List(jail) => rc_conf::add_word(&text, ListVariable::JailList, jail.as_str())?,
            RcEdit::Unlist(jail) => rc_conf::remove_word(&text, ListVariable::JailList, jail.as_str())?,
        };
        if next != text {
            self.files.write(path, &next, MODE)?;
        }
        Ok(())
    }
}

fn is_ours(text: &str, jail: &JailName) -> bool {
    origin::read(text).is_some_and(|origin| origin.jail == *jail)
}

fn may_replace(text: &str, jail: &JailName, replaces: Replaces) -> bool {
    match replaces {
        Replaces::Ours => false,
        Replaces::EzjailAdmins => is_ezjail_admins(text, jail),
    }
}
