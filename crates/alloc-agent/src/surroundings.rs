//! What every verb that looks at the host has at hand: the configuration, the host, its files, what is known, the cluster.

use std::io::{self, Write as _};

use freebsd_config::Release;
use freebsd_host::{Host, SystemRunner};
use serde::Serialize;

use crate::cache::{Opened, Store};
use crate::cli::{Format, Options};
use crate::clock::MachineClock;
use crate::cluster::{Cluster as _, Remote, Told};
use crate::config::Config;
use crate::failure::Failure;
use crate::files::Files;
use crate::pass::{Agent, release_of};

/// The surroundings.
pub(crate) struct Surroundings {
    pub(crate) config: Config,
    pub(crate) host: Host<SystemRunner>,
    pub(crate) release: Release,
    pub(crate) files: Files,
}

impl Surroundings {
    /// Looks around.
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let config = Config::read(&options.config)?;
        let host = Host::look(SystemRunner).map_err(|error| Failure::Broken(Box::new(error)))?;
        let release = release_of(&host).map_err(|error| Failure::Broken(Box::new(error)))?;
        Ok(Self { config, host, release, files: Files::of_machine() })
    }

    /// An agent of this host.
    pub(crate) fn agent(&self) -> Result<Agent<'_, SystemRunner, Remote>, Failure> {
        let directory = self.config.state_dir.to_string_lossy();
        let opened = Store::open(self.files.clone(), &directory, &self.config.host);
        let (store, opened) = opened.map_err(|error| Failure::Broken(Box::new(error)))?;
        match opened {
            Opened::New | Opened::Read => {}
            Opened::Damaged { aside, why } => {
                note(&format!("what was known is damaged and is now {aside}: {why}"));
            }
            Opened::OfOtherHost { aside, host } => {
                note(&format!(
                    "what was known is of host {host} and is now {aside}: was this machine cloned?"
                ));
            }
        }
        let remote = Remote::new(&self.config).map_err(|error| Failure::Broken(Box::new(error)))?;
        Ok(Agent::new((&self.host, self.release), &self.files, &self.config, store, (remote, &MachineClock)))
    }
}

/// What the cluster tells; if it does not, that is said.
pub(crate) fn ask(agent: &mut Agent<'_, SystemRunner, Remote>) -> Option<Told> {
    match agent.cluster.leases() {
        Ok(told) => Some(told),
        Err(refusal) => {
            note(&format!("{refusal}; this is by what was told last"));
            None
        }
    }
}

/// Says something that is no data.
pub(crate) fn note(text: &str) {
    // There is nobody left to tell if the stream is gone.
    let _ = writeln!(io::stderr(), "note: {text}");
}

/// Writes data to stdout.
pub(crate) fn write(format: Format, text: &str, json: &impl Serialize) -> Result<(), Failure> {
    let json = || serde_json::to_string_pretty(json).expect("plain data is JSON") + "\n";
    let data = match format {
        Format::Table => text.to_owned(),
        Format::Json => json(),
    };
    io::stdout().write_all(data.as_bytes()).map_err(Failure::Output)
}
