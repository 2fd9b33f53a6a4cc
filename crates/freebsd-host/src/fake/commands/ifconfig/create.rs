//! `create`: the module is loaded, the interface made, and its name printed if it is not the one that was asked for.

use super::perform;
use crate::fake::commands::ending::{Printed, refuse};
use crate::fake::kernel::{Kernel, Place};

pub(super) fn create(kernel: &mut dyn Kernel, place: Place, asked: &str, rest: &[String]) -> Printed {
    load_module(kernel, place, asked);
    let made = match kernel.create(place, asked) {
        Ok(made) => made,
        Err(error) => return refuse("ifconfig", &format!("SIOCIFCREATE2: {error}")),
    };
    let printed = if rest.is_empty() { String::new() } else { perform::perform(kernel, place, &made, rest)? };
    // A name that was printed on the way is the last one.
    if printed.is_empty() && made != asked { Ok(format!("{made}\n")) } else { Ok(printed) }
}

/// Loads the module that an interface's name points to; if there is none, the kernel says so afterwards.
fn load_module(kernel: &mut dyn Kernel, place: Place, name: &str) {
    let module = format!("if_{}", name.trim_end_matches(|c: char| c.is_ascii_digit()));
    if place == Place::Host && !kernel.modules().contains(&module) {
        // Whatever comes of it: without its module the name is one that nothing creates.
        let _ = kernel.load_module(&module);
    }
}
