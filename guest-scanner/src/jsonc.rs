//! JSON with comments, and with commas behind the last of a list: JSONC.

use std::borrow::Cow;

/// The text as plain JSON: spaces stand where comments were and commas too many. Every other byte is
/// where it was, so places found in the one are places in the other. What is neither JSON nor JSONC
/// stays that.
pub fn plain(text: &str) -> Cow<'_, str> {
    let mut blanks = Vec::new();
    let mut comma = None;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let length = match first {
            '"' => string_length(rest),
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => {
                rest.get(2..).and_then(|inside| inside.find("*/")).map_or(rest.len(), |end| end + 4)
            }
            other => other.len_utf8(),
        };
        match first {
            '/' if length > 1 => blanks.push(at..at + length),
            ',' => comma = Some(at),
            '}' | ']' => blanks.extend(comma.take().map(|at| at..at + 1)),
            other if other.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        rest = rest.get(length..).unwrap_or("");
    }
    if blanks.is_empty() {
        return Cow::Borrowed(text);
    }
    // A comma is found to be one too many only after the comments behind it.
    blanks.sort_unstable_by_key(|blank| blank.start);
    let mut plain = String::with_capacity(text.len());
    for blank in blanks {
        plain.push_str(text.get(plain.len()..blank.start).unwrap_or(""));
        let hidden = text.get(blank).unwrap_or("");
        plain.extend(hidden.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    }
    plain.push_str(text.get(plain.len()..).unwrap_or(""));
    Cow::Owned(plain)
}

/// How long the string is that `text` begins with, with its quotes; all of it, if it has no end.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn comments_and_commas_become_spaces() {
        let cases = [
            (r#"{"a": [1, 2,], }"#, r#"{"a": [1, 2 ]  }"#),
            ("[1, // é\n 2, /* , */ ]", "[1,      \n 2          ]"),
            (r#"["//", "\",]", "/*"]"#, r#"["//", "\",]", "/*"]"#),
            ("[1,/*\n*/,2]", "[1,  \n  ,2]"),
            ("[1] /* open", "[1]        "),
            ("/ \"open", "/ \"open"),
            ("/*/ 1", "     "),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), expected);
            assert_eq!(plain(text).len(), text.len());
        }
    }
}
