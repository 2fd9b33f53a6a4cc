//! `lab-freebsd`: FreeBSD's commands in the lab. What it is called by says which of them it is; as itself it boots a host
//! or hears what arrives at a jail.
//!
//! It takes FreeBSD's arguments, prints FreeBSD's texts, and does the thing with Linux's kernel. This is not FreeBSD.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    use std::io::Write as _;

    use allocd_tests::lab::LabMachine;
    use freebsd_host::Exit;

    let mut arguments = std::env::args();
    let called = arguments.next().unwrap_or_default();
    let name = called.rsplit('/').next().unwrap_or_default();
    let mut rest: Vec<String> = arguments.collect();
    let name = if name == "lab-freebsd" && !rest.is_empty() { rest.remove(0) } else { name.to_owned() };
    if LabMachine::serve(&name, &rest) {
        return ExitCode::SUCCESS;
    }
    let Some(output) = LabMachine::run(&name, &rest) else {
        return ExitCode::from(127);
    };
    // Who does not listen any more does not need the rest.
    let _ = std::io::stdout().write_all(output.stdout.as_bytes());
    let _ = std::io::stderr().write_all(output.stderr.as_bytes());
    match output.exit {
        Exit::Code(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Exit::Signal(signal) => ExitCode::from(u8::try_from(128 + signal).unwrap_or(1)),
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    ExitCode::FAILURE
}
