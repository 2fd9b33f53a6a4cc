//! The words behind an interface's name, one after the other.

use super::address::{Address, AddressFamily, parse_netmask};
use super::{jailed, keyword};
use crate::fake::commands::ending::{Printed, refuse};
use crate::fake::kernel::{Change, Kernel, Place};
use crate::output::Output;

/// A command line being done.
struct Job<'a> {
    kernel: &'a mut dyn Kernel,
    place: Place,
    /// What the interface is called by now.
    name: String,
    address: Address,
    printed: String,
    /// True once it is gone from here.
    is_over: bool,
}

/// Does what the words say; a new name is printed.
pub(super) fn perform(kernel: &mut dyn Kernel, place: Place, name: &str, words: &[String]) -> Printed {
    let mut job = Job {
        kernel,
        place,
        name: name.to_owned(),
        address: Address::new(),
        printed: String::new(),
        is_over: false,
    };
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        job.word(word, &mut words)?;
        if job.is_over {
            return Ok(job.printed);
        }
    }
    job.set_address()?;
    Ok(job.printed)
}

impl<'a> Job<'a> {
    fn word(&mut self, word: &str, rest: &mut dyn Iterator<Item = &'a str>) -> Result<(), Output> {
        match word {
            "inet" => self.address.family = AddressFamily::Inet,
            "inet6" => self.address.family = AddressFamily::Inet6,
            // After a family these words are no families any more.
            "ether" | "link" | "lladdr" if self.address.family == AddressFamily::Inet => {
                self.address.family = AddressFamily::Link;
            }
            "alias" | "add" => self.address.is_alias = true,
            "-alias" | "delete" | "remove" => self.address.is_removed = true,
            "no_dad" => self.address.is_without_dad = true,
            "-no_dad" => self.address.is_without_dad = false,
            "destroy" | "unplumb" => self.destroy()?,
            word => {
                if let Some((call, change)) = keyword::change(word) {
                    self.change(call, &change)?;
                } else if takes_argument(word) {
                    let Some(argument) = rest.next() else {
                        return refuse("ifconfig", &format!("'{word}' requires argument"));
                    };
                    self.with_argument(word, argument)?;
                } else if !keyword::is_ignored(word) {
                    self.address.take(word)?;
                }
            }
        }
        Ok(())
    }

    fn with_argument(&mut self, word: &str, argument: &str) -> Result<(), Output> {
        let text = argument.to_owned();
        match word {
            "name" => {
                self.change_by("SIOCSIFNAME (set name)", &Change::Name(text.clone()))?;
                self.printed = format!("{text}\n");
                self.name = text;
                Ok(())
            }
            "description" | "descr" => self.change("SIOCSIFDESCR", &Change::Description(text)),
            "mtu" => match argument.parse() {
                Ok(mtu) => self.change_by("SIOCSIFMTU (set mtu)", &Change::Mtu(mtu)),
                Err(_) => refuse("ifconfig", &format!("{argument}: bad value")),
            },
            "group" => self.plain("SIOCAIFGROUP", &Change::JoinGroup(text)),
            "-group" => self.plain("SIOCDIFGROUP", &Change::LeaveGroup(text)),
            "addm" => self.plain(&format!("BRDGADD {argument}"), &Change::AddMember(text)),
            "deletem" => self.plain(&format!("BRDGDEL {argument}"), &Change::RemoveMember(text)),
            "vnet" => {
                let jid = jailed::find(self.kernel, self.place, argument)?;
                self.plain("SIOCSIFVNET", &Change::MoveIn(jid))?;
                self.is_over = true;
                Ok(())
            }
            "netmask" => {
                self.address.length = Some(parse_netmask(argument)?);
                Ok(())
            }
            "prefixlen" => match argument.parse::<u8>() {
                Ok(length) if length <= 128 => {
                    self.address.length = Some(length);
                    Ok(())
                }
                Ok(_) | Err(_) => refuse("ifconfig", &format!("{argument}: bad value")),
            },
            _ => Ok(()),
        }
    }

    fn destroy(&mut self) -> Result<(), Output> {
        self.is_over = true;
        match self.kernel.destroy(self.place, &self.name) {
            Ok(()) => Ok(()),
            Err(error) => refuse("ifconfig", &format!("SIOCIFDESTROY: {error}")),
        }
    }

    fn set_address(&mut self) -> Result<(), Output> {
        let interface = self.kernel.interface(self.place, &self.name);
        let first = interface.and_then(|interface| Some(interface.inet.first()?.address));
        for (call, change) in self.address.calls(self.kernel.release(), first)? {
            self.change(call, &change)?;
        }
        Ok(())
    }

    /// A call that ifconfig(8) names as `ioctl (NAME)`.
    fn change(&mut self, call: &str, change: &Change) -> Result<(), Output> {
        self.plain(&format!("ioctl ({call})"), change)
    }

    /// A call that ifconfig(8) names as `ioctl NAME`.
    fn change_by(&mut self, call: &str, change: &Change) -> Result<(), Output> {
        self.plain(&format!("ioctl {call}"), change)
    }

    fn plain(&mut self, call: &str, change: &Change) -> Result<(), Output> {
        match self.kernel.change(self.place, &self.name, change) {
            Ok(()) => Ok(()),
            Err(error) => refuse("ifconfig", &format!("{call}: {error}")),
        }
    }
}

fn takes_argument(word: &str) -> bool {
    const WITH_ARGUMENT: &[&str] = &[
        "name",
        "description",
        "descr",
        "mtu",
        "group",
        "-group",
        "addm",
        "deletem",
        "vnet",
        "netmask",
        "prefixlen",
    ];
    WITH_ARGUMENT.contains(&word) || keyword::is_ignored_with_argument(word)
}
