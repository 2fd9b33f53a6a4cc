//! A watch that outlives connections and members.
//!
//! The members tell changes by revision, in order and without gaps; a revision may take several messages. After a break the
//! watch goes on at another member where it was: at the next revision, or inside one, by passing over what it has told of it.

mod cursor;

use std::time::Duration;

use allocd_proto::v1;
use allocd_proto::v1::lease_service_client::LeaseServiceClient;
use allocd_types::answer::{Answer, Changes, MoreOfRevision};
use allocd_types::change::Change;
use allocd_types::id::Revision;
use allocd_types::problem::Problem;
use allocd_types::reason::Reason;
use allocd_types::time::ClusterTime;
use tokio::time::{Instant, sleep, timeout};
use tonic::{Status, Streaming};

use crate::call::read;
use crate::client::Client;
use crate::error::{ClientError, no_answer, problem_of};
use crate::members::Asked;
use crate::methods::ANSWER_BYTES_MAX;
use crate::retry::Attempts;
use cursor::Cursor;

/// How long a member may be silent before another one is asked; members give a sign of life far more often.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// A watch.
#[derive(Debug)]
pub struct Watch {
    client: Client,
    cursor: Cursor,
    stream: Option<Streaming<v1::WatchLeasesResponse>>,
    /// The attempts since the last message.
    attempts: Option<Attempts>,
}

/// What a watch tells: changes of one revision, or none as a sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The revision.
    pub revision: Revision,
    /// The cluster time then.
    pub now: ClusterTime,
    /// The changes, in their order.
    pub changes: Vec<Change>,
    /// Whether more of this revision follows.
    pub more: MoreOfRevision,
}

impl Client {
    /// Watches from a revision on; 0 is the first change after now. It connects with the first [`Watch::next`].
    #[must_use]
    pub fn watch(&self, from: Revision) -> Watch {
        Watch { client: self.clone(), cursor: Cursor::new(from), stream: None, attempts: None }
    }
}

impl Watch {
    /// Waits for what comes next. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`ClientError`] if the cluster refuses, such as with `COMPACTED`, or if no member could be reached for as long as a
    /// call of this client may take; the watch can be asked again after that.
    pub async fn next(&mut self) -> Result<Told, ClientError> {
        let shared = self.client.shared.clone();
        loop {
            let asked = shared.members.current();
            let problem = match self.receive(&asked).await {
                Ok(message) => return self.tell(message),
                Err(problem) => problem,
            };
            self.stream = None;
            let mut attempts = self.take_attempts();
            let pause = attempts.failed(problem.clone(), asked.endpoint, Instant::now(), rand::random())?;
            self.attempts = Some(attempts);
            tracing::debug!(endpoint = %asked.endpoint, %problem, ?pause, "watches at another member");
            shared.members.pass_over(&asked);
            sleep(pause).await;
        }
    }

    /// The revision at which the watch would go on after a break; 0 if nothing has been told yet.
    #[must_use]
    pub const fn resumes_at(&self) -> Revision {
        self.cursor.from()
    }

    /// Takes one message from the stream, which is made if there is none.
    async fn receive(&mut self, asked: &Asked<'_>) -> Result<v1::WatchLeasesResponse, Problem> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(open(&self.client, &mut self.cursor, &mut self.attempts, asked).await?),
        };
        match timeout(SILENCE_MAX, stream.message()).await {
            Ok(Ok(Some(message))) => Ok(message),
            Ok(Ok(None)) => Err(Problem::new(Reason::ShuttingDown, "the member ended the watch")),
            Ok(Err(status)) => Err(problem_of(&status)),
            Err(_) => Err(no_answer(&format!("{} was silent for {SILENCE_MAX:?}", asked.endpoint))),
        }
    }

    fn tell(&mut self, message: v1::WatchLeasesResponse) -> Result<Told, ClientError> {
        self.attempts = None;
        // An answer that cannot be read is not passed over: the watch would go on with a gap.
        let answer = read(message).inspect_err(|_| self.stream = None)?;
        let Answer { value: Changes { changes, more }, revision, now } = answer;
        let changes = self.cursor.advance(revision, changes, more).into_iter().flatten().collect();
        Ok(Told { revision, now, changes, more })
    }

    fn take_attempts(&mut self) -> Attempts {
        self.attempts.take().unwrap_or_else(|| begin(&self.client))
    }
}

fn begin(client: &Client) -> Attempts {
    Attempts::until(Instant::now() + client.shared.deadline, client.shared.pauses)
}

/// Makes a stream from the cursor on.
async fn open(
    client: &Client,
    cursor: &mut Cursor,
    attempts: &mut Option<Attempts>,
    asked: &Asked<'_>,
) -> Result<Streaming<v1::WatchLeasesResponse>, Problem> {
    let left = attempts
        .get_or_insert_with(|| begin(client))
        .begin(Instant::now())
        .map_err(|error| *error.problem)?;
    let limit = left.min(client.shared.attempt);
    // No deadline goes with the request: a watch has none.
    let request = client.request(v1::WatchLeasesRequest { from_revision: cursor.from().get() }, None);
    let mut service =
        LeaseServiceClient::new(asked.channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
    let opened: Result<_, Status> = timeout(limit, service.watch_leases(request))
        .await
        .map_err(|_| no_answer(&format!("{} was silent for {limit:?}", asked.endpoint)))?;
    let stream = opened.map_err(|status| problem_of(&status))?.into_inner();
    cursor.reopened();
    Ok(stream)
}
