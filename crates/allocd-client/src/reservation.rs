//! Reservations and exclusions.

use allocd_proto::v1::reservation_service_client::ReservationServiceClient;
use allocd_types::answer::MadeExclusion;
use allocd_types::exclusion::ExclusionSpec;
use allocd_types::name::{ExclusionName, ReservationName};
use allocd_types::page::{Page, PageSpec};
use allocd_types::request::Deletion;
use allocd_types::reservation::ReservationSpec;

use crate::methods::{mutations, questions, whole_lists};

mutations!(ReservationServiceClient, Attempt {
    /// Sets values aside.
    create_reservation(ReservationSpec) -> ReservationSpec;
    /// Gives reserved values free.
    delete_reservation(Deletion<ReservationName>) -> ();
    /// Takes values out of every pool.
    create_exclusion(ExclusionSpec) -> MadeExclusion;
    /// Puts excluded values back.
    delete_exclusion(Deletion<ExclusionName>) -> ();
});

questions!(ReservationServiceClient {
    /// Reads a reservation.
    get_reservation(ReservationName) -> ReservationSpec;
    /// Reads a page of reservations.
    list_reservations(PageSpec) -> Page<ReservationSpec>;
    /// Reads an exclusion.
    get_exclusion(ExclusionName) -> ExclusionSpec;
    /// Reads a page of exclusions.
    list_exclusions(PageSpec) -> Page<ExclusionSpec>;
});

whole_lists! {
    /// Reads all reservations.
    all_reservations = list_reservations -> ReservationSpec;
    /// Reads all exclusions.
    all_exclusions = list_exclusions -> ExclusionSpec;
}
