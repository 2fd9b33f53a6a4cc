//! What a jail is besides its interfaces: where its root is, its hostname, its devices, what it is allowed.
//!
//! Three layers say it, the jail over its host over its network, and what nobody says has a default. jail(8) has defaults of its
//! own that are never relied on: without a path it would run the hooks in the host's root. Values end up between double quotes
//! in files that jail(8) and sh(1) read, so whatever either could expand is refused here, once, for every target.

use std::collections::BTreeSet;

use allocd_types::name::JailName;
use allocd_types::violation::Violations;

/// The path of a jail when nobody says another: ezjail's.
pub const PATH_DEFAULT: &str = "/usr/jails/{jail}";
/// What stands for the jail's name in a path or hostname.
pub const JAIL_PLACEHOLDER: &str = "{jail}";
/// The rule set for devices when nobody says another: `devfsrules_jail` of /etc/defaults/devfs.rules, which every release has.
pub const DEVFS_RULESET_DEFAULT: u16 = 4;
/// Longest path of a jail, in bytes (`MAXPATHLEN` is 1024 with the terminating zero).
pub const PATH_BYTES_MAX: usize = 1_023;
/// Longest hostname of a jail, in bytes (`MAXHOSTNAMELEN` is 256 with the terminating zero).
pub const HOSTNAME_BYTES_MAX: usize = 255;
/// Most allow.* parameters of a jail.
pub const ALLOW_MAX: usize = 64;
/// Longest name of an allow.* parameter, in bytes.
const ALLOW_BYTES_MAX: usize = 63;

/// Where a tap(4) is while its jail runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TapPlace {
    /// On the host and in the bridge, where a virtual machine (bhyve, VirtualBox) takes it; the guest has the addresses.
    Host,
    /// In the jail, where a program of the jail opens it, such as an OpenVPN that bridges.
    Jail,
}

/// What one layer says, as plain values; what it does not say is left to the layer below.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileValues {
    /// The jail's root; `{jail}` stands for its name.
    pub path: Option<String>,
    /// The jail's hostname; `{jail}` stands for its name.
    pub hostname: Option<String>,
    /// The number of its rule set for devices.
    pub devfs_ruleset: Option<u32>,
    /// Whether it gets a /dev.
    pub mount_devfs: Option<bool>,
    /// Whether its commands run in a clean environment.
    pub exec_clean: Option<bool>,
    /// What it is allowed, each the rest of an `allow.` parameter, such as `raw_sockets`.
    pub allow: Option<Vec<String>>,
    /// Whether a hook may write into the jail's /etc/rc.conf.local; without it IPv6 comes up only after the jail's services.
    pub may_write_jail_root: Option<bool>,
    /// Where its taps are.
    pub tap: Option<TapPlace>,
}

/// What the three layers say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileLayers {
    /// What holds for all jails of a network.
    pub network: ProfileValues,
    /// What holds for all jails of a host.
    pub host: ProfileValues,
    /// What holds for the jail.
    pub jail: ProfileValues,
}

/// What a jail is besides its interfaces, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderProfile {
    pub(crate) path: String,
    pub(crate) hostname: String,
    pub(crate) devfs_ruleset: u16,
    pub(crate) mount_devfs: bool,
    pub(crate) exec_clean: bool,
    pub(crate) allow: BTreeSet<String>,
    pub(crate) may_write_jail_root: bool,
    pub(crate) tap: TapPlace,
}

