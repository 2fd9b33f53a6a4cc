//! Digests, as hexadecimal digits.

use allocd_types::id::Digest;
use allocd_types::violation::Violations;

/// Reads a digest.
pub(crate) fn read(text: &str, field: &str, wrong: &mut Violations) -> Option<Digest> {
    let shown =
        || format!("{:?} is no digest: 64 hexadecimal digits", text.chars().take(80).collect::<String>());
    wrong.keep(field, octets(text).map(Digest).ok_or_else(shown))
}

fn octets(text: &str) -> Option<[u8; 32]> {
    let mut octets = [0; 32];
    if text.len() != 2 * octets.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, octet) in octets.iter_mut().enumerate() {
        *octet = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(octets)
}
