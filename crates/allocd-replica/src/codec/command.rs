//! Commands: one variant of the message for each.

use std::str::FromStr;

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::command::Kind;
use allocd_state::command::Command;
use allocd_types::allocation::MissingResource;
use allocd_types::grant::BatchMode;
use allocd_types::name::NameError;

use super::{CodecError, Stored, load_all, store_all, valid};

impl Stored for Command {
    type Message = v1::Command;

    fn store(&self) -> v1::Command {
        let kind = match self {
            Self::Tick => Kind::Tick(v1::Tick {}),
            Self::CreateNetwork(spec) => Kind::CreateNetwork(spec.store()),
            Self::UpdateNetwork(spec) => Kind::UpdateNetwork(spec.store()),
            Self::DeleteNetwork(name, missing) => {
                Kind::DeleteNetwork(store_deletion(name.as_str(), *missing))
            }
            Self::CreatePool(spec) => Kind::CreatePool(spec.store()),
            Self::UpdatePool(spec) => Kind::UpdatePool(spec.store()),
            Self::DeletePool(name, missing) => Kind::DeletePool(store_deletion(name.as_str(), *missing)),
            Self::CreateHost(spec) => Kind::CreateHost(spec.store()),
            Self::RegisterHost(registration) => Kind::RegisterHost(registration.store()),
            Self::DeleteHost(name, missing) => Kind::DeleteHost(store_deletion(name.as_str(), *missing)),
            Self::CreateReservation(spec) => Kind::CreateReservation(spec.store()),
            Self::DeleteReservation(name, missing) => {
                Kind::DeleteReservation(store_deletion(name.as_str(), *missing))
            }
            Self::CreateExclusion(spec) => Kind::CreateExclusion(spec.store()),
            Self::DeleteExclusion(name, missing) => {
                Kind::DeleteExclusion(store_deletion(name.as_str(), *missing))
            }
            Self::Allocate(spec) => Kind::Allocate(spec.store()),
            Self::BatchAllocate(specs, mode) => Kind::BatchAllocate(v1::AllocationBatch {
                allocations: store_all(specs),
                partial_ok: match mode {
                    BatchMode::AllOrNothing => false,
                    BatchMode::PartialOk => true,
                },
            }),
            Self::Renew(spec) => Kind::Renew(spec.store()),
            Self::Release(spec) => Kind::Release(spec.store()),
            Self::Import(spec) => Kind::Import(spec.store()),
            Self::ConfirmRecovery(confirmation) => Kind::ConfirmRecovery(confirmation.store()),
            Self::SkipTo(skip) => Kind::SkipTo(skip.store()),
            Self::ActivateHost(name) => Kind::ActivateHost(name.store()),
            Self::DrainHost(name) => Kind::DrainHost(name.store()),
            Self::FenceHost(spec) => Kind::FenceHost(spec.store()),
            Self::ReconcileHost(inventory) => Kind::ReconcileHost(inventory.store()),
            Self::AdoptLease(adoption) => Kind::AdoptLease(adoption.store()),
            Self::BindLease(report) => Kind::BindLease(report.store()),
            Self::ConfirmTeardown(report) => Kind::ConfirmTeardown(report.store()),
            Self::MoveLease(spec) => Kind::MoveLease(spec.store()),
            Self::CancelMove(spec) => Kind::CancelMove(spec.store()),
            Self::DeclineLease(spec) => Kind::DeclineLease(spec.store()),
            Self::ClearDecline(value) => Kind::ClearDecline(value.store()),
        };
        v1::Command { kind: Some(kind) }
    }

