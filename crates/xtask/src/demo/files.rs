//! The files of every lease: jail.conf(5) for FreeBSD 14 and ezjail's, by host.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use allocd_types::lease::Lease;
use allocd_types::name::{HostName, JailName};
use anyhow::{Context as _, Result, anyhow, ensure};

use freebsd_config::{JailInterfaces, ProfileLayers, Release, ezjail, jail_conf};

/// The release the demo renders for.
const RELEASE: &str = "14";

/// Says of a directory that a demo made it, and that the next one may empty it.
const MARK: &str = ".allocd-demo";

/// Makes an empty directory, if need be from what a demo left behind; what somebody else has there is not touched.
pub(super) fn make_room(out: &Path) -> Result<()> {
    let is_ours = out.join(MARK).is_file();
    let is_empty = !out.exists() || fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none());
    ensure!(
        is_ours || is_empty,
        "{} holds what no demo put there: empty it, or give another --out",
        out.display()
    );
    if is_ours {
        fs::remove_dir_all(out).with_context(|| format!("cannot empty {}", out.display()))?;
    }
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    fs::write(out.join(MARK), "").with_context(|| format!("cannot write to {}", out.display()))
}

/// Writes the files of all leases below a directory. Answers how many files it wrote.
pub(super) fn render(leases: &[Lease], out: &Path, mut done: impl FnMut()) -> Result<usize> {
    let release: Release = RELEASE.parse().map_err(|error| anyhow!("{error}"))?;
    let mut jails: BTreeMap<(HostName, JailName), Vec<Lease>> = BTreeMap::new();
    for lease in leases {
        jails.entry((lease.holder.host.clone(), lease.holder.jail.clone())).or_default().push(lease.clone());
    }
    let mut files = 0;
    for ((host, jail), leases) in jails {
        let interfaces = JailInterfaces::new(leases).map_err(|error| anyhow!("{host}/{jail}: {error}"))?;
        let profile =
            ProfileLayers::default().resolve(&jail).map_err(|wrong| anyhow!("{host}/{jail}: {wrong}"))?;
        let rendered = [
            ("jail.conf.d", format!("{jail}.conf"), jail_conf::render(&interfaces, &profile, release)),
            ("ezjail", jail.to_string(), ezjail::render(&interfaces, &profile, release)),
        ];
        for (folder, name, text) in rendered {
            let text = text.map_err(|error| anyhow!("{host}/{jail}: {error}"))?;
            let directory = out.join(host.as_str()).join(folder);
            fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
            fs::write(directory.join(&name), text).with_context(|| format!("cannot write {name}"))?;
            files += 1;
        }
        done();
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_demo_left_behind_is_emptied() {
        let directory = tempfile::tempdir().unwrap();
        let out = directory.path().join("out");
        make_room(&out).unwrap();
        fs::write(out.join("summary.json"), "{}").unwrap();
        make_room(&out).unwrap();
        assert!(!out.join("summary.json").exists());
        fs::write(directory.path().join("letter"), "dear").unwrap();
        assert!(make_room(directory.path()).is_err());
        assert!(directory.path().join("letter").exists());
    }
}
