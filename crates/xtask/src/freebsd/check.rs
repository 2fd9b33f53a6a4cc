//! Type-checks libraries and programs for FreeBSD. On FreeBSD that is plain `cargo check`. Elsewhere a rustc that carries
//! std's sources is unpacked from Debian packages and builds std for FreeBSD itself (`-Z build-std`), so that neither a
//! FreeBSD machine nor a FreeBSD toolchain is needed. It is a check only: nothing is linked and nothing is run, and C
//! parts of dependencies are compiled by the host's compiler as a stand-in.

use anyhow::Result;

use super::toolchain::Toolchain;
use crate::context::Context;
use crate::process::Tool;
use crate::test::Verdict;

const TARGET: &str = "x86_64-unknown-freebsd";

/// Tests and chores are left out: they run on the machine of the person who works on the tree.
const PRODUCT: &[&str] =
    &["--workspace", "--exclude", "xtask", "--exclude", "allocd-tests", "--lib", "--bins"];

/// Checks, or says loudly why it cannot.
pub(crate) fn run(context: &Context) -> Result<Verdict> {
    if cfg!(target_os = "freebsd") {
        context.cargo().args(["check", "--locked"]).args(PRODUCT).run()?;
        return Ok(Verdict::Passed);
    }
    match Toolchain::get(context) {
        Ok(toolchain) => {
            check(context, &toolchain)?;
            Ok(Verdict::Passed)
        }
        Err(error) => {
            println!("FREEBSD IS NOT CHECKED: {error:#}");
            Ok(Verdict::Skipped(error.to_string()))
        }
    }
}

fn check(context: &Context, toolchain: &Toolchain) -> Result<()> {
    println!("Checking with {}; xtask and the tests crate are left out.", toolchain.version());
    cargo(context, toolchain)
        .args(["check", "--locked", "--target", TARGET, "-Z", "build-std=std,panic_abort,proc_macro"])
        .args(PRODUCT)
        .run()
}

/// Cargo of the usual toolchain with the unpacked rustc below it. Its build directory is apart: two compilers in one
/// would make cargo build everything anew whenever they take turns.
fn cargo(context: &Context, toolchain: &Toolchain) -> Tool {
    context
        .cargo()
        .env("RUSTC", toolchain.rustc())
        .env("LD_LIBRARY_PATH", toolchain.libraries())
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", context.target.join("freebsd/build"))
}
