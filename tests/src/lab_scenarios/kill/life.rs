//! One life of a jail whose agent is killed once at its start and once at its stop, and what has to be so after the next pass.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::lab::{LabHost, Prey};
use crate::lab_scenarios::jail::{ends, pings};
use crate::lab_scenarios::site::{GATEWAYS, Site, seen_in};
use crate::lab_scenarios::station::Station;
use crate::lab_scenarios::until_done;
use crate::program::alloc_agent;
use crate::until::until;

/// The signal that nobody can catch.
const SIGKILL: i32 = 9;
/// Every host's jail.
const JAIL: &str = "web";
/// Where a service of it writes what it found.
const SEEN: &str = "/usr/jails/web/etc/network.seen";
/// The directories in which an agent writes.
const DIRECTORIES: [&str; 3] = ["etc", "var", "usr"];

/// Where an agent is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blow {
    /// Nowhere.
    None,
    /// At one of its own steps.
    AtStep(usize),
    /// Before a command of the jail(8) that it runs, which goes on.
    AtCommand(usize),
    /// Before a command of the jail(8) that it runs, and that with it.
    WithJail(usize),
}

/// What a life came to.
#[derive(Debug)]
pub(super) struct Life {
    /// True if the agent was killed while the jail was started.
    pub(super) is_start_hit: bool,
    /// True if it was killed while the jail was stopped.
    pub(super) is_stop_hit: bool,
    /// Both ends of the jail's cable while it ran.
    pub(super) ends: Vec<Station>,
}

/// A host and what stands between its agent and the C library.
pub(super) struct Victim<'a> {
    pub(super) site: &'a Site,
    pub(super) at: usize,
    pub(super) library: &'a Path,
}

