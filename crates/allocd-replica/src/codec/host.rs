//! Hosts.

use allocd_proto::storage::v1;
use allocd_types::host::HostSpec;
use allocd_types::name::{HostName, InterfaceName, NetworkName};

use super::{CodecError, Stored, valid};

impl Stored for HostSpec {
    type Message = v1::Host;

    fn store(&self) -> v1::Host {
        let bridge = |(network, bridge): (&NetworkName, &InterfaceName)| {
            (network.as_str().to_owned(), bridge.as_str().to_owned())
        };
        v1::Host {
            name: self.name.as_str().to_owned(),
            bridges: self.bridges.iter().map(bridge).collect(),
            labels: self.labels.store(),
        }
    }

    fn load(message: v1::Host) -> Result<Self, CodecError> {
        let bridge = |(network, bridge): (String, String)| {
            let network = valid("network of a bridge", NetworkName::new(&network))?;
            Ok((network, valid("bridge", InterfaceName::new(&bridge))?))
        };
        Ok(Self {
            name: valid("host", HostName::new(&message.name))?,
            bridges: message.bridges.into_iter().map(bridge).collect::<Result<_, CodecError>>()?,
            labels: Stored::load(message.labels)?,
        })
    }
}
