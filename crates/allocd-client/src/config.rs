//! What a client has to know before it can ask.

use std::time::Duration;

use allocd_types::id::Caller;
use allocd_types::limits::REQUESTS_REMEMBERED_SECONDS;

use crate::endpoint::Endpoint;

/// How long a call may take in all, if nobody says otherwise.
pub const DEADLINE_DEFAULT: Duration = Duration::from_secs(30);
/// How long one attempt may take before another member is asked, if nobody says otherwise: an election and a bit.
pub const ATTEMPT_DEFAULT: Duration = Duration::from_secs(3);
/// First pause before another attempt.
const PAUSE_FIRST: Duration = Duration::from_millis(20);
/// Longest pause before another attempt: an election takes less than a second.
const PAUSE_MAX: Duration = Duration::from_millis(250);

/// Whom to ask, in whose name, and how patiently.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The members, in the order in which they are tried.
    pub endpoints: Vec<Endpoint>,
    /// What the program calls itself, for the records.
    pub caller: Option<Caller>,
    /// How long a call may take in all, retries included.
    pub deadline: Duration,
    /// How long one attempt may take before another member is asked.
    pub attempt: Duration,
    /// The first pause before another attempt; later ones double.
    pub pause_first: Duration,
    /// The longest pause before another attempt.
    pub pause_max: Duration,
}

/// Why a configuration cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// There is nobody to ask.
    #[error("no endpoint is given: name at least one member, such as 127.0.0.1:7421")]
    NoEndpoint,
    /// A retry could outlive the members' memory of the first attempt, and be done twice.
    #[error(
        "a call's deadline of {deadline:?} is not shorter than half the time that members remember requests for, {remembered_seconds} s"
    )]
    DeadlineTooLong {
        /// What was given.
        deadline: Duration,
        /// How long members remember requests.
        remembered_seconds: u32,
    },
}

impl ClientConfig {
    /// These members, with the usual patience.
    #[must_use]
    pub const fn new(endpoints: Vec<Endpoint>) -> Self {
        Self {
            endpoints,
            caller: None,
            deadline: DEADLINE_DEFAULT,
            attempt: ATTEMPT_DEFAULT,
            pause_first: PAUSE_FIRST,
            pause_max: PAUSE_MAX,
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.endpoints.is_empty() {
            return Err(ConfigError::NoEndpoint);
        }
        if self.deadline >= Duration::from_secs(REQUESTS_REMEMBERED_SECONDS.into()) / 2 {
            let remembered_seconds = REQUESTS_REMEMBERED_SECONDS;
            return Err(ConfigError::DeadlineTooLong { deadline: self.deadline, remembered_seconds });
        }
        Ok(())
    }
}
