//! The top of the tree is a map of the house: whoever opens it should see the rooms and nothing else.

use super::finding::Finding;

const ROOMS: &[&str] =
    &["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "crates", "deploy", "docs", "proto", "tests"];

pub(super) fn check(names: &[String]) -> Vec<Finding> {
    let strangers = names.iter().filter(|name| {
        let allowed = name.starts_with('.') || *name == "target" || ROOMS.contains(&name.as_str());
        !allowed
    });
    strangers
        .map(|name| {
            Finding::at(
                name,
                0,
                "does not belong at the top, which is a map of the house: move it into a room, or make it a dotfile if a tool wants it here",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn rooms_dotfiles_and_build_output_belong_and_strangers_do_not() {
        let names = ["Cargo.toml", "crates", ".deny.toml", "target", "notes.md"].map(str::to_owned);
        let found: Vec<_> = check(&names).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, [std::path::PathBuf::from("notes.md")]);
    }
}
