//! One examination: look, then judge.

use std::io;
use std::path::Path;

use allocd_types::lease::Lease;
use freebsd_host::Runner;

use super::fact::{Fact, told};
use super::files::FileFacts;
use super::finding::{Finding, Outcome};
use super::judge::judge;
use super::probe::probe;
use super::situation::Situation;
use super::wanted::Wanted;
use crate::cache::Cache;
use crate::config::{Config, ConfigError};
use crate::files::Files;
use crate::watchdog::lock_path;

/// Examines the host behind a runner, with its files.
pub(super) fn examine<R: Runner>(runner: R, files: &Files, config: &Path) -> Vec<Finding> {
    let read = Config::read(config);
    let cache = match &read {
        Ok(config) => cache(files, config),
        Err(_) => {
            Fact::new("", Err("where the agent keeps leases is not known without a configuration".to_owned()))
        }
    };
    let mut findings = vec![configuration(config, &read), kept(&cache)];
    findings.extend(read.as_ref().ok().map(|config| watchdog(files, config, &cache)));
    let leases = leases(&cache);
    let wanted = match &read {
        Ok(config) => Wanted::of(config, leases.as_deref().unwrap_or_default()),
        Err(_) => Wanted::default(),
    };
    let host = probe(runner);
    let directories = wanted.directories(&host.release);
    let files = FileFacts::look(files, directories);
    findings.extend(judge(&Situation { host, files, wanted, leases }));
    findings
}

/// What the agent has written down, with why it will not go by it.
type Kept = Result<Option<Cache>, String>;

fn cache(files: &Files, config: &Config) -> Fact<Kept> {
    let directory = config.state_dir.display().to_string();
    let kept = match Cache::look(files, &directory) {
        Ok(Some(cache)) if cache.host != config.host => Err(format!(
            "it is of {}, and this is {}: a cloned machine has the cache of another",
            cache.host, config.host
        )),
        kept => kept,
    };
    Fact::new(format!("ls {}", files.place(&directory).display()), Ok(kept))
}

/// The leases of this host, as the agent was last told; or why they are not known.
fn leases(cache: &Fact<Kept>) -> Result<Vec<Lease>, String> {
    match cache.get() {
        Some(Ok(Some(cache))) => Ok(cache.leases.values().cloned().collect()),
        Some(Ok(None)) => Err("the agent has not been told any yet".to_owned()),
        Some(Err(reason)) => Err(reason.clone()),
        None => Err(cache.reason().unwrap_or_default().to_owned()),
    }
}

fn kept(cache: &Fact<Kept>) -> Finding {
    cache.judge("agent.cache", |kept| match kept {
        Ok(Some(cache)) => {
            let count = cache.leases.len();
            Outcome::ok(format!(
                "leases that the agent was last told: {count}, as of revision {}",
                cache.revision
            ))
        }
        Ok(None) => Outcome::skipped("the agent has not been told any lease yet"),
        Err(reason) => Outcome::warn(
            format!("the agent will not go by the leases that it has written down: {reason}"),
            "start the agent with the cluster in reach: it moves the file aside and asks again",
        ),
    })
}

/// Whether somebody watches over leases that end by themselves.
fn watchdog(files: &Files, config: &Config, cache: &Fact<Kept>) -> Finding {
    let lock = lock_path(&config.state_dir.to_string_lossy());
    let is_locked = files.is_locked(&lock).map_err(|error| told(&error));
    let has_lifetimes = matches!(cache.get(), Some(Ok(Some(cache))) if cache.has_lifetimes());
    let command = "service alloc_watchdog status".to_owned();
    Fact::new(command, is_locked).judge("agent.watchdog", |is_locked| {
        let remedy = "alloc_watchdog_enable=\"YES\" in /etc/rc.conf, and `service alloc_watchdog start`";
        match (is_locked, has_lifetimes) {
            (true, _) => Outcome::ok("somebody watches over leases that end by themselves"),
            (false, true) => Outcome::fail(
                "nobody watches over leases that end by themselves: none of them is used",
                remedy,
            ),
            (false, false) => Outcome::ok("no lease ends by itself, so that nobody has to watch over any"),
        }
    })
}

