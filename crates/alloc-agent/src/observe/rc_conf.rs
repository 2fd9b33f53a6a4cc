//! What rc.conf(5) says about jails that start at boot.

use freebsd_config::rc_conf::{self, ListVariable, RcConfError, VariableName};

/// The files that rc(8) reads, the later over the earlier.
pub(crate) const FILES: [&str; 2] = ["/etc/rc.conf", "/etc/rc.conf.local"];
/// The file of all jails that have none of their own.
pub(crate) const JAIL_CONF: &str = "/etc/jail.conf";

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SeenRcConf {
    /// `jail_enable` is yes.
    pub(crate) is_jail_enabled: bool,
    /// `ezjail_enable` is yes.
    pub(crate) is_ezjail_enabled: bool,
    /// `jail_list`.
    pub(crate) jail_list: Vec<String>,
    /// True if /etc/jail.conf has jails, all of which start as long as `jail_list` is empty.
    pub(crate) has_jail_conf: bool,
    /// Why it cannot be said, and must not be changed.
    pub(crate) problem: Option<String>,
}

impl SeenRcConf {
    /// Reads the texts of [`FILES`] in their order, and of [`JAIL_CONF`]; one that is not there is empty.
    pub(crate) fn read(texts: &[String], jail_conf: &str) -> Self {
        match try_read(texts, jail_conf) {
            Ok(seen) => seen,
            Err(error) => Self { problem: Some(error.to_string()), ..Self::default() },
        }
    }
}

fn try_read(texts: &[String], jail_conf: &str) -> Result<SeenRcConf, RcConfError> {
    let is_on = |name: &str| Ok(get(texts, name)?.is_some_and(|value| rc_conf::is_yes(&value)));
    let jail_list = get(texts, ListVariable::JailList.as_str())?.unwrap_or_default();
    // One that cannot be read here has jails as far as anybody knows.
    let has_jail_conf =
        freebsd_config::jail_conf::parse(jail_conf).map_or(true, |conf| !conf.jails.is_empty());
    Ok(SeenRcConf {
        is_jail_enabled: is_on("jail_enable")?,
        is_ezjail_enabled: is_on("ezjail_enable")?,
        jail_list: jail_list.split_ascii_whitespace().map(str::to_owned).collect(),
        has_jail_conf,
        problem: None,
    })
}

/// The value that counts: the last file's that sets it.
fn get(texts: &[String], name: &str) -> Result<Option<String>, RcConfError> {
    let name = VariableName::new(name)?;
    let mut found = None;
    for text in texts {
        found = rc_conf::get(text, &name)?.or(found);
    }
    Ok(found)
}
