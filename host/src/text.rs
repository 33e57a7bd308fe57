//! Text from outside, made fit to be shown.

use std::borrow::Cow;
use std::time::Duration;

/// `text` without what could steer a terminal or turn reading order around: control characters
/// (tabs and newlines too), bidirectional marks and separators, and invisible formatting become
/// U+FFFD. Everything that comes from a repository, a guest or a client goes through here once.
pub fn clean(text: &str) -> Cow<'_, str> {
    // Nearly all text is of these, and many bytes are compared at once.
    let is_plain = text.bytes().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~'));
    if !is_plain && text.chars().any(is_hostile) {
        Cow::Owned(text.chars().map(|letter| if is_hostile(letter) { '\u{FFFD}' } else { letter }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// [`clean`] in place; costs nothing where there is nothing to clean.
pub fn clean_in_place(text: &mut String) {
    if let Cow::Owned(cleaned) = clean(text) {
        *text = cleaned;
    }
}

/// [`clean`], keeping newlines: for a process's standard error.
pub fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

/// A path as a relative URI reference: everything but plain letters, digits and slashes is percent-encoded.
pub fn uri_path(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~');
    encoded(path, plain)
}

/// A URL as far as the source tells it as an IRI reference: what cannot stand in one, as the braces of variables, is
/// percent-encoded.
pub fn iri(url: &str) -> String {
    encoded(url, |byte| !(byte.is_ascii_control() || b" <>\"{}|\\^`".contains(&byte)))
}

/// `1 file`, `2 files`.
pub fn count(number: u64, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

/// How long something took, for people: `0.3 s`, `2 min 5 s`.
pub fn took(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {} s", seconds / 60, seconds % 60)
    }
}

fn encoded(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let mut out = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            out.push(byte);
        } else {
            out.extend(format!("%{byte:02X}").into_bytes());
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_bidi_marks_are_replaced() {
        assert_eq!(clean("a\x1b[31mb"), "a\u{FFFD}[31mb");
        assert_eq!(clean("a\u{202E}b\nc\u{9b}"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}");
        assert!(matches!(clean("größe/日本"), Cow::Borrowed(_)));
    }

    #[test]
    fn paths_and_urls_become_references() {
        assert_eq!(uri_path("a b/c:d/ü%"), "a%20b/c%3Ad/%C3%BC%25");
        assert_eq!(iri("https://ü.example/{id}?x=1"), "https://ü.example/%7Bid%7D?x=1");
    }

    #[test]
    fn counts_read_well() {
        assert_eq!(count(1, "repository"), "1 repository");
        assert_eq!(count(0, "repository"), "0 repositories");
        assert_eq!(count(2, "file"), "2 files");
    }
}
