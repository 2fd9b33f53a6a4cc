//! Replays the corpus: what was found once, and what covers each decoder, holds in every run of the tests.

#![expect(clippy::print_stdout, reason = "a test that fails names the input")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use allocd_fuzz::{TARGETS, find};

/// What the whole corpus may take: it is read by people's tools too, and cloned by everybody.
const CORPUS_BYTES_MAX: u64 = 2 * 1_024 * 1_024;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn inputs(target: &str) -> Vec<PathBuf> {
    let directory = corpus().join(target);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("list a directory").path()).collect();
    files.sort();
    files
}

/// One test for each target, and one that none is left out.
macro_rules! replays {
    ($($target:ident)*) => {
        $(
            #[test]
            fn $target() {
                replay(stringify!($target));
            }
        )*

        #[test]
        fn every_target_is_replayed_and_nothing_else_is_kept() {
            let replayed: BTreeSet<&str> = [$(stringify!($target)),*].into();
            assert_eq!(TARGETS.iter().map(|target| target.name).collect::<BTreeSet<_>>(), replayed);
            let kept = fs::read_dir(corpus()).expect("list the corpus");
            let kept: BTreeSet<String> = kept
                .map(|entry| entry.expect("list a directory").file_name().to_string_lossy().into_owned())
                .collect();
            assert_eq!(kept, replayed.into_iter().map(str::to_owned).collect());
        }
    };
}

replays! { answers backup commands entry inventory jail_conf journal membership peers requests snapshot status words }

fn replay(name: &str) {
    let target = find(name).expect("a target of that name");
    let inputs = inputs(name);
    assert!(!inputs.is_empty(), "{name} has no input");
    for path in inputs {
        // The last one named is the one that failed.
        println!("{}", path.display());
        (target.run)(&fs::read(&path).expect("read an input"));
    }
}

#[test]
fn the_corpus_stays_small() {
    let sizes = TARGETS.iter().flat_map(|target| inputs(target.name));
    let sizes = sizes.map(|path| fs::metadata(&path).expect("look at a file").len());
    assert!(sizes.sum::<u64>() <= CORPUS_BYTES_MAX);
}
