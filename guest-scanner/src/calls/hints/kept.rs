//! Which of the addresses in a source may be a constant's. Without a client in the file nothing else about them counts, and
//! most are in comments, licences and documentation.

use crate::calls::endpoints;
use crate::calls::language::Language;
use crate::calls::lexer;

/// How far before an address its name is looked for: lines, and bytes.
const LINES_BEFORE: usize = 2;
const NAME_BYTES_MAX: usize = 1024;

/// The addresses of a file of which it is found out whether they are in prose: each time its beginning is read again.
const PROSE_CHECKS_MAX: u32 = 8;

/// Names and addresses of a file that are judged: a file of nothing else would cost a thousand times what lexing it does.
const NAMES_MAX: u32 = 1024;

/// Judges the addresses of one file.
#[derive(Debug)]
pub(super) struct Kept<'b> {
    language: Language,
    bytes: &'b [u8],
    checks_left: u32,
    names_left: u32,
}

impl<'b> Kept<'b> {
    pub(super) fn new(language: Language, bytes: &'b [u8]) -> Self {
        Self { language, bytes, checks_left: PROSE_CHECKS_MAX, names_left: NAMES_MAX }
    }

    /// Whether the address at `start` may be kept for calls elsewhere.
    pub(super) fn may_be(&mut self, start: usize) -> bool {
        self.language == Language::Shell || self.is_quoted(start) && self.has_name(start) && !self.is_prose(start)
    }

    /// Whether it may be the beginning of a text.
    fn is_quoted(&self, start: usize) -> bool {
        let before = start.checked_sub(1).and_then(|before| self.bytes.get(before));
        match self.language {
            Language::Shell => true,
            // The first line of a document within the code, and Ruby's `%q(…)`.
            Language::Php => matches!(before, Some(b'"' | b'\'' | b'`' | b'\n')),
            Language::Ruby => matches!(before, Some(b'"' | b'\'' | b'`' | b'\n' | b'(' | b'[' | b'{' | b'<' | b'|')),
            Language::Python
            | Language::JavaScript
            | Language::Go
            | Language::Java
            | Language::Kotlin
            | Language::Scala
            | Language::CSharp
            | Language::Rust
            | Language::Swift => matches!(before, Some(b'"' | b'\'' | b'`')),
        }
    }

    /// Whether before it there may be the name of a constant for calls elsewhere: on the same line, or on one of the two
    /// before.
    fn has_name(&mut self, start: usize) -> bool {
        let near = self.bytes.get(start.saturating_sub(NAME_BYTES_MAX)..start).unwrap_or_default();
        let line = memchr::memrchr_iter(b'\n', near).nth(LINES_BEFORE);
        endpoints::may_say(self.language, near.get(line.unwrap_or(0)..).unwrap_or_default(), &mut self.names_left)
    }

    /// Whether it is in a comment, or within a longer text: Python's documentation is in strings, and has examples.
    fn is_prose(&mut self, start: usize) -> bool {
        if self.language != Language::Python || self.checks_left == 0 {
            return false;
        }
        self.checks_left -= 1;
        !lexer::python::begins_string(self.bytes, start)
    }
}
