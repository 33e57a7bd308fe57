//! The languages with `//` and braces: JavaScript, Go, Java, Kotlin, Scala, C#, Rust, Swift.

use super::{Cursor, begins_word};
use crate::calls::language::Language;
use crate::calls::token::{Form, Holes, Kind};

pub(super) fn lex(cursor: &mut Cursor<'_>, language: Language) {
    while !cursor.is_done() {
        match cursor.peek(0) {
            b' ' | b'\t' | b'\r' | b'\n' => cursor.skip_white(),
            b'/' if cursor.peek(1) == b'/' => cursor.skip_line(),
            b'/' if cursor.peek(1) == b'*' => block_comment(cursor, language),
            b'/' if language == Language::JavaScript && begins_regex(cursor) => regex(cursor),
            b'"' => double_quoted(cursor, language),
            b'\'' => single_quoted(cursor, language),
            b'`' => backtick(cursor, language),
            b'$' | b'@' if language == Language::CSharp => csharp_string(cursor),
            b'#' if language == Language::Swift && matches!(cursor.peek(1), b'"' | b'#') => raw(cursor, 0),
            b'#' if language == Language::CSharp => cursor.skip_line(),
            b'#' if language == Language::JavaScript && begins_word(cursor.peek(1)) => cursor.move_to(cursor.at + 1),
            b'r' | b'b' | b'c' if language == Language::Rust && rust_prefix(cursor.rest()).is_some() => {
                raw(cursor, rust_prefix(cursor.rest()).unwrap_or(0));
            }
            byte if language == Language::Scala && begins_word(byte) && interpolator(cursor.rest()) > 0 => {
                cursor.move_to(cursor.at + interpolator(cursor.rest()));
                triple_or_plain(cursor, Form::with(Holes::Dollar));
            }
            b'$' if language == Language::JavaScript => cursor.word(b'$'),
            byte if begins_word(byte) => cursor.word(if language == Language::JavaScript { b'$' } else { b'_' }),
            byte if byte.is_ascii_digit() => cursor.number(),
            _ => cursor.sign(false),
        }
    }
}

/// Scala: the length of the name that stands right before a string and reads it, if that is what comes.
fn interpolator(rest: &[u8]) -> usize {
    /// `s`, `f`, `uri`, `json`: real ones are short.
    const NAME_BYTES_MAX: usize = 16;
    let length = rest.iter().take(NAME_BYTES_MAX).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    if rest.get(length) == Some(&b'"') { length } else { 0 }
}

fn block_comment(cursor: &mut Cursor<'_>, language: Language) {
    if !matches!(language, Language::Rust | Language::Swift | Language::Kotlin | Language::Scala) {
        cursor.skip_past(2, b"*/");
        return;
    }
    let mut depth = 0usize;
    let mut at = cursor.at;
    while let Some(rest) = cursor.bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += memchr::memchr2(b'/', b'*', rest.get(1..).unwrap_or_default()).map_or(rest.len(), |next| next + 1);
        }
    }
    cursor.move_to(at);
}

fn double_quoted(cursor: &mut Cursor<'_>, language: Language) {
    match language {
        Language::Kotlin => triple_or_plain(cursor, Form::with(Holes::Dollar)),
        Language::Swift => triple_or_plain(cursor, Form::with(Holes::Backslash)),
        Language::Java | Language::Scala | Language::CSharp => triple_or_plain(cursor, Form::PLAIN),
        Language::Rust => cursor.quoted(1, b"\"", Form::PLAIN, true),
        Language::JavaScript | Language::Go | Language::Python | Language::Ruby | Language::Php | Language::Shell => {
            cursor.quoted(1, b"\"", Form::PLAIN, false)
        }
    }
}

fn triple_or_plain(cursor: &mut Cursor<'_>, form: Form) {
    if cursor.rest().starts_with(b"\"\"\"") {
        cursor.quoted(3, b"\"\"\"", form, true);
    } else {
        cursor.quoted(1, b"\"", form, false);
    }
}

fn single_quoted(cursor: &mut Cursor<'_>, language: Language) {
    if language == Language::JavaScript {
        cursor.quoted(1, b"'", Form::PLAIN, false);
        return;
    }
    // A character; anything longer is a lifetime, a symbol or a label.
    let length = match cursor.rest() {
        [_, b'\\', rest @ ..] => rest.iter().take(10).skip(1).position(|byte| *byte == b'\'').map(|at| at + 4),
        [_, _, rest @ ..] => rest.iter().take(4).position(|byte| *byte == b'\'').map(|at| at + 3),
        _ => None,
    };
    let is_name =
        language == Language::Rust && begins_word(cursor.peek(1)) && cursor.peek(2) != b'\'' && cursor.peek(1) < 0x80;
    match length.filter(|_| !is_name) {
        Some(length) => cursor.push(Kind::Number, length),
        None => cursor.push(Kind::Sign(b'\''), 1),
    }
}

