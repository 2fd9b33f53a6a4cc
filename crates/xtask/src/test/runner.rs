//! Runs the steps: announces each, times it, stops at the first failure, and always ends with one table that says what
//! was checked, what was not, and how to run the failed step alone.

use std::time::Instant;

use anyhow::{Error, Result, bail};
use clap::Args;
use clap::builder::PossibleValuesParser;

use super::step::{STEPS, Step, Verdict};
use crate::context::Context;

/// What `cargo xtask test` may be told.
#[derive(Args)]
pub(crate) struct Options {
    /// Runs only this step; may be given several times.
    #[arg(long, value_name = "STEP", value_parser = PossibleValuesParser::new(STEPS.iter().map(|step| step.name)))]
    only: Vec<String>,
    /// Runs everything at length: ten thousand seeds, minutes of fuzzing, long storms and the whole bench. Takes hours.
    #[arg(long)]
    full: bool,
    /// Lists the steps and does nothing.
    #[arg(long, conflicts_with = "only")]
    list: bool,
}

/// How much is done.
#[derive(Debug, Clone, Copy)]
enum Length {
    /// What CI has time for.
    Short,
    /// What a release needs.
    Full,
}

/// How one step ended, for the table.
struct Row {
    name: &'static str,
    outcome: Outcome,
    seconds: f64,
}

enum Outcome {
    Ended(Verdict),
    Failed(Error),
    NotRun,
}

/// Runs the chosen steps and fails if one of them did.
pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    if options.list {
        STEPS.iter().for_each(|step| println!("{:<14} {}", step.name, step.about));
        return Ok(());
    }
    let chosen: Vec<&Step> = STEPS
        .iter()
        .filter(|step| options.only.is_empty() || options.only.iter().any(|name| name == step.name))
        .collect();
    let length = if options.full { Length::Full } else { Length::Short };
    let rows = run_steps(context, &chosen, length);
    println!("\n{}", table(&rows));
    for row in &rows {
        if let Outcome::Failed(error) = &row.outcome {
            bail!(
                "the step {name} failed: {error:#}\nrun it alone: cargo xtask test --only {name}",
                name = row.name
            );
        }
    }
    Ok(())
}

fn run_steps(context: &Context, steps: &[&Step], length: Length) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::with_capacity(steps.len());
    for (position, step) in steps.iter().enumerate() {
        if rows.iter().any(|row| !matches!(row.outcome, Outcome::Ended(_))) {
            rows.push(Row { name: step.name, outcome: Outcome::NotRun, seconds: 0.0 });
            continue;
        }
        println!("\n== {} ({} of {}): {}", step.name, position + 1, steps.len(), step.about);
        let started = Instant::now();
        let run = match length {
            Length::Short => step.run,
            Length::Full => step.full.unwrap_or(step.run),
        };
        let outcome = match run(context) {
            Ok(verdict) => Outcome::Ended(verdict),
            Err(error) => Outcome::Failed(error),
        };
        let row = Row { name: step.name, outcome, seconds: started.elapsed().as_secs_f64() };
        println!("== {}", line(&row));
        rows.push(row);
    }
    rows
}

fn table(rows: &[Row]) -> String {
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn line(row: &Row) -> String {
    let (verdict, why) = match &row.outcome {
        Outcome::Ended(Verdict::Passed) => ("passed", ""),
        Outcome::Ended(Verdict::Partial(without)) => ("PARTIAL", without.as_str()),
        Outcome::Ended(Verdict::Skipped(why)) => ("SKIPPED", why.as_str()),
        Outcome::Failed(_) => ("FAILED", ""),
        Outcome::NotRun => ("not run", ""),
    };
    format!("{:<14} {verdict:<8} {:>7.1} s  {why}", row.name, row.seconds).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use anyhow::bail;

    use super::*;

    fn context() -> Context {
        Context { root: PathBuf::new(), target: PathBuf::new(), rust_version: "1.95".to_owned() }
    }

    #[test]
    fn the_first_failure_stops_and_the_rest_is_named_as_not_run() {
        let steps = [
            Step::new("good", "", |_| Ok(Verdict::Passed)),
            Step::new("absent", "", |_| Ok(Verdict::Skipped("no network".to_owned()))),
            Step::new("bad", "", |_| bail!("broken")),
            Step::new("later", "", |_| panic!("must not be run")),
        ];
        let rows = run_steps(&context(), &steps.iter().collect::<Vec<_>>(), Length::Short);
        let shown: Vec<String> = rows.into_iter().map(|row| line(&Row { seconds: 0.0, ..row })).collect();
        assert_eq!(
            shown,
            [
                "good           passed       0.0 s",
                "absent         SKIPPED      0.0 s  no network",
                "bad            FAILED       0.0 s",
                "later          not run      0.0 s",
            ]
        );
    }

    #[test]
    fn at_length_a_step_does_more_if_it_can() {
        let longer = Step { full: Some(|_| Ok(Verdict::Skipped("long".to_owned()))), ..STEP };
        let rows = run_steps(&context(), &[&STEP, &longer], Length::Full);
        assert!(matches!(rows[0].outcome, Outcome::Ended(Verdict::Passed)));
        assert!(matches!(rows[1].outcome, Outcome::Ended(Verdict::Skipped(_))));
    }

    const STEP: Step = Step::new("step", "", |_| Ok(Verdict::Passed));

    #[test]
    fn no_two_steps_share_a_name() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
