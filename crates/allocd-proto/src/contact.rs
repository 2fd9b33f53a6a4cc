//! What is known of hosts' agents.

use allocd_types::contact::{Contact, KnownHost, LastPass, PassCounts};
use allocd_types::id::Incarnation;
use allocd_types::time::Span;
use allocd_types::violation::Violations;

use crate::enumeration::said;
use crate::read::{Read, optional, path};
use crate::v1;

impl Read for v1::PassCounts {
    type Word = PassCounts;

    fn read(self, _field: &str, _wrong: &mut Violations) -> Option<PassCounts> {
        let Self { jails, in_service, drifts, failures, held_back } = self;
        Some(PassCounts { jails, in_service, drifts, failures, held_back })
    }
}

impl From<PassCounts> for v1::PassCounts {
    fn from(pass: PassCounts) -> Self {
        let PassCounts { jails, in_service, drifts, failures, held_back } = pass;
        Self { jails, in_service, drifts, failures, held_back }
    }
}

impl Read for v1::HostContact {
    type Word = Contact;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Contact> {
        let state = said::<v1::ContactState>(self.state, &path(field, "state"), wrong);
        let incarnation = Incarnation::new(self.incarnation);
        let last = optional(self.pass, &path(field, "pass"), wrong)?;
        let last = last.map(|pass| LastPass { incarnation, pass });
        Some(Contact { state: state?, silent_for: Span::from_millis(self.silent_ms), last })
    }
}

impl From<Contact> for v1::HostContact {
    fn from(contact: Contact) -> Self {
        let Contact { state, silent_for, last } = contact;
        Self {
            state: v1::ContactState::from(state).into(),
            silent_ms: silent_for.millis(),
            incarnation: last.map_or(0, |last| last.incarnation.get()),
            pass: last.map(|last| last.pass.into()),
        }
    }
}

/// Reads a host with what is known of its agent. A member of an older allocd says nothing of that: then nothing is known.
pub(crate) fn known(mut host: v1::Host, field: &str, wrong: &mut Violations) -> Option<KnownHost> {
    let contact = optional(host.contact.take(), &path(field, "contact"), wrong);
    let host = host.read(field, wrong)?;
    Some(KnownHost { host, contact: contact?.unwrap_or(Contact::UNKNOWN) })
}

impl From<KnownHost> for v1::Host {
    fn from(known: KnownHost) -> Self {
        Self { contact: Some(known.contact.into()), ..known.host.into() }
    }
}
