//! Scenes for tests: hosts by release, with a bridge that has the card on the wire.

use std::path::Path;

use allocd_tests::lab::{Boot, LabHost, Scene};
use allocd_tests::skipped::skipped;

/// Hosts of a release, with bridge0 on the wire; none, said loudly, where that may not be.
pub(crate) fn hosts(release: &str, count: usize) -> Option<Scene> {
    let built = Scene::new(Path::new(env!("CARGO_BIN_EXE_lab-freebsd"))).and_then(|mut scene| {
        for at in 0..count {
            let at = scene.boot(&boot(release, at))?;
            start_bridge(scene.host(at));
        }
        Ok(scene)
    });
    built.inspect_err(|why| skipped("build hosts of namespaces", why)).ok()
}

/// What rc.conf of a host does for its bridge.
pub(crate) fn start_bridge(host: &LabHost) {
    host.done("/sbin/ifconfig bridge0 create");
    host.done("/sbin/ifconfig em0 up");
    host.done("/sbin/ifconfig bridge0 addm em0 up");
}

/// Hosts whose stacks hold the same bytes where the kernel to 11 sets none, as two of one build do.
fn boot(release: &str, at: usize) -> Boot {
    Boot {
        name: format!("h{at}"),
        release: release.to_owned(),
        hostuuid: format!("a1b2c3d4-0000-11ee-8000-00000000000{at}"),
        uninitialised: Some("ff50".to_owned()),
    }
}
