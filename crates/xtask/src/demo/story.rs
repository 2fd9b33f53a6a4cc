//! The story the demo tells, chapter by chapter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use allocd_client::client::Client;
use allocd_client::config::ClientConfig;
use allocd_types::effect::Effect;
use allocd_types::filter::LeaseFilter;
use allocd_types::import::{BadLines, ImportSpec};
use allocd_types::lease::Lease;
use allocd_types::name::{HostName, JailName, NetworkName};
use anyhow::{Context as _, Result, anyhow, ensure};
use freebsd_config::inventory::{self, Inventory};

use super::cluster::{self, Wish};
use super::ctl::Ctl;
use super::files;
use super::kernel::{Cable, surplus_freebsd15, surplus_patched10};
use super::summary::Summary;
use crate::context::Context;
use crate::members::{MEMBERS, Members};
use crate::progress::{bar, chapter};

/// How many clients allocate side by side.
const CLIENTS: usize = 16;
/// How many jails the demo adds to those of the inventory.
const FURTHER_JAILS: usize = 500;
/// The network of the demo.
const NETWORK: &str = "lan";

/// What the clients got, side by side.
struct Allocated {
    leases: Vec<Lease>,
    allocate_ms: u128,
    leader_killed: bool,
}

/// What the demo may be told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the results go.
    #[arg(long, default_value = "target/demo", value_name = "DIR")]
    out: PathBuf,
    /// The inventory to take over.
    #[arg(long, default_value = "docs/examples/jail.config.v2", value_name = "FILE")]
    inventory: PathBuf,
}

/// Tells the story; fails if anything in it is not as it has to be.
pub(crate) fn run(context: &Context, options: &Options) -> Result<()> {
    let Programs { allocd, allocctl, agent } = programs(context)?;
    let out = context.root.join(&options.out);
    files::make_room(&out)?;
    let path = context.root.join(&options.inventory);
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let inventory = inventory::parse(&bytes);
    if let Some(first) = inventory.findings.first() {
        anyhow::bail!("{}:{}: {}", path.display(), first.number, first.flaw);
    }
    let work = tempfile::tempdir().context("cannot make a temporary directory")?;
    let members = Members::prepare(&allocd, work.path(), "demo")?;
    let ctl = Ctl::new(&allocctl, &members.addresses());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(Demo { inventory, members, ctl, agent, out }.tell())
}

/// Where the programs are.
struct Programs {
    allocd: PathBuf,
    allocctl: PathBuf,
    agent: PathBuf,
}

/// The programs of the same build as this one; a debug build makes release ones first.
fn programs(context: &Context) -> Result<Programs> {
    context.build_release()?;
    let release = context.target.join("release");
    let [allocd, allocctl, agent] = ["allocd", "allocctl", "alloc-agent"].map(|name| release.join(name));
    Ok(Programs { allocd, allocctl, agent })
}

struct Demo {
    inventory: Inventory,
    members: Members,
    ctl: Ctl,
    agent: PathBuf,
    out: PathBuf,
}

impl Demo {
    async fn tell(mut self) -> Result<()> {
        let wishes = self.wishes()?;
        let (duplicates15, duplicates10) = self.kernel_alone(&wishes);
        self.members.start()?;
        let client = client(&self.members.addresses())?;
        self.make_network(&client).await?;
        let import_ms = self.import(&client).await?;
        let Allocated { leases: allocated, allocate_ms, leader_killed } =
            self.allocate(&client, wishes.clone()).await?;
        let digest = self.rejoin(&client).await?;
        let leases = all_leases(&client).await?;
        let rendered_files = self.render(&leases)?;
        self.look(&leases)?;
        let digests_equal = self.power_off(&client, &digest, &leases).await?;
        let summary = summary(&leases, &allocated, (duplicates15, duplicates10));
        let imported = self.inventory.lines.len();
        let summary = Summary {
            imported,
            import_ms,
            allocate_ms,
            leader_killed,
            digests_equal,
            rendered_files,
            ..summary
        };
        fs::write(self.out.join("summary.json"), serde_json::to_string_pretty(&summary)? + "\n")?;
        chapter("what came of it");
        println!("{}", serde_json::to_string_pretty(&summary)?);
        summary.check(imported, wishes.len())
    }

