//! What every command has at hand: the cluster to ask and the place for answers.

use std::cell::RefCell;

use allocd_client::client::Client;
use allocd_types::effect::Effect;
use allocd_types::id::RequestId;
use allocd_types::request::Freshness;
use clap::Args;

use crate::cli::Options;
use crate::failure::{Asked, Failure};
use crate::input;
use crate::output::Output;
use crate::settings;

/// A command's surroundings.
pub(crate) struct Session {
    /// The cluster.
    pub(crate) client: Client,
    /// Where answers go.
    pub(crate) output: Output,
    /// The id of the change that was asked for, if one was.
    asked: RefCell<Option<RequestId>>,
}

/// What may be said with everything that changes something.
#[derive(Debug, Clone, Args)]
pub(crate) struct Change {
    /// Decide and answer, but write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The id of a request that was tried before: it is done once, however often it is asked for.
    #[arg(long, value_parser = input::request_id, value_name = "ID")]
    request_id: Option<RequestId>,
}

impl Session {
    /// Makes ready; nothing is connected yet.
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let client = Client::new(settings::client_config(options)?).map_err(Failure::input)?;
        let freshness = if options.stale { Freshness::Stale } else { Freshness::Linearizable };
        Ok(Self {
            client: client.reading(freshness),
            output: Output::new(options.output),
            asked: RefCell::default(),
        })
    }

    /// The client for one change, and whether the change is meant.
    pub(crate) fn change(&self, change: &Change) -> (Client, Effect) {
        let request_id = change.request_id.clone().unwrap_or_else(|| self.client.request_id());
        self.asked.replace(Some(request_id.clone()));
        (self.client.repeating(request_id), change.effect(self.output))
    }

    /// What was asked for, for whoever has to say how to ask again.
    pub(crate) fn asked(&self) -> Asked {
        self.asked.borrow().clone().map_or(Asked::Question, Asked::Change)
    }
}

impl Change {
    /// Whether the change is meant; if not, that is said.
    fn effect(&self, output: Output) -> Effect {
        if self.dry_run {
            output.note("dry run: nothing is written");
            Effect::ValidateOnly
        } else {
            Effect::Commit
        }
    }
}
