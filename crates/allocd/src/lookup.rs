//! What is asked for by name and is not there, as a status.

use allocd_types::problem::Problem;
use allocd_types::rejection::{Rejection, Subject};
use tonic::Status;

/// The refusal for a resource that is not there.
pub(crate) fn missing(subject: Subject) -> Status {
    allocd_proto::status::status(&Problem::from(&Rejection::NotFound(subject)))
}
