//! What a pass of an agent costs that finds everything as it is wanted: CPU time of the agent's own process, on a host of the lab.
//!
//! ```text
//! cargo build --release --workspace --bins
//! cargo run --release -p allocd-tests --example pass [-- JAILS]
//! ```
//!
//! What it starts is not counted, for here that is not FreeBSD's. It takes root on Linux, and three to four seconds to start each jail.
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
    use std::path::Path;

    use allocd_tests::lab_scenarios::site::Site;
    use allocd_tests::process::Process;
    use allocd_tests::program::alloc_agent;
    use allocd_tests::until::until;

    /// Passes that are measured, after the first.
    const PASSES: usize = 50;
    /// What the agent says at the end of each.
    const ENDED: &str = "the pass has ended";
    /// Clock ticks of proc(5) in a second: the same on every Linux.
    const TICKS_PER_SECOND: usize = 100;
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
        site.pass(0);
        let log = site.scene().directory().join("agent.log");
        let agent = Process::of(site.host(0).command(alloc_agent()).arg("run"), &log);
        let passes = || agent.log().matches(ENDED).count();
        until("the first pass has ended", async || (passes() > 0).then_some(())).await;
        let id = child_of(agent.id()).ok_or("the agent has ended")?;
        let before = ticks(id);
        for pass in 0..PASSES {
            hang_up(id)?;
            until("a pass has ended", async || (passes() > pass + 1).then_some(())).await;
        }
        let spent = ticks(id) - before;
        let micros = spent * 1_000_000 / TICKS_PER_SECOND / PASSES;
        let of = passes() - 1;
        println!("{jails} jails: {}.{:03} ms of CPU for a pass, mean of {of}", micros / 1000, micros % 1000);
        Ok(())
    }

    /// The process in the host that nsenter(1) has started.
    fn child_of(process: u32) -> Option<u32> {
        let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }

    fn hang_up(process: u32) -> Result<(), String> {
        let sent = std::process::Command::new("kill").args(["-s", "HUP", &process.to_string()]).status();
        sent.is_ok_and(|status| status.success())
            .then_some(())
            .ok_or_else(|| "the agent has ended".to_owned())
    }

    /// The CPU time of a process and its threads, in ticks, without what it has started.
    fn ticks(process: u32) -> usize {
        let stat = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
        let stat = stat.unwrap_or_default();
        let fields = stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split_whitespace().skip(11).take(2);
        fields.filter_map(|field| field.parse::<usize>().ok()).sum()
    }
}
