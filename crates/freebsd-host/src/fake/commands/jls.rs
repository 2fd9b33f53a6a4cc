//! jls(8): the jails, as a table, as parameters or as JSON (libxo, from 11 on).

use serde_json::{Map, Value, json};

use super::ending::{Printed, output, refuse};
use crate::fake::jail::Jail;
use crate::fake::kernel::{Kernel, Place};
use crate::output::Output;

#[derive(Default)]
struct Options<'a> {
    has_dying: bool,
    has_names: bool,
    is_verbose: bool,
    is_json: bool,
    is_headed: bool,
    only: Option<&'a str>,
    parameters: Vec<&'a str>,
}

/// Lists jails.
pub fn jls(kernel: &dyn Kernel, place: Place, arguments: &[String]) -> Output {
    output(parse(kernel, arguments).and_then(|options| list(kernel, place, &options)))
}

fn parse<'a>(kernel: &dyn Kernel, arguments: &'a [String]) -> Result<Options<'a>, Output> {
    let usage = || Output::failure(1, "usage: jls [-dhNnqv] [-j jail] [param ...]\n");
    let mut options = Options::default();
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--libxo" if kernel.release().major >= 11 => {
                options.is_json = words.next().is_some_and(|style| style.starts_with("json"));
            }
            "--libxo=json" | "--libxo:J" if kernel.release().major >= 11 => options.is_json = true,
            "-j" => options.only = Some(words.next().ok_or_else(usage)?),
            word if word.starts_with("--") => return Err(usage()),
            word => match word.strip_prefix('-') {
                Some(letters) => {
                    for letter in letters.chars() {
                        match letter {
                            'd' => options.has_dying = true,
                            'n' | 's' => options.has_names = true,
                            'v' => options.is_verbose = true,
                            'h' => options.is_headed = true,
                            'q' | 'N' => {}
                            _ => return Err(usage()),
                        }
                    }
                }
                None => options.parameters.push(word),
            },
        }
    }
    Ok(options)
}

fn list(kernel: &dyn Kernel, place: Place, options: &Options<'_>) -> Printed {
    let mut jails = match place {
        Place::Host => kernel.jails(),
        Place::Jail(_) => Vec::new(),
    };
    jails.retain(|jail| options.has_dying || !jail.is_dying);
    if let Some(only) = options.only {
        jails.retain(|jail| jail.name == only || only.parse() == Ok(jail.jid));
        if jails.is_empty() {
            return refuse("jls", &format!("jail \"{only}\" not found"));
        }
    }
    let has_vimage = kernel.sysctls(place).contains_key("kern.features.vimage");
    let is_unknown =
        |name: &&&str| parameter(&Jail::nobody(), name).is_none() || (**name == "vnet" && !has_vimage);
    if let Some(unknown) = options.parameters.iter().find(is_unknown) {
        return refuse("jls", &format!("unknown parameter: {unknown}"));
    }
    if options.is_json {
        return Ok(as_json(&jails, options));
    }
    if !options.parameters.is_empty() || options.has_names {
        return Ok(as_parameters(&jails, options));
    }
    Ok(if options.is_verbose { as_blocks(&jails) } else { as_table(&jails) })
}

impl Jail {
    /// A jail for which every parameter can be asked.
    const fn nobody() -> Self {
        Self {
            jid: 0,
            name: String::new(),
            path: String::new(),
            hostname: String::new(),
            is_vnet: false,
            devfs_ruleset: 0,
            is_dying: false,
        }
    }
}

/// The value of a parameter.
fn parameter(jail: &Jail, name: &str) -> Option<String> {
    Some(match name {
        "jid" => jail.jid.to_string(),
        "name" => jail.name.clone(),
        "path" => jail.path.clone(),
        "host.hostname" | "hostname" => jail.hostname.clone(),
        "vnet" => if jail.is_vnet { "new" } else { "inherit" }.to_owned(),
        "devfs_ruleset" => jail.devfs_ruleset.to_string(),
        "dying" => if jail.is_dying { "true" } else { "false" }.to_owned(),
        _ => return None,
    })
}

/// `-n` without names shows all of them.
const ALL: &[&str] = &["devfs_ruleset", "dying", "host.hostname", "jid", "name", "path", "vnet"];

fn as_parameters(jails: &[Jail], options: &Options<'_>) -> String {
    let names = if options.parameters.is_empty() { ALL } else { options.parameters.as_slice() };
    let mut text = String::new();
    if options.is_headed {
        text.push_str(&format!("{}\n", names.join(" ")));
    }
    for jail in jails {
        let value = |name: &&str| {
            let value = parameter(jail, name).unwrap_or_default();
            match (options.has_names, value.as_str()) {
                (false, _) => value,
                // With names, a truth is its name, or its name behind `no`.
                (true, "true") => (*name).to_owned(),
                (true, "false") => format!("no{name}"),
                (true, value) => format!("{name}={}", quoted(value)),
            }
        };
        text.push_str(&format!("{}\n", names.iter().map(value).collect::<Vec<_>>().join(" ")));
    }
    text
}

/// With names, a value that holds a blank or a quote is quoted (quoted_print in jls.c).
fn quoted(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    let is_plain = |c: char| !c.is_whitespace() && !"'\"".contains(c);
    if value.is_empty() || !value.chars().all(is_plain) { format!("\"{escaped}\"") } else { escaped }
}

fn as_table(jails: &[Jail]) -> String {
    let mut text = "   JID  IP Address      Hostname                      Path\n".to_owned();
    for Jail { jid, hostname, path, .. } in jails {
        text.push_str(&format!("{jid:6}  {:15} {hostname:29.29} {path:.74}\n", ""));
    }
    text
}

fn as_blocks(jails: &[Jail]) -> String {
    let mut text = "   JID  Hostname                      Path\n        Name                          State\n        CPUSetID\n        IP Address(es)\n".to_owned();
    for jail in jails {
        let Jail { jid, hostname, path, name, .. } = jail;
        let state = state(jail);
        text.push_str(&format!(
            "{jid:6}  {hostname:29.29} {path:.74}\n        {name:29.29} {state:.74}\n        {}\n",
            jid + 1
        ));
    }
    text
}

const fn state(jail: &Jail) -> &'static str {
    if jail.is_dying { "DYING" } else { "ACTIVE" }
}

fn as_json(jails: &[Jail], options: &Options<'_>) -> String {
    let one = |jail: &Jail| -> Value {
        if !options.parameters.is_empty() {
            // libxo prints what jail_get(2) gives, and that is text.
            let field = |name: &&str| ((*name).to_owned(), json!(parameter(jail, name)));
            return Value::Object(options.parameters.iter().map(field).collect::<Map<_, _>>());
        }
        let mut fields = Map::new();
        fields.insert("jid".to_owned(), json!(jail.jid));
        if !options.is_verbose {
            fields.insert("ipv4".to_owned(), json!(""));
        }
        fields.insert("hostname".to_owned(), json!(jail.hostname));
        fields.insert("path".to_owned(), json!(jail.path));
        if options.is_verbose {
            fields.insert("name".to_owned(), json!(jail.name));
            fields.insert("state".to_owned(), json!(state(jail)));
            fields.insert("cpusetid".to_owned(), json!(jail.jid + 1));
            fields.insert("ipv4_addrs".to_owned(), json!([]));
            fields.insert("ipv6_addrs".to_owned(), json!([]));
        }
        Value::Object(fields)
    };
    let jails: Vec<Value> = jails.iter().map(one).collect();
    format!("{}\n", json!({ "__version": "2", "jail-information": { "jail": jails } }))
}
