//! What became of leases that were left over.

use serde::Serialize;

use super::{Column, Resource, text};
use crate::left_over::LeftOver;

/// What became of a lease.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The lease.
    pub(crate) left: LeftOver,
    /// What was done, or why nothing was.
    pub(crate) outcome: Result<String, String>,
}

/// An outcome as an object; it is no message of the API.
#[derive(Serialize)]
pub(crate) struct OutcomeJson {
    #[serde(flatten)]
    left: LeftOver,
    released: bool,
    outcome: String,
}

impl Resource for Outcome {
    type Json = OutcomeJson;

    const PLURAL: &'static str = "leases in the report";
    const COLUMNS: &'static [Column] =
        &[text("LEASE"), text("HOLDER"), text("GENERATION"), text("WHY"), text("OUTCOME")];

    fn json(&self) -> OutcomeJson {
        OutcomeJson { left: self.left.clone(), released: self.outcome.is_ok(), outcome: self.told() }
    }

    fn name(&self) -> String {
        self.left.lease.clone()
    }

    fn cells(&self) -> Vec<String> {
        let LeftOver { lease, generation, holder, why, lost_for_ms: _, ends_in_ms: _ } = &self.left;
        vec![lease.clone(), holder.clone(), generation.clone(), why.to_string(), self.told()]
    }
}

impl Outcome {
    fn told(&self) -> String {
        match &self.outcome {
            Ok(done) => done.clone(),
            Err(why) => format!("left alone: {why}"),
        }
    }
}
