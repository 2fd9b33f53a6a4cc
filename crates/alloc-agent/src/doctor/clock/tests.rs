//! Each verdict on the clock.

use allocd_types::lease::Lease;
use allocd_types::time::Span;

use crate::doctor::example::{after, lease};
use crate::doctor::finding::Verdict::{self, Fail, Ok as Good, Skipped, Warn};
use crate::doctor::rc_conf::RcConf;

fn daemon(rc_conf: &str, remaining: Option<Span>) -> Verdict {
    after("clock.daemon", |situation| {
        situation.files.rc_conf = RcConf::of(rc_conf);
        situation.leases = Ok(vec![Lease { remaining, ..lease() }]);
    })
    .0
}

#[test]
fn a_lease_with_a_lifetime_needs_a_clock() {
    let span = Some(Span::from_seconds(60));
    for daemon_enable in ["ntpd_enable=YES", "chronyd_enable=\"yes\"", "openntpd_enable=on"] {
        assert_eq!(daemon(daemon_enable, span), Good, "{daemon_enable}");
    }
    assert_eq!(daemon("ntpd_enable=NO\n", span), Fail);
    assert_eq!(daemon("ntpd_enable=NO\n", None), Warn);
    assert_eq!(daemon("if true; then\n", None), Skipped);
}
