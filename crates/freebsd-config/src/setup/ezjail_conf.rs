//! ezjail's own configuration, ezjail.conf(5).

use super::fragment::Fragment;
use super::options::EzjailStorage;
use super::{SetupFile, Syntax};

pub(super) fn file(storage: &EzjailStorage) -> SetupFile {
    let mut text =
        Fragment::new(&["Configuration of ezjail-admin(8). `ezjail-admin install` has to run once."]);
    text.part(&["Where jails are: the path that rendered files have unless they are told another."]);
    text.variable("ezjail_jaildir", "/usr/jails");
    match storage {
        EzjailStorage::Directory => {}
        EzjailStorage::Zfs { dataset } => {
            text.part(&["A file system for each jail, so that one can be cloned, copied and limited."]);
            text.variable("ezjail_use_zfs", "YES");
            text.variable("ezjail_use_zfs_for_jails", "YES");
            text.variable("ezjail_jailzfs", dataset);
            text.variable("ezjail_zfs_properties", "-o compression=lz4 -o atime=off");
        }
    }
    SetupFile {
        path: "/usr/local/etc/ezjail.conf".to_owned(),
        purpose: "where ezjail keeps its jails",
        contents: text.finish(),
        is_fragment: false,
        syntax: Syntax::Variables,
    }
}
