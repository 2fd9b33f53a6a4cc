//! By what a lease is looked up.

use allocd_types::lookup::LeaseQuery;
use allocd_types::violation::Violations;

use crate::read::{Read, text};
use crate::v1;
use crate::v1::lookup_lease_request::Query;

/// Reads the query of a lookup.
pub(crate) fn query(query: Option<Query>, wrong: &mut Violations) -> Option<LeaseQuery> {
    match query {
        Some(Query::Mac(mac)) => text(&mac, "mac", wrong).map(LeaseQuery::Mac),
        Some(Query::Address(address)) => {
            let (vrf, address) = address.read("address", wrong)?;
            Some(LeaseQuery::Address(vrf, address))
        }
        Some(Query::Holder(holder)) => holder.read("holder", wrong).map(LeaseQuery::Holder),
        Some(Query::Interface(interface)) => {
            let host = text(&interface.host, "interface.host", wrong);
            let ifname = text(&interface.ifname, "interface.ifname", wrong);
            Some(LeaseQuery::Interface(host?, ifname?))
        }
        None => {
            wrong.add("query", "is missing: say mac, address, holder or interface");
            None
        }
    }
}

/// The query as a message's.
pub(crate) fn message(query: LeaseQuery) -> Query {
    match query {
        LeaseQuery::Mac(mac) => Query::Mac(mac.to_string()),
        LeaseQuery::Address(vrf, address) => {
            Query::Address(v1::AddressValue { address: address.to_string(), vrf: vrf.to_string() })
        }
        LeaseQuery::Holder(holder) => Query::Holder(holder.into()),
        LeaseQuery::Interface(host, ifname) => {
            Query::Interface(v1::HostInterface { host: host.to_string(), ifname: ifname.to_string() })
        }
    }
}
