//! From letters to forms.

use std::borrow::Cow;

use super::{FORMS_MAX, Form, Forms, Kind, Stop};

/// Reads as far as the text makes sense. What is not closed ends where the text does.
pub(crate) fn read(text: &str) -> (Forms<'_>, Option<Stop>) {
    let mut reader = Reader { text, at: 0, forms: Forms::default(), open: Vec::new(), skips: vec![0] };
    let stop = reader.run();
    (reader.forms, stop)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    forms: Forms<'a>,
    /// The collections that are open, with their closing brackets.
    open: Vec<(usize, char)>,
    /// How many of the next forms are dropped: one count for the top and each open collection.
    skips: Vec<u32>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Option<Stop> {
        while let Some(letter) = self.rest().chars().next() {
            let start = self.at;
            if self.forms.forms.len() >= FORMS_MAX {
                return Some(Stop::TooMany(start));
            }
            self.at += letter.len_utf8();
            match letter {
                ',' => {}
                _ if letter.is_whitespace() => {}
                ';' => self.line(),
                '(' => self.open(start, Kind::List, ')'),
                '[' => self.open(start, Kind::Vector, ']'),
                '{' => self.open(start, Kind::Map(""), '}'),
                ')' | ']' | '}' => {
                    if self.open.pop_if(|(_, wanted)| *wanted == letter).is_none() {
                        return Some(Stop::Bracket(start));
                    }
                    self.close();
                }
                '"' => match self.string() {
                    Some(text) => self.leaf(start, Kind::Text(text)),
                    None => return Some(Stop::OpenText(start)),
                },
                '\'' | '`' | '~' | '@' => {}
                '^' => self.skip(),
                '#' => {
                    if let Some(stop) = self.dispatch(start) {
                        return Some(stop);
                    }
                }
                '\\' => {
                    // The letter itself may be a bracket.
                    self.at += self.rest().chars().next().map_or(0, char::len_utf8);
                    self.word(start);
                }
                _ => self.word(start),
            }
        }
        let (innermost, _) = self.open.last()?;
        self.forms.forms.get(*innermost).map(|form| Stop::Open(form.offset))
    }

    /// What follows a `#`.
    fn dispatch(&mut self, start: usize) -> Option<Stop> {
        let next = self.rest().chars().next()?;
        match next {
            '{' => {
                self.at += 1;
                self.open(start, Kind::Set, '}');
            }
            '"' => {
                self.at += 1;
                match self.string() {
                    Some(text) => self.leaf(start, Kind::Text(text)),
                    None => return Some(Stop::OpenText(start)),
                }
            }
            '_' | '^' => {
                self.at += 1;
                self.skip();
            }
            '!' => self.line(),
            ':' => {
                let name = self.token().trim_start_matches(':');
                self.at += self.token().len();
                if self.rest().starts_with('{') {
                    self.at += 1;
                    self.open(start, Kind::Map(name), '}');
                }
            }
            // A function, a var, a conditional: what they are made of is read as it stands.
            '(' | '\'' | '?' | '#' | '@' | '=' => self.at += if next == '(' { 0 } else { 1 },
            // A tag: its form follows.
            _ => self.at += self.token().len(),
        }
        None
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    /// The letters up to the next that ends a word.
    fn token(&self) -> &'a str {
        let rest = self.rest();
        let ends = |letter: char| {
            letter.is_whitespace() || matches!(letter, ',' | ';' | '"' | '(' | ')' | '[' | ']' | '{' | '}')
        };
        rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default()
    }

    fn word(&mut self, start: usize) {
        self.at += self.token().len();
        let word = self.text.get(start..self.at).unwrap_or_default();
        self.leaf(start, Kind::Word(word));
    }

    /// A string, behind its first quote.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let rest = self.rest();
        let (mut escapes, mut escaped) = (false, false);
        let end = rest.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            escapes |= escaped;
            ends
        })?;
        let inner = rest.get(..end)?;
        self.at += end + 1;
        Some(if escapes { Cow::Owned(unescaped(inner)) } else { Cow::Borrowed(inner) })
    }

    fn leaf(&mut self, offset: usize, kind: Kind<'a>) {
        if !self.is_dropped() {
            let index = self.add(offset, kind);
            self.keep(index);
        }
    }

    /// What is in a dropped collection is read like any other, apart from the rest.
    fn open(&mut self, offset: usize, kind: Kind<'a>, closing: char) {
        let is_dropped = self.is_dropped();
        let index = self.add(offset, kind);
        if !is_dropped {
            self.keep(index);
        }
        self.open.push((index, closing));
        self.skips.push(0);
    }

    fn add(&mut self, offset: usize, kind: Kind<'a>) -> usize {
        self.forms.forms.push(Form { kind, offset, children: Vec::new() });
        self.forms.forms.len() - 1
    }

    fn keep(&mut self, index: usize) {
        let parent = self.open.last().and_then(|(parent, _)| self.forms.forms.get_mut(*parent));
        parent.map_or(&mut self.forms.top, |parent| &mut parent.children).push(index);
    }

    /// Whether the form that begins is one of those to drop.
    fn is_dropped(&mut self) -> bool {
        let Some(skips @ 1..) = self.skips.last_mut() else { return false };
        *skips -= 1;
        true
    }

    fn close(&mut self) {
        self.skips.pop();
    }

    fn skip(&mut self) {
        if let Some(skips) = self.skips.last_mut() {
            *skips = skips.saturating_add(1);
        }
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('r') => plain.push('\r'),
                // No name or version needs the others.
                other => plain.extend(other),
            },
            (letter, false) => plain.push(letter),
        }
    }
    plain
}
