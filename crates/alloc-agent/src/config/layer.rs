//! What jails are like: what one layer of the configuration says, and what all of them come to for one jail.

use std::collections::BTreeMap;
use std::fmt;

use allocd_types::name::{JailName, NetworkName};
use allocd_types::violation::Violations;
use freebsd_config::{JAIL_PLACEHOLDER, ProfileLayers, ProfileValues, RenderProfile, TapPlace};
use freebsd_host::dataset::{DatasetName, SnapshotName};
use serde::{Deserialize, Serialize};

/// A jail's name where the configuration is checked for no jail in particular.
const ANY_JAIL: &str = "any";

/// What a layer says, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LayerFile {
    target: Option<Target>,
    root: Option<RootKind>,
    template: Option<String>,
    dataset: Option<String>,
    start: Option<bool>,
    autostart: Option<bool>,
    path: Option<String>,
    hostname: Option<String>,
    devfs_ruleset: Option<u32>,
    mount_devfs: Option<bool>,
    exec_clean: Option<bool>,
    allow: Option<Vec<String>>,
    may_write_jail_root: Option<bool>,
    tap: Option<TapFile>,
}

/// How a jail is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Target {
    /// By a jail.conf(5) of its own, which rc.d/jail finds.
    #[serde(rename = "jail.conf")]
    JailConf,
    /// By a configuration of ezjail.
    #[serde(rename = "ezjail")]
    Ezjail,
    /// By the agent's own commands, without a file: the jail is there while the agent builds it, and not by itself after boot.
    #[serde(rename = "direct")]
    Direct,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum RootKind {
    #[serde(rename = "none")]
    None,
    #[serde(rename = "ezjail-admin")]
    EzjailAdmin,
    #[serde(rename = "zfs")]
    Zfs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TapFile {
    Host,
    Jail,
}

/// Where a jail's root comes from if it is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// From somebody else.
    None,
    /// `ezjail-admin create` makes it.
    EzjailAdmin,
    /// It is a clone of a snapshot.
    Zfs {
        /// The snapshot.
        template: SnapshotName,
        /// The clone.
        dataset: DatasetName,
    },
}

/// What one layer says; what it does not say is left to the layer below.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    target: Option<Target>,
    root: Option<RootKind>,
    template: Option<SnapshotName>,
    dataset: Option<String>,
    start: Option<bool>,
    autostart: Option<bool>,
    values: ProfileValues,
}

/// What all layers say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layers {
    pub(crate) host: Layer,
    pub(crate) networks: BTreeMap<NetworkName, Layer>,
    pub(crate) jails: BTreeMap<JailName, Layer>,
}

/// What a jail is like besides its leases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JailSettings {
    pub(crate) target: Target,
    pub(crate) root: Root,
    /// Whether the agent starts it.
    pub(crate) is_started: bool,
    /// Whether it starts at boot, by `jail_list`.
    pub(crate) is_listed: bool,
    pub(crate) profile: RenderProfile,
}

impl LayerFile {
    /// Checks what a layer says by itself.
    pub(super) fn check(self, place: &str, wrong: &mut Violations) -> Layer {
        let template =
            self.template.and_then(|text| wrong.keep(&format!("{place}.template"), SnapshotName::new(&text)));
        Layer {
            target: self.target,
            root: self.root,
            template,
            dataset: self.dataset,
            start: self.start,
            autostart: self.autostart,
            values: ProfileValues {
                path: self.path,
                hostname: self.hostname,
                devfs_ruleset: self.devfs_ruleset,
                mount_devfs: self.mount_devfs,
                exec_clean: self.exec_clean,
                allow: self.allow,
                may_write_jail_root: self.may_write_jail_root,
                tap: self.tap.map(|tap| match tap {
                    TapFile::Host => TapPlace::Host,
                    TapFile::Jail => TapPlace::Jail,
                }),
            },
        }
    }
}

