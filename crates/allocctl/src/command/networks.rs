//! Networks: listed, read, made, changed and deleted.

use std::net::IpAddr;

use allocd_types::address::{AddressRange, Prefix};
use allocd_types::label::Labels;
use allocd_types::limits::ADDRESS_QUARANTINE_SECONDS_DEFAULT;
use allocd_types::name::{InterfaceName, NetworkName, PoolName, VrfName};
use allocd_types::network::{NetworkSpec, RenamePrefix, SubnetSpec};
use allocd_types::request::Deletion;
use allocd_types::time::Span;
use allocd_types::usage::Thresholds;
use clap::{Args, Subcommand};

use super::{Delete, missing, told_gone};
use crate::failure::Failure;
use crate::input;
use crate::session::{Change, Session};

/// Lists networks, or does what the verb says.
#[derive(Debug, Args)]
pub(crate) struct Networks {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one network.
    Get(Get),
    /// Make a network.
    Create(Box<Create>),
    /// Change what is said of a network; everything else stays.
    Update(Box<Update>),
    /// Delete a network that nothing uses.
    Delete(Delete<NetworkName>),
}

#[derive(Debug, Args)]
struct Get {
    /// Its name.
    name: NetworkName,
}

#[derive(Debug, Args)]
struct Create {
    /// Its name: a lower-case letter, then lower-case letters, digits and hyphens.
    name: NetworkName,
    /// The bridge's name on every host that does not say otherwise.
    #[arg(long, value_name = "BRIDGE")]
    bridge: InterfaceName,
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    change: Change,
}

#[derive(Debug, Args)]
struct Update {
    /// Its name.
    name: NetworkName,
    /// The bridge's name on every host that does not say otherwise.
    #[arg(long, value_name = "BRIDGE")]
    bridge: Option<InterfaceName>,
    #[command(flatten)]
    flags: Flags,
    /// Take this subnet away; may be given several times.
    #[arg(long, value_name = "PREFIX")]
    remove_subnet: Vec<Prefix>,
    #[command(flatten)]
    change: Change,
}

/// What may be said of a new network and of one that is there.
#[derive(Debug, Args)]
struct Flags {
    /// A subnet, such as 192.168.48.0/22,gateway=192.168.48.1,range=192.168.48.10-192.168.49.255; may be given several
    /// times, and so may range= in it. Of one that is there already what is not said stays; gateway=none and range=all take
    /// away.
    #[arg(long, value_parser = subnet, value_name = "PREFIX[,gateway=IP][,range=FIRST-LAST]")]
    subnet: Vec<SubnetFlag>,
    /// The scope in which its addresses are unique [default for a new one: default].
    #[arg(long, value_name = "VRF")]
    vrf: Option<VrfName>,
    /// The VLAN the uplink carries it in: 1 to 4094.
    #[arg(long, value_name = "ID")]
    vlan: Option<u16>,
    /// The MTU of both ends, if it is not the driver's default.
    #[arg(long, value_name = "BYTES")]
    mtu: Option<u16>,
    /// The MAC pool its interfaces draw from [default for a new one: default].
    #[arg(long, value_name = "POOL")]
    mac_pool: Option<PoolName>,
    /// Name its epairs with this prefix, such as jail for jail7a and jail7b, instead of the kernel's.
    #[arg(long, value_parser = rename_prefix, value_name = "PREFIX")]
    rename_prefix: Option<RenamePrefix>,
    /// A resolver to tell jails; may be given several times, and replaces those that are there.
    #[arg(long, value_name = "IP")]
    resolver: Vec<IpAddr>,
    /// How long its addresses rest before they are handed out again [default for a new one: 20m].
    #[arg(long, value_parser = input::span, value_name = "TIME")]
    quarantine: Option<Span>,
    /// How long a lease is suspect before it ends by itself and its values may be others': an hour at least, or none, and then no
    /// suspect does [default for a new one: none]. A jail whose host is rebuilt for longer loses its addresses.
    #[arg(long, value_parser = free_suspects_after, value_name = "TIME|none")]
    free_suspects_after: Option<FreeSuspects>,
    #[command(flatten)]
    levels: super::pools::Levels,
    /// A note on it; may be given several times, and replaces those that are there.
    #[arg(long, value_parser = input::pair, value_name = "KEY=VALUE")]
    label: Vec<(String, String)>,
}

