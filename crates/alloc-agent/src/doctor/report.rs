//! Findings as text: a line for each, JSON, and how many there are of each verdict.

use super::finding::{Finding, Verdict};

/// A heading, and a line for each: verdict, check, what it means, what to do, and the command in brackets.
pub(super) fn lines(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.check.len()).max().unwrap_or_default();
    let line = |finding: &Finding| {
        let Finding { check, verdict, command, meaning, remedy } = finding;
        let remedy = remedy.as_ref().map(|remedy| format!("; remedy: {remedy}")).unwrap_or_default();
        let command = if command.is_empty() { String::new() } else { format!("  [{command}]") };
        let told = format!("{meaning}{remedy}{command}");
        format!("{:<7}  {check:<width$}  {}\n", verdict.as_str(), printable(&told))
    };
    let heading = format!("{:<7}  {:<width$}  MEANING\n", "VERDICT", "CHECK");
    std::iter::once(heading).chain(findings.iter().map(line)).collect()
}

/// Text with its control characters escaped: it may quote a file, and what is in a file may be anything.
fn printable(text: &str) -> String {
    let escaped = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect()
}

/// An array of objects.
pub(super) fn json(findings: &[Finding]) -> String {
    let text = serde_json::to_string_pretty(findings).expect("a finding is plain text");
    format!("{text}\n")
}

/// How many checks ended how.
pub(super) fn summary(findings: &[Finding]) -> String {
    let count = |verdict: Verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let counts = [Verdict::Fail, Verdict::Warn, Verdict::Skipped, Verdict::Ok];
    let counts: Vec<String> =
        counts.iter().map(|verdict| format!("{} {}", count(*verdict), verdict.as_str())).collect();
    format!("{} checks: {}", findings.len(), counts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings() -> [Finding; 2] {
        let finding = |check, verdict, remedy: Option<&str>| Finding {
            check,
            verdict,
            command: "kldstat -q -m pf".to_owned(),
            meaning: "pf is loaded".to_owned(),
            remedy: remedy.map(str::to_owned),
        };
        [finding("kernel.pf", Verdict::Fail, Some("boot without")), finding("a.b", Verdict::Skipped, None)]
    }

    #[test]
    fn a_finding_is_one_line() {
        assert_eq!(
            lines(&findings()),
            "VERDICT  CHECK      MEANING\n\
             fail     kernel.pf  pf is loaded; remedy: boot without  [kldstat -q -m pf]\n\
             skipped  a.b        pf is loaded  [kldstat -q -m pf]\n"
        );
        assert_eq!(summary(&findings()), "2 checks: 1 fail, 0 warn, 1 skipped, 0 ok");
    }

    #[test]
    fn what_a_file_says_stays_on_its_line() {
        let [mut finding, _] = findings();
        finding.meaning = "/etc/jail.conf says for all jails: a\nb\u{1b}[2J".to_owned();
        let text = lines(&[finding]);
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains("a\\nb\\u{1b}[2J;"), "{text}");
    }

    #[test]
    fn the_names_of_the_fields_are_a_contract() {
        let expected = r#"[
  {
    "check": "kernel.pf",
    "verdict": "fail",
    "command": "kldstat -q -m pf",
    "meaning": "pf is loaded",
    "remedy": "boot without"
  },
  {
    "check": "a.b",
    "verdict": "skipped",
    "command": "kldstat -q -m pf",
    "meaning": "pf is loaded",
    "remedy": null
  }
]
"#;
        assert_eq!(json(&findings()), expected);
    }
}
