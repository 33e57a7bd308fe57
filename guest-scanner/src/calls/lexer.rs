//! From source to tokens: one lexer a language family, over one cursor. All of them are iterative, read
//! each byte a bounded number of times, and take any bytes.

mod c_like;
mod hole;
mod php;
pub(super) mod python;
mod ruby;

use memchr::{memchr_iter, memmem};

use super::language::Language;
use super::sieve::Mark;
use super::token::{Form, Holes, Kind, Token};
pub(crate) use hole::HoleSkipper;

/// Bytes of source for each token, a little less than usual.
const TOKEN_BYTES_MEAN: usize = 6;

/// The tokens of `text`.
pub(crate) fn tokens(language: Language, text: &str) -> Vec<Token> {
    let mut cursor = Cursor::new(text);
    match language {
        Language::Python => python::lex(&mut cursor),
        Language::Ruby => ruby::lex(&mut cursor),
        Language::Php => php::lex(&mut cursor),
        Language::JavaScript
        | Language::Go
        | Language::Java
        | Language::Kotlin
        | Language::Scala
        | Language::CSharp
        | Language::Rust
        | Language::Swift => c_like::lex(&mut cursor, language),
        Language::Shell => {}
    }
    cursor.tokens
}

/// A place in a source, and the tokens before it.
struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
    line: u32,
    tokens: Vec<Token>,
    holes: HoleSkipper,
    /// A quote that found no partner on its line, and where that line ends: others of its sort before
    /// there are signs too. Without it, a line of nothing but such quotes would cost its square.
    unpaired: (u8, usize),
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Self {
        let (tokens, holes) = (Vec::with_capacity(text.len() / TOKEN_BYTES_MEAN), HoleSkipper::default());
        Self { bytes: text.as_bytes(), at: 0, line: 1, tokens, holes, unpaired: (0, 0) }
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn previous(&self) -> Option<Kind> {
        self.tokens.last().map(|token| token.kind)
    }

    /// The last token's text.
    fn previous_word(&self) -> &'t [u8] {
        let Some(last) = self.tokens.last().filter(|last| last.kind == Kind::Word) else { return b"" };
        self.bytes.get(last.start as usize..last.end as usize).unwrap_or_default()
    }

    /// Goes to `end`, counting lines.
    fn move_to(&mut self, end: usize) {
        let end = end.min(self.bytes.len());
        let passed = self.bytes.get(self.at..end).unwrap_or_default();
        let newlines = if passed.len() < 16 {
            passed.iter().filter(|byte| **byte == b'\n').count()
        } else {
            memchr_iter(b'\n', passed).count()
        };
        self.line = self.line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.at = end;
    }

    /// Goes over to the end of the line, not past it.
    fn skip_line(&mut self) {
        let length = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
        self.at += length;
    }

    /// Goes behind the next `end`, or to the end of the text.
    fn skip_past(&mut self, from: usize, end: &[u8]) {
        let begin = self.at + from;
        let found = self.bytes.get(begin..).and_then(|rest| memmem::find(rest, end));
        self.move_to(found.map_or(self.bytes.len(), |found| begin + found + end.len()));
    }

    /// Adds a token of the next `length` bytes.
    fn push(&mut self, kind: Kind, length: usize) {
        let end = (self.at + length).min(self.bytes.len());
        self.push_span(kind, self.at, end);
        self.move_to(end);
    }

    /// Adds a token of the next bytes, none of which ends a line.
    fn push_within_line(&mut self, kind: Kind, length: usize) {
        let end = (self.at + length).min(self.bytes.len());
        self.push_span(kind, self.at, end);
        self.at = end;
    }

    /// Goes over blanks, and what ends lines.
    fn skip_white(&mut self) {
        let (mut at, mut lines) = (self.at, 0);
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.bytes.get(at) {
            lines += u32::from(*byte == b'\n');
            at += 1;
        }
        self.line = self.line.saturating_add(lines);
        self.at = at.max(self.at + 1);
    }

    fn push_span(&mut self, kind: Kind, start: usize, end: usize) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mark = match kind {
            Kind::Word => Mark::of(self.bytes.get(start..end).unwrap_or_default()),
            _ => Mark::default(),
        };
        self.tokens.push(Token { kind, start: offset(start), end: offset(end), line: self.line, mark });
    }

    /// A name: letters, digits, `_`, whatever is not ASCII, and `extra`.
    fn word(&mut self, extra: u8) {
        let is_part = |byte: &u8| NAME_BYTES.get(usize::from(*byte)).is_some_and(|is| *is) || *byte == extra;
        let length = self.rest().iter().skip(1).take_while(|byte| is_part(byte)).count() + 1;
        self.push_within_line(Kind::Word, length);
    }

    fn number(&mut self) {
        let rest = self.rest();
        let mut length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let fraction = rest.get(length..).unwrap_or_default();
        if let [b'.', digit, ..] = fraction
            && digit.is_ascii_digit()
        {
            length += 1 + fraction.iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        }
        self.push(Kind::Number, length.max(1));
    }

    /// A string whose body begins `open` bytes from here and ends before `close`. If it may not go over
    /// lines and does, its first quote is a sign like others; one without an end is all the rest.
    fn quoted(&mut self, open: usize, close: &[u8], form: Form, over_lines: bool) {
        let start = self.at + open;
        let quote = close.first().copied().unwrap_or(0);
        if !over_lines && self.unpaired.0 == quote && self.at < self.unpaired.1 {
            self.push(Kind::Sign(quote), open.max(1));
            return;
        }
        match self.body_end(start, close, form, over_lines) {
            Some(end) => {
                self.push_span(Kind::Text(form), start, end);
                self.move_to(end + close.len());
            }
            None if over_lines => self.move_to(self.bytes.len()),
            None => {
                let length = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
                self.unpaired = (quote, self.at + length);
                self.push(Kind::Sign(quote), open.max(1));
            }
        }
    }

    /// A text of a body that stands between two offsets; the cursor goes to `next`.
    fn body(&mut self, form: Form, start: usize, end: usize, next: usize) {
        self.push_span(Kind::Text(form), start, end);
        self.move_to(next);
    }

    fn body_end(&mut self, start: usize, close: &[u8], form: Form, over_lines: bool) -> Option<usize> {
        let first = close.first().copied()?;
        if form.holes == Holes::None {
            return plain_end(self.bytes, start, close, form.escapes, over_lines);
        }
        let mut at = start;
        loop {
            let rest = self.bytes.get(at..)?;
            let byte = *rest.first()?;
            if byte == first && rest.starts_with(close) {
                return Some(at);
            }
            if byte == b'\n' && !over_lines {
                return None;
            }
            if let Some((length, closer)) = form.holes.opening(rest)
                && let Some(end) = self.holes.end(self.bytes, at + length, closer, over_lines)
            {
                at = end;
            } else {
                at += if (byte == b'\\' && form.escapes) || rest.starts_with(b"{{") && form.holes == Holes::Brace {
                    2
                } else {
                    1
                };
            }
        }
    }

    /// A sign, or one of the groups of signs that mean something everywhere.
    fn sign(&mut self, arrow_is_dot: bool) {
        // Most signs are these, and no part of a group.
        let alone = match self.peek(0) {
            b',' => Some(Kind::Comma),
            open @ (b'(' | b'[' | b'{') => Some(Kind::Open(open)),
            close @ (b')' | b']' | b'}') => Some(Kind::Close(close)),
            b';' => Some(Kind::Sign(b';')),
            _ => None,
        };
        if let Some(kind) = alone {
            return self.push_within_line(kind, 1);
        }
        let (kind, length) = match self.rest() {
            [b'?', b'.', next, ..] if !next.is_ascii_digit() => (Kind::Dot, 2),
            [b'&', b'.', ..] | [b':', b':', ..] => (Kind::Dot, 2),
            [b'-', b'>', ..] => (if arrow_is_dot { Kind::Dot } else { Kind::Arrow }, 2),
            [b'.', b'.', b'.', ..] => (Kind::Sign(b'.'), 3),
            [b'.', ..] => (Kind::Dot, 1),
            [b'=', b'=', b'=', ..] | [b'!', b'=', b'=', ..] => (Kind::Sign(b'~'), 3),
            [b'=' | b'!' | b'<' | b'>', b'=', ..] => (Kind::Sign(b'~'), 2),
            [b'=', b'>', ..] => (Kind::Arrow, 2),
            [b':', b'=', ..] => (Kind::Assign, 2),
            [b'+', b'=', ..] => (Kind::Sign(b'+'), 2),
            [b'|', b'|', b'=', ..] | [b'?', b'?', b'=', ..] => (Kind::Assign, 3),
            [b'|', b'|', ..] | [b'?', b'?', ..] | [b'?', b':', ..] => (Kind::Or, 2),
            [b'+', b'+', ..] | [b'-', b'-', ..] | [b'&', b'&', ..] => (Kind::Sign(b'&'), 2),
            [b'=', ..] => (Kind::Assign, 1),
            [b'+', ..] => (Kind::Plus, 1),
            [b':', ..] => (Kind::Colon, 1),
            [other, ..] => (Kind::Sign(*other), 1),
            [] => return,
        };
        if kind == Kind::Sign(b'\n') { self.push(kind, length) } else { self.push_within_line(kind, length) }
    }
}

/// Where a text without expressions in it ends.
fn plain_end(bytes: &[u8], start: usize, close: &[u8], escapes: bool, over_lines: bool) -> Option<usize> {
    let first = close.first().copied()?;
    let escape = if escapes { b'\\' } else { first };
    let newline = if over_lines { first } else { b'\n' };
    let mut at = start;
    loop {
        let rest = bytes.get(at..)?;
        at += memchr::memchr3(first, escape, newline, rest)?;
        let byte = *bytes.get(at)?;
        if byte == first && bytes.get(at..)?.starts_with(close) {
            return Some(at);
        }
        if byte == newline && !over_lines {
            return None;
        }
        at += if byte == b'\\' && escapes { 2 } else { 1 };
    }
}

/// What names are made of, byte by byte: most of a source is looked up here.
#[expect(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "below the length of the table, at compile time"
)]
const NAME_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        let letter = byte as u8;
        table[byte] = letter.is_ascii_alphanumeric() || letter == b'_' || letter >= 0x80;
        byte += 1;
    }
    table
};

/// Whether a name may begin with it.
fn begins_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}
