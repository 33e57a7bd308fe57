//! Checksums as package files write them, as SBOMs want them.

use std::collections::{BTreeMap, BTreeSet};

/// Algorithms and hexadecimal values: only where there is one an algorithm. A Python package has one for every wheel,
/// none of which is the package's.
pub(super) fn hashes(checksums: &[String]) -> Vec<(&'static str, String)> {
    let mut found: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for (algorithm, content) in checksums.iter().filter_map(|sum| hash(sum)) {
        found.entry(algorithm).or_default().insert(content);
    }
    let single = found.into_iter().filter(|(_, contents)| contents.len() == 1);
    single.flat_map(|(algorithm, contents)| contents.into_iter().map(move |content| (algorithm, content))).collect()
}

fn hash(checksum: &str) -> Option<(&'static str, String)> {
    let names = [
        ("md5", "MD5", 16),
        ("sha1", "SHA-1", 20),
        ("sha256", "SHA-256", 32),
        ("sha384", "SHA-384", 48),
        ("sha512", "SHA-512", 64),
    ];
    let (name, value) = checksum.split_once([':', '-'])?;
    let (_, algorithm, bytes) = names.into_iter().find(|(known, _, _)| *known == name)?;
    let content = if checksum.contains(':') { value.to_ascii_lowercase() } else { hex_of_base64(value)? };
    let is_hex = content.len() == 2 * bytes && content.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then_some((algorithm, content))
}

/// Subresource integrity writes its hashes in base64 (RFC 4648, section 4).
fn hex_of_base64(text: &str) -> Option<String> {
    use data_encoding::{BASE64, HEXLOWER};
    BASE64.decode(text.as_bytes()).ok().map(|bytes| HEXLOWER.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn checksums_become_hashes_of_their_length_only() {
        let sha1 = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(hash(&format!("sha1:{sha1}")), Some(("SHA-1", sha1.to_owned())));
        assert_eq!(hash("sha256:abcd"), None);
        assert_eq!(hash("sha1-ASNFZ4mrze8BI0VniavN7wEjRWc="), Some(("SHA-1", sha1.to_owned())));
        assert_eq!(hash("h1:abcd="), None);
    }
}
