//! A cluster of real processes on loopback, each with a configuration file and a data directory of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use allocd_client::client::Client;
use allocd_client::config::ClientConfig;
use allocd_types::cluster::{ClusterStatus, MemberStatus};
use allocd_types::id::{Caller, Digest};
use tempfile::TempDir;
use tokio::net::TcpSocket;

use allocd_tests::process::Process;
use allocd_tests::program::allocd;
use allocd_tests::until::{PATIENCE, until};

/// Lines of a configuration with which a leader stays one, on a busy machine too.
pub(crate) const STEADY: &str = "election_timeout_ms = 2000\n";

/// How long a hasty client waits in all, and for one member.
const HASTY_DEADLINE: Duration = Duration::from_secs(2);
const HASTY_ATTEMPT: Duration = Duration::from_millis(700);

/// An address that nobody else gets.
pub(crate) struct Address {
    pub(crate) address: SocketAddr,
    /// Bound and not listening: Linux gives the port to nobody who does not ask for it by its number, and lets a listener
    /// share it. Elsewhere the port is free again at once, and hopefully for long enough.
    _kept: Option<TcpSocket>,
}

impl Address {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("make a socket");
        socket.set_reuseaddr(true).expect("share an address");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("bind to any port");
        let address = socket.local_addr().expect("a bound socket has an address");
        Self { address, _kept: cfg!(target_os = "linux").then_some(socket) }
    }

    /// An address in a network that nobody else is in.
    #[cfg(target_os = "linux")]
    pub(crate) const fn fixed(address: SocketAddr) -> Self {
        Self { address, _kept: None }
    }
}

/// Members, running or not.
pub(crate) struct Cluster {
    directory: TempDir,
    id: String,
    more: String,
    addresses: Vec<Address>,
    processes: Vec<Option<Process>>,
}

impl Cluster {
    /// So many members, all started, in a cluster of this name.
    pub(crate) fn start(id: &str, members: usize) -> Self {
        Self::start_with(id, members, "")
    }

    /// The same with further lines in each configuration.
    pub(crate) fn start_with(id: &str, members: usize, more: &str) -> Self {
        let mut cluster = Self::prepare(id, members, more);
        cluster.start_all();
        cluster
    }

    /// The same, not started.
    pub(crate) fn prepare(id: &str, members: usize, more: &str) -> Self {
        Self::prepare_at(id, (0..members).map(|_| Address::new()).collect(), more)
    }

    /// A member at each of these addresses, not started.
    pub(crate) fn prepare_at(id: &str, addresses: Vec<Address>, more: &str) -> Self {
        let cluster = Self {
            directory: tempfile::tempdir().expect("make a temporary directory"),
            id: id.to_owned(),
            more: more.to_owned(),
            processes: addresses.iter().map(|_| None).collect(),
            addresses,
        };
        for at in 0..cluster.members() {
            fs::create_dir(cluster.home(at)).expect("make a directory");
            fs::write(cluster.config(at), cluster.text(at, &cluster.all_addresses())).expect("write a file");
        }
        cluster
    }

    /// What a member's configuration says if the members are at these addresses.
    fn text(&self, at: usize, addresses: &[SocketAddr]) -> String {
        let listed =
            |(address, id): (&SocketAddr, u64)| format!("  {{ id = {id}, address = \"{address}\" }},\n");
        let listed: String = addresses.iter().zip(1..).map(listed).collect();
        format!(
            "cluster_id = \"{}\"\nmember_id = {}\ndata_dir = \"{}\"\nlisten = \"{}\"\nmembers = [\n{listed}]\n{}",
            self.id,
            at + 1,
            self.data(at).display(),
            self.addresses[at].address,
            self.more,
        )
    }

    /// Prepares one more member, which is to join; its position.
    pub(crate) fn prepare_another(&mut self) -> usize {
        let at = self.members();
        self.addresses.push(Address::new());
        self.processes.push(None);
        fs::create_dir(self.home(at)).expect("make a directory");
        let text = format!("join = true\n{}", self.text(at, &self.all_addresses()));
        fs::write(self.config(at), text).expect("write a file");
        at
    }

    /// Empties a member's data directory, as a new disk would, and lets it join.
    pub(crate) fn empty_and_let_join(&self, at: usize) {
        fs::remove_dir_all(self.data(at)).expect("remove a directory");
        let text = fs::read_to_string(self.config(at)).expect("read a file");
        fs::write(self.config(at), format!("join = true\n{text}")).expect("write a file");
    }

    /// Rewrites a member's configuration as if its peers were those of another cluster.
    pub(crate) fn point_at(&self, at: usize, other: &Self) {
        let addresses: Vec<SocketAddr> = (0..other.members()).map(|at| other.address(at)).collect();
        self.reach_by(at, &addresses);
    }

    /// Rewrites a member's configuration: its peers are reached at these addresses. Its own stays its own.
    pub(crate) fn reach_by(&self, at: usize, addresses: &[SocketAddr]) {
        let mut addresses = addresses.to_vec();
        addresses[at] = self.address(at);
        fs::write(self.config(at), self.text(at, &addresses)).expect("write a file");
    }

    fn home(&self, at: usize) -> PathBuf {
        self.directory.path().join(format!("member{}", at + 1))
    }

    pub(crate) fn config(&self, at: usize) -> PathBuf {
        self.home(at).join("allocd.toml")
    }

    pub(crate) fn data(&self, at: usize) -> PathBuf {
        self.home(at).join("data")
    }

