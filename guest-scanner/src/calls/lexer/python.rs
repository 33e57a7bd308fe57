//! Python: comments, prefixed and triple strings.

use super::{Cursor, begins_word};
use crate::calls::token::{Form, Holes, Kind};

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

/// The length of a string's prefix, `rb` for example, if that is what stands here.
fn prefix(rest: &[u8]) -> Option<usize> {
    let length = rest.iter().take(3).take_while(|byte| b"rRbBuUfFtT".contains(byte)).count();
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
