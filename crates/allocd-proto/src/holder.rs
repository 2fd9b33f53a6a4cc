//! Holders.

use allocd_types::holder::Holder;
use allocd_types::name::InterfaceLabel;
use allocd_types::violation::Violations;

use crate::read::{Read, path, text, text_or};
use crate::v1;

impl Read for v1::Holder {
    type Word = Holder;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Holder> {
        let host = text(&self.host, &path(field, "host"), wrong);
        let jail = text(&self.jail, &path(field, "jail"), wrong);
        let unsaid = InterfaceLabel::unsaid();
        let interface = text_or(&self.interface, unsaid, &path(field, "interface"), wrong);
        Some(Holder { host: host?, jail: jail?, interface: interface? })
    }
}

impl From<Holder> for v1::Holder {
    fn from(holder: Holder) -> Self {
        Self {
            host: holder.host.to_string(),
            jail: holder.jail.to_string(),
            interface: holder.interface.to_string(),
        }
    }
}
