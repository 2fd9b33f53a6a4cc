//! What a pass of an agent costs that finds everything as it is wanted, and a look at its status: CPU time of the agent's own process,
//! on a host of the lab.
//!
//! ```text
//! cargo build --release --workspace --bins
//! cargo run --release -p allocd-tests --example pass [-- JAILS]
//! ```
//!
//! What it starts is not counted, for here that is not FreeBSD's. It takes root on Linux.
#![expect(clippy::print_stdout, reason = "it is there to be read")]

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jails: usize = std::env::args().nth(1).map_or(Ok(JAILS), |text| text.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(measured::run(jails))?)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("this is not Linux");
}

/// Jails on the host, unless another number is named.
#[cfg(target_os = "linux")]
const JAILS: usize = 200;

#[cfg(target_os = "linux")]
mod measured {
    use std::fs;
    use std::io::Write as _;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::thread;

    use allocd_tests::lab_scenarios::site::Site;
    use allocd_tests::process::Process;
    use allocd_tests::program::alloc_agent;
    use allocd_tests::until::until;

    /// Passes that are measured, after the first.
    const PASSES: usize = 50;
    /// How often its status is looked at.
    const STATUSES: u64 = 20;
    /// What the agent says at the end of each.
    const ENDED: &str = "the pass has ended";
    /// Clock ticks of proc(5) in a second: the same on every Linux.
    const TICKS_PER_SECOND: usize = 100;
    /// Who starts jails side by side.
    const STARTERS: usize = 20;
    /// Jails of one allocation, so that no command line becomes too long.
    const AT_A_TIME: usize = 50;

    pub(super) async fn run(jails: usize) -> Result<(), String> {
        let program = alloc_agent().with_file_name("lab-freebsd");
        let site = Site::new(&program, "14.1", 1).await?;
        site.configure(0, "[log]\nfilter = \"debug\"\n");
        let names: Vec<String> = (0..jails).map(|at| format!("j{at}")).collect();
        for some in names.chunks(AT_A_TIME) {
            let holders: Vec<String> = some.iter().map(|name| format!("h0/{name}")).collect();
            site.ctl(&format!("leases allocate {} --network lan", holders.join(" ")));
        }
        for name in &names {
            site.host(0).make_root(&format!("/usr/jails/{name}"));
        }
        start(&site, &names)?;
        site.pass(0);
        let log = site.scene().directory().join("agent.log");
        let agent = Process::of(site.host(0).command(alloc_agent()).arg("run"), &log);
        let passes = || agent.log().matches(ENDED).count();
        until("the first pass has ended", async || (passes() > 0).then_some(())).await;
        let id = child_of(agent.id()).ok_or("the agent has ended")?;
        let before = ticks(id);
        for pass in 0..PASSES {
            signal(id, "HUP")?;
            until("a pass has ended", async || (passes() > pass + 1).then_some(())).await;
        }
        let spent = ticks(id) - before;
        let micros = spent * 1_000_000 / TICKS_PER_SECOND / PASSES;
        let of = passes() - 1;
        println!("{jails} jails: {}.{:03} ms of CPU for a pass, mean of {of}", micros / 1000, micros % 1000);
        let mut nanos = 0;
        for _ in 0..STATUSES {
            nanos += status(&site).await?;
        }
        let micros = nanos / STATUSES / 1000;
        println!(
            "{jails} jails: {}.{:03} ms of CPU for its status, mean of {STATUSES}",
            micros / 1000,
            micros % 1000
        );
        Ok(())
    }

    /// Has the agent write the files of jails, and starts them side by side: the agent would start one after the other.
    fn start(site: &Site, names: &[String]) -> Result<(), String> {
        let rendered = site.host(0).command(alloc_agent()).arg("render").output();
        let rendered = rendered.map_err(|error| format!("nsenter: {error}"))?;
        if !rendered.status.success() {
            return Err(String::from_utf8_lossy(&rendered.stderr).into_owned());
        }
        let start = |name: &String| {
            site.start(0, name).then_some(()).ok_or_else(|| format!("jail {name} does not start"))
        };
        thread::scope(|scope| {
            let some = names.chunks(names.len().div_ceil(STARTERS).max(1));
            let begun: Vec<_> =
                some.map(|some| scope.spawn(move || some.iter().try_for_each(start))).collect();
            begun
                .into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| "a start panicked".to_owned())?)
        })
    }

    /// The CPU time of `alloc-agent status`, in nanoseconds.
    async fn status(site: &Site) -> Result<u64, String> {
        let script = "read go && exec \"$1\" status > /dev/null";
        let mut command = site.host(0).command("/bin/sh");
        command.args(["-c", script, "sh"]).arg(alloc_agent()).stdin(Stdio::piped());
        let mut nsenter = command.spawn().map_err(|error| format!("nsenter: {error}"))?;
        let id = until("the shell runs", async || child_of(nsenter.id())).await;
        // While nsenter(1) is stopped, the kernel keeps the account of its child that has ended.
        signal(nsenter.id(), "STOP")?;
        until("nsenter is stopped", async || is_in_state(nsenter.id(), 'T').then_some(())).await;
        let before = nanos(id);
        let mut stdin = nsenter.stdin.take().ok_or("it was asked for")?;
        stdin.write_all(b"go\n").map_err(|error| error.to_string())?;
        until("it has ended", async || is_in_state(id, 'Z').then_some(())).await;
        let spent = nanos(id) - before;
        signal(nsenter.id(), "CONT")?;
        let ended = nsenter.wait().map_err(|error| error.to_string())?;
        ended.success().then_some(spent).ok_or_else(|| format!("its status ended with {ended}"))
    }

    /// The process in the host that nsenter(1) has started.
    fn child_of(process: u32) -> Option<u32> {
        let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }

    fn signal(process: u32, name: &str) -> Result<(), String> {
        let sent = Command::new("kill").args(["-s", name, &process.to_string()]).status();
        sent.is_ok_and(|status| status.success())
            .then_some(())
            .ok_or_else(|| format!("process {process} has ended"))
    }

    /// True if a process is in one of the states of proc(5).
    fn is_in_state(process: u32, state: char) -> bool {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(state))
    }

    /// The CPU time of a process's first thread, which here does all but wait, in nanoseconds.
    fn nanos(process: u32) -> u64 {
        let account = fs::read_to_string(format!("/proc/{process}/schedstat")).unwrap_or_default();
        account.split_whitespace().next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default()
    }

    /// The CPU time of a process and its threads, in ticks, without what it has started.
    fn ticks(process: u32) -> usize {
        let stat = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
        let stat = stat.unwrap_or_default();
        let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
        fields.filter_map(|field| field.parse::<usize>().ok()).sum()
    }
}