impl ProfileLayers {
    /// Lays the layers over each other and checks what results for one jail.
    ///
    /// # Errors
    /// Every value that no file may carry, by field and value.
    pub fn resolve(&self, jail: &JailName) -> Result<RenderProfile, Violations> {
        let mut violations = Violations::default();
        for (field, layer) in [("network.path", &self.network), ("host.path", &self.host)] {
            if let Some(path) = layer.path.as_ref().filter(|path| !path.contains(JAIL_PLACEHOLDER)) {
                let why = "serves several jails and has to hold {jail}";
                violations.add(field, format!("{path:?} {why}"));
            }
        }
        let values = self.jail.clone().over(self.host.clone()).over(self.network.clone());
        let fill = |text: &str| text.replace(JAIL_PLACEHOLDER, jail.as_str());
        let path = fill(values.path.as_deref().unwrap_or(PATH_DEFAULT));
        let hostname = fill(values.hostname.as_deref().unwrap_or(JAIL_PLACEHOLDER));
        let ruleset = values.devfs_ruleset.unwrap_or(u32::from(DEVFS_RULESET_DEFAULT));
        let path = violations.keep("path", check_path(path));
        let hostname = violations.keep("hostname", check_hostname(hostname));
        let devfs_ruleset = violations.keep("devfs_ruleset", check_ruleset(ruleset));
        let allow = violations.keep("allow", check_allow(values.allow.unwrap_or_default()));
        let profile = path.zip(hostname).zip(devfs_ruleset).zip(allow);
        let profile = profile.map(|(((path, hostname), devfs_ruleset), allow)| RenderProfile {
            path,
            hostname,
            devfs_ruleset,
            mount_devfs: values.mount_devfs.unwrap_or(true),
            exec_clean: values.exec_clean.unwrap_or(true),
            allow,
            may_write_jail_root: values.may_write_jail_root.unwrap_or(true),
            tap: values.tap.unwrap_or(TapPlace::Host),
        });
        violations.finish(profile)
    }
}

impl ProfileValues {
    /// This layer over a lower one: what this one does not say, the lower one does.
    fn over(self, lower: Self) -> Self {
        Self {
            path: self.path.or(lower.path),
            hostname: self.hostname.or(lower.hostname),
            devfs_ruleset: self.devfs_ruleset.or(lower.devfs_ruleset),
            mount_devfs: self.mount_devfs.or(lower.mount_devfs),
            exec_clean: self.exec_clean.or(lower.exec_clean),
            allow: self.allow.or(lower.allow),
            may_write_jail_root: self.may_write_jail_root.or(lower.may_write_jail_root),
            tap: self.tap.or(lower.tap),
        }
    }
}

impl RenderProfile {
    /// The jail's root.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The jail's hostname.
    #[must_use]
    pub fn hostname(&self) -> &str {
        &self.hostname
    }

    /// The number of its rule set for devices; none if it gets no /dev.
    #[must_use]
    pub fn devfs_ruleset(&self) -> Option<u16> {
        self.mount_devfs.then_some(self.devfs_ruleset)
    }

    /// What it is allowed, each the rest of an `allow.` parameter.
    pub fn allow(&self) -> impl Iterator<Item = &str> {
        self.allow.iter().map(String::as_str)
    }

    /// Whether a hook may write into the jail's root.
    #[must_use]
    pub fn may_write_jail_root(&self) -> bool {
        self.may_write_jail_root
    }

    /// Where the jail's taps are.
    #[must_use]
    pub fn tap(&self) -> TapPlace {
        self.tap
    }
}

fn check_path(path: String) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let is_component =
        |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_plain);
    if path == "/" {
        return Err(format!("{path:?} is the host's own root"));
    }
    if path.len() > PATH_BYTES_MAX {
        return Err(format!("the path has {} bytes, {PATH_BYTES_MAX} are allowed", path.len()));
    }
    if !path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_component)) {
        let rule = "an absolute path of letters, digits, '_', '-' and '.', without '.', '..' and empty parts";
        return Err(format!("{path:?} must be {rule}"));
    }
    Ok(path)
}

fn check_hostname(hostname: String) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let starts_well = hostname.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    if hostname.len() > HOSTNAME_BYTES_MAX || !starts_well || !hostname.bytes().all(is_plain) {
        let shown: String = hostname.chars().take(HOSTNAME_BYTES_MAX).collect();
        let rule = "letters, digits, '_', '-' and '.', 255 bytes at most";
        return Err(format!("{shown:?} must be {rule}"));
    }
    Ok(hostname)
}

fn check_ruleset(ruleset: u32) -> Result<u16, String> {
    match u16::try_from(ruleset) {
        // jail(8): rule set 0 enforces nothing, and the jail would see every device of the host.
        Ok(0) => Err("0 would show the jail every device of the host".to_owned()),
        Ok(ruleset) => Ok(ruleset),
        Err(_) => Err(format!("{ruleset} is no rule set: 1 to 65535")),
    }
}

