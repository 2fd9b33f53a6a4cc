//! Requests of operators.

use allocd_types::filter::LeaseFilter;
use allocd_types::import::{BadLines, ImportSpec};
use allocd_types::limits::IMPORT_LINES_MAX;
use allocd_types::violation::Violations;

use super::{Mutation, Query};
use crate::read::{Read, bounded, list, optional_text};
use crate::v1;

impl TryFrom<v1::ImportRequest> for Mutation<ImportSpec> {
    type Error = Violations;

    fn try_from(request: v1::ImportRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        bounded(request.lines.len() + request.fragments.len(), IMPORT_LINES_MAX, "lines", &mut wrong);
        // Beyond the bound nothing is read: what is wrong there would only make the answer as large as the request.
        let lines = request.lines.into_iter().take(IMPORT_LINES_MAX);
        let lines = list(lines, "lines", &mut wrong, |line, field, wrong| line.read(field, wrong));
        let fragments = request.fragments.into_iter().take(IMPORT_LINES_MAX);
        let fragments =
            list(fragments, "fragments", &mut wrong, |item, field, wrong| item.read(field, wrong));
        let network = optional_text(&request.network, "network", &mut wrong);
        let bad_lines = if request.skip_bad { BadLines::Skip } else { BadLines::Refuse };
        let wish = lines.zip(fragments).zip(network).map(|((lines, fragments), network)| ImportSpec {
            lines,
            fragments,
            network,
            bad_lines,
        });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<ImportSpec>> for v1::ImportRequest {
    fn from(mutation: Mutation<ImportSpec>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let ImportSpec { lines, fragments, network, bad_lines } = mutation.wish;
        Self {
            request_id,
            lines: lines.into_iter().map(Into::into).collect(),
            fragments: fragments.into_iter().map(Into::into).collect(),
            network: network.map(|network| network.to_string()).unwrap_or_default(),
            skip_bad: match bad_lines {
                BadLines::Refuse => false,
                BadLines::Skip => true,
            },
            validate_only,
        }
    }
}

impl TryFrom<v1::ExportRequest> for Query<LeaseFilter> {
    type Error = Violations;

    fn try_from(request: v1::ExportRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let wish = LeaseFilter::parse("filter", &request.filter, &mut wrong);
        Self::finish(request.allow_stale, wish, wrong)
    }
}

impl From<Query<LeaseFilter>> for v1::ExportRequest {
    fn from(query: Query<LeaseFilter>) -> Self {
        Self { filter: query.wish.to_string(), allow_stale: query.allow_stale() }
    }
}
