//! Compiles every file under `proto/` with protox, so that nothing but Rust is needed: messages, clients and servers, one
//! include file with a module for each package, and the descriptor set that reflection serves.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    find_protos(&root, &mut files)?;
    // The order of a directory is the file system's; the generated code shall not depend on it.
    files.sort();

    let mut served = protox::Compiler::new([&root])?;
    served.include_imports(true).open_files(&files)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("descriptors.bin"), served.encode_file_descriptor_set())?;

    let mut commented = protox::Compiler::new([&root])?;
    commented.include_imports(true).include_source_info(true).open_files(&files)?;
    tonic_prost_build::configure()
        .btree_map(".")
        // A batch of peer messages is one buffer: each message is a slice of it.
        .bytes(".allocd.peer.v1")
        .include_file("packages.rs")
        .compile_fds(commented.file_descriptor_set())?;
    Ok(())
}

fn find_protos(directory: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            find_protos(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
