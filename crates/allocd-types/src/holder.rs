//! Who may hold a lease: one interface of one jail on one host.

use std::fmt;
use std::str::FromStr;

use crate::name::{HostName, InterfaceLabel, JailName, NameError};

/// The holder of a lease.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holder {
    /// The jail server.
    pub host: HostName,
    /// The jail on it.
    pub jail: JailName,
    /// Which of the jail's interfaces.
    pub interface: InterfaceLabel,
}

/// Why a text names no holder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HolderError {
    /// Not HOST/JAIL or HOST/JAIL/INTERFACE.
    #[error("{text:?} is no holder: HOST/JAIL, or HOST/JAIL/INTERFACE")]
    Malformed {
        /// What was given.
        text: String,
    },
    /// One of the parts is no name.
    #[error("no holder")]
    Name(#[from] NameError),
}

impl FromStr for Holder {
    type Err = HolderError;

    fn from_str(text: &str) -> Result<Self, HolderError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (host, jail, interface) = match parts.as_slice() {
            [host, jail] => (host, jail, InterfaceLabel::unsaid()),
            [host, jail, interface] => (host, jail, InterfaceLabel::new(interface)?),
            _ => return Err(HolderError::Malformed { text: text.chars().take(128).collect() }),
        };
        Ok(Self { host: HostName::new(host)?, jail: JailName::new(jail)?, interface })
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}/{}", self.host, self.jail, self.interface))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_may_be_left_out() {
        let holder: Holder = "h1.example/web01".parse().unwrap();
        assert_eq!(holder.to_string(), "h1.example/web01/net0");
        assert_eq!("h1.example/web01/net0".parse::<Holder>().unwrap(), holder);
        for bad in ["", "h1", "h1/", "h1/12", "h1/a/b/c", "h1/a/B"] {
            assert!(bad.parse::<Holder>().is_err(), "{bad}");
        }
    }
}
