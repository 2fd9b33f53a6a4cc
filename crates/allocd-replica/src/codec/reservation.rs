//! Reservations.

use allocd_proto::storage::v1;
use allocd_types::name::{NetworkName, ReservationName};
use allocd_types::reservation::ReservationSpec;

use super::value::load_optional;
use super::{CodecError, Stored, load_all, load_required, store_all, valid};

impl Stored for ReservationSpec {
    type Message = v1::Reservation;

    fn store(&self) -> v1::Reservation {
        v1::Reservation {
            name: self.name.as_str().to_owned(),
            holder: Some(self.holder.store()),
            network: self.network.as_str().to_owned(),
            kind: self.kind.store(),
            index: self.index.as_ref().map(Stored::store),
            macs: Some(self.macs.store()),
            addresses: store_all(&self.addresses),
            labels: self.labels.store(),
        }
    }

    fn load(message: v1::Reservation) -> Result<Self, CodecError> {
        Ok(Self {
            name: valid("reservation", ReservationName::new(&message.name))?,
            holder: load_required("holder", message.holder)?,
            network: valid("network", NetworkName::new(&message.network))?,
            kind: Stored::load(message.kind)?,
            index: load_optional(message.index)?,
            macs: load_required("MAC addresses", message.macs)?,
            addresses: load_all(message.addresses)?,
            labels: Stored::load(message.labels)?,
        })
    }
}
