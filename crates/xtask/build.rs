//! Compiles the bench's own messages, below `proto/`, with protox.

use std::env;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let set = protox::compile(["echo.proto", "etcd.proto"], [&root])?;
    tonic_prost_build::configure().include_file("packages.rs").compile_fds(set)?;
    Ok(())
}
