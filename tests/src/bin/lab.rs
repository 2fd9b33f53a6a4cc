//! `lab`: plays the scenarios of the lab, and prints a table of what has come of them.
//!
//! Exit codes: 0 if all was as it must be, 1 if not, 2 if the command line cannot be understood, 3 if the machine does not allow
//! what it takes.
#![expect(clippy::print_stdout, reason = "a command line talks to people")]

use std::process::ExitCode;

/// The machine does not allow it.
const EXIT_SKIPPED: u8 = 3;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    scenarios::main()
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    allocd_tests::skipped::skipped("build hosts of namespaces", "this is not Linux");
    ExitCode::from(EXIT_SKIPPED)
}

#[cfg(target_os = "linux")]
mod scenarios {
    use std::io::IsTerminal as _;
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;
    use std::thread;

    use allocd_tests::lab::Scene;
    use allocd_tests::lab_scenarios::{Report, SCENARIOS, Scenario};
    use allocd_tests::skipped::skipped;
    use clap::Parser;
    use clap::builder::{PossibleValue, PossibleValuesParser};
    use comfy_table::{CellAlignment, Table, presets};
    use indicatif::ProgressBar;

    /// Plays jail servers on one wire with real packets. This is not FreeBSD.
    #[derive(Parser)]
    #[command(name = "lab")]
    struct Arguments {
        /// Which of them; all, if none is named.
        #[arg(value_name = "SCENARIO", value_parser = names())]
        scenarios: Vec<String>,
        /// Write all reports, with MACs, addresses and packet counts as the kernel reports them.
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
    }

    fn names() -> PossibleValuesParser {
        let one = |scenario: &Scenario| PossibleValue::new(scenario.name).help(scenario.about);
        SCENARIOS.iter().map(one).collect::<Vec<_>>().into()
    }

    pub(super) fn main() -> ExitCode {
        let arguments = Arguments::parse();
        match run(&arguments) {
            Ok(code) => code,
            Err(why) => {
                complain(&format!("error: {why}"));
                ExitCode::FAILURE
            }
        }
    }

    /// Plays what is asked for, and says what has come of it.
    fn run(arguments: &Arguments) -> Result<ExitCode, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let program = own.with_file_name("lab-freebsd");
        if !program.exists() {
            return Err(format!("{} is not built: it is a program of the same package", program.display()));
        }
        if let Err(why) = Scene::with_bridges(&program, "14.1", 1) {
            skipped("build hosts of namespaces", &why);
            return Ok(ExitCode::from(super::EXIT_SKIPPED));
        }
        let reports = play(&asked_for(&arguments.scenarios), &program);
        println!("{}", table(&reports));
        if let Some(path) = &arguments.json {
            let text = serde_json::to_string_pretty(&reports).expect("reports are plain data");
            std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        let is_all_well = reports.iter().all(|report| report.is_as_it_must_be);
        Ok(if is_all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// The scenarios of these names, or all, in their own order.
    fn asked_for(names: &[String]) -> Vec<Scenario> {
        let is_asked_for =
            |scenario: &&Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
        SCENARIOS.iter().filter(is_asked_for).copied().collect()
    }

    /// Plays one after the other, but small ones that stand together at a time.
    fn play(scenarios: &[Scenario], program: &Path) -> Vec<Report> {
        let progress = if std::io::stderr().is_terminal() {
            ProgressBar::new(scenarios.len().try_into().unwrap_or_default())
        } else {
            ProgressBar::hidden()
        };
        let one = |scenario: &Scenario| {
            progress.println(format!("{}: {}", scenario.name, scenario.about));
            let report = scenario.play(program);
            progress.inc(1);
            report
        };
        let at_a_time = |some: &[Scenario]| -> Vec<Report> {
            thread::scope(|scope| {
                let begun: Vec<_> = some.iter().map(|scenario| scope.spawn(|| one(scenario))).collect();
                begun.into_iter().map(|thread| thread.join().expect("a panic is a verdict")).collect()
            })
        };
        let groups = scenarios.chunk_by(|one, next| one.is_small && next.is_small);
        let reports = groups.flat_map(at_a_time).collect();
        progress.finish_and_clear();
        reports
    }

    fn table(reports: &[Report]) -> Table {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_header([
            "scenario", "hosts", "jails", "echoes", "kills", "packets", "ok", "seconds", "verdict",
        ]);
        for report in reports {
            table.add_row([
                report.scenario.to_owned(),
                report.hosts.to_string(),
                report.jails.to_string(),
                report.echoes.to_string(),
                report.kills.to_string(),
                report.packets.to_string(),
                if report.is_as_it_must_be { "yes" } else { "NO" }.to_owned(),
                (report.took_ms / 1000).to_string(),
                report.verdict.clone(),
            ]);
        }
        for column in [1, 2, 3, 4, 5, 7] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }

    /// Data goes to stdout, everything else to stderr.
    #[expect(clippy::print_stderr, reason = "a command line talks to people")]
    fn complain(text: &str) {
        eprintln!("{text}");
    }
}
