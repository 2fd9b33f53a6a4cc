//! Requests about the life of a host: its agent's start, and whether it gets leases.

use std::collections::BTreeSet;

use allocd_types::host::{FenceSpec, HostRegistration, HostUuid, OsRelease, SeenOnHost};
use allocd_types::id::Incarnation;
use allocd_types::index::UnitIndex;
use allocd_types::kind::InterfaceKind;
use allocd_types::limits::SEEN_PER_HOST_MAX;
use allocd_types::mac::Mac;
use allocd_types::name::HostName;
use allocd_types::violation::Violations;

use super::Mutation;
use crate::enumeration::said;
use crate::read::{Read, bounded, list, path, text};
use crate::{index, v1};

impl TryFrom<v1::RegisterHostRequest> for Mutation<HostRegistration> {
    type Error = Violations;

    fn try_from(request: v1::RegisterHostRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let host = text(&request.name, "name", &mut wrong);
        let uuid = wrong.keep("uuid", HostUuid::new(&request.uuid));
        let release = match request.release.as_str() {
            "" => Some(None),
            release => wrong.keep("release", OsRelease::new(release)).map(Some),
        };
        let seen = seen(&request.seen_macs, request.seen_interfaces, &mut wrong);
        let wish = host.zip(uuid).zip(release).zip(seen);
        let wish = wish.map(|(((host, uuid), release), seen)| HostRegistration { host, uuid, release, seen });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

fn seen(macs: &[String], units: Vec<v1::SeenInterface>, wrong: &mut Violations) -> Option<SeenOnHost> {
    bounded(macs.len() + units.len(), SEEN_PER_HOST_MAX, "seen_macs and seen_interfaces", wrong);
    // Beyond the bound nothing is read: what is wrong there would only make the answer as large as the request.
    let (macs, units) = (macs.iter().take(SEEN_PER_HOST_MAX), units.into_iter().take(SEEN_PER_HOST_MAX));
    let macs = list(macs, "seen_macs", wrong, |mac, field, wrong| text::<Mac>(mac, field, wrong));
    let units = list(units, "seen_interfaces", wrong, |unit, field, wrong| unit.read(field, wrong));
    let units: Option<BTreeSet<_>> = units.map(|units| units.into_iter().collect());
    Some(SeenOnHost { macs: macs?.into_iter().collect(), units: units? })
}

impl Read for v1::SeenInterface {
    type Word = (InterfaceKind, UnitIndex);

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Self::Word> {
        let kind = said::<v1::InterfaceKind>(self.kind, &path(field, "kind"), wrong);
        let unit = index::read(self.index, &path(field, "index"), wrong);
        let kind = kind.and_then(|kind: InterfaceKind| {
            let has_index = kind.has_index().then_some(kind);
            wrong.keep(&path(field, "kind"), has_index.ok_or_else(|| format!("{kind} has no units")))
        });
        Some((kind?, unit?))
    }
}

impl From<Mutation<HostRegistration>> for v1::RegisterHostRequest {
    fn from(mutation: Mutation<HostRegistration>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let HostRegistration { host, uuid, release, seen: SeenOnHost { macs, units } } = mutation.wish;
        let unit = |(kind, index): (InterfaceKind, UnitIndex)| v1::SeenInterface {
            kind: v1::InterfaceKind::from(kind).into(),
            index: index.get().into(),
        };
        Self {
            request_id,
            validate_only,
            name: host.to_string(),
            uuid: uuid.to_string(),
            release: release.map(|release| release.to_string()).unwrap_or_default(),
            seen_macs: macs.iter().map(ToString::to_string).collect(),
            seen_interfaces: units.into_iter().map(unit).collect(),
        }
    }
}

/// Requests that say of a host whether it gets leases.
macro_rules! turns {
    ($($request:ident;)*) => {$(
        impl TryFrom<v1::$request> for Mutation<HostName> {
            type Error = Violations;

            fn try_from(request: v1::$request) -> Result<Self, Violations> {
                let mut wrong = Violations::default();
                let wish = text(&request.name, "name", &mut wrong);
                Self::finish(&request.request_id, request.validate_only, wish, wrong)
            }
        }

        impl From<Mutation<HostName>> for v1::$request {
            fn from(mutation: Mutation<HostName>) -> Self {
                Self {
                    request_id: mutation.request_id_text(),
                    validate_only: mutation.validate_only(),
                    name: mutation.wish.to_string(),
                }
            }
        }
    )*};
}

turns! {
    ActivateHostRequest;
    DrainHostRequest;
}

impl TryFrom<v1::FenceHostRequest> for Mutation<FenceSpec> {
    type Error = Violations;

    fn try_from(request: v1::FenceHostRequest) -> Result<Self, Violations> {
        let mut wrong = Violations::default();
        let incarnation = request.incarnation.map(Incarnation::new);
        let host = text(&request.name, "name", &mut wrong);
        let wish = host.map(|host| FenceSpec { host, incarnation });
        Self::finish(&request.request_id, request.validate_only, wish, wrong)
    }
}

impl From<Mutation<FenceSpec>> for v1::FenceHostRequest {
    fn from(mutation: Mutation<FenceSpec>) -> Self {
        let (request_id, validate_only) = (mutation.request_id_text(), mutation.validate_only());
        let FenceSpec { host, incarnation } = mutation.wish;
        let incarnation = incarnation.map(Incarnation::get);
        Self { request_id, validate_only, name: host.to_string(), incarnation }
    }
}
