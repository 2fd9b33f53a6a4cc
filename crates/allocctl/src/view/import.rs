//! What an import found and did.

use allocd_types::exclusion::ExclusionSpec;
use serde::Serialize;

use super::Resource;
use super::exclusion::ExclusionJson;

/// Something wrong with one line, whether the text or the cluster says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct FindingJson {
    /// The line's number in the file, from 1.
    pub(crate) number: u32,
    /// What is wrong, in words.
    pub(crate) message: String,
}

/// `allocd.v1.ImportExclusion`.
#[derive(Serialize)]
pub(crate) struct ImportExclusionJson {
    number: u32,
    exclusion: ExclusionJson,
}

/// `allocd.v1.ImportResponse`, with the findings in words only: those of the text have no message of the API.
#[derive(Serialize)]
pub(crate) struct ImportJson {
    /// How many leases were written.
    pub(crate) leases: u32,
    /// How many lines were there already, with the same values.
    pub(crate) unchanged: u32,
    /// How many hosts were made.
    pub(crate) hosts_created: u32,
    /// What is wrong, in the order of the lines.
    pub(crate) findings: Vec<FindingJson>,
    /// What was excluded.
    pub(crate) exclusions: Vec<ImportExclusionJson>,
    /// The revision of the state that the answer is from.
    pub(crate) revision: u64,
    /// The cluster time of that state.
    pub(crate) cluster_time_ms: u64,
}

impl From<&(u32, ExclusionSpec)> for ImportExclusionJson {
    fn from((number, exclusion): &(u32, ExclusionSpec)) -> Self {
        Self { number: *number, exclusion: exclusion.json() }
    }
}
