//! Reads the tree once and shows it to every rule. All findings of all rules are told in one run.

use std::path::Path;

use anyhow::{Result, bail};

use super::finding::Finding;
use super::source::Source;
use super::tree::{self, File};
use super::{links, purity, shape, sleeps, text, top_level};
use crate::context::Context;
use crate::test::Verdict;

/// Prints what is wrong, and fails if anything is.
pub(crate) fn run(context: &Context) -> Result<Verdict> {
    let files = tree::read(&context.root)?;
    let mut findings = top_level::check(&tree::top_level(&context.root)?);
    let sources: Vec<Source> = files.iter().filter_map(Source::of).collect();
    for file in &files {
        findings.extend(text::check(file));
        findings.extend(shape::name(file));
    }
    for source in &sources {
        findings.extend(shape::check(source));
        findings.extend(purity::check(source));
    }
    findings.extend(sleeps::check(&sources));
    findings.extend(links::check(&files, &|path: &Path| context.root.join(path).exists()));
    report(findings, &files)
}

fn report(mut findings: Vec<Finding>, files: &[File]) -> Result<Verdict> {
    findings.sort();
    findings.iter().for_each(|finding| println!("{finding}"));
    match findings.len() {
        0 => {
            println!("tidy: {} files hold the house rules", files.len());
            Ok(Verdict::Passed)
        }
        1 => bail!("one house rule is broken"),
        many => bail!("{many} house rules are broken"),
    }
}
