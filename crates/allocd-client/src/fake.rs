//! A member that says what a script tells it to, over a real connection on a port of its own.
//!
//! It answers the leases' RPCs that tests need, in the script's order, and keeps what it was asked.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use allocd_proto::v1;
use allocd_proto::v1::lease_service_server::{LeaseService, LeaseServiceServer};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::Stream;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

use crate::endpoint::Endpoint;

/// One line of a script.
pub(crate) enum Line {
    /// Answers an allocation.
    Grant(Box<v1::AllocateLeaseResponse>),
    /// Answers with a page.
    Page(v1::ListLeasesResponse),
    /// Answers a watch: these messages, then the end.
    Stream(Vec<Result<v1::WatchLeasesResponse, Status>>),
    /// Refuses.
    Refuse(Status),
    /// Never answers.
    Silence,
}

/// What a member was asked, by the field a test looks at.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) metadata: MetadataMap,
    pub(crate) message: Message,
}

/// A message a member was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    Allocate(Box<v1::AllocateLeaseRequest>),
    List(v1::ListLeasesRequest),
    Watch(v1::WatchLeasesRequest),
}

/// A member with its script.
pub(crate) struct FakeMember {
    pub(crate) endpoint: Endpoint,
    script: Script,
    server: JoinHandle<()>,
}

#[derive(Clone, Default)]
struct Script {
    lines: Arc<Mutex<VecDeque<Line>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl FakeMember {
    /// Starts a member.
    pub(crate) async fn start(lines: impl IntoIterator<Item = Line>) -> Self {
        let script = Script::default();
        script.lines.lock().unwrap().extend(lines);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = listener.local_addr().unwrap().to_string().parse().unwrap();
        let service = LeaseServiceServer::new(script.clone());
        let server = tokio::spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(incoming)
                .await
                .unwrap();
        });
        Self { endpoint, script, server }
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.asked.lock().unwrap().clone()
    }
}

impl Drop for FakeMember {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Script {
    /// Keeps what was asked and takes the next line; when there is none left, the member is away.
    async fn next(&self, metadata: &MetadataMap, message: Message) -> Result<Line, Status> {
        self.asked.lock().unwrap().push(Asked { metadata: metadata.clone(), message });
        let line = self.lines.lock().unwrap().pop_front();
        match line {
            Some(Line::Refuse(status)) => Err(status),
            Some(Line::Silence) => std::future::pending().await,
            Some(line) => Ok(line),
            None => Err(Status::unavailable("the script is over")),
        }
    }
}

fn other_line<T>() -> Result<T, Status> {
    Err(Status::unimplemented("the script has another line here"))
}

type Watching = Pin<Box<dyn Stream<Item = Result<v1::WatchLeasesResponse, Status>> + Send>>;

#[tonic::async_trait]
impl LeaseService for Script {
    type WatchLeasesStream = Watching;

    async fn allocate_lease(
        &self,
        request: Request<v1::AllocateLeaseRequest>,
    ) -> Result<Response<v1::AllocateLeaseResponse>, Status> {
        let metadata = request.metadata().clone();
        match self.next(&metadata, Message::Allocate(Box::new(request.into_inner()))).await? {
            Line::Grant(response) => Ok(Response::new(*response)),
            Line::Page(_) | Line::Stream(_) | Line::Refuse(_) | Line::Silence => other_line(),
        }
    }

    async fn list_leases(
        &self,
        request: Request<v1::ListLeasesRequest>,
    ) -> Result<Response<v1::ListLeasesResponse>, Status> {
        let metadata = request.metadata().clone();
        match self.next(&metadata, Message::List(request.into_inner())).await? {
            Line::Page(response) => Ok(Response::new(response)),
            Line::Grant(_) | Line::Stream(_) | Line::Refuse(_) | Line::Silence => other_line(),
        }
    }

    async fn watch_leases(
        &self,
        request: Request<v1::WatchLeasesRequest>,
    ) -> Result<Response<Watching>, Status> {
        let metadata = request.metadata().clone();
        match self.next(&metadata, Message::Watch(request.into_inner())).await? {
            Line::Stream(messages) => Ok(Response::new(Box::pin(tokio_stream::iter(messages)))),
            Line::Grant(_) | Line::Page(_) | Line::Refuse(_) | Line::Silence => other_line(),
        }
    }

    async fn batch_allocate_leases(
        &self,
        _: Request<v1::BatchAllocateLeasesRequest>,
    ) -> Result<Response<v1::BatchAllocateLeasesResponse>, Status> {
        other_line()
    }

    async fn get_lease(
        &self,
        _: Request<v1::GetLeaseRequest>,
    ) -> Result<Response<v1::GetLeaseResponse>, Status> {
        other_line()
    }

    async fn renew_lease(
        &self,
        _: Request<v1::RenewLeaseRequest>,
    ) -> Result<Response<v1::RenewLeaseResponse>, Status> {
        other_line()
    }

    async fn release_lease(
        &self,
        _: Request<v1::ReleaseLeaseRequest>,
    ) -> Result<Response<v1::ReleaseLeaseResponse>, Status> {
        other_line()
    }

    async fn lookup_lease(
        &self,
        _: Request<v1::LookupLeaseRequest>,
    ) -> Result<Response<v1::LookupLeaseResponse>, Status> {
        other_line()
    }

    async fn explain_value(
        &self,
        _: Request<v1::ExplainValueRequest>,
    ) -> Result<Response<v1::ExplainValueResponse>, Status> {
        other_line()
    }

    async fn bind_lease(
        &self,
        _: Request<v1::BindLeaseRequest>,
    ) -> Result<Response<v1::BindLeaseResponse>, Status> {
        other_line()
    }

    async fn confirm_teardown(
        &self,
        _: Request<v1::ConfirmTeardownRequest>,
    ) -> Result<Response<v1::ConfirmTeardownResponse>, Status> {
        other_line()
    }

    async fn adopt_lease(
        &self,
        _: Request<v1::AdoptLeaseRequest>,
    ) -> Result<Response<v1::AdoptLeaseResponse>, Status> {
        other_line()
    }

    async fn move_lease(
        &self,
        _: Request<v1::MoveLeaseRequest>,
    ) -> Result<Response<v1::MoveLeaseResponse>, Status> {
        other_line()
    }

    async fn cancel_move(
        &self,
        _: Request<v1::CancelMoveRequest>,
    ) -> Result<Response<v1::CancelMoveResponse>, Status> {
        other_line()
    }

    async fn decline_lease(
        &self,
        _: Request<v1::DeclineLeaseRequest>,
    ) -> Result<Response<v1::DeclineLeaseResponse>, Status> {
        other_line()
    }

    async fn list_declines(
        &self,
        _: Request<v1::ListDeclinesRequest>,
    ) -> Result<Response<v1::ListDeclinesResponse>, Status> {
        other_line()
    }

    async fn clear_decline(
        &self,
        _: Request<v1::ClearDeclineRequest>,
    ) -> Result<Response<v1::ClearDeclineResponse>, Status> {
        other_line()
    }
}
