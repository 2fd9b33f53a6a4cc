//! Each verdict on rule sets.

use crate::doctor::example::after;
use crate::doctor::fact::Fact;
use crate::doctor::finding::Verdict::{self, Fail, Ok as Good, Skipped};

fn ruleset(release: &str, wanted: u16, loaded: Vec<u16>) -> (Verdict, String) {
    after("devfs.ruleset", |situation| {
        situation.set_release(release);
        situation.wanted.rulesets = [wanted].into();
        situation.host.rulesets = Fact::new("", Ok(loaded));
    })
}

#[test]
fn a_rule_set_that_is_not_loaded_hides_nothing() {
    assert_eq!(ruleset("14.1-RELEASE", 5, vec![4, 5]).0, Good);
    let (verdict, meaning) = ruleset("14.1-RELEASE", 20, vec![4, 5]);
    assert!(verdict == Fail && meaning.contains("20, and it is not loaded"), "{meaning}");
}

#[test]
fn rule_set_5_is_not_to_be_had_before_13() {
    let (verdict, meaning) = ruleset("12.4-RELEASE", 5, vec![4]);
    assert!(verdict == Fail && meaning.contains("from FreeBSD 13 on"), "{meaning}");
    // Somebody may have made one of that number.
    assert_eq!(ruleset("12.4-RELEASE", 5, vec![4, 5]).0, Good);
}

#[test]
fn a_listing_that_failed_says_nothing() {
    let failed = after("devfs.ruleset", |situation| {
        situation.host.rulesets = Fact::new("devfs rule showsets", Err("it failed".to_owned()));
    });
    assert_eq!(failed, (Skipped, "it failed".to_owned()));
}
