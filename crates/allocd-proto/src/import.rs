//! Imports: their lines, and what is found wrong with them.

use std::net::IpAddr;

use allocd_types::exclusion::ExclusionSpec;
use allocd_types::import::{ImportFinding, ImportFlaw, ImportFragment, ImportLine};
use allocd_types::name::{HostName, InterfaceName, JailName};
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, ip, list, optional_ip, optional_text, path, required, text};
use crate::v1::import_finding::Flaw;
use crate::{index, v1};

impl Read for v1::ImportLine {
    type Word = ImportLine;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ImportLine> {
        let host: Option<HostName> = text(&self.host, &path(field, "host"), wrong);
        let bridge: Option<InterfaceName> = text(&self.bridge, &path(field, "bridge"), wrong);
        let jail: Option<JailName> = text(&self.jail, &path(field, "jail"), wrong);
        let address = ip(&self.address, &path(field, "address"), wrong);
        let index = index::read(self.index, &path(field, "index"), wrong);
        Some(ImportLine {
            number: self.number,
            host: host?,
            bridge: bridge?,
            jail: jail?,
            original_jail: self.original_jail,
            version: self.version,
            address: address?,
            index: index?,
        })
    }
}

impl From<ImportLine> for v1::ImportLine {
    fn from(line: ImportLine) -> Self {
        Self {
            number: line.number,
            host: line.host.to_string(),
            bridge: line.bridge.to_string(),
            jail: line.jail.to_string(),
            original_jail: line.original_jail,
            version: line.version,
            address: line.address.to_string(),
            index: line.index.get().into(),
        }
    }
}

impl Read for v1::ImportFragment {
    type Word = ImportFragment;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ImportFragment> {
        let host = optional_text::<HostName>(&self.host, &path(field, "host"), wrong);
        let bridge = optional_text::<InterfaceName>(&self.bridge, &path(field, "bridge"), wrong);
        let address = optional_ip(&self.address, &path(field, "address"), wrong);
        let index = index::optional(self.index, &path(field, "index"), wrong);
        Some(ImportFragment {
            number: self.number,
            host: host?,
            bridge: bridge?,
            address: address?,
            index: index?,
        })
    }
}

impl From<ImportFragment> for v1::ImportFragment {
    fn from(fragment: ImportFragment) -> Self {
        Self {
            number: fragment.number,
            host: fragment.host.map(|host| host.to_string()).unwrap_or_default(),
            bridge: fragment.bridge.map(|bridge| bridge.to_string()).unwrap_or_default(),
            address: fragment.address.map(|address| address.to_string()).unwrap_or_default(),
            index: fragment.index.map(|index| index.get().into()),
        }
    }
}

impl Read for v1::ImportFinding {
    type Word = ImportFinding;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ImportFinding> {
        let flaw = match self.flaw {
            Some(flaw) => flaw_word(flaw, self.message, field, wrong),
            // A flaw that this program does not know yet still has its sentence.
            None => Some(ImportFlaw::Refused { message: self.message }),
        };
        Some(ImportFinding { number: self.number, flaw: flaw? })
    }
}

