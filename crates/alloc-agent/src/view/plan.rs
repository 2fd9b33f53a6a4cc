//! A plan: jail by jail what was found, and what would be done about it.

use std::fmt::Write as _;

use serde::Serialize;

use crate::plan::{JailPlan, Plan, Planned};

/// A plan as JSON: a contract.
#[derive(Serialize)]
pub(crate) struct PlanJson {
    jails: Vec<JailJson>,
}

#[derive(Serialize)]
struct JailJson {
    jail: String,
    findings: Vec<FindingJson>,
    steps: Vec<StepJson>,
    gives_up: Vec<String>,
}

#[derive(Serialize)]
struct FindingJson {
    text: String,
    is_drift: bool,
    hint: Option<String>,
}

#[derive(Serialize)]
struct StepJson {
    text: String,
    why: String,
    is_destructive: bool,
}

/// A plan as JSON.
pub(crate) fn plan_json(plan: &Plan) -> PlanJson {
    let jails = plan.jails.iter().map(|part| JailJson {
        jail: part.jail.to_string(),
        findings: part
            .findings
            .iter()
            .map(|finding| FindingJson {
                text: finding.to_string(),
                is_drift: finding.is_drift(),
                hint: finding.hint(),
            })
            .collect(),
        steps: part
            .steps
            .iter()
            .map(|Planned { step, why }| StepJson {
                text: step.to_string(),
                why: why.to_string(),
                is_destructive: step.is_destructive(),
            })
            .collect(),
        gives_up: part.confirms.iter().map(|at| at.lease.resource_name()).collect(),
    });
    PlanJson { jails: jails.collect() }
}

/// A plan as text.
pub(crate) fn plan_text(plan: &Plan) -> String {
    if plan.jails.is_empty() {
        return "Nothing to do: everything is as it is wanted.\n".to_owned();
    }
    plan.jails.iter().map(jail).collect::<Vec<_>>().join("\n")
}

fn jail(part: &JailPlan) -> String {
    let mut text = format!("{}\n", part.jail);
    // Writing to a string cannot fail.
    for finding in &part.findings {
        let _ = writeln!(text, "  found: {finding}");
        if let Some(hint) = finding.hint() {
            let _ = writeln!(text, "  hint:  {hint}");
        }
    }
    for (at, planned) in part.steps.iter().enumerate() {
        let destroys = if planned.step.is_destructive() { ", destroys" } else { "" };
        let _ = writeln!(text, "  {:>3}. {} ({}{destroys})", at + 1, planned.step, planned.why);
    }
    for at in &part.confirms {
        let _ = writeln!(text, "  then {} is given up", at.lease.resource_name());
    }
    text
}
