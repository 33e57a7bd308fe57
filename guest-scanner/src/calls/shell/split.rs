//! A script as simple commands: words, without comments and the bodies of here-documents.

/// A command does not have more words.
const WORDS_MAX: usize = 200;

/// The tag of a here-document is not longer.
const TAG_BYTES_MAX: usize = 64;

/// A word of a command, with its quotes removed.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) raw: String,
    /// From 1, within the script.
    pub(super) line: u32,
}

/// The simple commands of a script, also those within `$(…)`.
#[derive(Debug)]
pub(super) struct Commands<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    line: u32,
    /// Tags of here-documents whose bodies begin on the next line.
    documents: Vec<Vec<u8>>,
    /// Commands within `$(…)` that go on after the inner one.
    outer: Vec<Vec<Word>>,
}

impl<'t> Commands<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { bytes: text.as_bytes(), text, at: 0, line: 1, documents: Vec::new(), outer: Vec::new() }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn newline(&mut self) {
        self.at += 1;
        self.line += 1;
        for tag in std::mem::take(&mut self.documents) {
            while self.at < self.bytes.len() {
                let rest = self.bytes.get(self.at..).unwrap_or_default();
                let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
                let is_end = rest.get(..length).unwrap_or_default().trim_ascii() == tag;
                self.at += length;
                self.line += 1;
                if is_end {
                    break;
                }
            }
        }
    }

    fn document(&mut self) {
        let rest = self.bytes.get(self.at + 2..).unwrap_or_default();
        let tag: Vec<u8> = rest
            .iter()
            .skip_while(|byte| matches!(byte, b'-' | b' ' | b'~'))
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'' | b'"' | b'\\'))
            .take(TAG_BYTES_MAX)
            .copied()
            .filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .collect();
        if !tag.is_empty() {
            self.documents.push(tag);
        }
        self.at += 2;
    }

    /// A word that begins here.
    fn word(&mut self) -> Word {
        let mut word = Word { raw: String::new(), line: self.line };
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b'<' | b'>' | b')' => break,
                b'(' if !word.raw.ends_with('$') => break,
                b'\'' => self.single_quoted(&mut word),
                b'"' => self.double_quoted(&mut word),
                b'\\' if self.peek(1) == b'\n' => {
                    self.at += 2;
                    self.line += 1;
                }
                b'\\' => {
                    self.at += 1;
                    self.one(&mut word);
                }
                b'$' if self.peek(1) == b'(' && !self.begins_command(&word) => self.substitution(&mut word),
                b'$' if self.peek(1) == b'(' => break,
                b'$' if self.peek(1) == b'{' => self.braces(&mut word),
                b'`' => break,
                _ => self.one(&mut word),
            }
        }
        word
    }

    /// Whether `$(` here begins a command that is split by itself: where the word is one alone or a value.
    fn begins_command(&self, word: &Word) -> bool {
        word.raw.is_empty() || word.raw.ends_with('=')
    }

    /// One character.
    fn one(&mut self, word: &mut Word) {
        let Some(letter) = self.text.get(self.at..).and_then(|rest| rest.chars().next()) else {
            self.at += 1;
            return;
        };
        if letter == '\n' {
            self.line += 1;
        }
        word.raw.push(letter);
        self.at += letter.len_utf8();
    }

    fn single_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        while self.at < self.bytes.len() && self.peek(0) != b'\'' {
            self.one(word);
        }
        self.at += 1;
    }

    fn double_quoted(&mut self, word: &mut Word) {
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'"' => break,
                b'\\' => {
                    self.at += 1;
                    self.one(word);
                }
                b'$' if self.peek(1) == b'(' && word.raw.is_empty() => {
                    // `"$(curl …)"`: the command within is one of its own.
                    self.at += 2;
                    self.outer.push(Vec::new());
                    return;
                }
                b'$' if self.peek(1) == b'(' => self.substitution(word),
                b'$' if self.peek(1) == b'{' => self.braces(word),
                _ => self.one(word),
            }
        }
        self.at += 1;
    }

    fn braces(&mut self, word: &mut Word) {
        while self.at < self.bytes.len() && self.peek(0) != b'}' && self.peek(0) != b'\n' {
            self.one(word);
        }
        if self.peek(0) == b'}' {
            self.one(word);
        }
    }

    /// `$(…)` in the middle of a word: its first word stays, to name what is not known.
    fn substitution(&mut self, word: &mut Word) {
        let mut depth = 0usize;
        let mut is_first = true;
        word.raw.push_str("$(");
        self.at += 2;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'(' => depth += 1,
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                b'\n' => self.line += 1,
                byte => {
                    is_first &= byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
                    if is_first {
                        word.raw.push(char::from(byte));
                    }
                }
            }
            self.at += 1;
        }
        word.raw.push(')');
        self.at += 1;
    }
}

impl Iterator for Commands<'_> {
    type Item = Vec<Word>;

    fn next(&mut self) -> Option<Vec<Word>> {
        let mut words: Vec<Word> = Vec::new();
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                }
                b'\\' if self.peek(1) == b'\n' => {
                    self.at += 2;
                    self.line += 1;
                }
                b'\\' if self.peek(1) == b'\r' => self.at += 2,
                b'\n' => {
                    self.newline();
                    if !words.is_empty() {
                        return Some(words);
                    }
                }
                b'<' if self.peek(1) == b'<' && self.peek(2) != b'<' => self.document(),
                b'&' if self.peek(1) == b'>' => self.at += 2,
                b'>' if self.peek(1) == b'&' => self.at += 2,
                b';' | b'|' | b'&' | b'(' | b')' | b'`' => {
                    self.at += 1;
                    if !words.is_empty() {
                        return Some(words);
                    }
                }
                b'<' | b'>' => self.at += 1,
                b'$' if self.peek(1) == b'(' => {
                    self.at += 2;
                    if !words.is_empty() {
                        return Some(words);
                    }
                }
                _ => {
                    let before = self.at;
                    let opened = self.outer.len();
                    let word = self.word();
                    if self.at == before {
                        self.at += 1;
                    }
                    if words.len() < WORDS_MAX {
                        words.push(word);
                    }
                    if self.outer.len() > opened {
                        self.outer.clear();
                        return Some(words);
                    }
                }
            }
        }
        (!words.is_empty()).then_some(words)
    }
}
