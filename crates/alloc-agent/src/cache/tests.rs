//! The cache over a restart, and what is made of one that is not whole.

use allocd_types::lease::LeaseState;
use allocd_types::migration::Migration;
use allocd_types::time::Span;
use proptest::prelude::*;

use super::*;
use crate::example;

const PATH: &str = "/var/db/agent/cache.json";

fn host() -> HostName {
    HostName::new("h1").unwrap()
}

/// A cache with everything that one can have.
fn full() -> Cache {
    let mut cache = Cache::new(host());
    cache.cluster = Some(ClusterId::new("example").unwrap());
    cache.incarnation = Incarnation::new(7);
    cache.revision = Revision::new(99);
    cache.is_fenced = true;
    let mut lease = example::lease(17, "web01", 7);
    lease.state = LeaseState::Bound;
    lease.mtu = Some(9000);
    lease.vlan = Some(300);
    lease.resolvers = vec!["fd00::53".parse().unwrap()];
    lease.remaining = Some(Span::from_seconds(60));
    lease.labels = lease.labels.with("owner", "web \"team\"");
    lease.migration = Some(Migration {
        id: allocd_types::id::MoveId::new(3),
        to: HostName::new("h2").unwrap(),
        index: lease.index,
        begun_at: lease.granted_at,
    });
    cache.leases.insert(lease.id, lease);
    for (jail, target, progress) in [
        ("web01", Target::JailConf, Progress::Building),
        ("web02", Target::Ezjail, Progress::Repairing),
        ("web03", Target::Direct, Progress::Built),
    ] {
        cache.built.insert(JailName::new(jail).unwrap(), Built { target, progress });
    }
    cache
}

fn open(files: &Files) -> (Store, Opened) {
    Store::open(files.clone(), "/var/db/agent/", &host()).unwrap()
}

#[test]
fn everything_is_read_as_it_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let files = Files::below(directory.path());
    let (mut store, opened) = open(&files);
    assert_eq!(opened, Opened::New);
    store.change(|cache| *cache = full()).unwrap();
    let (store, opened) = open(&files);
    assert_eq!((store.cache(), opened), (&full(), Opened::Read));
}

#[test]
fn a_cache_of_another_host_is_moved_aside() {
    let directory = tempfile::tempdir().unwrap();
    let files = Files::below(directory.path());
    let (mut store, _) = open(&files);
    store.change(|cache| *cache = full()).unwrap();
    let (store, opened) = Store::open(files.clone(), "/var/db/agent", &HostName::new("h2").unwrap()).unwrap();
    let aside = format!("{PATH}.other-host");
    assert_eq!(opened, Opened::OfOtherHost { aside: aside.clone(), host: "h1".to_owned() });
    assert!(store.cache().leases.is_empty() && files.read(&aside).unwrap().is_some());
}

#[test]
fn a_change_that_cannot_be_written_has_not_happened() {
    let directory = tempfile::tempdir().unwrap();
    let files = Files::below(directory.path());
    let (mut store, _) = open(&files);
    std::fs::create_dir_all(directory.path().join("var/db/agent/cache.json.alloc-agent")).unwrap();
    assert!(store.change(|cache| *cache = full()).is_err());
    assert_eq!(store.cache(), &Cache::new(host()));
}

#[test]
fn a_cache_of_a_later_agent_says_so() {
    let text = file::text(&full()).replace("\"version\": 1", "\"version\": 2");
    assert_eq!(file::read(&text).unwrap_err(), "its version is 2, and this agent writes 1");
}

proptest! {
    /// Whatever happens to one character, the cache is as it was or is not taken for one.
    #[test]
    fn a_changed_cache_is_never_believed(at in any::<prop::sample::Index>(), other in any::<char>()) {
        let text = file::text(&full());
        let (at, old) = text.char_indices().nth(at.index(text.chars().count())).unwrap();
        let changed = format!("{}{other}{}", &text[..at], &text[at + old.len_utf8()..]);
        if let Ok(read) = file::read(&changed) {
            prop_assert_eq!(read, full());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = file::read(&text);
    }
}
