//! Which jails are meant, and what becomes of each.

use super::arguments::{Arguments, Operation, parse};
use super::story::Story;
use super::{start, stop};
use crate::fake::commands::ending::ended;
use crate::fake::errno::Errno;
use crate::fake::jail::JailDefinition;
use crate::fake::kernel::Place;
use crate::fake::userland::Userland;
use crate::output::Output;

/// Creates or removes jails.
pub fn jail(userland: &mut dyn Userland, place: Place, arguments: &[String]) -> Output {
    let arguments = match parse(arguments) {
        Ok(arguments) => arguments,
        Err(usage) => return usage,
    };
    let mut story = Story::default();
    if place != Place::Host {
        story.complain("jail_set: Operation not permitted");
    } else {
        match definitions(userland, &arguments) {
            Ok(definitions) => {
                for definition in &definitions {
                    one(userland, &arguments, definition, &mut story);
                }
            }
            Err(message) => story.complain(&message),
        }
    }
    ended(story.code, story.stdout, story.stderr)
}

fn one(userland: &mut dyn Userland, arguments: &Arguments, definition: &JailDefinition, story: &mut Story) {
    let name = &definition.name;
    let running = userland.kernel().jail(name);
    match (arguments.operation, running) {
        (Operation::Create, Some(_)) => story.complain(&format!("\"{name}\" already exists")),
        (Operation::Remove, None) => story.complain(&format!("\"{name}\" not found")),
        (Operation::Create, None) => {
            let release = userland.kernel().release();
            if let Some(unknown) = definition.unknown_parameter(release) {
                return story.complain(&format!("{name}: unknown parameter: {unknown}"));
            }
            let has_vimage = userland.kernel().sysctls(Place::Host).contains_key("kern.features.vimage");
            if definition.is_set("vnet") && !has_vimage {
                return story.complain(&format!("{name}: unknown parameter: vnet"));
            }
            let Some(jid) = start::start(userland, definition, story) else { return };
            if arguments.prints_jid {
                story.stdout.push_str(&format!("{jid}\n"));
            }
            if !arguments.is_quiet {
                let shown = if name.is_empty() { jid.to_string() } else { name.clone() };
                story.stdout.push_str(&format!("{shown}: created\n"));
            }
        }
        (Operation::Remove, Some(jail)) => {
            stop::stop(userland, definition, &jail, story);
            if !arguments.is_quiet {
                story.stdout.push_str(&format!("{}: removed\n", jail.name));
            }
        }
    }
}

/// The jails that are meant, with their parameters.
fn definitions(userland: &mut dyn Userland, arguments: &Arguments) -> Result<Vec<JailDefinition>, String> {
    if let Some(definition) = &arguments.definition {
        return Ok(vec![definition.clone()]);
    }
    let read = if arguments.is_plain { None } else { userland.read_jail_conf(&arguments.file)? };
    let is_needed = arguments.operation == Operation::Create || arguments.is_file_named;
    let known = match read {
        Some(known) => known,
        None if is_needed => return Err(format!("{}: {}", arguments.file, Errno::NoEntry)),
        // What runs can be removed without a file.
        None => Vec::new(),
    };
    if arguments.names.is_empty() || arguments.names == ["*"] {
        return Ok(known);
    }
    let mut found = Vec::new();
    for name in &arguments.names {
        let running = userland.kernel().jail(name);
        let wanted = running.as_ref().map_or(name.as_str(), |jail| jail.name.as_str());
        let definition = known.iter().find(|definition| definition.name == wanted).cloned();
        match (definition, arguments.operation) {
            (Some(definition), _) => found.push(definition),
            (None, Operation::Remove) => {
                found.push(JailDefinition { name: wanted.to_owned(), parameters: Vec::new() });
            }
            (None, Operation::Create) => return Err(format!("\"{name}\" not found")),
        }
    }
    Ok(found)
}
