//! The command line of jail(8).

use crate::fake::jail::JailDefinition;
use crate::output::Output;

/// The file that is read if none is named.
const FILE_DEFAULT: &str = "/etc/jail.conf";

/// What is to be done with the jails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Remove,
}

/// A command line.
#[derive(Debug)]
pub(super) struct Arguments {
    pub(super) operation: Operation,
    pub(super) file: String,
    /// True if somebody named the file, so that it has to be there.
    pub(super) is_file_named: bool,
    /// True if no file is read and no hook is run.
    pub(super) is_plain: bool,
    pub(super) prints_jid: bool,
    pub(super) is_quiet: bool,
    /// Names of jails; none for all of the file.
    pub(super) names: Vec<String>,
    /// A jail given by parameters on the command line.
    pub(super) definition: Option<JailDefinition>,
}

pub(super) fn parse(arguments: &[String]) -> Result<Arguments, Output> {
    let mut parsed = Arguments {
        operation: Operation::Create,
        file: FILE_DEFAULT.to_owned(),
        is_file_named: false,
        is_plain: false,
        prints_jid: false,
        is_quiet: false,
        names: Vec::new(),
        definition: None,
    };
    let mut operation = None;
    let mut words = arguments.iter();
    let mut rest = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-f" => {
                parsed.file = words.next().ok_or_else(usage)?.clone();
                parsed.is_file_named = true;
            }
            "-p" | "-J" | "-s" | "-u" | "-U" => {
                words.next().ok_or_else(usage)?;
            }
            option if option.starts_with('-') && option.len() > 1 => {
                for letter in option.chars().skip(1) {
                    match letter {
                        'c' => operation = Some(Operation::Create),
                        'r' => operation = Some(Operation::Remove),
                        'R' => {
                            operation = Some(Operation::Remove);
                            parsed.is_plain = true;
                        }
                        'i' => parsed.prints_jid = true,
                        'q' => parsed.is_quiet = true,
                        'v' | 'l' | 'd' | 'h' => {}
                        _ => return Err(usage()),
                    }
                }
            }
            _ => {
                rest.push(word.clone());
                rest.extend(words.by_ref().cloned());
            }
        }
    }
    parsed.operation = operation.ok_or_else(usage)?;
    if parsed.operation == Operation::Create && is_definition(&rest) {
        parsed.definition = Some(define(&rest));
    } else {
        parsed.names = rest;
    }
    Ok(parsed)
}

/// A name alone is one of the file's; anything with a value is a parameter.
fn is_definition(words: &[String]) -> bool {
    words.iter().any(|word| word.contains('='))
}

/// The parameters of the command line; behind `command` all is the command's.
fn define(words: &[String]) -> JailDefinition {
    let mut definition = JailDefinition::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(n, v)| (n, Some(v)));
        let mut values: Vec<String> = value.map(str::to_owned).into_iter().collect();
        match name {
            "command" => values.extend(words.by_ref().cloned()),
            "name" => definition.name = value.unwrap_or_default().to_owned(),
            // These are lists, with commas on a command line.
            "vnet.interface" | "ip4.addr" | "ip6.addr" => {
                values = values.iter().flat_map(|value| value.split(',')).map(str::to_owned).collect();
            }
            _ => {}
        }
        let name = name.trim_end_matches('+').to_owned();
        definition.parameters.push((name, values));
    }
    definition
}

fn usage() -> Output {
    Output::failure(
        1,
        "usage: jail [-dhilqv] [-J jid_file] [-u username | -U username]\n            -[cmr] param=value ... [command=command ...]\n       jail [-dqv] [-f file] -[cmr] [jail]\n",
    )
}
