//! Ruby: comments, `=begin` blocks, strings with `#{}`, `%q()` and heredocs.

use super::{Cursor, begins_word};
use crate::calls::token::{Form, Holes, Kind};

/// A heredoc's name is not longer.
const TAG_BYTES_MAX: usize = 64;

pub(super) fn lex(cursor: &mut Cursor<'_>) {
    // The heredocs that begin on this line; their bodies begin on the next.
    let mut heredocs: Vec<(Vec<u8>, Form)> = Vec::new();
    while !cursor.is_done() {
        match cursor.peek(0) {
            b'\n' => {
                cursor.move_to(cursor.at + 1);
                for (tag, form) in heredocs.drain(..) {
                    heredoc_body(cursor, &tag, form);
                }
                if cursor.rest().starts_with(b"=begin") {
                    cursor.skip_past(6, b"\n=end");
                } else if cursor.rest().starts_with(b"__END__") {
                    return;
                }
            }
            b' ' | b'\t' | b'\r' | b'\\' => cursor.move_to(cursor.at + 1),
            b'#' => cursor.skip_line(),
            b'"' | b'`' => cursor.quoted(1, &[cursor.peek(0)], Form::with(Holes::Hash), true),
            b'\'' => cursor.quoted(1, b"'", Form::PLAIN, true),
            b'%' => percent(cursor),
            b'<' if cursor.rest().starts_with(b"<<") => match heredoc_start(cursor.rest()) {
                Some((length, tag, form)) => {
                    heredocs.push((tag, form));
                    cursor.move_to(cursor.at + length);
                }
                None => cursor.push(Kind::Sign(b'<'), 2),
            },
            b'/' if begins_regex(cursor) => cursor.quoted(1, b"/", Form::PLAIN, false),
            b'@' | b'$' => cursor.move_to(cursor.at + 1),
            b':' if begins_word(cursor.peek(1)) && !matches!(cursor.previous(), Some(Kind::Dot)) => symbol(cursor),
            byte if begins_word(byte) => {
                cursor.word(b'_');
                // A label: `url: "…"`; and `get? x`, `get! x`.
                if matches!(cursor.peek(0), b'?' | b'!') && cursor.peek(1) != b'=' {
                    cursor.move_to(cursor.at + 1);
                }
            }
            byte if byte.is_ascii_digit() => cursor.number(),
            _ => cursor.sign(true),
        }
    }
}

/// `:name` is the word, for `:url => x`.
fn symbol(cursor: &mut Cursor<'_>) {
    cursor.push(Kind::Sign(b':'), 1);
    cursor.word(b'_');
}

fn percent(cursor: &mut Cursor<'_>) {
    let (letter, open) = (cursor.peek(1), cursor.peek(2));
    let close = |open: u8| match open {
        b'(' => Some(b')'),
        b'[' => Some(b']'),
        b'{' => Some(b'}'),
        b'|' | b'!' | b'/' => Some(open),
        _ => None,
    };
    match (letter, close(open), close(letter)) {
        (b'q' | b'w' | b'i' | b'r', Some(close), _) => cursor.quoted(3, &[close], Form::PLAIN, true),
        (b'Q' | b'W' | b'x', Some(close), _) => cursor.quoted(3, &[close], Form::with(Holes::Hash), true),
        (b'(', _, Some(close)) if !matches!(cursor.previous(), Some(Kind::Word | Kind::Text(_))) => {
            cursor.quoted(2, &[close], Form::with(Holes::Hash), true);
        }
        _ => cursor.push(Kind::Sign(b'%'), 1),
    }
}

fn begins_regex(cursor: &Cursor<'_>) -> bool {
    matches!(
        cursor.previous(),
        None | Some(Kind::Open(_) | Kind::Comma | Kind::Assign | Kind::Sign(b'~' | b'!' | b'|') | Kind::Or)
    ) || matches!(cursor.previous_word(), b"if" | b"when" | b"unless" | b"and" | b"or")
}

fn heredoc_start(rest: &[u8]) -> Option<(usize, Vec<u8>, Form)> {
    let squiggle = usize::from(matches!(rest.get(2), Some(b'~' | b'-')));
    let quote = rest.get(2 + squiggle).copied().filter(|byte| matches!(byte, b'\'' | b'"'));
    let begin = 2 + squiggle + usize::from(quote.is_some());
    let tag: Vec<u8> =
        rest.get(begin..)?.iter().copied().take_while(|byte| byte.is_ascii_uppercase() || *byte == b'_').collect();
    if tag.is_empty() || tag.len() > TAG_BYTES_MAX {
        return None;
    }
    let form = if quote == Some(b'\'') { Form::RAW } else { Form::with(Holes::Hash) };
    Some((begin + tag.len() + usize::from(quote.is_some()), tag, form))
}

/// Takes the lines up to the one that holds nothing but the tag.
fn heredoc_body(cursor: &mut Cursor<'_>, tag: &[u8], form: Form) {
    let start = cursor.at;
    let mut at = start;
    for line in cursor.rest().split_inclusive(|byte| *byte == b'\n') {
        if line.trim_ascii() == tag {
            cursor.body(form, start, at, at + line.len() - usize::from(line.ends_with(b"\n")));
            return;
        }
        at += line.len();
    }
    cursor.body(form, start, at, at);
}
