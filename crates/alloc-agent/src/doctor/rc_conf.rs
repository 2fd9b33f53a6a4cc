//! The host's rc.conf(5): two files, the later over the earlier.
//!
//! /etc/defaults/rc.conf is not asked, for each check knows what the base system has for its variable, and neither are the files
//! of single scripts below /etc/rc.conf.d.

use freebsd_config::rc_conf::{self, VariableName};

use super::fact::Fact;
use super::files::read;
use crate::files::Files;

/// The files that rc(8) reads, the last one first.
const FILES: [&str; 2] = ["/etc/rc.conf.local", "/etc/rc.conf"];

/// The host's rc.conf(5).
#[derive(Debug)]
pub(crate) struct RcConf {
    /// The last one first.
    files: Vec<Fact<Option<String>>>,
}

impl RcConf {
    pub(super) fn look(files: &Files) -> Self {
        Self { files: FILES.iter().map(|path| read(files, path)).collect() }
    }

    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        Self { files: vec![Fact::new("cat /etc/rc.conf", Ok(Some(text.to_owned())))] }
    }

    /// What a variable is set to; none if no file sets it.
    pub(super) fn get(&self, name: &'static str) -> Fact<Option<String>> {
        let name = VariableName::new(name).expect("a variable that a check looks at has a name");
        let command = format!("sysrc -n {name}");
        for file in &self.files {
            let value = match (file.get(), file.reason()) {
                (Some(None), _) => Ok(None),
                (Some(Some(text)), _) => {
                    let told = |error| format!("`{}`: {error}", file.command());
                    rc_conf::get(text, &name).map_err(told)
                }
                (None, reason) => Err(reason.unwrap_or_default().to_owned()),
            };
            match value {
                Ok(None) => {}
                Ok(Some(_)) | Err(_) => return Fact::new(command, value),
            }
        }
        Fact::new(command, Ok(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(rc_conf: &str, local: Option<&str>) -> RcConf {
        let file = |text: Option<&str>| Fact::new("cat", Ok(text.map(str::to_owned)));
        RcConf { files: vec![file(local), file(Some(rc_conf))] }
    }

    #[test]
    fn the_later_file_counts() {
        let value = |conf: &RcConf| conf.get("jail_enable").get().cloned().flatten();
        assert_eq!(value(&with("jail_enable=NO\n", Some("jail_enable=YES\n"))), Some("YES".to_owned()));
        assert_eq!(value(&with("jail_enable=NO\n", Some("sshd_enable=YES\n"))), Some("NO".to_owned()));
        assert_eq!(value(&with("", None)), None);
    }

    #[test]
    fn a_file_that_is_not_understood_says_nothing_of_any_variable() {
        let conf = with("jail_enable=YES\n", Some("if true; then jail_enable=NO; fi\n"));
        assert_eq!(
            conf.get("jail_enable").reason(),
            Some("`cat`: line 1: only plain assignments and comments are understood here")
        );
    }
}
