//! Names and other texts with a type of their own.

use allocd_types::id::{Caller, RequestId};
use allocd_types::name::{
    ExclusionName, HostName, InterfaceName, JailName, NetworkName, PoolName, ReservationName, VrfName,
};

use super::{CodecError, Stored, valid};

/// Stores types that are checked texts.
macro_rules! texts {
    ($($type:ident $field:literal;)*) => {
        $(impl Stored for $type {
            type Message = String;

            fn store(&self) -> String {
                self.as_str().to_owned()
            }

            fn load(text: String) -> Result<Self, CodecError> {
                valid($field, Self::new(&text))
            }
        })*
    };
}

texts! {
    Caller "caller";
    ExclusionName "exclusion";
    HostName "host";
    InterfaceName "interface";
    JailName "jail";
    NetworkName "network";
    PoolName "pool";
    RequestId "request id";
    ReservationName "reservation";
    VrfName "VRF";
}
