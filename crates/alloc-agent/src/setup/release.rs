//! Which release this host has.

use freebsd_config::Release;
use freebsd_host::{Invocation, Program, Runner};

use crate::failure::Failure;

/// What to do where it cannot be told.
const HINT: &str = "name the release of the host that is set up, such as --release 14";

/// Asks uname(1).
pub(super) fn of_host<R: Runner>(runner: R) -> Result<Release, Failure> {
    let failed = |message: String| Failure::Machine { message, hint: HINT };
    let uname = Invocation::new(Program::UNAME, ["-sr"]);
    let output = runner.run(&uname).map_err(|error| failed(format!("cannot run `{uname}`: {error}")))?;
    if !output.exit.is_success() {
        return Err(failed(format!("`{uname}` failed with {}: {}", output.exit, output.stderr.trim_end())));
    }
    let said = output.stdout.trim_end();
    match said.split_once(' ') {
        Some(("FreeBSD", release)) => release.parse().map_err(|error| failed(format!("`{uname}`: {error}"))),
        Some(_) | None => Err(failed(format!("this host runs {}, not FreeBSD", said.escape_debug()))),
    }
}

#[cfg(test)]
mod tests {
    use freebsd_host::Output;
    use freebsd_host::fake::{FakeHost, Fault, Release as FakeRelease};

    use super::*;

    fn answered(output: Output) -> String {
        let host = FakeHost::alone(FakeRelease::new(14, 1));
        host.fault_at(0, Fault::Fail(output));
        match of_host(&host) {
            Err(Failure::Machine { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_host_tells_its_release() {
        for (major, minor) in [(10, 4), (15, 0)] {
            let host = FakeHost::alone(FakeRelease::new(major, minor));
            assert_eq!(of_host(&host).unwrap().to_string(), format!("{major}.{minor}"));
        }
    }

    #[test]
    fn what_is_no_release_of_freebsd_is_told() {
        assert!(answered(Output::success("Linux 6.8.0\n")).contains("runs Linux 6.8.0, not FreeBSD"));
        assert!(answered(Output::success("FreeBSD 8.4-RELEASE\n")).contains("too old"));
        assert!(answered(Output::failure(1, "uname: no\n")).ends_with("exit code 1: uname: no"));
    }
}
