//! Compiles `proto/eraftpb.proto` with protox, so that nothing but Rust is needed, and writes beside prost's structs the
//! accessors (`get_index`, `take_entries`, `mut_metadata`, ...) by which raft reads and writes them. The accessors come
//! from the same descriptor set as the structs, so the two cannot disagree.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto};

fn main() -> Result<(), Box<dyn Error>> {
    let descriptors = protox::compile(["eraftpb.proto"], ["proto"])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut accessors = String::new();
    for message in descriptors.file.iter().flat_map(|file| &file.message_type) {
        write_message(&mut accessors, message)?;
    }
    fs::write(out.join("accessors.rs"), accessors)?;
    // Reference-counted payloads: an entry that is cached, stored and sent to two peers is one allocation.
    prost_build::Config::new().bytes(["."]).compile_fds(descriptors)?;
    Ok(())
}

fn write_message(out: &mut String, message: &DescriptorProto) -> std::fmt::Result {
    writeln!(out, "impl {} {{", message.name())?;
    for field in &message.field {
        write_field(out, field)?;
    }
    writeln!(out, "}}")
}

/// How raft handles a field: by value, by its enum, by reference to bytes, as a list, or as a message in its own right.
enum Kind {
    Value(&'static str),
    Enum(String),
    Bytes,
    List(String),
    Message(String),
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a type that the proto file begins to use must fail loudly"
)]
fn kind(field: &FieldDescriptorProto) -> Kind {
    let message = || field.type_name().rsplit('.').next().unwrap_or_default().to_owned();
    let repeated = field.label() == Label::Repeated;
    match field.r#type() {
        Type::Uint64 if repeated => Kind::List("u64".to_owned()),
        Type::Message if repeated => Kind::List(message()),
        Type::Uint64 => Kind::Value("u64"),
        Type::Int64 => Kind::Value("i64"),
        Type::Bool => Kind::Value("bool"),
        Type::Bytes => Kind::Bytes,
        Type::Enum => Kind::Enum(message()),
        Type::Message => Kind::Message(message()),
        other => panic!("eraftpb.proto uses {other:?}, for which no accessors are defined"),
    }
}

fn write_field(out: &mut String, field: &FieldDescriptorProto) -> std::fmt::Result {
    let name = field.name();
    match kind(field) {
        Kind::Value(ty) => {
            writeln!(out, "/// Returns `{name}`.\npub fn get_{name}(&self) -> {ty} {{ self.{name} }}")?;
            writeln!(
                out,
                "/// Sets `{name}`.\npub fn set_{name}(&mut self, v: {ty}) {{ self.{name} = v; }}"
            )?;
        }
        // prost writes the setter of an enum itself.
        Kind::Enum(ty) => {
            writeln!(
                out,
                "/// Returns `{name}`; a number that names no variant reads as the first.\n\
                 pub fn get_{name}(&self) -> {ty} {{ self.{name}() }}"
            )?;
        }
        Kind::Bytes => write_owned(out, name, "::prost::bytes::Bytes", "[u8]")?,
        Kind::List(ty) => {
            write_owned(out, name, &format!("::prost::alloc::vec::Vec<{ty}>"), &format!("[{ty}]"))?;
        }
        Kind::Message(ty) => write_submessage(out, name, &ty)?,
    }
    if matches!(kind(field), Kind::Message(_)) {
        return writeln!(
            out,
            "/// Empties `{name}`.\npub fn clear_{name}(&mut self) {{ self.{name} = None; }}"
        );
    }
    writeln!(
        out,
        "/// Sets `{name}` to its default.\n\
         pub fn clear_{name}(&mut self) {{ self.{name} = ::core::default::Default::default(); }}"
    )
}

fn write_owned(out: &mut String, name: &str, ty: &str, borrowed: &str) -> std::fmt::Result {
    writeln!(out, "/// Borrows `{name}`.\npub fn get_{name}(&self) -> &{borrowed} {{ &self.{name} }}")?;
    writeln!(out, "/// Sets `{name}`.\npub fn set_{name}(&mut self, v: {ty}) {{ self.{name} = v; }}")?;
    writeln!(
        out,
        "/// Borrows `{name}` to change it.\npub fn mut_{name}(&mut self) -> &mut {ty} {{ &mut self.{name} }}"
    )?;
    writeln!(
        out,
        "/// Takes `{name}` out and leaves its default.\n\
         pub fn take_{name}(&mut self) -> {ty} {{ ::core::mem::take(&mut self.{name}) }}"
    )
}

fn write_submessage(out: &mut String, name: &str, ty: &str) -> std::fmt::Result {
    writeln!(
        out,
        "/// Whether `{name}` is present.\npub fn has_{name}(&self) -> bool {{ self.{name}.is_some() }}"
    )?;
    writeln!(
        out,
        "/// Borrows `{name}`; an absent one reads as the default.\n\
         pub fn get_{name}(&self) -> &{ty} {{ self.{name}.as_ref().unwrap_or_else(|| <{ty} as ::protobuf::Message>::default_instance()) }}"
    )?;
    writeln!(out, "/// Sets `{name}`.\npub fn set_{name}(&mut self, v: {ty}) {{ self.{name} = Some(v); }}")?;
    writeln!(
        out,
        "/// Borrows `{name}` to change it; an absent one is created.\n\
         pub fn mut_{name}(&mut self) -> &mut {ty} {{ self.{name}.get_or_insert_with(::core::default::Default::default) }}"
    )?;
    writeln!(
        out,
        "/// Takes `{name}` out; an absent one is the default.\n\
         pub fn take_{name}(&mut self) -> {ty} {{ self.{name}.take().unwrap_or_default() }}"
    )
}
