//! jail.conf(5) as freebsd-host's stand-in for jail(8) wants it: each jail with its parameters after every `=` and `+=`.

use freebsd_config::jail_conf::{JailBlock, ParseError, parse};
use freebsd_host::fake::JailDefinition;

/// The jails of a file, each with what the file says for all.
///
/// # Errors
/// What is wrong with the file, and on which line.
pub fn definitions(text: &str) -> Result<Vec<JailDefinition>, ParseError> {
    let conf = parse(text)?;
    let with_globals = |mut jail: JailBlock| {
        jail.parameters.splice(0..0, conf.globals.iter().cloned());
        define(&jail)
    };
    Ok(conf.jails.iter().cloned().map(with_globals).collect())
}

fn define(jail: &JailBlock) -> JailDefinition {
    let mut parameters: Vec<(String, Vec<String>)> = Vec::new();
    for parameter in &jail.parameters {
        if !parameters.iter().any(|(name, _)| *name == parameter.name) {
            let values = jail.values(&parameter.name).into_iter().map(str::to_owned).collect();
            parameters.push((parameter.name.clone(), values));
        }
    }
    JailDefinition { name: jail.name.clone(), parameters }
}
