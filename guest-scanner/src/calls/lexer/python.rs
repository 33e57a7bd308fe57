//! Python: comments, prefixed and triple strings.

use super::{Cursor, begins_word, plain_end};
use crate::calls::token::{Form, Holes, Kind};

/// Quotes without a partner on their line that are looked at before [`begins_string`] gives up.
const UNPAIRED_MAX: u32 = 16;

pub(super) fn lex(cursor: &mut Cursor<'_>) {
    while !cursor.is_done() {
        match cursor.peek(0) {
            b' ' | b'\t' | b'\r' | b'\n' => cursor.skip_white(),
            b'\\' | 0x0c => cursor.move_to(cursor.at + 1),
            b'#' => cursor.skip_line(),
            b'"' | b'\'' => string(cursor, 0),
            byte if begins_word(byte) => match prefix(cursor.rest()) {
                Some(length) => string(cursor, length),
                None if cursor.rest().starts_with(b"or ") => cursor.push(Kind::Or, 2),
                None => cursor.word(b'_'),
            },
            byte if byte.is_ascii_digit() => cursor.number(),
            _ => cursor.sign(false),
        }
    }
}

/// Whether the text of a string begins at `at`: not so in comments, nor within a longer text. Quicker than to lex it all.
pub(in crate::calls) fn begins_string(bytes: &[u8], at: usize) -> bool {
    let (mut from, mut unpaired) = (0, 0);
    while let Some(found) = memchr::memchr3(b'"', b'\'', b'#', bytes.get(from..).unwrap_or_default()) {
        from += found;
        let rest = bytes.get(from..).unwrap_or_default();
        let close = match rest {
            _ if from >= at => return false,
            [b'#', ..] => {
                from += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                continue;
            }
            [quote, second, third, ..] if quote == second && quote == third => rest.get(..3),
            _ => rest.get(..1),
        };
        let close = close.unwrap_or_default();
        let (start, is_long) = (from + close.len(), close.len() > 1);
        if start >= at {
            return start == at;
        }
        from = match plain_end(bytes, start, close, true, is_long) {
            Some(end) => end + close.len(),
            None if is_long => return false,
            None => {
                unpaired += 1;
                start
            }
        };
        // Each costs a line, which can be as long as the file.
        if unpaired > UNPAIRED_MAX {
            return true;
        }
    }
    false
}

/// The length of a string's prefix, `rb` for example, if that is what stands here.
fn prefix(rest: &[u8]) -> Option<usize> {
    let length = rest
        .iter()
        .take(3)
        .take_while(|byte| matches!(byte.to_ascii_lowercase(), b'r' | b'b' | b'u' | b'f' | b't'))
        .count();
    let quote = rest.get(length)?;
    (length <= 2 && matches!(quote, b'"' | b'\'')).then_some(length)
}

fn string(cursor: &mut Cursor<'_>, prefix: usize) {
    let has = |letters: &[u8]| cursor.rest().iter().take(prefix).any(|letter| letters.contains(letter));
    let holes = if has(b"fFtT") { Holes::Brace } else { Holes::None };
    let form = Form { escapes: true, holes };
    let quote = cursor.peek(prefix);
    let triple = [quote; 3];
    if cursor.rest().get(prefix..).is_some_and(|rest| rest.starts_with(&triple)) {
        cursor.quoted(prefix + 3, &triple, form, true);
    } else {
        cursor.quoted(prefix + 1, &[quote], form, false);
    }
}

#[cfg(test)]
mod tests {
    use super::{UNPAIRED_MAX, begins_string};

    fn begins(source: &str) -> bool {
        begins_string(source.as_bytes(), source.find("http").unwrap())
    }

    #[test]
    fn texts_are_told_from_prose() {
        for source in [
            "url = 'http'",
            "a = 'don\\'t' # it's\nurl = f\"http\"",
            "'''\"''' + \"\"\"'''\"\"\"\nurl = '''http'''",
            "it's\nurl = 'http'",
            "'' 'http'",
            "'http",
        ] {
            assert!(begins(source), "{source}");
        }
        for source in [
            "# url = 'http'",
            "'''\nurl: 'http'\n'''",
            "\"url = 'http'\"",
            "\"\"\"'http'",
            "url = http",
            "it's\n# 'http'",
        ] {
            assert!(!begins(source), "{source}");
        }
    }

    #[test]
    fn of_what_takes_too_long_nothing_is_said() {
        let odd = "it's\n".repeat(UNPAIRED_MAX as usize + 1);
        assert!(begins(&format!("{odd}# 'http'")));
    }
}
