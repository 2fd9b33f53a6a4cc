//! What the kernel tells of the wire's network while something goes on, as a program of Linux's writes it down.

use crate::lab_scenarios::site::Site;
use crate::process::Process;
use crate::until::until;

/// The kernel is being listened to.
pub(super) struct Monitor<'a> {
    site: &'a Site,
    name: &'static str,
    process: Process,
}

impl<'a> Monitor<'a> {
    /// Begins to listen by a command line; when this returns, nothing is missed any more.
    pub(super) async fn listen(site: &'a Site, name: &'static str, line: &str) -> Self {
        let mut words = line.split_whitespace();
        let mut command = site.scene().command(words.next().expect("a command line names a program"));
        let log = site.scene().directory().join(format!("{name}.log"));
        let process = Process::of(command.args(words), &log);
        let monitor = Self { site, name, process };
        monitor.mark("begin").await;
        monitor
    }

    /// Everything that was told from the beginning up to now, in lines.
    pub(super) async fn told(&self) -> String {
        self.mark("end").await;
        self.process.log()
    }

    /// Has the kernel tell of a bridge that comes and goes, until it is heard.
    async fn mark(&self, word: &str) {
        let mark = format!("{}-{word}", self.name);
        until("what the kernel tells is heard", async || {
            self.site.on_wire(&format!("ip link add {mark} type bridge"));
            self.site.on_wire(&format!("ip link delete {mark}"));
            self.process.log().contains(&mark).then_some(())
        })
        .await;
    }
}
