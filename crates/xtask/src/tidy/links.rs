//! Links between the pages of this tree lead somewhere: to a file, and to a heading where they name one. Links to the
//! outside are nobody's promise and are not followed.

use std::path::{Component, Path, PathBuf};

use super::finding::Finding;
use super::tree::File;

pub(super) fn check(files: &[File], exists: &dyn Fn(&Path) -> bool) -> Vec<Finding> {
    let pages = files.iter().filter(|file| file.path.ends_with(".md"));
    pages
        .flat_map(|page| {
            links(&page.text)
                .filter_map(|(index, link)| {
                    broken(files, exists, page, link).map(|what| Finding::at(&page.path, index, what))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// What is wrong with a link of `page`, if anything.
fn broken(files: &[File], exists: &dyn Fn(&Path) -> bool, page: &File, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (target, heading) =
        link.split_once('#').map_or((link, None), |(target, heading)| (target, Some(heading)));
    let path = if target.is_empty() { PathBuf::from(&page.path) } else { resolve(&page.path, target) };
    if !exists(&path) {
        return Some(format!("links to `{link}`, and there is no {}: correct or remove it", path.display()));
    }
    let file = files.iter().find(|file| Path::new(&file.path) == path)?;
    let leads_nowhere =
        heading.is_some_and(|heading| file.path.ends_with(".md") && !has_heading(&file.text, heading));
    leads_nowhere.then(|| format!("links to `{link}`, and {} has no such heading: correct it", file.path))
}

fn resolve(page: &str, target: &str) -> PathBuf {
    let from = Path::new(page).parent().unwrap_or(Path::new(""));
    let mut path = PathBuf::new();
    for part in from.join(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => path.push(part),
        }
    }
    path
}

/// All links outside code, with the positions of their lines.
fn links(text: &str) -> impl Iterator<Item = (usize, &str)> {
    prose(text).flat_map(|(index, line)| {
        let outside_code = line.split('`').step_by(2);
        outside_code
            .flat_map(|part| part.split("](").skip(1))
            .filter_map(move |rest| Some((index, rest.split_once(')')?.0)))
    })
}

fn has_heading(text: &str, wanted: &str) -> bool {
    prose(text).filter(|(_, line)| line.starts_with('#')).any(|(_, line)| anchor(line) == wanted)
}

/// How the usual viewers name a heading: lower case, blanks to hyphens, everything else but letters and digits gone.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.collect::<String>().to_lowercase()
}

/// The lines that are not inside a fenced block.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        !fenced && !is_fence
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(page: &str) -> Vec<usize> {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
        let files = [
            file("docs/page.md", page),
            file("docs/other.md", "# Other page: `it`\n"),
            file("README.md", ""),
        ];
        let exists = |path: &Path| files.iter().any(|file| Path::new(&file.path) == path);
        check(&files, &exists).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_link_leads_to_a_file_or_is_told() {
        assert_eq!(
            found("[a](other.md) [b](../README.md)\n[c](missing.md)\n[d](https://example.org/x)\n"),
            [2]
        );
    }

    #[test]
    fn a_named_heading_must_exist() {
        assert_eq!(
            found("# Here\n[a](#here)\n[b](#there)\n[c](other.md#other-page-it)\n[d](other.md#its)\n"),
            [3, 5]
        );
    }

    #[test]
    fn what_stands_in_code_is_no_link() {
        assert_eq!(found("`[a](missing.md)`\n```\n[a](missing.md)\n```\n"), [0_usize; 0]);
    }
}
