//! The client: cheap to clone, shared by as many tasks as like to.

use std::sync::Arc;
use std::time::Duration;

use allocd_types::id::RequestId;
use allocd_types::request::Freshness;
use tonic::metadata::{Ascii, MetadataValue};
use uuid::Uuid;

use crate::config::{ClientConfig, ConfigError};
use crate::endpoint::Endpoint;
use crate::members::Members;
use crate::retry::Pauses;

/// The metadata by which a request says who asks.
pub const CALLER_METADATA: &str = "allocd-caller";

/// A client of a cluster.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    freshness: Freshness,
    request_id: Option<RequestId>,
}

/// What all clones of a client share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) members: Members,
    pub(crate) caller: Option<MetadataValue<Ascii>>,
    pub(crate) deadline: Duration,
    pub(crate) attempt: Duration,
    pub(crate) pauses: Pauses,
}

impl Client {
    /// Makes a client. It connects when it is first used.
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration cannot work.
    pub fn new(config: ClientConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let caller = config
            .caller
            .map(|caller| MetadataValue::try_from(caller.as_str()).expect("a caller is printable ASCII"));
        let shared = Shared {
            members: Members::new(config.endpoints),
            caller,
            deadline: config.deadline,
            attempt: config.attempt,
            pauses: Pauses { first: config.pause_first, max: config.pause_max },
        };
        Ok(Self { shared: Arc::new(shared), freshness: Freshness::Linearizable, request_id: None })
    }

    /// The same client, reading with this freshness.
    #[must_use]
    pub fn reading(&self, freshness: Freshness) -> Self {
        Self { freshness, ..self.clone() }
    }

    /// The same client for one mutation that has this request id: one that was tried before, maybe by another process.
    #[must_use]
    pub fn repeating(&self, request_id: RequestId) -> Self {
        Self { request_id: Some(request_id), ..self.clone() }
    }

    /// The members the client knows.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.shared.members.endpoints()
    }

    pub(crate) const fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// The id of the next mutation: the one it repeats, or one that nobody has used. Whoever may have to ask again from another
    /// process takes one, keeps it, and asks through [`Client::repeating`] from the start.
    #[must_use]
    pub fn request_id(&self) -> RequestId {
        self.request_id.clone().unwrap_or_else(|| {
            RequestId::new(&Uuid::new_v4().to_string()).expect("a UUID is short and printable")
        })
    }
}
