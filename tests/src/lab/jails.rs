//! Jails as network namespaces of their host; what runs in one is found by it, and ends with it.

use std::process::Command;

use freebsd_host::fake::{Driver, Errno, Jail, JailSpec, Place};

use super::ip::{ip, namespace};
use super::state::{self, KnownJail};
use super::{arp, changes, inet6};

pub(super) fn jails() -> Vec<Jail> {
    state::look().jails.iter().map(KnownJail::jail).collect()
}

pub(super) fn create(spec: &JailSpec) -> Result<u32, Errno> {
    state::change(|state| {
        let jid = state.next_jid;
        let name = spec.name.clone().unwrap_or_else(|| jid.to_string());
        if state.jails.iter().any(|jail| jail.name == name) {
            return Err(Errno::Exists);
        }
        // A jail without a stack of its own has none either, but its processes are found by a namespace here; such jails run on
        // the host's stack, and nothing is there to find them by.
        if spec.is_vnet {
            ip(0, &["netns", "add", &namespace(jid)])?;
            prepare(jid)?;
            arp::start(jid)?;
        }
        state.next_jid += 1;
        state.jails.push(KnownJail {
            jid,
            name,
            path: spec.path.clone(),
            hostname: spec.hostname.clone(),
            is_vnet: spec.is_vnet,
            devfs_ruleset: spec.devfs_ruleset,
        });
        if spec.is_vnet {
            state.add(Place::Jail(jid), "lo0", Driver::Loopback, Some(0), None);
        }
        Ok(jid)
    })
}

/// What holds in every network stack of the lab: detection of duplicates, no addresses of Linux's own making, addresses that are
/// announced, echo requests for whoever runs here, and of several addresses in one prefix each goes by itself.
pub(super) fn prepare(stack: u32) -> Result<(), Errno> {
    let settings = [
        ("/proc/sys/net/ipv6/conf/default/accept_dad", "1"),
        ("/proc/sys/net/ipv6/conf/default/addr_gen_mode", "1"),
        ("/proc/sys/net/ipv6/conf/default/accept_ra", "0"),
        ("/proc/sys/net/ipv4/conf/all/arp_notify", "1"),
        ("/proc/sys/net/ipv4/ping_group_range", "0 2147483647"),
        ("/proc/sys/net/ipv4/conf/all/promote_secondaries", "1"),
    ];
    inet6::write_in(stack, &settings)
}

pub(super) fn remove(jid: u32) -> Result<(), Errno> {
    state::change(|state| {
        let at = state.jails.iter().position(|jail| jail.jid == jid).ok_or(Errno::Invalid)?;
        if state.jails[at].is_vnet {
            kill_all(jid);
            end_stack(state, jid)?;
        }
        state.jails.remove(at);
        Ok(())
    })
}

/// Kills what runs in a jail.
fn kill_all(jid: u32) {
    let listed = ip(0, &["netns", "pids", &namespace(jid)]).unwrap_or_default();
    let pids: Vec<&str> = listed.split_whitespace().collect();
    if !pids.is_empty() {
        // One that has ended by itself meanwhile is what was wanted.
        let _ = Command::new("/bin/kill").arg("-KILL").args(pids).output();
    }
}

/// What was lent to the stack goes home, what was made in it goes with it.
fn end_stack(state: &mut state::State, jid: u32) -> Result<(), Errno> {
    let lent = |nic: &state::Nic| nic.place == jid && nic.home != jid;
    while let Some(at) = state.nics.iter().position(lent) {
        let home = state.nics[at].home;
        changes::put(state, at, home)?;
    }
    state.nics.retain(|nic| nic.place != jid && nic.home != jid);
    ip(0, &["netns", "delete", &namespace(jid)]).map(drop)
}