pub(crate) async fn run(session: &Session, networks: Networks) -> Result<(), Failure> {
    match networks.verb {
        None => session.output.list(&session.client.all_networks().await?.value),
        Some(Verb::Get(get)) => session.output.one(&session.client.get_network(get.name).await?.value),
        Some(Verb::Create(create)) => {
            let (client, effect) = session.change(&create.change);
            let mut spec = unsaid(create.name, create.bridge);
            create.flags.put_on(&mut spec)?;
            session.output.one(&client.create_network(spec, effect).await?.value)
        }
        Some(Verb::Update(update)) => {
            let (client, effect) = session.change(&update.change);
            let mut spec = session.client.get_network(update.name).await?.value;
            if let Some(bridge) = update.bridge {
                spec.bridge = bridge;
            }
            for prefix in &update.remove_subnet {
                let before = spec.subnets.len();
                spec.subnets.retain(|subnet| subnet.prefix != *prefix);
                if spec.subnets.len() == before {
                    return Err(Failure::input(format!("network {} has no subnet {prefix}", spec.name)));
                }
            }
            update.flags.put_on(&mut spec)?;
            session.output.one(&client.update_network(spec, effect).await?.value)
        }
        Some(Verb::Delete(Delete { name, allow_missing, change })) => {
            let (client, effect) = session.change(&change);
            let missing = missing(allow_missing);
            let deletion = Deletion { name: name.clone(), missing };
            let answer = client.delete_network(deletion, effect).await?;
            told_gone(session, ("network", name.as_str()), (missing, effect), &answer)
        }
    }
}

/// A network of which nothing more is said.
fn unsaid(name: NetworkName, bridge: InterfaceName) -> NetworkSpec {
    NetworkSpec {
        name,
        vrf: VrfName::unsaid(),
        bridge,
        vlan: None,
        mtu: None,
        subnets: Vec::new(),
        mac_pool: PoolName::unsaid(),
        rename_prefix: None,
        resolvers: Vec::new(),
        quarantine: Span::from_seconds(ADDRESS_QUARANTINE_SECONDS_DEFAULT),
        free_suspects_after: None,
        thresholds: Thresholds::default(),
        labels: Labels::default(),
    }
}

impl Flags {
    /// Puts everything that is said on the network.
    fn put_on(self, spec: &mut NetworkSpec) -> Result<(), Failure> {
        for flag in self.subnet {
            match spec.subnets.iter_mut().find(|there| there.prefix == flag.prefix) {
                Some(there) => flag.put_on(there),
                None => {
                    let mut new = SubnetSpec { prefix: flag.prefix, gateway: None, ranges: Vec::new() };
                    flag.put_on(&mut new);
                    spec.subnets.push(new);
                }
            }
        }
        spec.vrf = self.vrf.unwrap_or_else(|| spec.vrf.clone());
        spec.vlan = self.vlan.or(spec.vlan);
        spec.mtu = self.mtu.or(spec.mtu);
        spec.mac_pool = self.mac_pool.unwrap_or_else(|| spec.mac_pool.clone());
        spec.rename_prefix = self.rename_prefix.or_else(|| spec.rename_prefix.clone());
        spec.quarantine = self.quarantine.unwrap_or(spec.quarantine);
        match self.free_suspects_after {
            Some(FreeSuspects::After(span)) => spec.free_suspects_after = Some(span),
            Some(FreeSuspects::Never) => spec.free_suspects_after = None,
            None => {}
        }
        self.levels.put_on(&mut spec.thresholds);
        if !self.resolver.is_empty() {
            spec.resolvers = self.resolver;
        }
        if !self.label.is_empty() {
            spec.labels = input::labels(&self.label)?;
        }
        Ok(())
    }
}

