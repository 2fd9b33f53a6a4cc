//! What a client reads out of a status is what a member said, whoever else wrote on the way.

use proptest::prelude::*;

use super::*;
use crate::arbitrary;

#[test]
fn every_reason_comes_back_with_the_code_of_its_kind() {
    for reason in Reason::ALL {
        let said = Problem::new(*reason, "no").hint("do this").about("network", "lan").with("key", "value");
        let status = status(&said);
        assert_eq!(status.code(), code(reason.kind()), "{reason}");
        assert_eq!(problem(&status), said, "{reason}");
    }
}

proptest! {
    #[test]
    fn a_problem_survives_its_status(said in arbitrary::problem()) {
        prop_assert_eq!(problem(&status(&said)), said);
    }
}

#[test]
fn generic_clients_find_the_standard_details() {
    let exhausted = Problem::new(Reason::PoolExhausted, "MAC pool default: no value left")
        .about("pool", "default")
        .retry_after(Span::from_seconds(300));
    let details = status(&exhausted).get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!((info.reason.as_str(), info.domain.as_str()), ("POOL_EXHAUSTED", "allocd"));
    assert_eq!(details.quota_failure().unwrap().violations[0].subject, "default");
    assert_eq!(details.resource_info().unwrap().resource_type, "pool");
    assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_secs(300)));

    let taken = Problem::new(Reason::ValueTaken, "12:34:56:00:00:02 is held by h1/web01/net0 (leases/1)");
    let details = status(&taken).get_error_details();
    assert_eq!(details.precondition_failure().unwrap().violations[0].r#type, "VALUE_TAKEN");

    let mut wrong = Violations::default();
    wrong.add("allocation.network", "the network name is empty");
    wrong.add("request_id", "too long");
    let details = refusal(wrong).get_error_details();
    let fields: Vec<_> =
        details.bad_request().unwrap().field_violations.iter().map(|v| v.field.clone()).collect();
    assert_eq!(fields, ["allocation.network", "request_id"]);
}

#[test]
fn a_status_stays_within_what_trailers_may_carry() {
    let mut wrong = Violations::default();
    for at in 0..1_000 {
        wrong.add(&format!("allocations[{at}].network"), "the network name is empty");
    }
    let status = refusal(wrong);
    assert!(status.details().len() < 8 * 1024 * 3 / 4, "{} bytes", status.details().len());
    assert!(status.message().len() < 2 * 1024, "{} bytes", status.message().len());
    // What did not fit is counted.
    let told = problem(&status);
    let omitted: usize = told.metadata[OMITTED].parse().unwrap();
    assert_eq!(told.violations.len() + omitted, 1_000);
    assert!(told.violations.len() > 20);
}

#[test]
fn a_strangers_status_is_read_as_far_as_it_goes() {
    // A proxy says UNAVAILABLE: worth another attempt.
    let told = problem(&Status::unavailable("upstream connect error"));
    assert_eq!((told.reason, told.message.as_str()), (Reason::Unreachable, "upstream connect error"));
    // A deadline that fell on the client's side leaves open what happened.
    assert_eq!(problem(&Status::deadline_exceeded("")).reason, Reason::NoAnswer);
    assert_eq!(problem(&Status::cancelled("Timeout expired")).reason, Reason::NoAnswer);
    // Nothing else is tried again, and no message is made up to look like ours.
    let told = problem(&Status::unauthenticated(""));
    assert_eq!(told.reason, Reason::Internal);
    assert!(!told.message.is_empty());
    assert_eq!(told.metadata[FOREIGN_CODE], "Unauthenticated");
}

#[test]
fn a_newer_members_reason_keeps_its_text_and_its_code() {
    let details = ErrorDetails::with_error_info("BRAND_NEW", ERROR_DOMAIN, HashMap::new());
    let told = problem(&Status::with_error_details(Code::Unavailable, "later", details));
    assert_eq!(told.reason, Reason::Unreachable);
    assert_eq!(told.metadata[FOREIGN_REASON], "BRAND_NEW");
}

#[test]
fn broken_details_are_passed_over() {
    let status = Status::with_details(Code::Unavailable, "away", vec![0xff, 0x01, 0x02].into());
    assert_eq!(problem(&status).reason, Reason::Unreachable);
}
