//! Options, the interface's name, and what is to be done.

use super::format::Format;
use super::{create, jailed, list, perform, show};
use crate::fake::commands::ending::{Printed, output, refuse};
use crate::fake::kernel::{Kernel, Place};
use crate::fake::release::Release;
use crate::output::Output;

/// From this release on `-j` does it inside a jail.
const FIRST_WITH_JAIL: Release = Release::new(14, 0);
/// From this release on `-f` says how addresses look.
const FIRST_WITH_FORMAT: Release = Release::new(11, 0);

/// What the options ask for.
#[derive(Debug, Default)]
struct Options {
    lists: bool,
    lists_cloners: bool,
    is_up_only: bool,
    is_down_only: bool,
    shows_all: bool,
    group: Option<String>,
    format: Format,
}

/// Shows or changes interfaces.
pub fn ifconfig(kernel: &mut dyn Kernel, place: Place, arguments: &[String]) -> Output {
    output(invoke(kernel, place, arguments))
}

fn invoke(kernel: &mut dyn Kernel, place: Place, arguments: &[String]) -> Printed {
    let mut place = place;
    let mut rest = arguments;
    // It has to come first (ifconfig.8).
    if let [option, jail, others @ ..] = rest
        && option == "-j"
        && kernel.release() >= FIRST_WITH_JAIL
    {
        place = Place::Jail(jailed::find(kernel, place, jail)?);
        rest = others;
    }
    let (options, rest) = parse(rest, kernel.release())?;
    if options.lists_cloners {
        return Ok(format!("{}\n", kernel.cloners().join(" ")));
    }
    if let Some(group) = &options.group {
        return Ok(list::of_group(kernel, place, group));
    }
    let is_shown = |is_up: bool| !(options.is_up_only && !is_up || options.is_down_only && is_up);
    let [name, words @ ..] = rest else {
        let mut all = kernel.interfaces(place);
        all.retain(|interface| is_shown(interface.is_up));
        return Ok(if options.lists {
            list::names(&all, None)
        } else {
            show_all(kernel, &all, &options, None)
        });
    };
    if options.lists || options.shows_all {
        let mut all = kernel.interfaces(place);
        all.retain(|interface| is_shown(interface.is_up));
        return Ok(if options.lists {
            list::names(&all, Some(name))
        } else {
            show_all(kernel, &all, &options, Some(name))
        });
    }
    match words.first().map(String::as_str) {
        Some("create" | "plumb") => create::create(kernel, place, name, &words[1..]),
        Some("-vnet") => jailed::reclaim(kernel, place, name, words),
        first => {
            let Some(interface) = kernel.interface(place, name) else {
                return refuse("ifconfig", &format!("interface {name} does not exist"));
            };
            match first {
                None => Ok(show::interface(&interface, kernel.release(), &options.format, None)),
                Some("inet" | "inet6" | "ether" | "link" | "lladdr") if words.len() == 1 => {
                    Ok(show::interface(&interface, kernel.release(), &options.format, Some(&words[0])))
                }
                Some(_) => perform::perform(kernel, place, name, words),
            }
        }
    }
}

fn show_all(
    kernel: &dyn Kernel,
    all: &[crate::fake::Interface],
    options: &Options,
    family: Option<&String>,
) -> String {
    let one = |interface| show::interface(interface, kernel.release(), &options.format, family);
    all.iter().map(one).collect()
}

fn parse(arguments: &[String], release: Release) -> Result<(Options, &[String]), Output> {
    let mut options = Options::default();
    let mut rest = arguments;
    while let [word, others @ ..] = rest {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else { break };
        rest = others;
        match letters {
            "f" if release >= FIRST_WITH_FORMAT => {
                let [formats, others @ ..] = rest else { return Err(usage("f")) };
                options.format = Format::parse(formats)?;
                rest = others;
            }
            "g" => {
                let [group, others @ ..] = rest else { return Err(usage("g")) };
                options.group = Some(group.clone());
                rest = others;
            }
            letters => {
                for letter in letters.chars() {
                    match letter {
                        'a' => options.shows_all = true,
                        'l' => options.lists = true,
                        'C' => options.lists_cloners = true,
                        'u' => options.is_up_only = true,
                        'd' => options.is_down_only = true,
                        'm' | 'v' | 'n' | 'k' | 'L' => {}
                        other => return Err(usage(&other.to_string())),
                    }
                }
            }
        }
    }
    Ok((options, rest))
}

fn usage(option: &str) -> Output {
    Output::failure(
        1,
        format!(
            "ifconfig: illegal option -- {option}\nusage: ifconfig [-f type:format] interface address_family [address [dest_address]] [parameters]\n"
        ),
    )
}
