//! The files of the tree that people write: all but git's own directory, build output, and what other tools leave
//! behind. Files that are not UTF-8 are data and nobody's business here.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// Directories that no person writes into, wherever they lie.
const NOT_OURS: &[&str] = &[".git", "node_modules", "__pycache__", ".venv"];

/// Directories below the top that hold data, even where it looks like text: a fuzzer's inputs say anything.
const DATA: &[&str] = &["target", "tests/fuzz/corpus"];

/// A text file.
pub(super) struct File {
    /// Relative to the top, with `/` between the parts.
    pub(super) path: String,
    pub(super) text: String,
}

/// Reads all text files, in the order of their paths.
pub(super) fn read(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut pending = vec![root.to_owned()];
    while let Some(dir) = pending.pop() {
        for path in entries(&dir)? {
            let is_ours = !path.file_name().is_some_and(|name| NOT_OURS.iter().any(|other| name == *other));
            let is_data = DATA.iter().any(|data| path == root.join(data));
            if path.is_symlink() || !is_ours || is_data {
                continue;
            } else if path.is_dir() {
                pending.push(path);
            } else if let Some(text) = text_of(&path)? {
                let relative = path.strip_prefix(root).unwrap_or(&path);
                files.push(File { path: relative.to_string_lossy().into_owned(), text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The names at the top of the tree.
pub(super) fn top_level(root: &Path) -> Result<Vec<String>> {
    let named =
        entries(root)?.into_iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    Ok(named.collect())
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(dir).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    listed.with_context(|| format!("cannot list {}", dir.display()))
}

fn text_of(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8(bytes).ok()),
        // An editor's or a test's file that went away between listing and reading is not part of the tree.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
