//! The files of every lease, as the agent of each host writes them: jail.conf(5) for FreeBSD 14 and ezjail's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use allocd_types::lease::Lease;
use allocd_types::name::HostName;
use anyhow::{Context as _, Result, ensure};

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

/// Has the agent of each host write its files below a directory, for jail(8) and for ezjail. Answers how many files it wrote.
pub(super) fn render(
    agent: &Path,
    (leases, addresses): (&[Lease], &[String]),
    out: &Path,
    mut done: impl FnMut(),
) -> Result<usize> {
    let hosts: BTreeSet<&HostName> = leases.iter().map(|lease| &lease.holder.host).collect();
    let endpoints: Vec<String> = addresses.iter().map(|address| format!("{address:?}")).collect();
    let mut files = 0;
    for host in hosts {
        for target in ["jail.conf", "ezjail"] {
            let directory = out.join(host.as_str());
            fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
            let config = directory.join(format!("alloc-agent.{target}.toml"));
            let text = format!(
                "host = {:?}\nendpoints = [{}]\n[jails]\ntarget = {target:?}\n",
                host.as_str(),
                endpoints.join(", ")
            );
            fs::write(&config, text).with_context(|| format!("cannot write {}", config.display()))?;
            let mut command = Command::new(agent);
            command.args(["render", "--release", RELEASE, "--config"]).arg(&config);
            let output = command.arg("--out").arg(&directory).stdin(Stdio::null()).output();
            let output = output.with_context(|| format!("cannot start {}", agent.display()))?;
            let stderr = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "alloc-agent cannot render {host}: {}", stderr.trim());
            files += String::from_utf8_lossy(&output.stdout).lines().count();
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
