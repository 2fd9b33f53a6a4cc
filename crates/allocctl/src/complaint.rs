//! What is wrong with a command line: all of it at once where the parser would stop at the first wrong value, and as it is on
//! the command line, without what the environment adds.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::{self, Cli};
use crate::failure::Failure;

/// Most wrong values that are looked for.
const VALUES_MAX: usize = 16;

/// Tells what is wrong with these arguments, of which the parser has told the first thing.
pub(crate) fn complain(first: clap::Error, arguments: &[OsString]) -> Failure {
    let wrong = wrong_values(&first, arguments);
    if wrong.len() > 1 {
        let list: String = wrong.iter().map(|sentence| format!("\n  {sentence}")).collect();
        return Failure::input(format!("{} values are wrong{list}", wrong.len()));
    }
    // A usage line would show what the environment says as if it had to be on the command line.
    match Cli::command().try_get_matches_from(arguments) {
        Err(without) if without.kind() == first.kind() => Failure::Usage(without),
        Ok(_) | Err(_) => Failure::Usage(first),
    }
}

/// The sentences about wrong values: each is taken out of the arguments so that the parser comes to the next.
fn wrong_values(first: &clap::Error, arguments: &[OsString]) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut left = arguments.to_vec();
    let mut next = told(first);
    while let Some((sentence, value)) = next.take().filter(|_| sentences.len() < VALUES_MAX) {
        sentences.push(sentence);
        if !take_out(&mut left, &value) {
            break;
        }
        next = cli::command().try_get_matches_from(&left).err().as_ref().and_then(told);
    }
    sentences
}

/// The sentence about a wrong value, and the value.
fn told(error: &clap::Error) -> Option<(String, String)> {
    if error.kind() != ErrorKind::ValueValidation {
        return None;
    }
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else { return None };
    let text = error.to_string();
    let sentence = text.lines().next()?.strip_prefix("error: ")?.to_owned();
    Some((sentence, value.clone()))
}

/// Takes a value out, with the flag before it; false if it does not stand there as it is.
fn take_out(arguments: &mut Vec<OsString>, value: &str) -> bool {
    let is_value = |argument: &OsString| {
        let text = argument.to_string_lossy();
        text == value
            || text.split_once('=').is_some_and(|(flag, after)| flag.starts_with("--") && after == value)
    };
    let Some(at) = arguments.iter().skip(1).position(is_value).map(|at| at + 1) else { return false };
    let is_behind_flag = arguments[at].to_string_lossy() == value
        && at > 1
        && arguments[at - 1].to_string_lossy().starts_with('-');
    arguments.drain(if is_behind_flag { at - 1..=at } else { at..=at });
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_value_is_told() {
        let line = "allocctl networks create lan --bridge b;x --vlan 99999 --subnet=10.0.0.0/33 --mtu 9000";
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let first = cli::command().try_get_matches_from(&arguments).unwrap_err();
        let wrong = wrong_values(&first, &arguments);
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        for (sentence, said) in wrong.iter().zip(["--bridge", "--vlan", "--subnet"]) {
            assert!(sentence.starts_with("invalid value") && sentence.contains(said), "{sentence}");
        }
    }
}
