//! Tests that a machine does not allow: they say so, loudly, and end.

/// Says that a test has to do something and may not.
pub fn skipped(what: &str, why: &str) {
    println!("SKIPPED: this test has to {what}, and may not: {}", why.trim());
}
