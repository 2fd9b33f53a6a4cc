//! How plans and states are shown: text for people, JSON for programs.

mod plan;
mod status;

pub(crate) use plan::{plan_json, plan_text};
pub(crate) use status::{Row, rows, status_json, status_text};
