//! ReservationService: values set aside, and values never handed out.

use allocd_proto::v1;
use allocd_proto::v1::reservation_service_server::ReservationService;
use allocd_state::command::Command;
use allocd_state::response::Response as Told;
use allocd_types::answer::MadeExclusion;
use allocd_types::name::{ExclusionName, ReservationName};
use allocd_types::page::PageSpec;
use allocd_types::rejection::Subject;
use allocd_types::request::Deletion;
use tonic::{Request, Response, Status};

use super::page::page;
use crate::door::{Door, answer, misfit};
use crate::lookup::missing;

/// Reservations and exclusions.
#[derive(Clone)]
pub(crate) struct Reservations(pub(crate) Door);

#[tonic::async_trait]
impl ReservationService for Reservations {
    async fn create_reservation(
        &self,
        request: Request<v1::CreateReservationRequest>,
    ) -> Result<Response<v1::CreateReservationResponse>, Status> {
        let done = self.0.mutate("CreateReservation", request, Command::CreateReservation).await?;
        let Told::Reservation(reservation) = done.value.clone() else {
            return Err(misfit("CreateReservation"));
        };
        Ok(Response::new(done.map(|_| reservation).into()))
    }

    async fn get_reservation(
        &self,
        request: Request<v1::GetReservationRequest>,
    ) -> Result<Response<v1::GetReservationResponse>, Status> {
        let (name, state) = self.0.query::<_, ReservationName>(request).await?;
        let reservation = state.reservation(&name).ok_or_else(|| missing(Subject::Reservation(name)))?;
        Ok(Response::new(answer(&state, (**reservation).clone()).into()))
    }

    async fn list_reservations(
        &self,
        request: Request<v1::ListReservationsRequest>,
    ) -> Result<Response<v1::ListReservationsResponse>, Status> {
        let (spec, state) = self.0.query::<_, PageSpec>(request).await?;
        let reservations = state.reservations().map(|found| (found.name.to_string(), (**found).clone()));
        Ok(Response::new(answer(&state, page(reservations, &spec)).into()))
    }

    async fn delete_reservation(
        &self,
        request: Request<v1::DeleteReservationRequest>,
    ) -> Result<Response<v1::DeleteReservationResponse>, Status> {
        let command = |wish: Deletion<ReservationName>| Command::DeleteReservation(wish.name, wish.missing);
        let done = self.0.mutate("DeleteReservation", request, command).await?;
        Ok(Response::new(done.map(drop).into()))
    }

    async fn create_exclusion(
        &self,
        request: Request<v1::CreateExclusionRequest>,
    ) -> Result<Response<v1::CreateExclusionResponse>, Status> {
        let done = self.0.mutate("CreateExclusion", request, Command::CreateExclusion).await?;
        let Told::Exclusion { exclusion, leased } = done.value.clone() else {
            return Err(misfit("CreateExclusion"));
        };
        Ok(Response::new(done.map(|_| MadeExclusion { exclusion, leased }).into()))
    }

    async fn get_exclusion(
        &self,
        request: Request<v1::GetExclusionRequest>,
    ) -> Result<Response<v1::GetExclusionResponse>, Status> {
        let (name, state) = self.0.query::<_, ExclusionName>(request).await?;
        let exclusion = state.exclusion(&name).ok_or_else(|| missing(Subject::Exclusion(name)))?;
        Ok(Response::new(answer(&state, (**exclusion).clone()).into()))
    }

    async fn list_exclusions(
        &self,
        request: Request<v1::ListExclusionsRequest>,
    ) -> Result<Response<v1::ListExclusionsResponse>, Status> {
        let (spec, state) = self.0.query::<_, PageSpec>(request).await?;
        let exclusions = state.exclusions().map(|found| (found.name.to_string(), (**found).clone()));
        Ok(Response::new(answer(&state, page(exclusions, &spec)).into()))
    }

    async fn delete_exclusion(
        &self,
        request: Request<v1::DeleteExclusionRequest>,
    ) -> Result<Response<v1::DeleteExclusionResponse>, Status> {
        let command = |wish: Deletion<ExclusionName>| Command::DeleteExclusion(wish.name, wish.missing);
        let done = self.0.mutate("DeleteExclusion", request, command).await?;
        Ok(Response::new(done.map(drop).into()))
    }
}