    /// Further jails, the same number on every host.
    fn wishes(&self) -> Result<Vec<Wish>> {
        let hosts: BTreeSet<&HostName> = self.inventory.lines.iter().map(|line| &line.host).collect();
        ensure!(!hosts.is_empty(), "the inventory names no host");
        let hosts: Vec<&HostName> = hosts.into_iter().collect();
        let wish = |at: usize| {
            let jail = JailName::new(&format!("demo{at:03}")).context("a name of letters and digits")?;
            Ok(Wish { host: hosts[at % hosts.len()].clone(), jail })
        };
        (0..FURTHER_JAILS).map(wish).collect()
    }

    fn kernel_alone(&self, wishes: &[Wish]) -> (usize, usize) {
        chapter("what the kernel alone would do");
        let mut cables: Vec<Cable> = Vec::new();
        let mut used: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for line in &self.inventory.lines {
            let (host, unit) = (line.host.to_string(), u32::from(line.index.get()));
            used.entry(host.clone()).or_default().insert(unit);
            cables.push(Cable { host, unit });
        }
        for wish in wishes {
            let host = wish.host.to_string();
            let units = used.entry(host.clone()).or_default();
            let unit = (0..).find(|unit| !units.contains(unit)).unwrap_or_default();
            units.insert(unit);
            cables.push(Cable { host, unit });
        }
        let (rule15, rule10) = (surplus_freebsd15(&cables), surplus_patched10(&cables));
        let (hosts, interfaces) = (used.len(), 2 * cables.len());
        println!(
            "{} jails on {hosts} hosts, {interfaces} interfaces, surplus copies of MAC addresses:",
            cables.len()
        );
        println!("  FreeBSD 15 (16 bits of a hash)                    {rule15:5}");
        println!("  FreeBSD 10 with the patch of 2014 (8 random bits) {rule10:5}");
        (rule15, rule10)
    }

    async fn make_network(&self, client: &Client) -> Result<()> {
        chapter("three members, a network and a MAC pool");
        let leader = cluster::leader(client).await?;
        println!("members at {}; member {} leads", self.members.addresses().join(", "), leader + 1);
        self.ctl.run(&["pools", "create", "default", "--mac"])?;
        self.ctl.run(&[
            "networks",
            "create",
            NETWORK,
            "--bridge",
            "bridge300",
            "--subnet",
            "192.168.48.0/22,gateway=192.168.48.1",
            "--subnet",
            "fd00:48::/64",
        ])?;
        self.ctl.show(&["networks"], 5)?;
        self.ctl.show(&["pools"], 5)
    }

    /// Dry run first, then for real. Answers how long the real one took.
    async fn import(&self, client: &Client) -> Result<u128> {
        chapter("the inventory");
        let spec = ImportSpec {
            lines: self.inventory.lines.clone(),
            fragments: self.inventory.fragments.clone(),
            network: None,
            bad_lines: BadLines::Refuse,
        };
        let dry = client
            .import(spec.clone(), Effect::ValidateOnly)
            .await
            .map_err(|error| anyhow!("{error}"))?
            .value;
        println!(
            "dry run: {} leases, {} hosts, {} findings",
            dry.leases,
            dry.hosts_created,
            dry.findings.len()
        );
        ensure!(dry.findings.is_empty(), "the dry run found something wrong: {:?}", dry.findings);
        let started = Instant::now();
        let report = client.import(spec, Effect::Commit).await.map_err(|error| anyhow!("{error}"))?.value;
        let import_ms = started.elapsed().as_millis();
        println!("imported: {} leases in {import_ms} ms", report.leases);
        Ok(import_ms)
    }

    /// All clients at once, and the leader dies in the middle.
    async fn allocate(&mut self, client: &Client, wishes: Vec<Wish>) -> Result<Allocated> {
        chapter("sixteen clients, and the leader dies in the middle");
        let leader = cluster::leader(client).await?;
        let network = NetworkName::new(NETWORK)?;
        let clients = clients(&self.members.addresses())?;
        let progress = bar("jails by 16 clients", wishes.len());
        let (step, members) = (progress.clone(), &mut self.members);
        let started = Instant::now();
        let leases = cluster::allocate_all(
            clients,
            &network,
            wishes,
            move || step.inc(1),
            move || members.kill(leader),
        )
        .await?;
        let allocate_ms = started.elapsed().as_millis();
        progress.finish_and_clear();
        println!(
            "{} leases to {CLIENTS} clients in {allocate_ms} ms; member {} was killed half-way",
            leases.len(),
            leader + 1
        );
        let leader_killed = cluster::leader(client).await? != leader;
        Ok(Allocated { leases, allocate_ms, leader_killed })
    }

