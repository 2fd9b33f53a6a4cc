//! Lists of names: `-l` on one line, `-g` on one each.

use crate::fake::interface::Interface;
use crate::fake::kernel::{Kernel, Place};

/// The names with a blank between, of all interfaces or of those with addresses of a family.
pub(super) fn names(interfaces: &[Interface], family: Option<&String>) -> String {
    let has = |interface: &&Interface| match family.map(String::as_str) {
        None => true,
        Some("inet") => !interface.inet.is_empty(),
        Some("inet6") => !interface.inet6.is_empty(),
        Some(_) => interface.driver.is_ethernet(),
    };
    let names: Vec<&str> = interfaces.iter().filter(has).map(|interface| interface.name.as_str()).collect();
    format!("{}\n", names.join(" "))
}

/// The members of a group, whatever they are called now.
pub(super) fn of_group(kernel: &dyn Kernel, place: Place, group: &str) -> String {
    let is_member = |interface: &Interface| group == "all" || interface.groups.iter().any(|is| is == group);
    let members = kernel.interfaces(place).into_iter().filter(is_member);
    members.map(|interface| format!("{}\n", interface.name)).collect()
}