fn backtick(cursor: &mut Cursor<'_>, language: Language) {
    match language {
        Language::JavaScript => cursor.quoted(1, b"`", Form::with(Holes::DollarBrace), true),
        Language::Go => cursor.quoted(1, b"`", Form::RAW, true),
        // A name that is a keyword too.
        Language::Java
        | Language::Kotlin
        | Language::Scala
        | Language::CSharp
        | Language::Rust
        | Language::Swift
        | Language::Python
        | Language::Ruby
        | Language::Php
        | Language::Shell => cursor.move_to(cursor.at + 1),
    }
}

/// `$"…{x}…"`, `@"…"`, `$@"…"`, `$"""…"""`; else an `@name` or a sign.
fn csharp_string(cursor: &mut Cursor<'_>) {
    let marks = cursor.rest().iter().take_while(|byte| matches!(byte, b'$' | b'@')).count();
    let rest = cursor.rest().get(marks..).unwrap_or_default();
    if rest.first() != Some(&b'"') {
        cursor.push(Kind::Sign(cursor.peek(0)), 1);
        return;
    }
    let head = cursor.rest().get(..marks).unwrap_or_default();
    let (verbatim, holes) = (head.contains(&b'@'), if head.contains(&b'$') { Holes::Brace } else { Holes::None });
    if rest.starts_with(b"\"\"\"") {
        cursor.quoted(marks + 3, b"\"\"\"", Form { escapes: false, holes }, true);
    } else {
        cursor.quoted(marks + 1, b"\"", Form { escapes: !verbatim, holes }, verbatim);
    }
}

/// The length of the letters before a raw or byte string.
fn rust_prefix(rest: &[u8]) -> Option<usize> {
    let length = rest.iter().take(2).take_while(|byte| matches!(byte, b'r' | b'b' | b'c')).count();
    let raw = rest.get(..length)?.contains(&b'r');
    match rest.get(length)? {
        b'"' => Some(length),
        b'#' if raw && matches!(rest.get(length + 1)?, b'"' | b'#') => Some(length),
        _ => None,
    }
}

/// `#"…"#` with as many marks as it has, behind `prefix` letters.
fn raw(cursor: &mut Cursor<'_>, prefix: usize) {
    /// No real string has more marks around it.
    const MARKS_MAX: usize = 16;
    let is_raw = prefix == 0 || cursor.rest().iter().take(prefix).any(|letter| *letter == b'r');
    let marks = cursor.rest().iter().skip(prefix).take(MARKS_MAX).take_while(|byte| **byte == b'#').count();
    if cursor.peek(prefix + marks) != b'"' {
        cursor.push(Kind::Sign(b'#'), prefix + marks.max(1));
        return;
    }
    let mut close = vec![b'"'];
    close.resize(marks + 1, b'#');
    let form = if is_raw { Form::RAW } else { Form::PLAIN };
    cursor.quoted(prefix + marks + 1, &close, form, true);
}

fn begins_regex(cursor: &Cursor<'_>) -> bool {
    match cursor.previous() {
        None
        | Some(
            Kind::Open(_)
            | Kind::Comma
            | Kind::Assign
            | Kind::Colon
            | Kind::Arrow
            | Kind::Or
            | Kind::Plus
            | Kind::Sign(b'!' | b'&' | b'|' | b'?' | b';' | b'~' | b'+')
            | Kind::Close(b'}'),
        ) => true,
        Some(Kind::Word) => {
            matches!(cursor.previous_word(), b"return" | b"typeof" | b"case" | b"in" | b"of" | b"delete" | b"void")
        }
        Some(Kind::Number | Kind::Text(_) | Kind::Dot | Kind::Close(_) | Kind::Sign(_)) => false,
    }
}

/// Passes over a regular expression; it ends on its line, or is none.
fn regex(cursor: &mut Cursor<'_>) {
    /// What is longer is taken for divisions: each attempt costs so many steps.
    const REGEX_BYTES_MAX: usize = 500;
    let mut in_class = false;
    let mut escaped = false;
    for (length, byte) in cursor.rest().iter().enumerate().take(REGEX_BYTES_MAX).skip(1) {
        match byte {
            b'\n' => break,
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'/' if !in_class => {
                cursor.push(Kind::Number, length + 1);
                return;
            }
            _ => {}
        }
    }
    cursor.push(Kind::Sign(b'/'), 1);
}
