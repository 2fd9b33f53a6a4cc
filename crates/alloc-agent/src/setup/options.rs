//! Bridges and uplinks as they are written on the command line.

use allocd_types::address::Prefix;
use allocd_types::name::InterfaceName;
use freebsd_config::Release;
use freebsd_config::setup::{BridgeAddress, Lagg, LaggProtocol, SetupBridge, Uplink};
use ipnetwork::IpNetwork;

/// The bridge that there is if none is named.
const BRIDGE_UNSAID: &str = "vswitch0";

/// A bridge as it is written, with what is only its own.
#[derive(Debug, Clone)]
pub(super) struct BridgeArgument {
    name: InterfaceName,
    uplink: Option<Uplink>,
    vlan: Option<u16>,
    mtu: Option<u16>,
    addresses: Vec<BridgeAddress>,
}

/// An uplink as it is written.
#[derive(Debug, Clone)]
pub(super) struct UplinkArgument(Uplink);

impl BridgeArgument {
    /// The bridge that there is if none is named.
    pub(super) fn unsaid() -> Self {
        let name = InterfaceName::new(BRIDGE_UNSAID).expect("it is a name");
        Self { name, uplink: None, vlan: None, mtu: None, addresses: Vec::new() }
    }

    /// The bridge, with what is said for all bridges where it says nothing itself.
    pub(super) fn over(
        &self,
        uplink: Option<&UplinkArgument>,
        vlan: Option<u16>,
        mtu: Option<u16>,
    ) -> SetupBridge {
        SetupBridge {
            name: self.name.clone(),
            uplink: self.uplink.clone().or_else(|| uplink.map(|uplink| uplink.0.clone())),
            vlan: self.vlan.or(vlan),
            mtu: self.mtu.or(mtu),
            addresses: self.addresses.clone(),
        }
    }
}

/// Reads `vswitch0` or `lan,uplink=bge0,vlan=300,mtu=9000,address=192.0.2.2/24`.
pub(super) fn bridge(text: &str) -> Result<BridgeArgument, String> {
    let mut parts = text.split(',');
    let mut bridge =
        BridgeArgument { name: name(parts.next().unwrap_or_default())?, ..BridgeArgument::unsaid() };
    for part in parts {
        let (key, value) = part.split_once('=').ok_or_else(|| unknown(part))?;
        match key {
            "uplink" => bridge.uplink = Some(uplink(value)?.0),
            "vlan" => bridge.vlan = Some(number(key, value)?),
            "mtu" => bridge.mtu = Some(number(key, value)?),
            "address" => bridge.addresses.push(address(value)?),
            _ => return Err(unknown(part)),
        }
    }
    Ok(bridge)
}

/// Reads `bge0`, `lagg0=bge0+bge1` or `lagg0=lacp:bge0+bge1`.
pub(super) fn uplink(text: &str) -> Result<UplinkArgument, String> {
    let Some((lagg, rest)) = text.split_once('=') else {
        return Ok(UplinkArgument(Uplink::Card(name(text)?)));
    };
    let (protocol, ports) = match rest.split_once(':') {
        Some((protocol, ports)) => (self::protocol(protocol)?, ports),
        None => (LaggProtocol::Failover, rest),
    };
    let ports = ports.split('+').map(name).collect::<Result<Vec<_>, _>>()?;
    Ok(UplinkArgument(Uplink::Lagg(Lagg { name: name(lagg)?, protocol, ports })))
}

/// Reads a release.
pub(super) fn release(text: &str) -> Result<Release, String> {
    text.parse().map_err(|error: freebsd_config::ReleaseError| error.to_string())
}

fn protocol(text: &str) -> Result<LaggProtocol, String> {
    let all = [LaggProtocol::Failover, LaggProtocol::Lacp, LaggProtocol::LoadBalance];
    all.into_iter()
        .find(|protocol| protocol.as_str() == text)
        .ok_or_else(|| format!("{text:?} is no protocol of a lagg: failover, lacp or loadbalance"))
}

fn address(text: &str) -> Result<BridgeAddress, String> {
    let wrong = || format!("{text:?} is no address with the length of its prefix, such as 192.0.2.2/24");
    let network: IpNetwork = text.contains('/').then(|| text.parse().ok()).flatten().ok_or_else(wrong)?;
    let subnet = Prefix::new(network.network(), network.prefix()).map_err(|_| wrong())?;
    Ok(BridgeAddress { address: network.ip(), subnet })
}

fn name(text: &str) -> Result<InterfaceName, String> {
    InterfaceName::new(text).map_err(|error| error.to_string())
}

fn number(key: &str, text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("{key}={text:?} is no number"))
}

fn unknown(part: &str) -> String {
    format!("{part:?} is nothing that a bridge has: uplink=, vlan=, mtu= or address=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_says_what_is_its_own_and_the_flags_the_rest() {
        let flags = uplink("ix0").unwrap();
        let lan = bridge("lan,vlan=300,address=192.0.2.2/24,address=2001:db8::2/64").unwrap();
        let lan = lan.over(Some(&flags), Some(7), Some(9000));
        assert_eq!((lan.vlan, lan.mtu), (Some(300), Some(9000)));
        assert_eq!(lan.uplink, Some(Uplink::Card(name("ix0").unwrap())));
        let subnets: Vec<String> = lan.addresses.iter().map(|address| address.subnet.to_string()).collect();
        assert_eq!(subnets, ["192.0.2.0/24", "2001:db8::/64"]);
        let own = bridge("lan,uplink=bge1,mtu=1500").unwrap().over(Some(&flags), None, Some(9000));
        assert_eq!((own.mtu, own.uplink), (Some(1500), Some(Uplink::Card(name("bge1").unwrap()))));
    }

    #[test]
    fn several_cards_are_one_uplink() {
        let lagg = |text: &str| match uplink(text).unwrap().0 {
            Uplink::Lagg(lagg) => (lagg.name.to_string(), lagg.protocol, lagg.ports.len()),
            Uplink::Card(card) => panic!("{card}"),
        };
        assert_eq!(lagg("lagg0=bge0+bge1"), ("lagg0".to_owned(), LaggProtocol::Failover, 2));
        assert_eq!(lagg("lagg1=lacp:bge0"), ("lagg1".to_owned(), LaggProtocol::Lacp, 1));
        assert_eq!(lagg("lagg1=loadbalance:a+b+c"), ("lagg1".to_owned(), LaggProtocol::LoadBalance, 3));
    }

    #[test]
    fn what_is_no_bridge_is_told() {
        for (text, why) in [
            ("", "is empty"),
            ("a;b", "interface"),
            ("lan,vlan", "nothing that a bridge has"),
            ("lan,speed=10", "nothing that a bridge has"),
            ("lan,vlan=x", "no number"),
            ("lan,mtu=70000", "no number"),
            ("lan,address=192.0.2.2", "no address"),
            ("lan,address=192.0.2.2/33", "no address"),
            ("lan,uplink=", "is empty"),
            ("lan,uplink=lagg0=warp:a", "no protocol"),
            ("lan,uplink=lagg0=a++b", "is empty"),
        ] {
            let error = bridge(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
