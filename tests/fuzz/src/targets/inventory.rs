//! An inventory to import: what is read of it is what it says, and the API takes it.

use allocd_proto::request::Mutation;
use allocd_proto::v1;
use allocd_types::effect::Effect;
use allocd_types::import::{BadLines, ImportLine, ImportSpec};
use freebsd_config::inventory::{FIELDS, parse};

pub(crate) fn run(data: &[u8]) {
    let inventory = parse(data);
    for line in &inventory.lines {
        let ImportLine { number: _, host, bridge, jail: _, original_jail, version, address, index } = line;
        let text = format!("{host}:{bridge}:{original_jail}:{version}:{address}:{index}");
        let again = parse(text.as_bytes());
        assert_eq!(again.lines, [ImportLine { number: 1, ..line.clone() }], "{text:?} says the same");
    }
    let numbers: Vec<u32> = inventory.findings.iter().map(|finding| finding.number).collect();
    assert!(numbers.is_sorted(), "what is wrong is told in the order of the lines");
    for fragment in &inventory.fragments {
        let wrong = inventory.findings.iter().filter(|finding| finding.number == fragment.number);
        let told: Vec<String> = wrong.map(|finding| finding.flaw.to_string()).collect();
        assert!((1..=FIELDS).contains(&told.len()), "line {}: {told:?}", fragment.number);
        assert!(told.iter().all(|told| !told.is_empty() && !told.contains('\n')), "{told:?}");
    }
    if !inventory.lines.is_empty() {
        check_import(ImportSpec {
            lines: inventory.lines,
            fragments: inventory.fragments,
            network: None,
            bad_lines: BadLines::Skip,
        });
    }
}

/// What the one end reads the other end takes.
fn check_import(spec: ImportSpec) {
    let said = Mutation { request_id: None, effect: Effect::Commit, wish: spec };
    assert_eq!(Mutation::try_from(v1::ImportRequest::from(said.clone())), Ok(said));
}
