//! From where frames of a MAC come, by the word of the wire.
//!
//! The wire is a bridge, which notes for the source of every frame at which port it came in, and tells of it if that is another
//! port than before. So if a MAC was told of at one port and then at another, and never again, all frames from the one came before
//! all from the other.

use super::monitor::Monitor;
use crate::lab::Scene;
use crate::lab_scenarios::site::Site;

/// What the bridge tells is being listened to.
pub(super) struct Frames<'a>(Monitor<'a>);

impl<'a> Frames<'a> {
    /// Begins to listen; when this returns, nothing is missed any more.
    pub(super) async fn listen(site: &'a Site) -> Self {
        Self(Monitor::listen(site, "frames", "bridge monitor fdb").await)
    }

    /// True if the frames of these MACs came from the one host, and after that from the other alone.
    pub(super) async fn are_handed_over(&self, macs: &[String], from: usize, to: usize) -> bool {
        are_handed_over(&self.0.told().await, macs, &[Scene::port(from), Scene::port(to)])
    }
}

fn are_handed_over(told: &str, macs: &[String], ports: &[String; 2]) -> bool {
    let of: Vec<Vec<&str>> = macs.iter().map(|mac| ports_of(told, mac)).collect();
    // The outer end of a cable, on its host's bridge, sends nothing by itself.
    of.iter().any(|seen| !seen.is_empty()) && of.iter().all(|seen| seen.is_empty() || seen == ports)
}

/// The ports of the wire at which a MAC was noted, in their order: `MAC dev PORT master wire`.
fn ports_of<'a>(told: &'a str, mac: &str) -> Vec<&'a str> {
    let noted = |line: &'a str| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [source, "dev", port, "master", "wire"] if source == mac => Some(port),
        _ => None,
    };
    let mut ports: Vec<&str> = told.lines().filter_map(noted).collect();
    ports.dedup();
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_from_the_old_port_after_one_from_the_new_is_seen() {
        let [outer, inner] = ["12:34:56:00:00:0a", "12:34:56:00:00:0b"];
        let at = |mac: &str, port: &str| format!("{mac} dev {port} master wire \n");
        let (old, new) = (at(inner, "port0"), at(inner, "port1"));
        let other = at("12:34:56:00:01:0b", "port2") + "96:bf:a4:76:b6:5a dev port2 master wire permanent\n";
        let judged = |lines: &[&str]| {
            let macs = [outer, inner].map(str::to_owned);
            are_handed_over(&lines.concat(), &macs, &["port0".to_owned(), "port1".to_owned()])
        };
        assert!(judged(&[&old, &other, &new]));
        // Forgotten and noted again at the same port.
        assert!(judged(&[&old, &format!("Deleted {old}"), &old, &new]));
        assert!(!judged(&[&old, &new, &old]));
        assert!(!judged(&[&old, &new, &old, &new]));
        assert!(!judged(&[&new]));
        assert!(!judged(&[&other]));
        assert!(!judged(&[&old, &new, &at(outer, "port0")]));
    }
}