/// What is said of a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SubnetFlag {
    prefix: Prefix,
    gateway: Option<Gateway>,
    /// Nothing: as it is. None of them: the whole prefix.
    ranges: Option<Vec<AddressRange>>,
}

/// What is said of a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gateway {
    None,
    At(IpAddr),
}

/// What is said of suspects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FreeSuspects {
    Never,
    After(Span),
}

impl SubnetFlag {
    fn put_on(self, subnet: &mut SubnetSpec) {
        match self.gateway {
            Some(Gateway::At(address)) => subnet.gateway = Some(address),
            Some(Gateway::None) => subnet.gateway = None,
            None => {}
        }
        if let Some(ranges) = self.ranges {
            subnet.ranges = ranges;
        }
    }
}

/// `PREFIX`, and what is said of it behind commas.
fn subnet(text: &str) -> Result<SubnetFlag, String> {
    let mut parts = text.split(',');
    let prefix: Prefix = parts.next().unwrap_or_default().parse().map_err(|error| input::told(&error))?;
    let mut subnet = SubnetFlag { prefix, gateway: None, ranges: None };
    for part in parts {
        match part.split_once('=') {
            Some(("gateway", gateway)) => {
                let gateway = match gateway {
                    "none" => Gateway::None,
                    text => Gateway::At(text.parse().map_err(|_| format!("{text:?} is no IP address"))?),
                };
                if subnet.gateway.replace(gateway).is_some() {
                    return Err("gateway= is said twice".to_owned());
                }
            }
            Some(("range", range)) => {
                let ranges = subnet.ranges.get_or_insert_default();
                if range != "all" {
                    ranges.push(range.parse().map_err(|error| input::told(&error))?);
                }
            }
            Some(_) | None => return Err(format!("{part:?} is neither gateway=IP nor range=FIRST-LAST")),
        }
    }
    Ok(subnet)
}

fn free_suspects_after(text: &str) -> Result<FreeSuspects, String> {
    if text == "none" { Ok(FreeSuspects::Never) } else { input::span(text).map(FreeSuspects::After) }
}

fn rename_prefix(text: &str) -> Result<RenamePrefix, String> {
    RenamePrefix::new(text).map_err(|error| input::told(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_is_told_in_one_word() {
        let text =
            "192.168.48.0/22,gateway=192.168.48.1,range=192.168.48.10-192.168.48.99,range=192.168.50.5";
        let subnet = subnet(text).unwrap();
        assert_eq!(subnet.gateway, Some(Gateway::At("192.168.48.1".parse().unwrap())));
        assert_eq!(subnet.ranges.map(|ranges| ranges.len()), Some(2));
    }

    #[test]
    fn what_is_not_said_of_a_subnet_stays() {
        let mut there =
            SubnetSpec { prefix: "10.0.0.0/24".parse().unwrap(), gateway: None, ranges: Vec::new() };
        subnet("10.0.0.0/24,gateway=10.0.0.1").unwrap().put_on(&mut there);
        subnet("10.0.0.0/24,range=10.0.0.10-10.0.0.19").unwrap().put_on(&mut there);
        assert_eq!((there.gateway.is_some(), there.ranges.len()), (true, 1));
        subnet("10.0.0.0/24,gateway=none,range=all").unwrap().put_on(&mut there);
        assert_eq!((there.gateway, there.ranges.len()), (None, 0));
    }

    #[test]
    fn what_is_no_subnet_says_which_part() {
        for (bad, said) in [
            ("192.168.48.0", "192.168.48.0"),
            ("192.168.48.0/22,gw=1.2.3.4", "\"gw=1.2.3.4\" is neither"),
            ("192.168.48.0/22,gateway=x", "\"x\" is no IP address"),
            ("192.168.48.0/22,gateway=1.2.3.4,gateway=1.2.3.5", "said twice"),
        ] {
            let error = subnet(bad).unwrap_err();
            assert!(error.contains(said), "{bad}: {error}");
        }
    }
}
