//! Scenes for tests: hosts by release, with a bridge that has the card on the wire.

use std::path::Path;

use allocd_tests::lab::Scene;
use allocd_tests::lab_scenarios::site::Site;
use allocd_tests::skipped::skipped;

/// Hosts of a release, with bridge0 on the wire; none, said loudly, where that may not be.
pub(crate) fn hosts(release: &str, count: usize) -> Option<Scene> {
    let built = Scene::with_bridges(Path::new(env!("CARGO_BIN_EXE_lab-freebsd")), release, count);
    built.inspect_err(|why| skipped("build hosts of namespaces", why)).ok()
}

/// Two hosts with agents, each with a root for a jail web; none, said loudly, where that may not be.
pub(crate) async fn two_hosts(release: &str) -> Option<Site> {
    let built = Site::new(Path::new(env!("CARGO_BIN_EXE_lab-freebsd")), release, 2).await;
    let site = built.inspect_err(|why| skipped("build hosts of namespaces", why)).ok()?;
    site.scene().hosts().iter().for_each(|host| host.make_root("/usr/jails/web"));
    Some(site)
}
