//! Looks at a host by its programs, with each command once.

use allocd_types::name::JailName;
use freebsd_config::{Release, ReleaseError};
use freebsd_host::interface::Interface;
use freebsd_host::module::KernelModule;
use freebsd_host::{CommandError, Host, Runner, Seen};

use super::fact::{Fact, told};
use super::facts::{HostFacts, sysctls};
use super::recorder::Recorder;

/// Looks at everything that checks need. Without the kernel's release no other command can be understood, and none is run.
pub(crate) fn probe<R: Runner>(runner: R) -> HostFacts {
    let recorder = Recorder::new(runner);
    let host = Host::look(&recorder);
    let commands = recorder.take();
    match host {
        Ok(host) => Probe { host: &host, recorder: &recorder }.look(&commands),
        Err(error) => {
            let command = commands.last().map_or("", String::as_str);
            HostFacts::unknown(command, format!("the kernel does not tell its release: {}", told(&error)))
        }
    }
}

/// A host whose kernel is known.
struct Probe<'a, R> {
    host: &'a Host<&'a Recorder<R>>,
    recorder: &'a Recorder<R>,
}

impl<R: Runner> Probe<'_, R> {
    /// Looks at the rest; the commands are those that showed the kernel.
    fn look(&self, commands: &[String]) -> HostFacts {
        let command = |at: usize| commands.get(at).map_or("", String::as_str);
        let (kernel, stack) = (self.host.kernel(), self.host.stack());
        let release: Result<Release, String> =
            kernel.release.parse().map_err(|error: ReleaseError| error.to_string());
        let values = sysctls(release.as_ref().ok().copied());
        let jails = self.ask(|| self.host.jails());
        let living = jails.get().into_iter().flatten().filter(|jail| !jail.is_dying);
        let stacks = living.filter(|jail| jail.has_vnet == Some(true));
        let inside = stacks.map(|jail| (jail.name.clone(), self.inside(&jail.name))).collect();
        HostFacts {
            kernel: Fact::new(command(0), Ok(kernel.clone())),
            release: Fact::new(command(0), release),
            has_vimage: Fact::new(command(1), Ok(kernel.has_vimage)),
            cloners: self.ask(|| stack.cloners()),
            has_pf: self.ask(|| self.host.has_module(KernelModule::PF)),
            sysctls: values.map(|name| (name.as_str(), self.ask(|| stack.sysctl(name)))).collect(),
            interfaces: self.ask(|| stack.interfaces()),
            bridges: self.ask(|| stack.group("bridge")),
            epairs: self.ask(|| stack.group("epair")),
            jails,
            inside,
            neighbours: self.ask(|| stack.neighbours()),
            rulesets: self.ask(|| self.host.rulesets()),
        }
    }

    /// The interfaces in a jail, if its name is one that a command takes.
    fn inside(&self, jail: &Seen<JailName>) -> Fact<Vec<Interface>> {
        match jail.name() {
            Some(name) => self.ask(|| self.host.interfaces_in(name)),
            None => Fact::new("", Err("its name is none that allocd uses".to_owned())),
        }
    }

    /// Asks something that takes one command.
    fn ask<T>(&self, ask: impl FnOnce() -> Result<T, CommandError>) -> Fact<T> {
        let answer = ask();
        let commands = self.recorder.take();
        Fact::new(commands.join("; "), answer.map_err(|error| told(&error)))
    }
}
