//! Taking over an inventory: everything that is wrong is told in one run, by line, and nothing is written unless all of it is
//! good or the operator says to skip the bad lines.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use allocd_types::answer::Answer;
use allocd_types::effect::Effect;
use allocd_types::import::{BadLines, ImportReport, ImportSpec};
use allocd_types::name::NetworkName;
use clap::Args;
use freebsd_config::inventory::{self, Inventory};

use crate::failure::Failure;
use crate::progress::spinner;
use crate::session::{Change, Session};
use crate::view::import::{FindingJson, ImportExclusionJson, ImportJson};

/// Longest file that is read: far above five thousand lines.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Most findings that a person is told; programs get all.
const FINDINGS_TOLD_MAX: usize = 200;

/// Takes over an inventory.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The inventory, lines of hostname:bridge:jail_name:version:jail_ip:epair_no; - is stdin.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The network of every line; a host that is new gets the line's bridge for it. Nothing said: the bridges tell.
    #[arg(long, value_name = "NETWORK")]
    network: Option<NetworkName>,
    /// Import the good lines, and exclude every valid value of the others: what runs must not be handed out.
    #[arg(long)]
    skip_bad: bool,
    #[command(flatten)]
    change: Change,
}

pub(crate) async fn run(session: &Session, import: &Import) -> Result<(), Failure> {
    let inventory = inventory::parse(&read(import)?);
    let of_text: Vec<FindingJson> = inventory
        .findings
        .iter()
        .map(|found| FindingJson { number: found.number, message: found.flaw.to_string() })
        .collect();
    if inventory.lines.is_empty() && inventory.fragments.is_empty() && of_text.is_empty() {
        return Err(Failure::input(format!("{} has no line to import", import.file.display())));
    }
    let (client, mut effect) = session.change(&import.change);
    if !of_text.is_empty() && !import.skip_bad {
        // The cluster is asked all the same, so that everything wrong is told in one run.
        effect = Effect::ValidateOnly;
    }
    let progress = spinner(format!("{} lines", inventory.lines.len()));
    let answer = client.import(spec(import, &inventory), effect).await;
    progress.finish_and_clear();
    let answer = answer.inspect_err(|_| tell(session, import, &of_text, &BTreeMap::new()))?;
    let mut findings = of_text;
    let of_cluster = answer.value.findings.iter();
    findings.extend(
        of_cluster.map(|found| FindingJson { number: found.number, message: found.flaw.to_string() }),
    );
    findings.sort();
    finish(session, import, (findings, effect), &answer)
}

fn spec(import: &Import, inventory: &Inventory) -> ImportSpec {
    ImportSpec {
        lines: inventory.lines.clone(),
        fragments: inventory.fragments.clone(),
        network: import.network.clone(),
        bad_lines: if import.skip_bad { BadLines::Skip } else { BadLines::Refuse },
    }
}

/// Tells what came of it.
fn finish(
    session: &Session,
    import: &Import,
    (findings, effect): (Vec<FindingJson>, Effect),
    answer: &Answer<ImportReport>,
) -> Result<(), Failure> {
    let report = &answer.value;
    let mut excluded: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for (number, exclusion) in &report.exclusions {
        excluded.entry(*number).or_default().push(format!("{} as {}", exclusion.values, exclusion.name));
    }
    if import.skip_bad {
        for finding in &findings {
            excluded
                .entry(finding.number)
                .or_insert_with(|| vec!["nothing: no valid address or unit is on it".to_owned()]);
        }
    }
    tell(session, import, &findings, &excluded);
    let is_refused = !findings.is_empty() && !import.skip_bad;
    let bad = lines_in(&findings);
    let text = if is_refused { String::new() } else { summary(report, effect, bad) };
    let json = ImportJson {
        leases: report.leases,
        unchanged: report.unchanged,
        hosts_created: report.hosts_created,
        findings,
        exclusions: report.exclusions.iter().map(ImportExclusionJson::from).collect(),
        revision: answer.revision.get(),
        cluster_time_ms: answer.now.millis(),
    };
    session.output.report(&text, &json, &import.file.display().to_string())?;
    if is_refused {
        let file = import.file.display();
        return Err(Failure::Findings {
            message: format!(
                "{bad} {} of {file} cannot be imported; nothing was written",
                if bad == 1 { "line" } else { "lines" }
            ),
            hint: "mend them, or import the others with --skip-bad".to_owned(),
        });
    }
    Ok(())
}

/// A line for each finding, with what was excluded because of it.
fn tell(session: &Session, import: &Import, findings: &[FindingJson], excluded: &BTreeMap<u32, Vec<String>>) {
    let file = import.file.display();
    for finding in findings.iter().take(FINDINGS_TOLD_MAX) {
        session.output.note(&format!("{file}:{}: {}", finding.number, finding.message));
    }
    let more = findings.len().saturating_sub(FINDINGS_TOLD_MAX);
    if more > 0 {
        session.output.note(&format!("{file}: {more} more findings; all of them: -o json"));
    }
    for (number, values) in excluded {
        session.output.note(&format!("{file}:{number}: excluded {}", values.join(", ")));
    }
}

fn summary(report: &ImportReport, effect: Effect, bad: usize) -> String {
    let would = match effect {
        Effect::Commit => "imported",
        Effect::ValidateOnly => "would import",
    };
    let mut text = format!("{would} {} leases, {} hosts are new", report.leases, report.hosts_created);
    if report.unchanged > 0 {
        text.push_str(&format!(", {} lines were there already", report.unchanged));
    }
    if bad > 0 {
        text.push_str(&format!(", {bad} lines skipped, {} exclusions made", report.exclusions.len()));
    }
    text + "\n"
}

/// How many lines the findings are about.
fn lines_in(findings: &[FindingJson]) -> usize {
    let mut numbers: Vec<u32> = findings.iter().map(|finding| finding.number).collect();
    numbers.dedup();
    numbers.len()
}

/// The file, bounded: what has no end must not fill the memory.
fn read(import: &Import) -> Result<Vec<u8>, Failure> {
    let path = &import.file;
    let failed = |source: io::Error| Failure::input(format!("cannot read {}: {source}", path.display()));
    let mut bytes = Vec::new();
    let mut source: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path).map_err(failed)?)
    };
    source.by_ref().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        let message = format!("{} is no inventory: it has more than {FILE_BYTES_MAX} bytes", path.display());
        return Err(Failure::input(message));
    }
    Ok(bytes)
}
