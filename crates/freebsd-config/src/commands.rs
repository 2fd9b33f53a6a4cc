//! The plain commands for a jail's interfaces, in order, for people who type or script them.
//!
//! Nothing here starts by itself, so leases that end by themselves are fine, and only the way back is guarded: who runs a
//! command sees whether it worked. The text is a shell script with comments as headings.

use std::net::IpAddr;

use crate::interfaces::{JailInterfaces, SharedAddress};
use crate::origin;
use crate::profile::RenderProfile;
use crate::steps::{Quotes, Steps};

/// Renders the commands: the host's side, the move, the jail's side, and the way back.
#[must_use]
pub fn render(interfaces: &JailInterfaces, profile: &RenderProfile) -> String {
    let (host, jail) = (interfaces.host(), interfaces.jail());
    let steps = Steps::new(interfaces, profile, Quotes::Written);
    let mut text = String::new();
    for line in origin::lease_lines(interfaces, profile) {
        text.push_str(&format!("# {line}\n"));
    }
    if interfaces.interfaces.is_empty() {
        shared(&mut text, interfaces);
        return text;
    }
    section(&mut text, &format!("On {host}: make the interface."), steps.create.iter().cloned());
    let moves = steps.moved.iter().map(|name| format!("/sbin/ifconfig {name} vnet {jail}"));
    section(&mut text, &format!("On {host}, once jail {jail} exists: move it in."), moves);
    let inner = steps.ipv4().chain(steps.ipv6_at_once());
    let inner = inner.map(|command| in_jail(jail.as_str(), command));
    section(&mut text, &format!("On {host}: set it up in the jail."), inner);
    section(
        &mut text,
        &format!("On {host}, when the jail is gone: take it away, if it is still this lease's."),
        steps.destroy.iter().cloned(),
    );
    assert!(crate::plain::is_plain_text(&text), "a rendered text is printable ASCII");
    text
}

/// The addresses of a jail that shares the host's network stack.
fn shared(text: &mut String, interfaces: &JailInterfaces) {
    let host = interfaces.host();
    let add = interfaces.shared.iter().map(|SharedAddress { bridge, address: leased }| {
        let (family, length) = (family_word(leased.address), leased.subnet.length());
        format!("/sbin/ifconfig {bridge} {family} {}/{length} alias", leased.address)
    });
    section(text, &format!("On {host}, before the jail starts: add its addresses."), add);
    let remove = interfaces.shared.iter().map(|SharedAddress { bridge, address: leased }| {
        format!("/sbin/ifconfig {bridge} {} {} -alias", family_word(leased.address), leased.address)
    });
    section(text, &format!("On {host}, when the jail is gone: remove them."), remove);
}

fn family_word(address: IpAddr) -> &'static str {
    match address {
        IpAddr::V4(_) => "inet",
        IpAddr::V6(_) => "inet6",
    }
}

fn section(text: &mut String, heading: &str, commands: impl IntoIterator<Item = String>) {
    for (at, command) in commands.into_iter().enumerate() {
        if at == 0 {
            text.push_str(&format!("\n# {heading}\n"));
        }
        text.push_str(&command);
        text.push('\n');
    }
}

/// A command inside the jail; one that needs a shell gets the jail's.
fn in_jail(jail: &str, command: &str) -> String {
    if command.contains([';', '|', '&']) {
        assert!(!command.contains('\''), "a command for the jail's shell has no quotes of its own");
        format!("/usr/sbin/jexec {jail} /bin/sh -c '{command}'")
    } else {
        format!("/usr/sbin/jexec {jail} {command}")
    }
}

#[cfg(test)]
mod tests {
    use allocd_types::kind::InterfaceKind;
    use allocd_types::lease::Lease;
    use allocd_types::time::Span;

    use super::*;
    use crate::example;
    use crate::profile::ProfileLayers;

    fn rendered(leases: Vec<Lease>) -> String {
        let interfaces = JailInterfaces::new(leases).unwrap();
        let profile = ProfileLayers::default().resolve(interfaces.jail()).unwrap();
        render(&interfaces, &profile)
    }

    #[test]
    fn the_articles_cable_is_made_moved_and_set_up_in_order() {
        example::golden("test01.commands", &rendered(vec![example::article()]));
    }

    #[test]
    fn a_jail_with_everything_is_made_by_hand() {
        example::golden("web01.commands", &rendered(example::full()));
    }

    #[test]
    fn a_lease_that_ends_by_itself_may_be_typed() {
        let lease = Lease { remaining: Some(Span::from_seconds(60)), ..example::article() };
        assert!(
            rendered(vec![lease]).contains("/sbin/ifconfig epair1 create description allocd:leases/17\n")
        );
    }

    #[test]
    fn a_jail_without_interfaces_has_its_addresses_on_the_bridge() {
        let addresses = vec![
            example::address("192.168.0.9", "192.168.0.0/24", None),
            example::address("fd00::9", "fd00::/64", None),
        ];
        let lease = Lease { addresses, ..example::lease("h1/web", InterfaceKind::Address, 0) };
        example::golden("shared.commands", &rendered(vec![lease]));
    }
}