    pub(crate) fn address(&self, at: usize) -> SocketAddr {
        self.addresses[at].address
    }

    fn all_addresses(&self) -> Vec<SocketAddr> {
        self.addresses.iter().map(|address| address.address).collect()
    }

    pub(crate) fn members(&self) -> usize {
        self.addresses.len()
    }

    /// Starts every member that does not run.
    pub(crate) fn start_all(&mut self) {
        for at in 0..self.members() {
            if self.processes[at].is_none() {
                self.start_one(at);
            }
        }
    }

    pub(crate) fn start_one(&mut self, at: usize) {
        self.start_by(at, Command::new(allocd()));
    }

    /// Starts a member by a command that becomes allocd.
    pub(crate) fn start_by(&mut self, at: usize, mut command: Command) {
        command.args(["serve", "--config"]).arg(self.config(at));
        self.adopt(at, Process::of(&mut command, &self.home(at).join("log")));
    }

    /// Takes over a member that was started otherwise.
    pub(crate) fn adopt(&mut self, at: usize, process: Process) {
        self.processes[at] = Some(process);
    }

    /// A member that runs.
    pub(crate) fn process(&mut self, at: usize) -> &mut Process {
        self.processes[at].as_mut().expect("the member runs")
    }

    /// Waits until a member has logged words so many times.
    pub(crate) async fn until_logged(&mut self, at: usize, words: &str, times: usize) {
        let what = format!("member {} logs {words:?} {times} times", at + 1);
        until(&what, async || (self.process(at).log().matches(words).count() >= times).then_some(())).await;
    }

    /// Takes a member's process out of the cluster.
    pub(crate) fn take(&mut self, at: usize) -> Process {
        self.processes[at].take().expect("the member runs")
    }

    /// Ends members at once.
    pub(crate) fn kill(&mut self, members: impl IntoIterator<Item = usize>) {
        let mut killed: Vec<Process> = members.into_iter().map(|at| self.take(at)).collect();
        killed.iter().for_each(|process| process.signal("KILL"));
        killed.iter_mut().for_each(Process::kill);
    }

    /// A client that knows all members, the given one first.
    pub(crate) fn client_from(&self, first: usize) -> Client {
        let mut addresses = self.all_addresses();
        addresses.rotate_left(first);
        client(&addresses)
    }

    /// Clients that give up soon, so many, which begin at one member after the other.
    pub(crate) fn hasty_clients(&self, count: usize) -> Vec<Client> {
        let addresses = self.all_addresses();
        let client = |number: usize| {
            let mut addresses = addresses.clone();
            addresses.rotate_left(number % self.members());
            hasty_client(&format!("client{number}"), &addresses)
        };
        (0..count).map(client).collect()
    }

    /// A client that knows all members.
    pub(crate) fn client(&self) -> Client {
        self.client_from(0)
    }

    /// A client that knows one member only.
    pub(crate) fn client_of(&self, at: usize) -> Client {
        client(&[self.address(at)])
    }

    /// Waits for a leader; its position.
    pub(crate) async fn leader(&self) -> usize {
        leader(&self.client()).await
    }

    /// Waits until all members have applied the same, and says what.
    pub(crate) async fn equal_digests(&self) -> Digest {
        equal_digests(&self.client(), self.members()).await
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }
}

/// A patient client.
pub(crate) fn client(addresses: &[SocketAddr]) -> Client {
    client_of(ClientConfig { deadline: PATIENCE, ..config("tests", addresses) })
}

/// A client that gives up soon, and asks again by the same request id; the caller has this name.
pub(crate) fn hasty_client(name: &str, addresses: &[SocketAddr]) -> Client {
    client_of(ClientConfig { deadline: HASTY_DEADLINE, attempt: HASTY_ATTEMPT, ..config(name, addresses) })
}

fn config(name: &str, addresses: &[SocketAddr]) -> ClientConfig {
    let endpoints = addresses.iter().map(|address| address.to_string().parse().expect("an endpoint"));
    let caller = Some(Caller::new(name).expect("a caller"));
    ClientConfig { caller, ..ClientConfig::new(endpoints.collect()) }
}

fn client_of(config: ClientConfig) -> Client {
    Client::new(config).expect("a client")
}

/// Waits for a leader that its followers know; its position, by its id.
pub(crate) async fn leader(client: &Client) -> usize {
    let found = async || {
        let status = client.cluster_status().await.ok()?.value;
        let leader = status.leader?;
        let agrees = answers(&status).all(|member| member.leader == Some(leader));
        let answers = status.members.iter().any(|member| member.id == leader && member.answer.is_ok());
        let at = usize::try_from(leader.get() - 1).expect("a position fits");
        (agrees && answers).then_some(at)
    };
    until("a member leads and all know it", found).await
}

/// Waits until so many members have applied the same, and all there is, and says what.
pub(crate) async fn equal_digests(client: &Client, members: usize) -> Digest {
    // Members that have just begun are equal too, at what they had written down of the commit.
    let revision = client.check().await.expect("a linearizable read").revision;
    let equal = async || {
        let status = client.cluster_status().await.ok()?.value;
        let first = answers(&status).next()?.state_digest;
        let is_equal = |member: &&MemberStatus| member.state_digest == first && member.revision >= revision;
        (answers(&status).filter(is_equal).count() == members).then_some(first)
    };
    until("all members have the same digest", equal).await
}

fn answers(status: &ClusterStatus) -> impl Iterator<Item = &MemberStatus> {
    status.members.iter().filter_map(|member| member.answer.as_ref().ok())
}