impl Layers {
    /// Checks what the layers come to together, for any jail and for those that are named.
    pub(super) fn check(&self, wrong: &mut Violations) {
        let any = JailName::new(ANY_JAIL).expect("it is a name");
        let nothing = Layer::default();
        let mut note = |place: &str, result: Result<JailSettings, Violations>| {
            for violation in result.err().iter().flat_map(Violations::iter) {
                // A field of a lower layer is told where it stands.
                let of_host = violation.field.strip_prefix("host.");
                let field =
                    of_host.or_else(|| violation.field.strip_prefix("network.")).unwrap_or(&violation.field);
                if of_host.is_none() || place == "jails" {
                    wrong.add(&format!("{place}.{field}"), &violation.description);
                }
            }
        };
        note("jails", resolve(&any, [&nothing, &self.host, &nothing]));
        for (name, network) in &self.networks {
            // The network is the lowest layer, so it is looked at without the one that would cover it.
            note(&format!("network.{name}"), resolve(&any, [network, &nothing, &nothing]));
        }
        for (name, jail) in &self.jails {
            note(&format!("jail.{name}"), resolve(name, [&nothing, &self.host, jail]));
        }
    }

    /// What a jail is like; the network is that of its first interface.
    ///
    /// # Errors
    /// Every value that no jail may have, by key.
    pub(crate) fn resolve(&self, jail: &JailName, network: &NetworkName) -> Result<JailSettings, Violations> {
        let nothing = Layer::default();
        let network = self.networks.get(network).unwrap_or(&nothing);
        let own = self.jails.get(jail).unwrap_or(&nothing);
        resolve(jail, [network, &self.host, own])
    }
}

/// Lays the layers over each other, the last one on top.
fn resolve(jail: &JailName, layers: [&Layer; 3]) -> Result<JailSettings, Violations> {
    let [network, host, own] = layers;
    let profile = ProfileLayers {
        network: network.values.clone(),
        host: host.values.clone(),
        jail: own.values.clone(),
    };
    let top_down = [own, host, network];
    let (mut wrong, profile) = match profile.resolve(jail) {
        Ok(profile) => (Violations::default(), Some(profile)),
        Err(wrong) => (wrong, None),
    };
    let root = match top_down.iter().find_map(|layer| layer.root).unwrap_or(RootKind::None) {
        RootKind::None => Some(Root::None),
        RootKind::EzjailAdmin => Some(Root::EzjailAdmin),
        RootKind::Zfs => zfs(jail, top_down, &mut wrong),
    };
    let target = top_down.iter().find_map(|layer| layer.target).unwrap_or(Target::JailConf);
    let is_listed = top_down.iter().find_map(|layer| layer.autostart).unwrap_or(true);
    if target == Target::Ezjail && !is_listed {
        wrong.add("autostart", "ezjail starts every jail that it has a configuration of: it has to be true");
    }
    let settings = root.zip(profile).map(|(root, profile)| JailSettings {
        target,
        root,
        is_started: top_down.iter().find_map(|layer| layer.start).unwrap_or(true),
        is_listed,
        profile,
    });
    wrong.finish(settings)
}

fn zfs(jail: &JailName, top_down: [&Layer; 3], wrong: &mut Violations) -> Option<Root> {
    let template = top_down.iter().find_map(|layer| layer.template.clone());
    if template.is_none() {
        wrong.add(
            "template",
            "a root that is cloned needs the snapshot to clone, such as zroot/jails/template@base",
        );
    }
    let dataset = top_down.iter().find_map(|layer| layer.dataset.as_ref());
    let dataset = match dataset {
        None => {
            wrong.add(
                "dataset",
                "a root that is cloned needs a name for the clone, such as zroot/jails/{jail}",
            );
            None
        }
        Some(text) if jail.as_str() == ANY_JAIL && !text.contains(JAIL_PLACEHOLDER) => {
            wrong.add("dataset", format!("{text:?} serves several jails and has to hold {JAIL_PLACEHOLDER}"));
            None
        }
        Some(text) => wrong.keep("dataset", DatasetName::new(&text.replace(JAIL_PLACEHOLDER, jail.as_str()))),
    };
    template.zip(dataset).map(|(template, dataset)| Root::Zfs { template, dataset })
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::JailConf => "jail.conf",
            Self::Ezjail => "ezjail",
            Self::Direct => "direct",
        })
    }
}
