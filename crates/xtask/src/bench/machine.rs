//! What machine this is, in the words that figures need beside them. Read from /proc, so it says little elsewhere.

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context as _, Result};

/// The machine, in one line.
pub(super) fn describe(disk: &Path) -> String {
    let cores = thread::available_parallelism().map_or_else(|_| "?".to_owned(), |cores| cores.to_string());
    let said = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let kernel = said("/proc/sys/kernel/osrelease").map_or_else(
        || "unknown".to_owned(),
        |release| {
            // What follows the number names somebody's build.
            release.split('-').next().unwrap_or_default().to_owned()
        },
    );
    let memory = said("/proc/meminfo").and_then(|text| kilobytes(&text, "MemTotal:"));
    let memory = memory.map_or_else(|| "?".to_owned(), |kb| format!("{}", kb / (1 << 20)));
    let file_system = file_system(disk).unwrap_or_else(|| "unknown".to_owned());
    let (system, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    format!(
        "{cores} cores ({arch}), {memory} GiB of memory, {system} {kernel}, data directories on {file_system}"
    )
}

/// How many others want to run, on average over the last minute, where the system says so.
pub(super) fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// The type of the file system that a path is on.
pub(super) fn file_system(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mounted = mounts.lines().filter_map(|line| {
        let mut fields = line.split_whitespace();
        let (_, at, kind) = (fields.next()?, fields.next()?, fields.next()?);
        path.starts_with(at).then_some((at.len(), kind))
    });
    // Of two at one place, the later one hides the earlier.
    mounted.max_by_key(|(length, _)| *length).map(|(_, kind)| kind.to_owned())
}

/// How many bytes of a process are in memory.
pub(super) fn resident_bytes(pid: u32) -> Result<u64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    Ok(kilobytes(&text, "VmRSS:").with_context(|| format!("{path} does not tell VmRSS"))? * 1_024)
}

fn kilobytes(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.split_whitespace().next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::kilobytes;

    #[test]
    fn a_size_is_found_by_its_key() {
        let text = "Name:\tallocd\nVmHWM:\t  900 kB\nVmRSS:\t  812 kB\n";
        assert_eq!(kilobytes(text, "VmRSS:"), Some(812));
        assert_eq!(kilobytes(text, "VmSwap:"), None);
    }
}
