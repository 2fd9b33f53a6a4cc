//! mount(8), to look at what is mounted, and umount(8).

use super::ending::{output, refuse};
use crate::fake::kernel::Kernel;
use crate::output::Output;

/// Lists what is mounted, as fstab(5) has it.
pub fn mount(kernel: &dyn Kernel, arguments: &[String]) -> Output {
    match arguments {
        [option] if option == "-p" => {
            let devfs = |path: &String| format!("devfs\t\t\t{path}\tdevfs\trw\t\t0 0\n");
            let jails: String = kernel.mounts().iter().map(devfs).collect();
            Output::success(format!(
                "zroot/ROOT/default\t/\t\t\tzfs\trw\t\t0 0\n{}{jails}",
                devfs(&"/dev".to_owned())
            ))
        }
        _ => {
            Output::failure(1, "usage: mount [-adflpruvw] [-F fstab] [-o options] [-t ufs | external_type]\n")
        }
    }
}

/// Unmounts what is mounted at a path.
pub fn umount(kernel: &mut dyn Kernel, arguments: &[String]) -> Output {
    let Some(path) = arguments.iter().find(|argument| !argument.starts_with('-')) else {
        return Output::failure(1, "usage: umount [-fnNv] special ... | node ... | fsid ...\n");
    };
    match kernel.unmount(path) {
        Ok(()) => Output::success(""),
        Err(_) => output(refuse("umount", &format!("{path}: not a file system root directory"))),
    }
}
