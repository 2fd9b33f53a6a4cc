//! The environment twin of every flag: `--config` is `ALLOC_AGENT_CONFIG`, and so on for all of them, by rule and not by hand.

use clap::builder::{FalseyValueParser, OsStr};
use clap::{ArgAction, Command};

/// What every variable begins with.
const PREFIX: &str = "ALLOC_AGENT_";

/// Gives every long flag of a command, and of all below it, its variable.
pub(crate) fn with_twins(command: Command) -> Command {
    command
        .mut_args(|argument| match argument.get_long() {
            Some(long) if argument.get_env().is_none() && long != "help" && long != "version" => {
                let (is_switch, name) = (matches!(argument.get_action(), ArgAction::SetTrue), twin(long));
                let argument = argument.env(OsStr::from(name)).hide_env(true);
                // A switch is on for any value but what means no: 0, n, no, f, false, off, or nothing.
                if is_switch { argument.value_parser(FalseyValueParser::new()) } else { argument }
            }
            Some(_) | None => argument,
        })
        .mut_subcommands(with_twins)
}

/// The variable of a flag.
fn twin(long: &str) -> String {
    format!("{PREFIX}{}", long.to_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    fn each(command: &Command, check: &mut dyn FnMut(&Command, &clap::Arg)) {
        command.get_arguments().for_each(|argument| check(command, argument));
        command.get_subcommands().for_each(|below| each(below, check));
    }

    #[test]
    fn every_flag_has_its_twin() {
        let mut flags = 0;
        each(&with_twins(Cli::command()), &mut |command, argument| {
            let Some(long) = argument.get_long().filter(|long| *long != "help" && *long != "version") else {
                return;
            };
            flags += 1;
            let name = argument.get_env().and_then(|name| name.to_str());
            assert_eq!(name, Some(twin(long).as_str()), "{} --{long}", command.get_name());
        });
        assert!(flags > 0);
    }

    #[test]
    fn everything_has_its_help() {
        each(&Cli::command(), &mut |command, argument| {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
        });
    }
}
