//! A host with many jails: what a pass costs that has nothing to do.

use super::*;

#[test]
fn a_pass_without_changes_runs_each_listing_once() {
    let count: u16 = 200;
    let leases = (1..=count).map(|unit| {
        let mut lease = lease(u64::from(unit), &format!("web{unit:03}"), unit);
        lease.addresses.truncate(1);
        lease
    });
    let rig = Rig::new((14, 1), TARGETS[0], leases.collect());
    rig.with_agent(|agent| {
        agent.pass(rig.asked()).unwrap();
        assert_eq!(rig.fake.jails().len(), usize::from(count));
        // This one looks once into every jail that it has built.
        assert_eq!(agent.pass(rig.asked()).unwrap().done(), 0);
        let before = rig.fake.command_count();
        let report = agent.pass(rig.asked()).unwrap();
        assert_eq!((report.done(), report.findings.len()), (0, 0));
        let commands: Vec<String> =
            rig.fake.records()[before..].iter().map(|record| record.invocation.to_string()).collect();
        assert_eq!(
            commands,
            [
                "/sbin/dmesg",
                "/sbin/ifconfig -f inet:cidr,inet6:cidr,ether:colon -a",
                "/usr/sbin/jls --libxo json -d jid name path dying vnet",
                "/sbin/ifconfig -j web001 -f inet:cidr,inet6:cidr,ether:colon -a",
            ]
        );
    });
}
