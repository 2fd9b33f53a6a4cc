//! Each verdict on addresses.

use freebsd_host::Sysctl;

use crate::doctor::example::after;
use crate::doctor::finding::Verdict::{Ok as Good, Skipped, Warn};

#[test]
fn without_asking_no_duplicate_is_found() {
    let dad = |count| after("addresses.dad", |situation| situation.set_sysctl(Sysctl::DAD_COUNT, count)).0;
    assert_eq!(
        [Some("1"), Some("3"), Some("0"), Some("x"), None].map(dad),
        [Good, Good, Warn, Skipped, Skipped]
    );
}