fn flaw_word(flaw: Flaw, message: String, field: &str, wrong: &mut Violations) -> Option<ImportFlaw> {
    let at = |inner: &str| path(field, inner);
    Some(match flaw {
        Flaw::AddressTwice(flaw) => ImportFlaw::AddressTwice {
            address: ip(&flaw.address, &at("address_twice.address"), wrong)?,
            line: flaw.line,
        },
        Flaw::IndexTwice(flaw) => ImportFlaw::IndexTwice {
            index: index::read(flaw.index, &at("index_twice.index"), wrong)?,
            host: text(&flaw.host, &at("index_twice.host"), wrong)?,
            line: flaw.line,
        },
        Flaw::JailTwice(flaw) => ImportFlaw::JailTwice {
            host: text(&flaw.host, &at("jail_twice.host"), wrong)?,
            jail: flaw.jail,
            line: flaw.line,
        },
        Flaw::JailsMeet(flaw) => ImportFlaw::JailsMeet {
            name: text(&flaw.name, &at("jails_meet.name"), wrong)?,
            jail: flaw.jail,
            other: flaw.other,
            line: flaw.line,
        },
        Flaw::NoSubnet(flaw) => ImportFlaw::NoSubnet {
            address: ip(&flaw.address, &at("no_subnet.address"), wrong)?,
            bridge: text(&flaw.bridge, &at("no_subnet.bridge"), wrong)?,
        },
        Flaw::NotAHost(flaw) => {
            let address: IpAddr = ip(&flaw.address, &at("not_a_host.address"), wrong)?;
            let why = said::<v1::NotAHost>(flaw.why, &at("not_a_host.why"), wrong)?;
            ImportFlaw::NotAHost { address, why }
        }
        Flaw::NoNetwork(flaw) => {
            ImportFlaw::NoNetwork { bridge: text(&flaw.bridge, &at("no_network.bridge"), wrong)? }
        }
        Flaw::AmbiguousBridge(flaw) => ImportFlaw::AmbiguousBridge {
            bridge: text(&flaw.bridge, &at("ambiguous_bridge.bridge"), wrong)?,
            networks: list(&flaw.networks, &at("ambiguous_bridge.networks"), wrong, |name, field, wrong| {
                text(name, field, wrong)
            })?,
        },
        Flaw::Refused(v1::RefusedLine {}) => ImportFlaw::Refused { message },
    })
}

impl From<ImportFinding> for v1::ImportFinding {
    fn from(finding: ImportFinding) -> Self {
        let message = finding.flaw.to_string();
        let flaw = match finding.flaw {
            ImportFlaw::AddressTwice { address, line } => {
                Flaw::AddressTwice(v1::AddressTwice { address: address.to_string(), line })
            }
            ImportFlaw::IndexTwice { index, host, line } => {
                Flaw::IndexTwice(v1::IndexTwice { index: index.get().into(), host: host.to_string(), line })
            }
            ImportFlaw::JailTwice { jail, host, line } => {
                Flaw::JailTwice(v1::JailTwice { jail, host: host.to_string(), line })
            }
            ImportFlaw::JailsMeet { jail, other, line, name } => {
                Flaw::JailsMeet(v1::JailsMeet { jail, other, line, name: name.to_string() })
            }
            ImportFlaw::NoSubnet { address, bridge } => Flaw::NoSubnet(v1::AddressOutsideSubnets {
                address: address.to_string(),
                bridge: bridge.to_string(),
            }),
            ImportFlaw::NotAHost { address, why } => Flaw::NotAHost(v1::AddressOfNoHost {
                address: address.to_string(),
                why: v1::NotAHost::from(why).into(),
            }),
            ImportFlaw::NoNetwork { bridge } => {
                Flaw::NoNetwork(v1::BridgeOfNoNetwork { bridge: bridge.to_string() })
            }
            ImportFlaw::AmbiguousBridge { bridge, networks } => Flaw::AmbiguousBridge(v1::AmbiguousBridge {
                bridge: bridge.to_string(),
                networks: networks.iter().map(ToString::to_string).collect(),
            }),
            ImportFlaw::Refused { message: _ } => Flaw::Refused(v1::RefusedLine {}),
        };
        Self { number: finding.number, message, flaw: Some(flaw) }
    }
}

impl Read for v1::ImportExclusion {
    type Word = (u32, ExclusionSpec);

    fn read(self, field: &str, wrong: &mut Violations) -> Option<(u32, ExclusionSpec)> {
        let exclusion = required(self.exclusion, &path(field, "exclusion"), wrong);
        Some((self.number, exclusion?))
    }
}

impl From<(u32, ExclusionSpec)> for v1::ImportExclusion {
    fn from((number, exclusion): (u32, ExclusionSpec)) -> Self {
        Self { number, exclusion: Some(exclusion.into()) }
    }
}
