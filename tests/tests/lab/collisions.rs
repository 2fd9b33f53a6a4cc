//! What happens without leases: the kernels' own MACs meet on the wire.

use allocd_tests::lab::LabHost;
use allocd_tests::until::until;

use crate::scenes::hosts;

/// A jail in the article's order: the epair is up with its stock MAC before anything else.
fn articles_jail(host: &LabHost) {
    host.make_root("/usr/jails/test01");
    host.done("/usr/sbin/jail -q -c name=test01 path=/usr/jails/test01 vnet persist");
    host.done("/sbin/ifconfig epair1 create up");
    host.done("/sbin/ifconfig bridge0 addm epair1a");
    host.done("/sbin/ifconfig epair1b vnet test01");
    host.done("/usr/sbin/jexec test01 /sbin/ifconfig epair1b up");
}

fn inner(host: &LabHost) -> String {
    host.done("/usr/sbin/jexec test01 /sbin/ifconfig epair1b")
}

#[tokio::test]
async fn stock_macs_meet_and_ipv6_switches_itself_off() {
    let Some(scene) = hosts("10.1", 2) else { return };
    let (one, two) = (scene.host(0), scene.host(1));
    articles_jail(one);
    until("the first jail has its address", async || {
        let shown = inner(one);
        (shown.contains("inet6 fe80::") && !shown.contains("tentative")).then_some(())
    })
    .await;
    articles_jail(two);
    let shown = until("the second jail's address is refused", async || {
        Some(inner(two)).filter(|shown| shown.contains("duplicated"))
    })
    .await;
    assert!(shown.contains("ether 02:ff:50:00:05:0b") && inner(one).contains("ether 02:ff:50:00:05:0b"));
    assert!(shown.contains("nd6 options=29<PERFORMNUD,IFDISABLED,AUTO_LINKLOCAL>"), "{shown}");
    let messages = two.done("/sbin/dmesg");
    for line in [
        "epair1b: DAD detected duplicate IPv6 address fe80:2::ff:50ff:fe00:50b: NS in/out=0/1, NA in=1\n",
        "epair1b: DAD complete for fe80:2::ff:50ff:fe00:50b - duplicate found\n",
        "epair1b: possible hardware address duplication detected, disable IPv6\n",
    ] {
        assert!(messages.contains(line), "{messages}");
    }
}

#[tokio::test]
async fn a_mac_that_is_set_too_late_leaves_the_stock_address() {
    let Some(scene) = hosts("14.1", 1) else { return };
    let host = scene.host(0);
    host.done("/sbin/ifconfig epair1 create up");
    let stock = host.done("/sbin/ifconfig epair1a inet6");
    host.done("/sbin/ifconfig epair1a ether 12:34:56:00:00:0a");
    host.done("/sbin/ifconfig epair1b up");
    let late = host.done("/sbin/ifconfig epair1a inet6");
    let address =
        |text: &str| text.split_whitespace().find(|word| word.starts_with("fe80::")).map(str::to_owned);
    assert!(address(&stock).is_some());
    assert_eq!(address(&stock), address(&late));

    // In the right order it is made of the MAC that was set.
    host.done("/sbin/ifconfig epair2 create");
    host.done("/sbin/ifconfig epair2a ether 12:34:56:00:00:0c");
    host.done("/sbin/ifconfig epair2a up");
    let right = host.done("/sbin/ifconfig epair2a inet6");
    assert_eq!(address(&right), Some("fe80::1034:56ff:fe00:c%epair2a".to_owned()));
}
