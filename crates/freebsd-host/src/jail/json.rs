//! `jls --libxo json`: from release 11 on.
//!
//! Numbers and truths come as such or as strings, depending on the release and on how jls(8) was asked: `-v` writes numbers and
//! a state, parameters by name are strings, and `-n` writes truths.

use allocd_types::name::JailName;
use serde_json::{Map, Value};

use super::{Jail, Jid, WHAT, is_own_stack};
use crate::listing::ListingError;
use crate::seen::Seen;

/// Reads a listing.
///
/// # Errors
/// [`ListingError`] if the text is not JSON of jls(8), or a jail in it lacks its number, name or path.
pub fn parse_json(text: &str) -> Result<Vec<Jail>, ListingError> {
    let not_a_listing = || ListingError::new(WHAT, text);
    let value: Value = serde_json::from_str(text).map_err(|_| not_a_listing())?;
    let information = value.get("jail-information").ok_or_else(not_a_listing)?;
    match information.get("jail") {
        Some(Value::Array(jails)) => jails
            .iter()
            .map(|jail| read(jail).ok_or_else(|| ListingError::new(WHAT, &jail.to_string())))
            .collect(),
        Some(_) => Err(not_a_listing()),
        // Some releases leave out a list that would be empty.
        None => Ok(Vec::new()),
    }
}

fn read(value: &Value) -> Option<Jail> {
    let fields = value.as_object()?;
    let text = |key| fields.get(key).and_then(text);
    let is_dying = truth(fields, "dying").unwrap_or(false) || text("state").as_deref() == Some("DYING");
    Some(Jail {
        jid: Jid(text("jid")?.parse().ok()?),
        name: Seen::<JailName>::new(&text("name")?),
        path: text("path")?,
        has_vnet: text("vnet").map(|vnet| is_own_stack(&vnet)),
        is_dying,
    })
}

/// A string or a number as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn truth(fields: &Map<String, Value>, key: &str) -> Option<bool> {
    match fields.get(key)? {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => Some(text == "true"),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
