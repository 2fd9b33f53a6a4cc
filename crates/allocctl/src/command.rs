//! What each noun does: one file a noun, each from parsed flags to a written answer.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod cluster;
pub(crate) mod completions;
pub(crate) mod declines;
pub(crate) mod exclusions;
pub(crate) mod export;
pub(crate) mod filter;
pub(crate) mod hosts;
pub(crate) mod import;
pub(crate) mod leases;
pub(crate) mod man;
pub(crate) mod networks;
pub(crate) mod pools;
pub(crate) mod recovery;
pub(crate) mod release;
pub(crate) mod render;
pub(crate) mod reservations;
pub(crate) mod watch;
pub(crate) mod why;

use allocd_types::allocation::MissingResource;
use allocd_types::answer::Answer;
use allocd_types::effect::Effect;
use clap::Args;

use crate::cli::{Cli, Noun};
use crate::failure::Failure;
use crate::session::{Change, Session};
use crate::view::DoneJson;

/// A deletion.
#[derive(Debug, Args)]
pub(crate) struct Delete<
    N: Clone + Send + Sync + std::str::FromStr<Err: std::error::Error + Send + Sync> + 'static,
> {
    /// Its name.
    pub(crate) name: N,
    /// If it is not there, say yes.
    #[arg(long)]
    pub(crate) allow_missing: bool,
    #[command(flatten)]
    pub(crate) change: Change,
}

/// Does what the command line says.
pub(crate) async fn run(cli: Cli) -> Result<(), Failure> {
    // These two need no cluster, and so no configuration that could be wrong.
    match &cli.noun {
        Noun::Completions(shell) => return completions::run(shell),
        Noun::Man(pages) => return man::run(pages),
        Noun::Leases(_)
        | Noun::Networks(_)
        | Noun::Pools(_)
        | Noun::Hosts(_)
        | Noun::Reservations(_)
        | Noun::Exclusions(_)
        | Noun::Declines(_)
        | Noun::Import(_)
        | Noun::Export(_)
        | Noun::Check(_)
        | Noun::Release(_)
        | Noun::Audit(_)
        | Noun::Why(_)
        | Noun::Render(_)
        | Noun::Watch(_)
        | Noun::Cluster(_) => {}
    }
    let session = Session::new(&cli.options)?;
    let outcome = ask(&session, cli.noun).await;
    outcome.map_err(|failure| failure.asked(session.asked()))
}

async fn ask(session: &Session, noun: Noun) -> Result<(), Failure> {
    match noun {
        Noun::Leases(noun) => leases::run(session, noun).await,
        Noun::Networks(noun) => networks::run(session, noun).await,
        Noun::Pools(noun) => pools::run(session, noun).await,
        Noun::Hosts(noun) => hosts::run(session, noun).await,
        Noun::Reservations(noun) => reservations::run(session, noun).await,
        Noun::Exclusions(noun) => exclusions::run(session, noun).await,
        Noun::Declines(noun) => declines::run(session, noun).await,
        Noun::Import(import) => import::run(session, &import).await,
        Noun::Export(export) => export::run(session, &export).await,
        Noun::Check(noun) => check::run(session, &noun).await,
        Noun::Release(noun) => release::run(session, noun).await,
        Noun::Audit(noun) => audit::run(session, noun).await,
        Noun::Why(why) => why::run(session, &why).await,
        Noun::Render(render) => render::run(session, &render).await,
        Noun::Watch(watch) => watch::run(session, &watch).await,
        Noun::Cluster(noun) => cluster::run(session, &noun).await,
        Noun::Completions(_) | Noun::Man(_) => Ok(()),
    }
}

/// Whether what is to be deleted may be gone already.
pub(crate) const fn missing(allow: bool) -> MissingResource {
    if allow { MissingResource::Allow } else { MissingResource::Refuse }
}

/// What was done, or what would be.
pub(crate) fn would(effect: Effect, done: &str, verb: &str) -> String {
    match effect {
        Effect::Commit => done.to_owned(),
        Effect::ValidateOnly => format!("would {verb}"),
    }
}

/// Tells that something is gone: deleted now, or not there before if that was allowed.
pub(crate) fn told_gone(
    session: &Session,
    (sort, name): (&str, &str),
    (missing, effect): (MissingResource, Effect),
    answer: &Answer<()>,
) -> Result<(), Failure> {
    let text = match (missing, effect) {
        (MissingResource::Allow, Effect::Commit) => format!("{sort} {name} is gone\n"),
        (MissingResource::Refuse, Effect::Commit)
        | (MissingResource::Refuse | MissingResource::Allow, Effect::ValidateOnly) => {
            format!("{} {sort} {name}\n", would(effect, "deleted", "delete"))
        }
    };
    session.output.report(&text, &DoneJson::new(&name, answer.revision, answer.now), name)
}
