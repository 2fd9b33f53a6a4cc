//! kldstat(8) and kldload(8).

use super::ending::{output, refuse};
use crate::fake::errno::Errno;
use crate::fake::kernel::{Kernel, Place};
use crate::output::Output;

/// Lists modules, or tells by its code whether one is there.
pub fn kldstat(kernel: &dyn Kernel, arguments: &[String]) -> Output {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let modules = kernel.modules();
    let has = |name: &str| modules.iter().any(|module| module == name);
    match words.as_slice() {
        [] => {
            let mut text = "Id Refs Address                Size Name\n".to_owned();
            for (at, module) in modules.iter().enumerate() {
                let file = if module == "kernel" { module.clone() } else { format!("{module}.ko") };
                text.push_str(&format!("{:2}    1 0xffffffff80200000     2000 {file}\n", at + 1));
            }
            Output::success(text)
        }
        ["-qm" | "-mq", name] | ["-q", "-m", name] | ["-m", "-q", name] => {
            if has(name) {
                Output::success("")
            } else {
                Output::failure(1, "")
            }
        }
        ["-m", name] if has(name) => Output::success(format!("Id  Refs Name\n  1    1 {name}\n")),
        ["-m", name] => output(refuse("kldstat", &format!("can't find module {name}: {}", Errno::NoEntry))),
        _ => Output::failure(1, "usage: kldstat [-h] [-q] [-v] [-d] [-i id] [-n filename]\n"),
    }
}

/// Loads modules; with `-n` one that is there already is fine.
pub fn kldload(kernel: &mut dyn Kernel, place: Place, arguments: &[String]) -> Output {
    let (options, names): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| argument.starts_with('-'));
    let is_present_fine = options.iter().any(|option| option.contains('n'));
    if names.is_empty() {
        return Output::failure(1, "usage: kldload [-nqv] file ...\n");
    }
    for name in names {
        let module = name.trim_end_matches(".ko");
        let loaded = match place {
            Place::Host => kernel.load_module(module),
            Place::Jail(_) => Err(Errno::NotPermitted),
        };
        match loaded {
            Ok(()) => {}
            Err(Errno::Exists) if is_present_fine => {}
            Err(Errno::Exists) => {
                return output(refuse(
                    "kldload",
                    &format!("can't load {name}: module already loaded or in kernel"),
                ));
            }
            Err(error) => return output(refuse("kldload", &format!("can't load {name}: {error}"))),
        }
    }
    Output::success("")
}
