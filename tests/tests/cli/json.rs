//! JSON is a contract: every object has exactly the fields of its message in the API, under their names, always all of them.

use std::collections::BTreeSet;

use allocd_proto::FILE_DESCRIPTOR_SET;
use allocd_tests::dev::Dev;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use serde_json::Value;

use crate::ctl::Ctl;

/// The messages of the API.
struct Api(FileDescriptorSet);

impl Api {
    fn new() -> Self {
        Self(FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap())
    }

    fn message(&self, name: &str) -> &DescriptorProto {
        let files = self.0.file.iter().filter(|file| file.package() == "allocd.v1");
        let mut messages = files.flat_map(|file| &file.message_type);
        messages.find(|message| message.name() == name).unwrap_or_else(|| panic!("no message {name}"))
    }

    /// Compares an object with its message, and everything below it with theirs.
    fn compare(&self, json: &Value, name: &str, place: &str) {
        let message = self.message(name);
        let object = json.as_object().unwrap_or_else(|| panic!("{place} is no object: {json}"));
        let has: BTreeSet<&str> = object.keys().map(String::as_str).collect();
        let wants: BTreeSet<&str> = message.field.iter().map(FieldDescriptorProto::name).collect();
        assert_eq!(has, wants, "{place} is not as {name}");
        for field in &message.field {
            self.compare_field(&object[field.name()], field, &format!("{place}.{}", field.name()));
        }
    }

    fn compare_field(&self, json: &Value, field: &FieldDescriptorProto, place: &str) {
        // What the wire leaves unspecified is null here.
        let is_optional = field.proto3_optional()
            || field.oneof_index.is_some()
            || matches!(field.r#type(), Type::Message | Type::Enum);
        if json.is_null() {
            assert!(is_optional && field.label() != Label::Repeated, "{place} is null");
            return;
        }
        let type_name = field.type_name().trim_start_matches(".allocd.v1.");
        if type_name.ends_with("Entry") {
            assert!(json.is_object(), "{place} is a map: {json}");
        } else if field.label() == Label::Repeated {
            let items = json.as_array().unwrap_or_else(|| panic!("{place} is a list: {json}"));
            items.iter().for_each(|item| self.compare_one(item, field, type_name, place));
        } else {
            self.compare_one(json, field, type_name, place);
        }
    }

    fn compare_one(&self, json: &Value, field: &FieldDescriptorProto, type_name: &str, place: &str) {
        match field.r#type() {
            Type::Message if type_name == ".google.protobuf.Timestamp" => {
                assert!(
                    json.as_str().is_some_and(|text| text.ends_with('Z')),
                    "{place} is RFC 3339 in UTC: {json}"
                );
            }
            Type::Message => self.compare(json, type_name, place),
            Type::Enum => {
                let text = json.as_str().unwrap_or_else(|| panic!("{place} is a word: {json}"));
                assert!(
                    text.bytes().all(|byte| byte.is_ascii_lowercase()
                        || byte.is_ascii_digit()
                        || b"_-".contains(&byte)),
                    "{place}: {text}"
                );
            }
            Type::Uint32 | Type::Uint64 => assert!(json.is_u64(), "{place} is a number: {json}"),
            Type::Bool => assert!(json.is_boolean(), "{place} is true or false: {json}"),
            // Counts are decimal strings on the wire, for no 64 bits hold them; JSON has numbers of any size.
            Type::String if place.contains(".counts.") => assert!(json.is_number(), "{place}: {json}"),
            Type::String => assert!(json.is_string(), "{place} is text: {json}"),
            Type::Double
            | Type::Float
            | Type::Int64
            | Type::Int32
            | Type::Fixed64
            | Type::Fixed32
            | Type::Group
            | Type::Bytes
            | Type::Sfixed32
            | Type::Sfixed64
            | Type::Sint32
            | Type::Sint64 => {
                panic!("{place} has the type {:?}, of which nothing is known here", field.r#type())
            }
        }
    }
}

#[tokio::test]
async fn every_object_is_its_message() {
    let dev = Dev::start().await;
    let ctl = Ctl { dev: &dev };
    ctl.furnish();
    ctl.ok("pools create units --index tap --scope cluster");
    ctl.ok("networks create dmz --bridge bridge1 --vlan 7 --mtu 9000 --rename-prefix jail --resolver 192.168.1.1 --subnet 10.0.0.0/24,gateway=10.0.0.1,range=10.0.0.10-10.0.0.99 --label a=b");
    ctl.ok("hosts create h2.example --bridge lan=bridge0 --label rack=r1");
    ctl.ok("hosts register h2.example --uuid 4c4c4544-0050-3510-8052-b4c04f4a4e31");
    ctl.ok("reservations create r1 --holder h1.example/later --network lan --address 192.168.48.77 --index 5 --mac-a 12:34:56:00:00:10 --mac-b 12:34:56:00:00:11");
    ctl.ok("exclusions create e1 --address 192.168.48.100-192.168.48.110 --reason printers");
    ctl.ok("exclusions create e2 --mac 12:34:56:00:01:00-12:34:56:00:01:ff");
    ctl.ok("exclusions create e3 --index 100-200 --host h1.example --kind tap");
    ctl.ok("leases allocate h1.example/web01 --network lan --label owner=web");
    ctl.ok("leases allocate h1.example/vm --network lan --kind tap --ttl 1h");
    ctl.ok("leases allocate h1.example/vpn --network dmz --kind tun");
    ctl.ok("leases allocate h1.example/shared --network lan --kind address");
    ctl.ok("leases allocate h1.example/gone --network lan --address 192.168.48.200");
    ctl.ok("leases release h1.example/gone");

    let api = Api::new();
    for (line, message) in [
        ("leases", "Lease"),
        ("networks", "Network"),
        ("pools", "Pool"),
        ("pools usage", "Usage"),
        ("hosts", "Host"),
        ("reservations", "Reservation"),
        ("exclusions", "Exclusion"),
        ("audit", "AuditRecord"),
        ("export --format json", "Lease"),
    ] {
        let json = if line.starts_with("export") { ctl.ok(line) } else { ctl.ok(&format!("{line} -o json")) };
        let list: Value = serde_json::from_str(&json).unwrap();
        let list = list.as_array().unwrap();
        assert!(!list.is_empty(), "{line}");
        list.iter().for_each(|object| api.compare(object, message, line));
    }
    for (line, message) in [
        ("leases get leases/1", "Lease"),
        ("cluster status", "ClusterStatus"),
        ("check", "CheckResponse"),
        ("why 192.168.48.2", "ValueReport"),
        ("why 192.168.48.77", "ValueReport"),
        ("why 192.168.48.105", "ValueReport"),
        ("why 192.168.48.200", "ValueReport"),
        ("why 192.168.48.1", "ValueReport"),
        ("why 02:00:00:00:00:07", "ValueReport"),
        ("why h1.example/epair0a", "ValueReport"),
        ("why h1.example/tap150", "ValueReport"),
    ] {
        let json: Value = serde_json::from_str(&ctl.ok(&format!("{line} -o json"))).unwrap();
        api.compare(&json, message, line);
    }
    // A line of jsonl is the same object.
    let line = ctl.ok("leases -o jsonl");
    assert_eq!(line.lines().count(), 4);
    line.lines().for_each(|line| api.compare(&serde_json::from_str(line).unwrap(), "Lease", "jsonl"));
}
