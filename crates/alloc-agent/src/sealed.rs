//! What the agent keeps over a restart, as JSON: a version, a digest, and what it is the digest of. Whatever does not fit is not believed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// The only version that there is.
const VERSION: u64 = 1;

/// Where a file of this name is below a directory for state.
pub(crate) fn path_in(directory: &str, name: &str) -> String {
    format!("{}/{name}", directory.trim_end_matches('/'))
}

/// Writes something under its name.
pub(crate) fn seal(name: &str, content: &impl Serialize) -> String {
    let content = serde_json::to_value(content).expect("plain data is JSON");
    let sealed = json!({ "version": VERSION, "sha256": digest(&content), name: content });
    serde_json::to_string_pretty(&sealed).expect("plain data is JSON") + "\n"
}

/// Reads what was written under a name.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub(crate) fn open<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, String> {
    let no_file = |error: serde_json::Error| format!("it is no {name} file: {error}");
    let mut sealed: Map<String, Value> = serde_json::from_str(text).map_err(no_file)?;
    let mut part =
        |key: &str| sealed.remove(key).ok_or_else(|| format!("it is no {name} file: it has no {key}"));
    let (version, sha256, content) = (part("version")?, part("sha256")?, part(name)?);
    if version != VERSION {
        return Err(format!("its version is {version}, and this agent writes {VERSION}"));
    }
    if sha256 != digest(&content) {
        return Err("its digest is not that of its contents".to_owned());
    }
    if let Some(strange) = sealed.keys().next() {
        return Err(format!("nobody knows what its {strange} means"));
    }
    serde_json::from_value(content).map_err(no_file)
}

/// The digest of a value's shortest text; objects have their keys in order, so equal values have one text.
fn digest(value: &Value) -> String {
    let digest = Sha256::digest(value.to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_is_opened() {
        let text = seal("numbers", &["one"]);
        assert_eq!(open("numbers", &text), Ok(vec!["one".to_owned()]));
        let wrong = |text: &str| open::<Vec<String>>("numbers", text).unwrap_err();
        assert!(wrong("what?").starts_with("it is no numbers file: "));
        assert_eq!(wrong("{}"), "it is no numbers file: it has no version");
        assert_eq!(wrong(&text.replace("one", "two")), "its digest is not that of its contents");
        let later = text.replace("\"version\": 1", "\"version\": 2");
        assert_eq!(wrong(&later), "its version is 2, and this agent writes 1");
        let more = text.replace("\"version\"", "\"more\": 0, \"version\"");
        assert_eq!(wrong(&more), "nobody knows what its more means");
        assert!(open::<Vec<u8>>("numbers", &text).is_err());
    }
}
