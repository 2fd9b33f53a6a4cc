//! Stories: text files with commands and what they print, as on a terminal.
//!
//! ```text
//! # What is about to be shown.
//! @ boot h1 14.1
//! h1$ ifconfig epair1 create
//! epair1a
//! h1$ ifconfig epair1 create
//! ! ifconfig: SIOCIFCREATE2: File exists
//! = 1
//! ```
//!
//! Lines of stderr begin with `!`, a code that is not 0 with `=`. What is printed is taken out, the story is told again, and both
//! have to be equal; with `STORIES=write` in the environment the new text is kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::fake::{FakeHost, FakeNetwork, JailDefinition, MachineOptions, Release, commands};
use crate::{Exit, Invocation, Program, Runner as _};

/// Jails by the path of their file.
type Files = Arc<Mutex<BTreeMap<String, Vec<JailDefinition>>>>;

/// Tells the story of this name again, and compares.
pub(super) fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/fake").join(name);
    let kept = fs::read_to_string(&path).unwrap();
    let told = Teller::default().tell(&kept);
    if kept != told {
        write_or_fail(&path, &kept, &told);
    }
}

fn write_or_fail(path: &PathBuf, kept: &str, told: &str) {
    if std::env::var_os("STORIES").is_some_and(|wish| wish == "write") {
        fs::write(path, told).unwrap();
        return;
    }
    let lines = kept.lines().zip(told.lines()).enumerate();
    let first = lines.into_iter().find(|(_, (kept, told))| kept != told);
    panic!("{} tells something else now, first at {first:#?}\n--- now\n{told}", path.display());
}

#[derive(Default)]
struct Teller {
    network: FakeNetwork,
    hosts: BTreeMap<String, FakeHost>,
    files: BTreeMap<String, Files>,
    /// How many messages of each host were told.
    told: BTreeMap<String, usize>,
}

impl Teller {
    fn tell(mut self, kept: &str) -> String {
        let mut text = String::new();
        let mut lines = kept.lines().peekable();
        while let Some(line) = lines.next() {
            if line.is_empty() || line.starts_with('#') {
                text.push_str(&format!("{line}\n"));
            } else if let Some(order) = line.strip_prefix("@ ") {
                text.push_str(&format!("{line}\n"));
                let mut block = Vec::new();
                while let Some(line) = lines.next_if(|line| line.starts_with("  ")) {
                    text.push_str(&format!("{line}\n"));
                    block.push(line.trim());
                }
                text.push_str(&self.order(order, &block));
            } else if let Some((host, command)) = prompt(line) {
                text.push_str(&format!("{line}\n{}", self.command(host, command)));
            }
        }
        text
    }

    fn order(&mut self, order: &str, block: &[&str]) -> String {
        let words: Vec<&str> = order.split_whitespace().collect();
        match words.as_slice() {
            ["boot", name, release, settings @ ..] => self.boot(name, release.parse().unwrap(), settings),
            ["wait", ms] => self.network.advance(Duration::from_millis(ms.parse().unwrap())),
            ["hold", host, jail] => self.hosts[*host].hold_jail(jail),
            ["release", host, jail] => self.hosts[*host].let_jail_go(jail),
            ["messages", host] => {
                let all = self.hosts[*host].messages();
                let told = self.told.insert((*host).to_owned(), all.len()).unwrap_or(0);
                return all[told..].iter().map(|line| format!("{line}\n")).collect();
            }
            ["file", host, path] => {
                let text = self.hosts[*host].read_file(path);
                return text.unwrap_or_else(|| "(not there)\n".to_owned());
            }
            ["jail.conf", host, path, jail] => {
                let mut files = self.files[*host].lock().unwrap();
                files.entry((*path).to_owned()).or_default().push(define(jail, block));
            }
            ["services", host] => {
                let services = self.hosts[*host].services();
                let line = |(jail, interfaces): &(String, Vec<crate::fake::Interface>)| {
                    let found = interfaces.iter().map(|interface| {
                        let inet = interface.inet.iter().map(|inet| format!(" {}", inet.address));
                        let inet6 =
                            interface.inet6.iter().map(|held| format!(" {} {:?}", held.address, held.state));
                        format!("{jail}: {}{}\n", interface.name, inet.chain(inet6).collect::<String>())
                    });
                    found.collect::<String>()
                };
                return services.iter().map(line).collect();
            }
            _ => panic!("no such order: {order}"),
        }
        String::new()
    }

    fn boot(&mut self, name: &str, release: Release, settings: &[&str]) {
        let mut options = MachineOptions::new(name, release);
        for setting in settings {
            match setting.split_once('=').unwrap() {
                ("uninitialised", bytes) => {
                    let [x, y] = u16::from_str_radix(bytes, 16).unwrap().to_be_bytes();
                    options.identity.uninitialised = [x, y];
                }
                ("vimage", value) => options.has_vimage = value == "1",
                (variable, value) => options.sysctls.push((variable.to_owned(), value.to_owned())),
            }
        }
        let host = self.network.boot(&options);
        let files = Files::default();
        let read = Arc::clone(&files);
        host.read_jail_conf_by(move |path| Ok(read.lock().unwrap().get(path).cloned()));
        self.files.insert(name.to_owned(), files);
        self.hosts.insert(name.to_owned(), host);
    }

    fn command(&self, host: &str, command: &str) -> String {
        let words = words(command);
        let (name, arguments) = words.split_first().unwrap();
        let known = commands::COMMANDS.iter().find(|path| path.rsplit('/').next() == Some(name));
        let path = known.map_or_else(|| format!("/bin/{name}"), |path| (*path).to_owned());
        let invocation = Invocation::new(Program::new(&path).unwrap(), arguments.to_vec());
        let output = self.hosts[host].run(&invocation).unwrap();
        let errors: String = output.stderr.lines().map(|line| format!("! {line}\n")).collect();
        let code = match output.exit {
            Exit::Code(0) => String::new(),
            Exit::Code(code) => format!("= {code}\n"),
            Exit::Signal(signal) => format!("= signal {signal}\n"),
        };
        format!("{}{errors}{code}", output.stdout)
    }
}

/// `HOST$ COMMAND`.
fn prompt(line: &str) -> Option<(&str, &str)> {
    let (host, command) = line.split_once("$ ")?;
    host.chars().all(|c| c.is_ascii_alphanumeric()).then_some((host, command))
}

fn define(name: &str, block: &[&str]) -> JailDefinition {
    let mut definition = JailDefinition { name: name.to_owned(), parameters: Vec::new() };
    for line in block {
        let (name, values) = match line.split_once(" = ") {
            Some((name, value)) => (name, vec![value.to_owned()]),
            None => (*line, Vec::new()),
        };
        definition.parameters.push((name.to_owned(), values));
    }
    definition
}

/// Words with blanks between, or single quotes around.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in command.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
