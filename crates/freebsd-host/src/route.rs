//! The way out: where a default route leads.

use std::net::IpAddr;

use allocd_types::name::InterfaceName;

use crate::listing::ListingError;
use crate::seen::Seen;

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where packets go next, without a scope; none if it leads out of an interface and to nobody in particular.
    pub gateway: Option<IpAddr>,
    /// Where they go out.
    pub interface: Seen<InterfaceName>,
}

/// Reads `route -n get`.
///
/// # Errors
/// [`ListingError`] if it names no interface.
pub fn parse(text: &str) -> Result<Route, ListingError> {
    let field = |key: &str| {
        let mut fields = text.lines().filter_map(|line| line.trim_start().split_once(": "));
        fields.find(|(name, _)| *name == key).map(|(_, value)| value.trim_end())
    };
    let interface = field("interface").ok_or_else(|| ListingError::new("a route", text))?;
    let gateway =
        field("gateway").map(|gateway| gateway.split_once('%').map_or(gateway, |(address, _)| address));
    Ok(Route { gateway: gateway.and_then(|gateway| gateway.parse().ok()), interface: Seen::new(interface) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_gateway_loses_its_scope() {
        let route = parse(include_str!("../testdata/tools/route.txt")).unwrap();
        let expected = Route { gateway: Some("fe80::1".parse().unwrap()), interface: Seen::new("epair7b") };
        assert_eq!(route, expected);
    }

    #[test]
    fn a_route_to_nobody_in_particular_has_no_gateway() {
        let route = parse("destination: default\n    gateway: link#2\n  interface: tun0\n").unwrap();
        assert_eq!(route, Route { gateway: None, interface: Seen::new("tun0") });
    }

    #[test]
    fn another_text_is_an_error() {
        for text in ["", "route: route has not been found", "gateway: 10.0.0.1"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = parse(&text);
            let _ = parse(&format!("gateway: {text}\ninterface: {text}"));
        }
    }
}
