//! Requests as a whole: who repeats what, whether it is to be done, how fresh an answer has to be, and the wish itself.
//!
//! Every request message is one of two shapes, a [`Mutation`] or a [`Query`], around a wish in the vocabulary. Reading one
//! notes everything that is wrong with any of its fields; writing one cannot fail.

mod admin;
mod agent;
mod audit;
mod contact;
mod decline;
mod host;
mod lease;
pub mod member;
mod recovery;
mod resource;

use std::fmt;
use std::str::FromStr;

use allocd_types::allocation::MissingResource;
use allocd_types::effect::Effect;
use allocd_types::id::RequestId;
use allocd_types::page::{PageSpec, PageToken};
use allocd_types::request::{Deletion, Freshness};
use allocd_types::violation::Violations;

use crate::read::text;

/// A request that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutation<T> {
    /// Recognises a repetition; nothing said: this request is never repeated.
    pub request_id: Option<RequestId>,
    /// Whether it is to be done.
    pub effect: Effect,
    /// What is wished for.
    pub wish: T,
}

/// A request that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query<T> {
    /// How fresh the answer has to be.
    pub freshness: Freshness,
    /// What is wished for.
    pub wish: T,
}

impl<T> Mutation<T> {
    /// Puts together what was read.
    fn finish(
        request_id: &str,
        validate_only: bool,
        wish: Option<T>,
        mut wrong: Violations,
    ) -> Result<Self, Violations> {
        let request_id = (!request_id.is_empty())
            .then(|| RequestId::new(request_id))
            .and_then(|request_id| wrong.keep("request_id", request_id));
        let effect = if validate_only { Effect::ValidateOnly } else { Effect::Commit };
        wrong.finish(wish.map(|wish| Self { request_id, effect, wish }))
    }

    fn request_id_text(&self) -> String {
        self.request_id.as_ref().map(ToString::to_string).unwrap_or_default()
    }

    const fn validate_only(&self) -> bool {
        match self.effect {
            Effect::Commit => false,
            Effect::ValidateOnly => true,
        }
    }
}

impl<T> Query<T> {
    /// Puts together what was read.
    fn finish(allow_stale: bool, wish: Option<T>, wrong: Violations) -> Result<Self, Violations> {
        let freshness = if allow_stale { Freshness::Stale } else { Freshness::Linearizable };
        wrong.finish(wish.map(|wish| Self { freshness, wish }))
    }

    const fn allow_stale(&self) -> bool {
        match self.freshness {
            Freshness::Linearizable => false,
            Freshness::Stale => true,
        }
    }
}

fn deletion<N: FromStr<Err: fmt::Display>>(
    name: &str,
    allow_missing: bool,
    wrong: &mut Violations,
) -> Option<Deletion<N>> {
    Some(Deletion { name: text(name, "name", wrong)?, missing: missing(allow_missing) })
}

const fn missing(allow_missing: bool) -> MissingResource {
    if allow_missing { MissingResource::Allow } else { MissingResource::Refuse }
}

const fn allow_missing(missing: MissingResource) -> bool {
    match missing {
        MissingResource::Allow => true,
        MissingResource::Refuse => false,
    }
}

fn page(size: u32, token: &str, wrong: &mut Violations) -> Option<PageSpec> {
    let size = usize::try_from(size).expect("a u32 fits every machine that runs this");
    let page = PageSpec::check("page_size", size, wrong);
    let token = (!token.is_empty()).then(|| PageToken::new(token));
    let token = token.and_then(|token| wrong.keep("page_token", token));
    page.map(|page| match token {
        Some(token) => page.at(token),
        None => page,
    })
}

/// The page as the fields `page_size` and `page_token`.
fn page_fields(page: &PageSpec) -> (u32, String) {
    let size = u32::try_from(page.size()).expect("a page is bounded far below");
    (size, page.token.as_ref().map(ToString::to_string).unwrap_or_default())
}

#[cfg(test)]
mod tests;
