//! Labels; `Labels::check` reads them.

use std::collections::BTreeMap;

use allocd_types::label::Labels;

/// Labels as a map of texts.
pub(crate) fn map(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
