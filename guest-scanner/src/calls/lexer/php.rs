//! PHP: what stands between `<?php` and `?>`; its dot joins strings.

use super::{Cursor, begins_word};
use crate::calls::token::{Form, Holes, Kind};

/// A heredoc's name is not longer.
const TAG_BYTES_MAX: usize = 64;

pub(super) fn lex(cursor: &mut Cursor<'_>) {
    cursor.skip_past(0, b"<?");
    while !cursor.is_done() {
        match cursor.peek(0) {
            b' ' | b'\t' | b'\r' | b'\n' => cursor.skip_white(),
            b'$' | b'\\' | b'@' => cursor.move_to(cursor.at + 1),
            b'?' if cursor.peek(1) == b'>' => {
                // The end of a statement, and markup up to the next piece of code.
                cursor.push(Kind::Sign(b';'), 2);
                cursor.skip_past(0, b"<?");
            }
            b'#' if cursor.peek(1) == b'[' => cursor.push(Kind::Sign(b'#'), 1),
            b'#' => cursor.skip_line(),
            b'/' if cursor.peek(1) == b'/' => cursor.skip_line(),
            b'/' if cursor.peek(1) == b'*' => cursor.skip_past(2, b"*/"),
            b'"' => cursor.quoted(1, b"\"", Form::with(Holes::Php), true),
            b'\'' => cursor.quoted(1, b"'", Form::PLAIN, true),
            b'<' if cursor.rest().starts_with(b"<<<") => heredoc(cursor),
            b'.' if cursor.peek(1) == b'=' => cursor.push(Kind::Sign(b'+'), 2),
            b'.' => cursor.push(Kind::Plus, 1),
            b'+' => cursor.push(Kind::Sign(b'+'), 1),
            byte if begins_word(byte) => word(cursor),
            byte if byte.is_ascii_digit() => cursor.number(),
            _ => cursor.sign(true),
        }
    }
}

/// A name with its namespace: of `\GuzzleHttp\Client` the last part counts, as after a `use`.
fn word(cursor: &mut Cursor<'_>) {
    cursor.word(b'_');
    while cursor.peek(0) == b'\\' && begins_word(cursor.peek(1)) {
        cursor.tokens.pop();
        cursor.move_to(cursor.at + 1);
        cursor.word(b'_');
    }
}

fn heredoc(cursor: &mut Cursor<'_>) {
    let rest = cursor.rest();
    let head = rest.get(3..).unwrap_or_default().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let form = if head.contains(&b'\'') { Form::RAW } else { Form::with(Holes::Php) };
    let tag: Vec<u8> = head.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').collect();
    if tag.is_empty() || tag.len() > TAG_BYTES_MAX {
        cursor.push(Kind::Sign(b'<'), 3);
        return;
    }
    let start = cursor.at + 3 + head.len() + 1;
    let mut at = start;
    for line in cursor.bytes.get(start..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
        let margin = line.len() - line.trim_ascii_start().len();
        if line.trim_ascii_start().starts_with(&tag) {
            cursor.body(form, start, at, at + margin + tag.len());
            return;
        }
        at += line.len();
    }
    let end = cursor.bytes.len();
    cursor.body(form, start.min(end), end, end);
}
