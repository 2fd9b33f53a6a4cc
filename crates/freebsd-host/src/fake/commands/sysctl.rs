//! sysctl(8): variables, subtrees and settings.

use super::ending::ended;
use crate::fake::errno::Errno;
use crate::fake::kernel::{Kernel, Place};
use crate::output::Output;

/// Prints or sets variables.
pub fn sysctl(kernel: &mut dyn Kernel, place: Place, arguments: &[String]) -> Output {
    let (options, names): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| argument.starts_with('-'));
    let has = |letter: char| options.iter().any(|option| option.contains(letter));
    let (is_bare, is_quiet, is_ignoring) = (has('n'), has('q'), has('i'));
    if names.is_empty() && !has('a') {
        return Output::failure(
            1,
            "usage: sysctl [-bdehiNnoqTtWx] [ -B <bufsize> ] [-f filename] name[=value] ...\n",
        );
    }
    let (mut stdout, mut stderr, mut code) = (String::new(), String::new(), 0);
    for name in names {
        match print_or_set(kernel, place, name, is_bare) {
            Ok(text) => stdout.push_str(&text),
            Err(_) if is_ignoring => {}
            Err(message) => {
                code = 1;
                if !is_quiet {
                    stderr.push_str(&format!("sysctl: {message}\n"));
                }
            }
        }
    }
    if has('a') {
        stdout.extend(kernel.sysctls(place).iter().map(|(name, value)| shown(name, value, is_bare)));
    }
    ended(code, stdout, stderr)
}

fn print_or_set(
    kernel: &mut dyn Kernel,
    place: Place,
    argument: &str,
    is_bare: bool,
) -> Result<String, String> {
    let all = kernel.sysctls(place);
    let Some((name, value)) = argument.split_once('=') else {
        let below = format!("{argument}.");
        let found = all.iter().filter(|(name, _)| *name == argument || name.starts_with(&below));
        let text: String = found.map(|(name, value)| shown(name, value, is_bare)).collect();
        return if text.is_empty() { Err(format!("unknown oid '{argument}'")) } else { Ok(text) };
    };
    let old = all.get(name).ok_or_else(|| format!("unknown oid '{name}'"))?;
    match kernel.set_sysctl(place, name, value) {
        Ok(()) if is_bare => Ok(format!("{old} -> {value}\n")),
        Ok(()) => Ok(format!("{name}: {old} -> {value}\n")),
        Err(Errno::NotPermitted) if place == Place::Host => Err(format!("oid '{name}' is read only")),
        Err(error) => Err(format!("{name}={value}: {error}")),
    }
}

fn shown(name: &str, value: &str, is_bare: bool) -> String {
    if is_bare { format!("{value}\n") } else { format!("{name}: {value}\n") }
}
