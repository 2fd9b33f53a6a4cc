//! `alloc-agent check-config`: reads the configuration and says in a line what it is for.

use std::io::{self, Write as _};

use crate::cli::Options;
use crate::config::Config;
use crate::failure::Failure;

/// Checks the configuration.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let config = Config::read(&options.config)?;
    let members = config.endpoints.len();
    let members = if members == 1 { "one member".to_owned() } else { format!("{members} members") };
    writeln!(
        io::stdout(),
        "{}: host {}, and {members} of the cluster to ask",
        options.config.display(),
        config.host
    )
    .map_err(Failure::Output)
}
