//! Moves that are under way.

use allocd_types::id::MoveId;
use allocd_types::migration::Migration;
use allocd_types::violation::Violations;

use crate::read::{Read, path, text};
use crate::{index, span, v1};

impl Read for v1::Migration {
    type Word = Migration;

    fn read(self, field: &str, wrong: &mut Violations) -> Option<Migration> {
        let to = text(&self.to, &path(field, "to"), wrong);
        let index = index::optional(self.index, &path(field, "index"), wrong);
        let begun_at = span::wall(self.begun_at, &path(field, "begun_at"), wrong);
        Some(Migration { id: MoveId::new(self.id), to: to?, index: index?, begun_at: begun_at? })
    }
}

impl From<Migration> for v1::Migration {
    fn from(migration: Migration) -> Self {
        let Migration { id, to, index, begun_at } = migration;
        Self {
            id: id.get(),
            to: to.to_string(),
            index: index.map(|index| index.get().into()),
            begun_at: Some(span::timestamp(begun_at)),
        }
    }
}
