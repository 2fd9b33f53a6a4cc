//! Which leases of a list: flags for what is asked often, and the API's filter for everything else.

use allocd_types::filter::LeaseFilter;
use allocd_types::kind::InterfaceKind;
use allocd_types::name::{HostName, InterfaceName, JailName, NetworkName};
use allocd_types::violation::Violations;
use clap::Args;

use crate::failure::Failure;
use crate::input;

/// The flags that choose leases.
#[derive(Debug, Args)]
pub(crate) struct FilterFlags {
    /// Those of this host.
    #[arg(long, value_name = "HOST")]
    host: Option<HostName>,
    /// Those of jails of this name.
    #[arg(long, value_name = "JAIL")]
    jail: Option<JailName>,
    /// Those on this network.
    #[arg(long, value_name = "NETWORK")]
    network: Option<NetworkName>,
    /// Those for this kind of interface: epair, tap, ngeth, tun or address.
    #[arg(long, value_name = "KIND")]
    kind: Option<InterfaceKind>,
    /// Those on this bridge.
    #[arg(long, value_name = "BRIDGE")]
    bridge: Option<InterfaceName>,
    /// Those with this label; may be given several times.
    #[arg(long, value_parser = input::pair, value_name = "KEY=VALUE")]
    label: Vec<(String, String)>,
    /// Those that fit: equalities joined with AND, such as 'kind="tap" AND labels.owner="web"'.
    #[arg(long, value_name = "EXPRESSION")]
    filter: Option<String>,
}

impl FilterFlags {
    /// The filter, with every flag that is said.
    pub(crate) fn lease_filter(&self) -> Result<LeaseFilter, Failure> {
        let mut wrong = Violations::default();
        let expression = self.filter.as_deref().unwrap_or_default();
        let parsed = LeaseFilter::parse("--filter", expression, &mut wrong);
        let mut filter = wrong.finish(parsed)?;
        put(&mut filter.host, self.host.as_ref(), "--host")?;
        put(&mut filter.jail, self.jail.as_ref(), "--jail")?;
        put(&mut filter.network, self.network.as_ref(), "--network")?;
        put(&mut filter.kind, self.kind.as_ref(), "--kind")?;
        put(&mut filter.bridge, self.bridge.as_ref(), "--bridge")?;
        for (key, value) in &self.label {
            if filter.labels.insert(key.clone(), value.clone()).is_some_and(|other| other != *value) {
                return Err(twice(&format!("--label {key}")));
            }
        }
        Ok(filter)
    }
}

fn put<T: Clone + PartialEq>(slot: &mut Option<T>, flag: Option<&T>, name: &str) -> Result<(), Failure> {
    match (slot.as_ref(), flag) {
        (Some(has), Some(wants)) if has != wants => Err(twice(name)),
        (_, Some(wants)) => {
            *slot = Some(wants.clone());
            Ok(())
        }
        (_, None) => Ok(()),
    }
}

fn twice(name: &str) -> Failure {
    Failure::input(format!(
        "{name} says something else than --filter, or is said twice: no lease could fit both"
    ))
}
