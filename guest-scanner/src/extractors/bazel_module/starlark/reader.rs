//! From letters to pieces.

use std::borrow::Cow;

use super::{Code, Kind, NODES_MAX, Node};

/// Reads as far as the text makes sense; the second is where and why it ended early.
pub(in crate::extractors::bazel_module) fn read(text: &str) -> (Code<'_>, Option<(usize, &'static str)>) {
    let mut reader = Reader { text, at: 0, code: Code::default(), open: Vec::new() };
    let stop = reader.run();
    let mut code = reader.code;
    code.find_constants();
    (code, stop)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    code: Code<'a>,
    open: Vec<(usize, char)>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Option<(usize, &'static str)> {
        while let Some(letter) = self.rest().chars().next() {
            let start = self.at;
            if self.code.nodes.len() >= NODES_MAX {
                return Some((start, "is longer than any real file; the rest is not read"));
            }
            self.at += letter.len_utf8();
            match letter {
                '\n' if self.open.is_empty() => self.add(start, Kind::Newline),
                '\\' => self.at += self.rest().find('\n').map_or(0, |end| end + 1),
                _ if letter.is_whitespace() => {}
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                '"' | '\'' => match self.string(letter, false) {
                    Some(text) => self.add(start, Kind::Text(text)),
                    None => return Some((start, "a string is not closed; the rest is not read")),
                },
                '(' | '[' | '{' => {
                    self.add(start, Kind::Group(letter));
                    let closing = match letter {
                        '(' => ')',
                        '[' => ']',
                        _ => '}',
                    };
                    self.open.push((self.code.nodes.len() - 1, closing));
                }
                ')' | ']' | '}' => {
                    if self.open.pop_if(|(_, wanted)| *wanted == letter).is_none() {
                        return Some((start, "a closing bracket does not match; the rest is not read"));
                    }
                }
                '=' if self.rest().starts_with('=') => self.at += 1,
                _ if letter.is_alphanumeric() || letter == '_' => {
                    if let Some(problem) = self.word(start) {
                        return Some(problem);
                    }
                }
                mark => self.add(start, Kind::Mark(mark)),
            }
        }
        let (innermost, _) = self.open.last()?;
        self.code.nodes.get(*innermost).map(|node| (node.offset, "what is opened here is not closed"))
    }

    /// A name, a number, or the letters before a string.
    fn word(&mut self, start: usize) -> Option<(usize, &'static str)> {
        let ends = |letter: char| !(letter.is_alphanumeric() || letter == '_');
        self.at += self.rest().find(ends).unwrap_or(self.rest().len());
        let word = self.text.get(start..self.at).unwrap_or_default();
        let quote = self.rest().chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let Some(quote) = quote.filter(|_| matches!(word, "r" | "b" | "rb" | "br")) else {
            self.add(start, Kind::Name(word));
            return None;
        };
        self.at += 1;
        match self.string(quote, word.contains('r')) {
            Some(text) => self.add(start, Kind::Text(text)),
            None => return Some((start, "a string is not closed; the rest is not read")),
        }
        None
    }

    /// A string behind its first quote; it is of one line unless there are three.
    fn string(&mut self, quote: char, is_raw: bool) -> Option<Cow<'a, str>> {
        let rest = self.rest();
        let triple = match quote {
            '"' => "\"\"",
            _ => "''",
        };
        let is_long = rest.starts_with(triple);
        let inner = if is_long { rest.get(2..)? } else { rest };
        let (mut escapes, mut escaped) = (false, false);
        let bytes = inner.as_bytes();
        let end = bytes.iter().enumerate().position(|(at, byte)| {
            let ends = !escaped
                && char::from(*byte) == quote
                && (!is_long || bytes.get(at + 1..at + 3).is_some_and(|next| next == triple.as_bytes()));
            escaped = *byte == b'\\' && !escaped;
            escapes |= escaped;
            ends || (!is_long && *byte == b'\n')
        })?;
        let text = inner.get(..end)?;
        if bytes.get(end) == Some(&b'\n') && !is_long {
            return None;
        }
        self.at += if is_long { end + 5 } else { end + 1 };
        Some(if escapes && !is_raw { Cow::Owned(unescaped(text)) } else { Cow::Borrowed(text) })
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn add(&mut self, offset: usize, kind: Kind<'a>) {
        let index = self.code.nodes.len();
        self.code.nodes.push(Node { kind, offset, children: Vec::new() });
        let parent = self.open.last().and_then(|(parent, _)| self.code.nodes.get_mut(*parent));
        parent.map_or(&mut self.code.top, |parent| &mut parent.children).push(index);
    }
}

/// Coordinates need no escapes but those of quotes and the backslash.
fn unescaped(text: &str) -> String {
    let mut letters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    plain
}