    fn load(message: v1::Command) -> Result<Self, CodecError> {
        let command = match message.kind.ok_or(CodecError::Unknown { field: "command" })? {
            Kind::Tick(v1::Tick {}) => Self::Tick,
            Kind::CreateNetwork(spec) => Self::CreateNetwork(Stored::load(spec)?),
            Kind::UpdateNetwork(spec) => Self::UpdateNetwork(Stored::load(spec)?),
            Kind::DeleteNetwork(deletion) => load_deletion(&deletion, Self::DeleteNetwork)?,
            Kind::CreatePool(spec) => Self::CreatePool(Stored::load(spec)?),
            Kind::UpdatePool(spec) => Self::UpdatePool(Stored::load(spec)?),
            Kind::DeletePool(deletion) => load_deletion(&deletion, Self::DeletePool)?,
            Kind::CreateHost(spec) => Self::CreateHost(Stored::load(spec)?),
            Kind::RegisterHost(registration) => Self::RegisterHost(Stored::load(registration)?),
            Kind::DeleteHost(deletion) => load_deletion(&deletion, Self::DeleteHost)?,
            Kind::CreateReservation(spec) => Self::CreateReservation(Stored::load(spec)?),
            Kind::DeleteReservation(deletion) => load_deletion(&deletion, Self::DeleteReservation)?,
            Kind::CreateExclusion(spec) => Self::CreateExclusion(Stored::load(spec)?),
            Kind::DeleteExclusion(deletion) => load_deletion(&deletion, Self::DeleteExclusion)?,
            Kind::Allocate(spec) => Self::Allocate(Stored::load(spec)?),
            Kind::BatchAllocate(batch) => {
                let mode = if batch.partial_ok { BatchMode::PartialOk } else { BatchMode::AllOrNothing };
                Self::BatchAllocate(load_all(batch.allocations)?, mode)
            }
            Kind::Renew(spec) => Self::Renew(Stored::load(spec)?),
            Kind::Release(spec) => Self::Release(Stored::load(spec)?),
            Kind::Import(spec) => Self::Import(Stored::load(spec)?),
            Kind::ConfirmRecovery(confirmation) => Self::ConfirmRecovery(Stored::load(confirmation)?),
            Kind::SkipTo(skip) => Self::SkipTo(Stored::load(skip)?),
            Kind::ActivateHost(name) => Self::ActivateHost(Stored::load(name)?),
            Kind::DrainHost(name) => Self::DrainHost(Stored::load(name)?),
            Kind::FenceHost(spec) => Self::FenceHost(Stored::load(spec)?),
            Kind::ReconcileHost(inventory) => Self::ReconcileHost(Stored::load(inventory)?),
            Kind::AdoptLease(adoption) => Self::AdoptLease(Stored::load(adoption)?),
            Kind::BindLease(report) => Self::BindLease(Stored::load(report)?),
            Kind::ConfirmTeardown(report) => Self::ConfirmTeardown(Stored::load(report)?),
            Kind::MoveLease(spec) => Self::MoveLease(Stored::load(spec)?),
            Kind::CancelMove(spec) => Self::CancelMove(Stored::load(spec)?),
            Kind::DeclineLease(spec) => Self::DeclineLease(Stored::load(spec)?),
            Kind::ClearDecline(value) => Self::ClearDecline(Stored::load(value)?),
        };
        Ok(command)
    }
}

fn store_deletion(name: &str, missing: MissingResource) -> v1::Deletion {
    v1::Deletion { name: name.to_owned(), allow_missing: store_missing(missing) }
}

fn load_deletion<Name: FromStr<Err = NameError>>(
    deletion: &v1::Deletion,
    command: fn(Name, MissingResource) -> Command,
) -> Result<Command, CodecError> {
    let name = valid("name", deletion.name.parse())?;
    Ok(command(name, load_missing(deletion.allow_missing)))
}

pub(super) const fn store_missing(missing: MissingResource) -> bool {
    match missing {
        MissingResource::Allow => true,
        MissingResource::Refuse => false,
    }
}

pub(super) const fn load_missing(is_allowed: bool) -> MissingResource {
    if is_allowed { MissingResource::Allow } else { MissingResource::Refuse }
}
