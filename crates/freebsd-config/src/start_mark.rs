//! How far a start came: a file that is there from right before a jail is made until its services have started.
//!
//! ```text
//! exec.prestart, last                the file is made
//! exec.poststart and exec.poststop   the file goes: the services have started, or the jail is gone
//! ```
//!
//! jail(8) that is killed on the way leaves a jail that looks like any other; this file is what tells. Its absence tells nothing:
//! a jail that was started without these hooks, by hand or from an older file, looks like one whose start has ended, and nobody
//! stops it. A start that fails is taken back without exec.poststop (jail(8)) and leaves the file behind; it means nothing
//! without the jail, and the next start makes it anew. Boot empties the directory (rc.d/cleanvar). A hook that fails ends a
//! start, and no start is worth less than this file: neither hook fails.

use allocd_types::name::JailName;

/// Where the files are.
pub const DIRECTORY: &str = "/var/run";
/// What their names begin and end with.
const NAME: (&str, &str) = ("allocd.", ".starting");

/// Where a jail's file is.
#[must_use]
pub fn path(jail: &JailName) -> String {
    format!("{DIRECTORY}/{}{jail}{}", NAME.0, NAME.1)
}

/// The jail whose file has this name; none if it is another file.
#[must_use]
pub fn jail_of(name: &str) -> Option<JailName> {
    let jail = name.strip_prefix(NAME.0)?.strip_suffix(NAME.1)?;
    JailName::new(jail).ok()
}

/// The command that makes it.
pub(crate) fn make(jail: &JailName) -> String {
    format!("/usr/bin/touch {} || :", path(jail))
}

/// The command that removes it.
pub(crate) fn remove(jail: &JailName) -> String {
    format!("/bin/rm -f {} || :", path(jail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_whose_it_is() {
        let jail = JailName::new("web01").unwrap();
        assert_eq!(path(&jail), "/var/run/allocd.web01.starting");
        assert_eq!(jail_of("allocd.web01.starting"), Some(jail));
        for other in ["allocd.starting", "allocd..starting", "jail_web01.id", "allocd.web01.conf", "allocd"] {
            assert_eq!(jail_of(other), None, "{other}");
        }
    }
}