impl Victim<'_> {
    fn host(&self) -> &LabHost {
        self.site.host(self.at)
    }

    fn lease(&self) -> String {
        format!("{}/{JAIL}", self.host().name())
    }

    /// A jail is started and stopped, with a blow at both.
    pub(super) fn live(&self, blow: Blow) -> Result<Life, String> {
        self.host().done(&format!("/bin/rm -f {SEEN}"));
        self.site.allocate(self.at, JAIL);
        let is_start_hit = self.strike(blow)?;
        let ends = self.put_right(blow, || self.expect_up())?;
        self.site.ctl(&format!("leases release {}", self.lease()));
        let is_stop_hit = self.strike(blow)?;
        self.put_right(blow, || self.expect_gone())?;
        Ok(Life { is_start_hit, is_stop_hit, ends })
    }

    /// The next pass; where jail(8) or a command of its may still be at work, the next agent, which runs until that is over.
    fn put_right<T>(&self, blow: Blow, is_right: impl Fn() -> Result<T, String>) -> Result<T, String> {
        match blow {
            Blow::None | Blow::AtStep(_) => {
                self.site.pass(self.at);
                is_right()
            }
            Blow::AtCommand(_) | Blow::WithJail(_) => {
                let agent = self.site.run(self.at);
                until_done(async {
                    let right = until("everything is as it must be", async || is_right().ok()).await;
                    self.site.stop(self.at, agent).await;
                    right
                })
            }
        }
    }

    /// A pass of the agent with a blow; true if it was killed.
    fn strike(&self, blow: Blow) -> Result<bool, String> {
        let host = self.host();
        let mut command = host.command("/usr/bin/env");
        match blow {
            Blow::None => {}
            Blow::AtStep(step) => {
                command.arg(format!("LD_PRELOAD={}", self.library.display()));
                command.arg(format!("KILL_AT={step}"));
            }
            Blow::AtCommand(number) => host.lie_in_wait(number - 1, Prey::Agent),
            Blow::WithJail(number) => host.lie_in_wait(number - 1, Prey::AgentAndJail),
        }
        let status = status(command.arg(alloc_agent()).args(["run", "--once"]))?;
        let is_ambush = matches!(blow, Blow::AtCommand(_) | Blow::WithJail(_));
        let is_spared = is_ambush && host.give_up_waiting();
        match (status.signal(), status.success()) {
            (Some(SIGKILL), _) if !is_spared => Ok(true),
            (None, true) => Ok(false),
            _ => Err(format!("the agent ended with {status} at {blow:?}")),
        }
    }

    /// The jail is as it is leased, and nothing else is there.
    fn expect_up(&self) -> Result<Vec<Station>, String> {
        let host = self.host();
        let jails = host.done("/usr/sbin/jls -n name");
        expect("one jail runs", jails == format!("name={JAIL}\n"), &jails)?;
        let lease = self.site.ctl(&format!("leases get {} -o json", self.lease()));
        let has = seen_in(host, JAIL);
        let is_leased = |line: &String| {
            let value = line.split_whitespace().nth(1).unwrap_or_default();
            // In its JSON an address has its length behind it.
            ["\"", "/"].iter().any(|end| lease.contains(&format!("\"{value}{end}")))
        };
        expect("the lease is bound", lease.contains("\"bound\""), &lease)?;
        expect("it has a MAC and two addresses, those of its lease", has.len() == 3, &has)?;
        expect("its values are those of its lease", has.iter().all(is_leased), &(&has, &lease))?;
        let names = host.done("/sbin/ifconfig -l");
        let is_single = names.starts_with("em0 lo0 bridge0 epair") && names.split_whitespace().count() == 4;
        expect("one end of one cable is on the host", is_single, &names)?;
        for gateway in GATEWAYS {
            expect("it has an answer", pings(host, JAIL, gateway), &gateway)?;
        }
        self.expect_no_start()?;
        let service = host.run(&format!("/bin/cat {SEEN}"));
        expect("its service was started", service.status.success(), &service)?;
        Ok(ends(host, JAIL))
    }

    /// No file tells of a start that has not ended.
    fn expect_no_start(&self) -> Result<(), String> {
        let files = self.host().done("/bin/ls /var/run");
        expect("no start is under way", !files.contains(&format!("allocd.{JAIL}")), &files)
    }

    /// Nothing of the jail is left, on the host or in the cluster.
    fn expect_gone(&self) -> Result<(), String> {
        let host = self.host();
        for (line, nothing) in [
            ("/sbin/ifconfig -l", "em0 lo0 bridge0\n"),
            ("/usr/sbin/jls -n name", ""),
            ("/bin/ls /run/netns", ""),
        ] {
            let printed = host.done(line);
            expect(line, printed == nothing, &printed)?;
        }
        self.expect_no_start()?;
        let leases = self.site.ctl("leases");
        expect("the lease is gone", !leases.contains(&self.lease()), &leases)?;
        let cache = host.read("/var/db/alloc-agent/cache.json");
        expect("the cache knows nothing of the jail", !cache.contains(JAIL), &cache)
    }

    /// The names of all files that the host has besides the machine's.
    pub(super) fn files(&self) -> BTreeSet<PathBuf> {
        let root = self.host().directory();
        let mut files = BTreeSet::new();
        let mut directories: Vec<PathBuf> =
            DIRECTORIES.iter().map(|directory| root.join(directory)).collect();
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(&directory).into_iter().flatten().flatten() {
                let (path, is_directory) = (entry.path(), entry.file_type().is_ok_and(|kind| kind.is_dir()));
                files.extend(path.strip_prefix(root).map(Path::to_path_buf));
                if is_directory {
                    directories.push(path);
                }
            }
        }
        files
    }
}

fn status(command: &mut Command) -> Result<std::process::ExitStatus, String> {
    command.output().map(|output| output.status).map_err(|error| format!("nsenter: {error}"))
}

fn expect(what: &str, is_so: bool, seen: &dyn std::fmt::Debug) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(format!("it is not so that {what}: {seen:?}")) }
}
