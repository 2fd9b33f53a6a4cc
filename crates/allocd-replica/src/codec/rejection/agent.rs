//! The machine's no about hosts, their agents, moves and declines.

use allocd_proto::storage::v1;
use allocd_proto::storage::v1::rejection::Kind;
use allocd_types::decline::LeasePart;
use allocd_types::holder::Holder;
use allocd_types::host::HostState;
use allocd_types::id::{LeaseId, MoveId};
use allocd_types::name::HostName;
use allocd_types::rejection::Rejection;

use crate::codec::{CodecError, Stored, load_required};

pub(super) fn host_not_active(host: &HostName, state: HostState) -> Kind {
    Kind::HostNotActive(v1::HostNotActive { host: host.store(), state: state.store() })
}

pub(super) fn load_host_not_active(found: v1::HostNotActive) -> Result<Rejection, CodecError> {
    Ok(Rejection::HostNotActive { host: Stored::load(found.host)?, state: Stored::load(found.state)? })
}

pub(super) fn on_other_host(lease: LeaseId, host: &HostName, holder: &Holder) -> Kind {
    let (host, holder) = (host.store(), Some(holder.store()));
    Kind::OnOtherHost(v1::OnOtherHost { lease: lease.get(), host, holder })
}

pub(super) fn load_on_other_host(found: v1::OnOtherHost) -> Result<Rejection, CodecError> {
    Ok(Rejection::OnOtherHost {
        lease: LeaseId::new(found.lease),
        host: Stored::load(found.host)?,
        holder: load_required("holder", found.holder)?,
    })
}

pub(super) fn releasing(lease: LeaseId, holder: &Holder) -> Kind {
    Kind::Releasing(v1::Releasing { lease: lease.get(), holder: Some(holder.store()) })
}

pub(super) fn load_releasing(found: v1::Releasing) -> Result<Rejection, CodecError> {
    let holder = load_required("holder", found.holder)?;
    Ok(Rejection::Releasing { lease: LeaseId::new(found.lease), holder })
}

pub(super) fn moving(lease: LeaseId, to: &HostName, id: MoveId) -> Kind {
    Kind::Moving(v1::Moving { lease: lease.get(), to: to.store(), id: id.get() })
}

pub(super) fn load_moving(found: v1::Moving) -> Result<Rejection, CodecError> {
    let (to, id) = (Stored::load(found.to)?, MoveId::new(found.id));
    Ok(Rejection::Moving { lease: LeaseId::new(found.lease), to, id })
}

pub(super) fn moves_to_itself(lease: LeaseId, host: &HostName) -> Kind {
    Kind::MovesToItself(v1::MovesToItself { lease: lease.get(), host: host.store() })
}

pub(super) fn load_moves_to_itself(found: v1::MovesToItself) -> Result<Rejection, CodecError> {
    let host = Stored::load(found.host)?;
    Ok(Rejection::MovesToItself { lease: LeaseId::new(found.lease), host })
}

pub(super) fn not_of_lease(lease: LeaseId, part: LeasePart) -> Kind {
    Kind::NotOfLease(v1::NotOfLease { lease: lease.get(), part: Some(part.store()) })
}

pub(super) fn load_not_of_lease(found: v1::NotOfLease) -> Result<Rejection, CodecError> {
    let part = load_required("part of a lease", found.part)?;
    Ok(Rejection::NotOfLease { lease: LeaseId::new(found.lease), part })
}
