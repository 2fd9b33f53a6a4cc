//! The state of each lease of the host: its jail, interface and MAC as they are, and what differs.

use allocd_client::deadline::HolderTime;
use allocd_types::lease::Lease;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::cache::Cache;
use crate::observe::{ObservedHost, Sight};
use crate::plan::{Finding, Plan};

/// One lease.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    jail: String,
    lease: String,
    interface: Option<String>,
    /// The MAC that the interface has; none if it is not there.
    mac: Option<String>,
    jail_state: &'static str,
    /// In how many seconds it may not be used any more unless it is renewed; none if it is permanent.
    ends_in_seconds: Option<u64>,
    drift: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct StatusJson<'a> {
    leases: &'a [Row],
}

impl Row {
    /// True if something differs.
    pub(crate) fn has_drift(&self) -> bool {
        !self.drift.is_empty()
    }
}

/// What is known of the leases now, with what was seen of them; what a plan found of a jail is told with the jail's first lease.
pub(crate) fn rows((cache, now): (&Cache, HolderTime), seen: &ObservedHost, plan: &Plan) -> Vec<Row> {
    let mut leases: Vec<&Lease> = cache.leases.values().collect();
    leases.sort_by(|one, other| one.holder.cmp(&other.holder));
    let mut rows: Vec<Row> = Vec::new();
    for lease in leases {
        let jail = &lease.holder.jail;
        let outer = match seen.marked(lease.id) {
            Sight::One(interface) => Some(interface),
            Sight::None | Sight::Several => None,
        };
        let is_first = rows.last().is_none_or(|row| row.jail != jail.as_str());
        let part = plan.jails.iter().find(|part| part.jail == *jail && is_first);
        let jail_state = match (seen.alive(jail), seen.is_dying(jail)) {
            (Some(_), _) => "running",
            (None, true) => "dying",
            (None, false) => "not there",
        };
        rows.push(Row {
            jail: jail.to_string(),
            lease: lease.id.resource_name(),
            interface: outer.map(|interface| interface.name.to_string()),
            mac: outer.and_then(|interface| interface.ether).map(|mac| mac.to_string()),
            jail_state,
            ends_in_seconds: lease.remaining.map(|_| {
                let end =
                    cache.lifetimes.ends.get(&lease.id).filter(|end| end.generation == lease.generation);
                end.map_or(0, |end| end.at.0.saturating_sub(now.0).as_secs())
            }),
            drift: part.iter().flat_map(|part| &part.findings).map(Finding::to_string).collect(),
        });
    }
    rows
}

/// As JSON.
pub(crate) fn status_json(rows: &[Row]) -> StatusJson<'_> {
    StatusJson { leases: rows }
}

/// As a table.
pub(crate) fn status_text(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "This host has no lease.\n".to_owned();
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["JAIL", "STATE", "LEASE", "INTERFACE", "MAC", "ENDS", "DRIFT"]);
    for row in rows {
        let shown = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let drift = if row.drift.is_empty() { "none".to_owned() } else { row.drift.join("; ") };
        table.add_row([
            row.jail.clone(),
            row.jail_state.to_owned(),
            row.lease.clone(),
            shown(&row.interface),
            shown(&row.mac),
            row.ends_in_seconds.map_or_else(|| "never".to_owned(), |seconds| format!("in {seconds} s")),
            drift,
        ]);
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim().to_owned()).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use allocd_types::decline::{Kept, KeptWhy};
    use allocd_types::time::Span;

    use super::*;
    use crate::clock::Clock as _;
    use crate::example::{Rig, lease};
    use crate::pass::LookInto;

    fn shown(rig: &Rig, into: LookInto) -> String {
        rig.with_agent(|agent| {
            let (_, seen, plan) = agent.preview(None, into).unwrap();
            status_text(&rows((agent.store.cache(), rig.clock.now()), &seen, &plan))
        })
    }

    #[test]
    fn every_lease_has_its_line_with_what_differs() {
        let rig = Rig::new((14, 1), "", vec![lease(17, "web01", 7), lease(18, "web02", 8)]);
        assert_eq!(shown(&rig, LookInto::NoJail), "This host has no lease.\n");
        rig.settle();
        rig.ifconfig("epair8a ether 02:00:00:00:00:0a");
        rig.ifconfig("-j web01 epair7b down");
        let before = rig.fake.command_count();
        let outside = shown(&rig, LookInto::NoJail);
        // The release, whether there is VIMAGE, interfaces, jails: no more, whatever there is.
        assert_eq!(rig.fake.command_count() - before, 4);
        let lines: Vec<Vec<&str>> =
            outside.lines().map(|line| line.split_whitespace().take(7).collect()).collect();
        assert_eq!(
            lines[1],
            ["web01", "running", "leases/17", "epair7a", "12:34:56:00:07:0a", "never", "none"]
        );
        assert_eq!(lines[2][..5], ["web02", "running", "leases/18", "epair8a", "02:00:00:00:00:0a"]);
        assert!(outside.contains("epair8a has the MAC 02:00:00:00:00:0a"), "{outside}");
        assert!(shown(&rig, LookInto::EveryJail).contains("epair7b in the jail is down"));
    }

    #[test]
    fn a_start_that_did_not_end_is_drift() {
        let rig = Rig::new((14, 1), "[jails]\ntarget = \"jail.conf\"\n", vec![lease(17, "web01", 7)]);
        rig.settle();
        rig.files.write("/var/run/allocd.web01.starting", "", 0o644).unwrap();
        assert!(shown(&rig, LookInto::NoJail).contains("  a start of it did not end: /var/run/allocd.web01"));
    }

    #[test]
    fn a_lease_that_ends_by_itself_says_when() {
        let ends = Lease { remaining: Some(Span::from_seconds(100)), ..lease(17, "web01", 7) };
        let rig = Rig::new((14, 1), "", vec![ends]);
        rig.cluster.renew_for(Span::from_seconds(100));
        let _watching = rig.files.lock("/var/db/agent/watchdog.lock").unwrap();
        rig.settle();
        rig.clock.pass(Duration::from_secs(50));
        assert!(shown(&rig, LookInto::NoJail).contains(" in 44 s "));
    }

    #[test]
    fn a_conflict_that_is_left_as_it_is_stays_in_sight() {
        let rig = Rig::new((14, 1), "", vec![lease(17, "web01", 7)]);
        rig.settle();
        rig.cluster.keep(Some(Kept { why: KeptWhy::HostRate, retry_after: None }));
        let line = "arp: 02:00:00:00:00:99 is using my IP address 10.0.0.7 on epair7b!";
        rig.fake.log(line);
        rig.settle();
        // By an agent that was not there, and that changes nothing of it.
        for _ in 0..2 {
            let shown = shown(&rig, LookInto::NoJail);
            let told = format!(
                "somebody else on the wire has its 10.0.0.7 ({line}), and it is not exchanged: the host has reported too many"
            );
            assert!(shown.contains(&told), "{shown}");
        }
    }
}
