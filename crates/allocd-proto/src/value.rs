//! Values, and everything known about one.

use allocd_types::holder::Holder;
use allocd_types::id::LeaseId;
use allocd_types::name::VrfName;
use allocd_types::time::Span;
use allocd_types::value::{Value, ValueReport};
use allocd_types::violation::Violations;

use crate::enumeration::{maybe_said, said};
use crate::read::{Read, ip, list, optional, path, required, text, text_or};
use crate::{index, lease, v1};

impl Read for v1::Value {
    type Word = Value;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Value> {
        match self.value {
            Some(v1::value::Value::Index(value)) => {
                let field = path(field, "index");
                let host = text(&value.host, &path(&field, "host"), wrong);
                let kind = said::<v1::InterfaceKind>(value.kind, &path(&field, "kind"), wrong);
                let index = index::read(value.index, &path(&field, "index"), wrong);
                Some(Value::Index(host?, kind?, index?))
            }
            Some(v1::value::Value::Mac(mac)) => text(&mac, &path(field, "mac"), wrong).map(Value::Mac),
            Some(v1::value::Value::Address(value)) => {
                let (vrf, address) = value.read(&path(field, "address"), wrong)?;
                Some(Value::Address(vrf, address))
            }
            None => {
                wrong.add(field, "names no value: say index, mac or address");
                None
            }
        }
    }
}

impl Read for v1::AddressValue {
    type Word = (VrfName, std::net::IpAddr);

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Self::Word> {
        let vrf = text_or(&self.vrf, VrfName::unsaid(), &path(field, "vrf"), wrong);
        let address = ip(&self.address, &path(field, "address"), wrong);
        Some((vrf?, address?))
    }
}

impl From<Value> for v1::Value {
    fn from(value: Value) -> Self {
        let value = match value {
            Value::Index(host, kind, index) => v1::value::Value::Index(v1::IndexValue {
                host: host.to_string(),
                kind: v1::InterfaceKind::from(kind).into(),
                index: index.get().into(),
            }),
            Value::Mac(mac) => v1::value::Value::Mac(mac.to_string()),
            Value::Address(vrf, address) => v1::value::Value::Address(v1::AddressValue {
                address: address.to_string(),
                vrf: vrf.to_string(),
            }),
        };
        Self { value: Some(value) }
    }
}

impl Read for v1::ValueReport {
    type Word = ValueReport;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<ValueReport> {
        let at = |inner: &str| path(field, inner);
        let value = required(self.value, &at("value"), wrong);
        let state = said::<v1::ValueState>(self.state, &at("state"), wrong);
        let pool = optional(self.pool, &at("pool"), wrong);
        let lease = optional(self.lease, &at("lease"), wrong);
        let last_lease = match self.last_lease.as_str() {
            "" => Some(None),
            name => lease::id(name, &at("last_lease"), wrong).map(Some),
        };
        let last_holder = optional(self.last_holder, &at("last_holder"), wrong);
        let reservations =
            list(self.reservations, &at("reservations"), wrong, |item, field, wrong| item.read(field, wrong));
        let exclusions =
            list(self.exclusions, &at("exclusions"), wrong, |item, field, wrong| item.read(field, wrong));
        let never_a_host = maybe_said::<v1::NotAHost>(self.never_a_host, &at("never_a_host"), wrong);
        Some(ValueReport {
            value: value?,
            state: state?,
            pool: pool?,
            lease: lease?,
            last_lease: last_lease?,
            last_holder: last_holder?,
            rests_for: self.rests_for_ms.map(Span::from_millis),
            reservations: reservations?,
            exclusions: exclusions?,
            never_a_host: never_a_host?,
        })
    }
}

impl From<ValueReport> for v1::ValueReport {
    fn from(report: ValueReport) -> Self {
        let never_a_host = report.never_a_host.map_or(v1::NotAHost::Unspecified, Into::into);
        Self {
            value: Some(report.value.into()),
            state: v1::ValueState::from(report.state).into(),
            pool: report.pool.map(Into::into),
            lease: report.lease.map(Into::into),
            last_lease: report.last_lease.map(LeaseId::resource_name).unwrap_or_default(),
            last_holder: report.last_holder.map(|holder: Holder| holder.into()),
            rests_for_ms: report.rests_for.map(Span::millis),
            reservations: report.reservations.into_iter().map(Into::into).collect(),
            exclusions: report.exclusions.into_iter().map(Into::into).collect(),
            never_a_host: never_a_host.into(),
        }
    }
}
