//! Calls a second and their latencies, for each number of clients: one window of each thing, then the next window of
//! each, so that whatever else the machine does falls on all alike.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::findings::{Figure, Findings, Plot, Series};
use super::goal::Goal;
use super::options::Plan;
use super::row::{Metric, Row};
use super::sample::{Sample, median};
use super::sides::{Measured, Sides};
use crate::progress::{bar, chapter};

/// What of a sample is compared.
#[derive(Clone, Copy)]
enum Part {
    Rate,
    P99,
}

/// Two things, what of them, and which ratio is wanted for how many clients.
struct Comparison {
    name: &'static str,
    ours: Measured,
    theirs: Measured,
    part: Part,
    goals: &'static [(u32, Goal)],
}

use Goal::{AtLeast, AtMost};

const COMPARISONS: &[Comparison] = &[
    Comparison {
        name: "allocate / etcd put",
        ours: Measured::Allocate,
        theirs: Measured::EtcdPut,
        part: Part::Rate,
        goals: &[(1, AtLeast(1.0)), (16, AtLeast(1.8)), (64, AtLeast(2.5)), (256, AtLeast(3.0))],
    },
    Comparison {
        name: "allocate / etcd compare-and-swap allocation",
        ours: Measured::Allocate,
        theirs: Measured::EtcdSwap,
        part: Part::Rate,
        goals: &[(1, AtLeast(2.5)), (16, AtLeast(8.0)), (64, AtLeast(14.0)), (256, AtLeast(18.0))],
    },
    Comparison {
        name: "p99 of allocate / p99 of etcd put",
        ours: Measured::Allocate,
        theirs: Measured::EtcdPut,
        part: Part::P99,
        goals: &[(1, AtMost(1.0)), (16, AtMost(0.6)), (64, AtMost(0.3)), (256, AtMost(0.3))],
    },
    Comparison {
        name: "allocate / the same cluster without durability",
        ours: Measured::Allocate,
        theirs: Measured::InMemory,
        part: Part::Rate,
        goals: &[(1, AtLeast(0.5)), (16, AtLeast(0.5)), (64, AtLeast(0.7)), (256, AtLeast(0.8))],
    },
    Comparison {
        name: "linearizable get / etcd get",
        ours: Measured::Get,
        theirs: Measured::EtcdGet,
        part: Part::Rate,
        goals: &[(1, AtLeast(1.3)), (16, AtLeast(4.0)), (64, AtLeast(5.0)), (256, AtLeast(5.0))],
    },
    Comparison {
        name: "allocate / unary echo",
        ours: Measured::Allocate,
        theirs: Measured::Echo,
        part: Part::Rate,
        goals: &[],
    },
];

type Samples = BTreeMap<(Measured, u32), Vec<Sample>>;

/// Measures all, and tells it.
pub(super) async fn measure(sides: &Sides, plan: &Plan, findings: &mut Findings) -> Result<()> {
    chapter("calls a second, side by side");
    let mut samples = Samples::new();
    for &clients in &plan.clients {
        let progress = bar("windows", plan.rounds * Measured::ALL.len());
        let before = sides.leaders().await?;
        for _ in 0..plan.rounds {
            for measured in Measured::ALL {
                let sample = sides.sample(measured, &before, clients, plan.window).await;
                let sample = sample.with_context(|| format!("{} by {clients} clients", measured.name()))?;
                if let Some(sample) = sample {
                    samples.entry((measured, clients)).or_default().push(sample);
                }
                progress.inc(1);
            }
        }
        progress.finish_and_clear();
        if sides.leaders().await? != before {
            findings.note(format!("a cluster changed its leader while {clients} clients were measured"));
        }
        tell(clients, &samples);
    }
    note_failures(&samples, findings);
    findings.rows.extend(plan.clients.iter().flat_map(|clients| rows(*clients, &samples)));
    findings
        .figures
        .extend(samples.iter().map(|((measured, clients), samples)| figure(*measured, *clients, samples)));
    findings.plots.extend([
        plot(&samples, "throughput", "calls a second", |figure| figure.per_second),
        plot(&samples, "latency", "99th percentile, ms", |figure| figure.p99_ms),
    ]);
    Ok(())
}

fn tell(clients: u32, samples: &Samples) {
    println!("{clients} clients:");
    for measured in Measured::ALL {
        if let Some(samples) = samples.get(&(measured, clients)) {
            let figure = figure(measured, clients, samples);
            println!(
                "  {:<34} {:>9.0} /s   p50 {:>8.3} ms   p99 {:>8.3} ms",
                figure.what, figure.per_second, figure.p50_ms, figure.p99_ms
            );
        }
    }
}

fn note_failures(samples: &Samples, findings: &mut Findings) {
    for ((measured, clients), samples) in samples {
        let failures: u32 = samples.iter().map(|sample| sample.failures).sum();
        if failures > 0 {
            findings.note(format!("{failures} calls failed: {} by {clients} clients", measured.name()));
        }
        let conflicts: u32 = samples.iter().map(|sample| sample.conflicts).sum();
        if conflicts > 0 {
            findings.note(format!(
                "{conflicts} draws met a taken value: {} by {clients} clients",
                measured.name()
            ));
        }
    }
}

fn rows(clients: u32, samples: &Samples) -> Vec<Row> {
    let row = |comparison: &Comparison| {
        let side = |measured| -> Vec<f64> {
            let samples = samples.get(&(measured, clients)).map(Vec::as_slice).unwrap_or_default();
            samples.iter().map(|sample| comparison.part.of(sample)).collect()
        };
        let goal = comparison.goals.iter().find(|(with, _)| *with == clients).map(|(_, goal)| *goal);
        let metric = Metric { name: comparison.name.to_owned(), clients, unit: comparison.part.unit(), goal };
        Row::compared(metric, side(comparison.ours), side(comparison.theirs))
    };
    COMPARISONS.iter().map(row).collect()
}

impl Part {
    fn of(self, sample: &Sample) -> f64 {
        match self {
            Self::Rate => sample.per_second,
            Self::P99 => sample.p99_ms,
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Rate => "1/s",
            Self::P99 => "ms",
        }
    }
}

fn figure(measured: Measured, clients: u32, samples: &[Sample]) -> Figure {
    let middle =
        |part: fn(&Sample) -> f64| median(&samples.iter().map(part).collect::<Vec<_>>()).unwrap_or_default();
    Figure {
        what: measured.name().to_owned(),
        clients,
        per_second: middle(|sample| sample.per_second),
        p50_ms: middle(|sample| sample.p50_ms),
        p99_ms: middle(|sample| sample.p99_ms),
    }
}

fn plot(samples: &Samples, file: &'static str, y: &'static str, part: fn(&Figure) -> f64) -> Plot {
    let series = Measured::ALL.iter().filter_map(|measured| {
        let of = samples.iter().filter(|((of, _), _)| of == measured);
        let points: Vec<(f64, f64)> = of
            .map(|((_, clients), samples)| (f64::from(*clients), part(&figure(*measured, *clients, samples))))
            .collect();
        (!points.is_empty()).then(|| Series { name: measured.name(), points })
    });
    Plot { file, title: y, x: "clients", y, series: series.collect() }
}