fn check_allow(allow: Vec<String>) -> Result<BTreeSet<String>, String> {
    let is_name = |name: &str| {
        name.len() <= ALLOW_BYTES_MAX
            && name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte))
            && !name.starts_with("allow.")
    };
    if allow.len() > ALLOW_MAX {
        return Err(format!("{} parameters, {ALLOW_MAX} are allowed", allow.len()));
    }
    let bad: Vec<String> =
        allow.iter().filter(|name| !is_name(name)).map(|name| format!("{name:?}")).collect();
    if !bad.is_empty() {
        let rule = "the rest of a parameter that begins with allow., such as raw_sockets";
        return Err(format!("{} must be {rule}", bad.join(", ")));
    }
    Ok(allow.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jail() -> JailName {
        JailName::new("web01").unwrap()
    }

    fn fields(layers: &ProfileLayers) -> Vec<String> {
        let violations = layers.resolve(&jail()).unwrap_err();
        violations.iter().map(|violation| violation.field.clone()).collect()
    }

    #[test]
    fn the_jail_is_over_the_host_and_the_host_over_the_network() {
        let layers = ProfileLayers {
            network: ProfileValues {
                path: Some("/net/{jail}".to_owned()),
                devfs_ruleset: Some(5),
                exec_clean: Some(false),
                ..ProfileValues::default()
            },
            host: ProfileValues {
                path: Some("/host/{jail}".to_owned()),
                devfs_ruleset: Some(20),
                ..ProfileValues::default()
            },
            jail: ProfileValues { path: Some("/srv/www".to_owned()), ..ProfileValues::default() },
        };
        let profile = layers.resolve(&jail()).unwrap();
        assert_eq!((profile.path(), profile.devfs_ruleset, profile.exec_clean), ("/srv/www", 20, false));
    }

    #[test]
    fn what_nobody_says_has_a_default() {
        let profile = ProfileLayers::default().resolve(&jail()).unwrap();
        assert_eq!((profile.path(), profile.hostname()), ("/usr/jails/web01", "web01"));
        assert!(profile.mount_devfs && profile.exec_clean && profile.may_write_jail_root());
    }

    #[test]
    fn a_layer_for_many_jails_cannot_give_them_one_root() {
        let shared = || ProfileValues { path: Some("/usr/jails/web".to_owned()), ..ProfileValues::default() };
        let layers = ProfileLayers { network: shared(), host: shared(), ..ProfileLayers::default() };
        assert_eq!(fields(&layers), ["network.path", "host.path"]);
    }

    #[test]
    fn every_value_that_could_be_expanded_is_named_at_once() {
        let jail_layer = ProfileValues {
            path: Some("/usr/jails/$(reboot)".to_owned()),
            hostname: Some("a\"; exec.prestart = \"reboot".to_owned()),
            devfs_ruleset: Some(0),
            allow: Some(vec!["raw_sockets".to_owned(), "mount; }".to_owned()]),
            ..ProfileValues::default()
        };
        let layers = ProfileLayers { jail: jail_layer, ..ProfileLayers::default() };
        assert_eq!(fields(&layers), ["path", "hostname", "devfs_ruleset", "allow"]);
    }

    #[test]
    fn the_hosts_root_and_ways_back_to_it_are_no_jail() {
        for bad in ["/", "", "jails/web01", "/usr/../", "/usr//web", "/usr/./web", "/usr/web/", "//", "/a b"]
        {
            assert!(check_path(bad.to_owned()).is_err(), "{bad}");
        }
        assert!(check_path(format!("/{}", "x".repeat(PATH_BYTES_MAX))).is_err());
    }

    proptest::proptest! {
        #[test]
        fn a_value_with_a_hostile_character_never_passes(
            before in "[a-z]{0,8}",
            hostile in proptest::sample::select("\"'$`\\;&|<>(){}*?[]!~# \t\n\r\0=+,@%^:\u{e4}".chars().collect::<Vec<_>>()),
            after in "[a-z]{0,8}",
        ) {
            let text = format!("{before}{hostile}{after}");
            let path = format!("/{text}");
            proptest::prop_assert!(check_path(path).is_err());
            proptest::prop_assert!(check_hostname(text.clone()).is_err());
            proptest::prop_assert!(check_allow(vec![text]).is_err());
        }
    }
}
