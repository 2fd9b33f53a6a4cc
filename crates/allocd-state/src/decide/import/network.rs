//! Which network a line of an inventory means: the one whose bridge it names, or the one that the operator names.

use allocd_types::import::ImportFlaw;
use allocd_types::name::{HostName, InterfaceName, NetworkName};

use crate::state::State;

/// The network on a bridge of a host; several need the operator's word. A host that is new takes the operator's word for its
/// bridge too.
pub(super) fn of_line(
    state: &State,
    wanted: Option<&NetworkName>,
    host: &HostName,
    bridge: &InterfaceName,
) -> Result<NetworkName, ImportFlaw> {
    if let Some(wanted) =
        wanted.filter(|wanted| state.network(wanted).is_some() && state.host(host).is_none())
    {
        return Ok(wanted.clone());
    }
    let names =
        state.allocations.networks.keys().filter(|name| state.bridge_on(name, host).as_ref() == Some(bridge));
    let names: Vec<NetworkName> = names.cloned().collect();
    match (names.as_slice(), wanted) {
        ([], _) => Err(ImportFlaw::NoNetwork { bridge: bridge.clone() }),
        (names, Some(wanted)) if names.contains(wanted) => Ok(wanted.clone()),
        ([only], None) => Ok(only.clone()),
        (_, Some(_)) => Err(ImportFlaw::NoNetwork { bridge: bridge.clone() }),
        (names, None) => {
            Err(ImportFlaw::AmbiguousBridge { bridge: bridge.clone(), networks: names.to_vec() })
        }
    }
}
