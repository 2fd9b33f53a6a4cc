//! Whom to ask and how: from flags, else from a configuration file, else as `allocd dev` has it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use allocd_client::config::ClientConfig;
use allocd_client::endpoint::Endpoint;
use allocd_types::id::Caller;
use serde::Deserialize;

use crate::cli::Options;
use crate::failure::Failure;

/// Where the members of `allocd dev` listen.
const ENDPOINTS_DEFAULT: [&str; 3] = ["127.0.0.1:7421", "127.0.0.1:7422", "127.0.0.1:7423"];
/// How long a person waits, if nothing else is said: several elections.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
/// The configuration for everybody on this machine.
const SYSTEM_FILE: &str = "/usr/local/etc/allocd/allocctl.toml";
/// The configuration of one user, below the directory for such files.
const USER_FILE: &str = "allocctl.toml";

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    #[serde(default)]
    endpoints: Vec<String>,
    timeout_seconds: Option<u64>,
    caller: Option<String>,
}

/// What the client has to know.
pub(crate) fn client_config(options: &Options) -> Result<ClientConfig, Failure> {
    let (path, file) = read(options.config.as_deref())?;
    let in_file = |error: &dyn std::fmt::Display| Failure::input(format!("{}: {error}", path.display()));
    let mut endpoints = options.endpoints.clone();
    if endpoints.is_empty() {
        let texts = file.endpoints.iter().map(String::as_str);
        endpoints = texts.map(str::parse).collect::<Result<_, _>>().map_err(|error| in_file(&error))?;
    }
    if endpoints.is_empty() {
        let defaults = ENDPOINTS_DEFAULT.map(|text| text.parse::<Endpoint>());
        endpoints = defaults.into_iter().collect::<Result<_, _>>().map_err(Failure::input)?;
    }
    let mut config = ClientConfig::new(endpoints);
    let timeout = options.timeout.or(file.timeout_seconds.map(Duration::from_secs));
    config.deadline = timeout.unwrap_or(TIMEOUT_DEFAULT);
    if config.deadline.is_zero() {
        return Err(in_file(&"timeout_seconds: a call needs some time"));
    }
    let from_file = file.caller.as_deref().map(Caller::new).transpose().map_err(|error| in_file(&error))?;
    config.caller = options.caller.clone().or(from_file).or_else(ourselves);
    Ok(config)
}

/// The file that was named, or the first that is there of those that are looked for.
fn read(named: Option<&Path>) -> Result<(PathBuf, SettingsFile), Failure> {
    if let Some(path) = named {
        let text = fs::read_to_string(path);
        let text =
            text.map_err(|error| Failure::input(format!("cannot read {}: {error}", path.display())))?;
        return Ok((path.to_owned(), parse(path, &text)?));
    }
    for path in looked_for() {
        match fs::read_to_string(&path) {
            Ok(text) => {
                let file = parse(&path, &text)?;
                return Ok((path, file));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Failure::File { attempt: "read", path, source }),
        }
    }
    Ok((PathBuf::new(), SettingsFile::default()))
}

fn looked_for() -> impl Iterator<Item = PathBuf> {
    let below =
        |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let directory = below("XDG_CONFIG_HOME").or_else(|| below("HOME").map(|home| home.join(".config")));
    directory.map(|directory| directory.join(USER_FILE)).into_iter().chain([PathBuf::from(SYSTEM_FILE)])
}

fn parse(path: &Path, text: &str) -> Result<SettingsFile, Failure> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let message = error.message().replace('\n', " ");
        Failure::input(format!("{}:{line}: {message}", path.display()))
    })
}

/// The program and whoever runs it, as far as that can be said in a caller's characters.
fn ourselves() -> Option<Caller> {
    let user = ["USER", "LOGNAME"].into_iter().find_map(|variable| std::env::var(variable).ok());
    let named = user.and_then(|user| Caller::new(&format!("allocctl:{user}")).ok());
    named.or_else(|| Caller::new("allocctl").ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_a_configuration_and_names_every_key() {
        const SAMPLE: &str = include_str!("../../../deploy/allocctl.toml.sample");
        let text = SAMPLE.replace("\n#timeout", "\ntimeout").replace("\n#caller", "\ncaller");
        let file = parse(Path::new("allocctl.toml.sample"), &text).unwrap();
        assert_eq!(file.endpoints, ENDPOINTS_DEFAULT);
        assert_eq!(file.timeout_seconds.map(Duration::from_secs), Some(TIMEOUT_DEFAULT));
        assert_eq!(file.caller.as_deref(), Some("allocctl"));
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let path = Path::new("allocctl.toml");
        let failure = parse(path, "endpoints = []\nendpoint = \"h1:7421\"\n").unwrap_err();
        assert!(
            matches!(&failure, Failure::Input { message, .. } if message.starts_with("allocctl.toml:2: unknown field `endpoint`")),
            "{failure:?}"
        );
        assert!(parse(path, "endpoints = [\"h1:7421\"]\ntimeout_seconds = 5\ncaller = \"me\"\n").is_ok());
    }
}
