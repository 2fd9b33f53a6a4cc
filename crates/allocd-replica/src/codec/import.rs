//! Imports of inventories.

use allocd_proto::storage::v1;
use allocd_types::import::{BadLines, ImportFragment, ImportLine, ImportSpec};
use allocd_types::name::{HostName, InterfaceName, JailName, NetworkName};

use super::value::load_optional;
use super::{CodecError, Stored, load_all, store_all, valid};

impl Stored for ImportSpec {
    type Message = v1::Import;

    fn store(&self) -> v1::Import {
        v1::Import {
            lines: store_all(&self.lines),
            fragments: store_all(&self.fragments),
            network: self.network.as_ref().map(|network| network.as_str().to_owned()),
            skip_bad: match self.bad_lines {
                BadLines::Refuse => false,
                BadLines::Skip => true,
            },
        }
    }

    fn load(message: v1::Import) -> Result<Self, CodecError> {
        let network = message.network.map(|network| NetworkName::new(&network)).transpose();
        Ok(Self {
            lines: load_all(message.lines)?,
            fragments: load_all(message.fragments)?,
            network: valid("network", network)?,
            bad_lines: if message.skip_bad { BadLines::Skip } else { BadLines::Refuse },
        })
    }
}

impl Stored for ImportLine {
    type Message = v1::ImportLine;

    fn store(&self) -> v1::ImportLine {
        v1::ImportLine {
            number: self.number,
            host: self.host.as_str().to_owned(),
            bridge: self.bridge.as_str().to_owned(),
            jail: self.jail.as_str().to_owned(),
            original_jail: self.original_jail.clone(),
            version: self.version.clone(),
            address: self.address.store(),
            index: self.index.store(),
        }
    }

    fn load(message: v1::ImportLine) -> Result<Self, CodecError> {
        Ok(Self {
            number: message.number,
            host: valid("host", HostName::new(&message.host))?,
            bridge: valid("bridge", InterfaceName::new(&message.bridge))?,
            jail: valid("jail", JailName::new(&message.jail))?,
            original_jail: message.original_jail,
            version: message.version,
            address: Stored::load(message.address)?,
            index: Stored::load(message.index)?,
        })
    }
}

impl Stored for ImportFragment {
    type Message = v1::ImportFragment;

    fn store(&self) -> v1::ImportFragment {
        v1::ImportFragment {
            number: self.number,
            host: self.host.as_ref().map(|host| host.as_str().to_owned()),
            bridge: self.bridge.as_ref().map(|bridge| bridge.as_str().to_owned()),
            address: self.address.as_ref().map(Stored::store),
            index: self.index.as_ref().map(Stored::store),
        }
    }

    fn load(message: v1::ImportFragment) -> Result<Self, CodecError> {
        let host = message.host.map(|host| HostName::new(&host)).transpose();
        let bridge = message.bridge.map(|bridge| InterfaceName::new(&bridge)).transpose();
        Ok(Self {
            number: message.number,
            host: valid("host", host)?,
            bridge: valid("bridge", bridge)?,
            address: load_optional(message.address)?,
            index: load_optional(message.index)?,
        })
    }
}
