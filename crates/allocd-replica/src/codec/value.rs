//! Values that many messages carry: addresses, MACs, units, kinds, holders, labels.

use std::collections::BTreeMap;
use std::net::IpAddr;

use allocd_proto::storage::v1;
use allocd_types::address::AddressRange;
use allocd_types::holder::Holder;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::label::Labels;
use allocd_types::mac::{Mac, Macs};
use allocd_types::name::{HostName, InterfaceLabel, JailName};
use allocd_types::usage::Thresholds;
use allocd_types::violation::Violations;

use super::{CodecError, Stored, valid};

impl Stored for IpAddr {
    type Message = Vec<u8>;

    fn store(&self) -> Vec<u8> {
        match self {
            Self::V4(address) => address.octets().to_vec(),
            Self::V6(address) => address.octets().to_vec(),
        }
    }

    fn load(bytes: Vec<u8>) -> Result<Self, CodecError> {
        if let Ok(octets) = <[u8; 4]>::try_from(bytes.as_slice()) {
            return Ok(Self::from(octets));
        }
        let octets = <[u8; 16]>::try_from(bytes.as_slice());
        let reason = || format!("{} bytes are no address", bytes.len());
        octets.map(Self::from).map_err(|_| CodecError::Invalid { field: "address", reason: reason() })
    }
}

impl Stored for Mac {
    type Message = u64;

    fn store(&self) -> u64 {
        self.bits()
    }

    fn load(bits: u64) -> Result<Self, CodecError> {
        if bits >> 48 != 0 {
            let reason = format!("{bits:#x} has more than 48 bits");
            return Err(CodecError::Invalid { field: "MAC address", reason });
        }
        Ok(Self::from_bits(bits))
    }
}

impl Stored for Macs {
    type Message = v1::Macs;

    fn store(&self) -> v1::Macs {
        v1::Macs { a: self.a().map(Mac::bits), b: self.b().map(Mac::bits) }
    }

    fn load(message: v1::Macs) -> Result<Self, CodecError> {
        match (message.a, message.b) {
            (None, None) => Ok(Self::None),
            (Some(a), None) => Ok(Self::Single(Mac::load(a)?)),
            (Some(a), Some(b)) => Ok(Self::Pair { a: Mac::load(a)?, b: Mac::load(b)? }),
            (None, Some(_)) => Err(CodecError::Unknown { field: "MAC address of the a end" }),
        }
    }
}

impl Stored for UnitIndex {
    type Message = u32;

    fn store(&self) -> u32 {
        u32::from(self.get())
    }

    fn load(unit: u32) -> Result<Self, CodecError> {
        valid("unit", Self::new(unit))
    }
}

impl Stored for InterfaceKind {
    type Message = i32;

    fn store(&self) -> i32 {
        let kind = match self {
            Self::Epair => v1::InterfaceKind::Epair,
            Self::Tap => v1::InterfaceKind::Tap,
            Self::Ngeth => v1::InterfaceKind::Ngeth,
            Self::Tun => v1::InterfaceKind::Tun,
            Self::Address => v1::InterfaceKind::Address,
        };
        kind.into()
    }

    fn load(number: i32) -> Result<Self, CodecError> {
        match v1::InterfaceKind::try_from(number) {
            Ok(v1::InterfaceKind::Epair) => Ok(Self::Epair),
            Ok(v1::InterfaceKind::Tap) => Ok(Self::Tap),
            Ok(v1::InterfaceKind::Ngeth) => Ok(Self::Ngeth),
            Ok(v1::InterfaceKind::Tun) => Ok(Self::Tun),
            Ok(v1::InterfaceKind::Address) => Ok(Self::Address),
            Ok(v1::InterfaceKind::Unspecified) | Err(_) => {
                Err(CodecError::Unknown { field: "kind of interface" })
            }
        }
    }
}

impl Stored for Holder {
    type Message = v1::Holder;

    fn store(&self) -> v1::Holder {
        v1::Holder {
            host: self.host.as_str().to_owned(),
            jail: self.jail.as_str().to_owned(),
            interface: self.interface.as_str().to_owned(),
        }
    }

    fn load(message: v1::Holder) -> Result<Self, CodecError> {
        Ok(Self {
            host: valid("host", HostName::new(&message.host))?,
            jail: valid("jail", JailName::new(&message.jail))?,
            interface: valid("interface", InterfaceLabel::new(&message.interface))?,
        })
    }
}

impl Stored for AddressRange {
    type Message = v1::AddressRange;

    fn store(&self) -> v1::AddressRange {
        v1::AddressRange { first: self.first().store(), last: self.last().store() }
    }

    fn load(message: v1::AddressRange) -> Result<Self, CodecError> {
        valid("range", Self::new(IpAddr::load(message.first)?, IpAddr::load(message.last)?))
    }
}

impl Stored for Thresholds {
    type Message = v1::Thresholds;

    fn store(&self) -> v1::Thresholds {
        v1::Thresholds {
            warning_percent: self.warning_percent.into(),
            critical_percent: self.critical_percent.into(),
        }
    }

    fn load(message: v1::Thresholds) -> Result<Self, CodecError> {
        Ok(Self {
            warning_percent: valid("threshold", message.warning_percent.try_into())?,
            critical_percent: valid("threshold", message.critical_percent.try_into())?,
        })
    }
}

impl Stored for Labels {
    type Message = BTreeMap<String, String>;

    fn store(&self) -> BTreeMap<String, String> {
        self.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    fn load(map: BTreeMap<String, String>) -> Result<Self, CodecError> {
        // They were judged when they were admitted; what a stricter rule would say of them today does not count.
        let mut unheeded = Violations::default();
        Ok(Self::check("labels", map, &mut unheeded))
    }
}

/// Loads a value that may be absent.
pub(super) fn load_optional<T: Stored>(message: Option<T::Message>) -> Result<Option<T>, CodecError> {
    message.map(T::load).transpose()
}