fn configuration(path: &Path, read: &Result<Config, ConfigError>) -> Finding {
    let command = format!("alloc-agent check-config --config {}", path.display());
    Fact::new(command, Ok(())).judge("agent.config", |()| match read {
        Ok(config) => Outcome::ok(format!("this is host {} of the cluster", config.host)),
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Outcome::warn(
                "the agent has no configuration; this examination goes by the defaults",
                format!("copy alloc-agent.toml.sample to {}", path.display()),
            )
        }
        Err(error) => Outcome::fail(
            format!("the agent will not start: {}; this examination goes by the defaults", told(error)),
            "correct it; `alloc-agent check-config` says whether it is right",
        ),
    })
}

#[cfg(test)]
mod tests {
    use allocd_types::name::HostName;

    use super::*;
    use crate::cache::Store;
    use crate::doctor::example::lease;
    use crate::doctor::finding::Verdict;

    fn cache_finding(directory: &Path) -> (Verdict, String) {
        let text = "host = \"h1.example\"\nendpoints = [\"127.0.0.1:7421\"]\n";
        let config = Config::parse(Path::new("alloc-agent.toml"), text).unwrap();
        let finding = kept(&cache(&Files::below(directory), &config));
        (finding.verdict, finding.meaning)
    }

    #[test]
    fn without_a_watchdog_no_lease_may_end_by_itself() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::below(root.path());
        let text = "host = \"h1.example\"\nendpoints = [\"127.0.0.1:7421\"]\n";
        let config = Config::parse(Path::new("alloc-agent.toml"), text).unwrap();
        let verdict = || watchdog(&files, &config, &cache(&files, &config)).verdict;
        assert_eq!(verdict(), Verdict::Ok);
        let lease = Lease { remaining: Some(allocd_types::time::Span::from_seconds(60)), ..lease() };
        let (mut store, _) = Store::open(files.clone(), "/var/db/alloc-agent", &config.host).unwrap();
        store.change(|cache| cache.leases = [(lease.id, lease)].into()).unwrap();
        assert_eq!(verdict(), Verdict::Fail);
        let _watching = files.lock(&lock_path("/var/db/alloc-agent")).unwrap();
        assert_eq!(verdict(), Verdict::Ok);
    }

    #[test]
    fn what_the_agent_has_written_down_is_its_own_and_whole() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::below(root.path());
        assert_eq!(cache_finding(root.path()).0, Verdict::Skipped);
        let write = |host: &str| {
            let host = HostName::new(host).unwrap();
            let (mut store, _) = Store::open(files.clone(), "/var/db/alloc-agent", &host).unwrap();
            store.change(|cache| cache.leases = [(lease().id, lease())].into()).unwrap();
        };
        write("h1.example");
        let (verdict, meaning) = cache_finding(root.path());
        assert!(
            verdict == Verdict::Ok && meaning.starts_with("leases that the agent was last told: 1,"),
            "{meaning}"
        );
        write("h2.example");
        let (verdict, meaning) = cache_finding(root.path());
        assert!(verdict == Verdict::Warn && meaning.contains("it is of h2.example"), "{meaning}");
        files.write("/var/db/alloc-agent/cache.json", "{}", 0o600).unwrap();
        let (verdict, meaning) = cache_finding(root.path());
        assert!(verdict == Verdict::Warn && meaning.contains("it is no cache"), "{meaning}");
        // It is only looked at.
        assert_eq!(files.read("/var/db/alloc-agent/cache.json").unwrap().as_deref(), Some("{}"));
    }

    #[test]
    fn a_configuration_is_right_missing_or_wrong() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("alloc-agent.toml");
        let told = || configuration(&path, &Config::read(&path));
        assert_eq!(told().verdict, Verdict::Warn);
        std::fs::write(&path, "host = \"h1.example\"\nendpoints = [\"127.0.0.1:7421\"]\n").unwrap();
        assert_eq!(
            (told().verdict, told().meaning.as_str()),
            (Verdict::Ok, "this is host h1.example of the cluster")
        );
        std::fs::write(&path, "host = \"h1.example\"\nendpoint = []\n").unwrap();
        let wrong = told();
        assert!(wrong.verdict == Verdict::Fail && wrong.meaning.contains("endpoint"), "{}", wrong.meaning);
    }
}