    async fn rejoin(&mut self, client: &Client) -> Result<String> {
        self.members.start()?;
        let digest = cluster::equal_digest(client).await?;
        println!("the dead member is back; all {MEMBERS} have the digest {}", &digest[..16]);
        Ok(digest)
    }

    fn render(&self, leases: &[Lease]) -> Result<usize> {
        chapter("files that jail(8) and ezjail accept");
        let hosts: BTreeSet<&HostName> = leases.iter().map(|lease| &lease.holder.host).collect();
        let progress = bar("hosts rendered", hosts.len());
        let told = (leases, &self.members.addresses()[..]);
        let files = files::render(&self.agent, told, &self.out, || progress.inc(1))?;
        progress.finish_and_clear();
        println!("{files} files below {}", self.out.display());
        Ok(files)
    }

    fn look(&self, leases: &[Lease]) -> Result<()> {
        chapter("what people see");
        let first = leases.first().context("there are leases")?;
        let mac = first.macs.b().context("an epair has two MACs")?.to_string();
        let host = first.holder.host.to_string();
        self.ctl.show(&["check"], 5)?;
        self.ctl.show(&["leases"], 10)?;
        self.ctl.show(&["leases", "--host", &host], 10)?;
        self.ctl.show(&["why", &mac], 30)?;
        let json = self.ctl.run(&["leases", "-o", "json"])?;
        write(&self.out.join("leases.json"), &json)
    }

    /// All members die at once, and come back with the same digest and the same leases.
    async fn power_off(&mut self, client: &Client, digest: &str, leases: &[Lease]) -> Result<bool> {
        chapter("all three die at once");
        self.members.kill_all()?;
        self.members.start()?;
        let again = cluster::equal_digest(client).await?;
        let found = all_leases(client).await?;
        println!("back with the digest {} and {} leases", &again[..16], found.len());
        Ok(again == digest && found == leases)
    }
}

fn client(addresses: &[String]) -> Result<Client> {
    let endpoints = addresses.iter().map(|address| address.parse()).collect::<std::result::Result<_, _>>()?;
    Ok(Client::new(ClientConfig::new(endpoints))?)
}

/// As many as allocate side by side, each with connections of its own, and each with another member that it asks first.
fn clients(addresses: &[String]) -> Result<Vec<Client>> {
    let mut addresses = addresses.to_vec();
    let next = |_| {
        addresses.rotate_left(1);
        client(&addresses)
    };
    (0..CLIENTS).map(next).collect()
}

async fn all_leases(client: &Client) -> Result<Vec<Lease>> {
    let answer = client.all_leases(&LeaseFilter::default()).await;
    Ok(answer.map_err(|error| anyhow!("cannot list the leases: {error}"))?.value)
}

fn summary(leases: &[Lease], allocated: &[Lease], kernel: (usize, usize)) -> Summary {
    let macs: Vec<_> = leases.iter().flat_map(|lease| lease.macs.iter()).collect();
    let addresses: Vec<_> =
        leases.iter().flat_map(|lease| lease.addresses.iter().map(|held| held.address)).collect();
    let unique_macs = macs.iter().collect::<BTreeSet<_>>().len();
    let unique_addresses = addresses.iter().collect::<BTreeSet<_>>().len();
    let names: BTreeSet<_> = allocated.iter().map(|lease| lease.id).collect();
    Summary {
        members: MEMBERS,
        imported: 0,
        allocated: names.len(),
        leases: leases.len(),
        unique_macs,
        unique_addresses,
        kernel_duplicates_freebsd15: kernel.0,
        kernel_duplicates_patched10: kernel.1,
        duplicates: macs.len() - unique_macs + addresses.len() - unique_addresses,
        leader_killed: false,
        digests_equal: false,
        import_ms: 0,
        allocate_ms: 0,
        rendered_files: 0,
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
