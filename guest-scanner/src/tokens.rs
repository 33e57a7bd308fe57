//! Words, strings and signs of small languages, for formats that have no parser of their own: HCL, ZON,
//! opam, Groovy, Perl and Prolog, as far as a list of dependencies needs them.

use std::borrow::Cow;

use fumehood_contract::ProblemKind;

use crate::records::Records;
use crate::source::Source;

/// What a file may have; beyond, it is no list of dependencies that people or tools write.
const TOKENS_MAX: usize = 2_000_000;

/// How a language looks.
#[derive(Debug)]
pub(crate) struct Syntax {
    /// What begins a comment that ends with the line.
    pub(crate) line_comments: &'static [&'static str],
    /// What begins and ends other comments. They do not nest.
    pub(crate) block_comments: &'static [(&'static str, &'static str)],
    /// What begins and ends a string; longer ones stand before those that they begin with.
    pub(crate) quotes: &'static [&'static str],
    /// What may stand in a word beside letters, digits and `_`.
    pub(crate) in_words: &'static str,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Word(&'a str),
    /// A string's content, its escapes resolved.
    Text(Cow<'a, str>),
    Sign(char),
}

impl Token<'_> {
    /// The word, if it is one.
    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Text(_) | Self::Sign(_) => None,
        }
    }

    /// The string's content, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Word(_) | Self::Sign(_) => None,
        }
    }

    /// The word or the string's content.
    pub(crate) fn name(&self) -> Option<&str> {
        self.word().or_else(|| self.text())
    }

    /// Whether it is that sign.
    pub(crate) fn is(&self, sign: char) -> bool {
        *self == Token::Sign(sign)
    }
}

/// The pieces of a text with their places.
#[derive(Debug, Default)]
pub(crate) struct Tokens<'a> {
    pub(crate) list: Vec<(Token<'a>, usize)>,
    trouble: Option<(ProblemKind, usize, &'static str)>,
}

impl<'a> Tokens<'a> {
    /// Takes a text to pieces. A string or comment that never ends is the end of what is read.
    pub(crate) fn read(text: &'a str, syntax: &Syntax) -> Self {
        let mut tokens = Self::default();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if tokens.list.len() >= TOKENS_MAX {
                tokens.trouble =
                    Some((ProblemKind::OverLimit, at, "more words than any real file; the rest is left out"));
                break;
            }
            let Some(length) = tokens.next(rest, at, syntax) else { break };
            at += length;
        }
        tokens
    }

    /// Records why the text could not be read to its end, if so.
    pub(crate) fn note(&self, source: &Source<'_>, records: &mut Records) {
        if let Some((kind, at, message)) = self.trouble {
            records.problem(kind, Some(source.line_at(at)), message);
        }
    }

    /// The token at a position.
    pub(crate) fn get(&self, position: usize) -> Option<&Token<'a>> {
        self.list.get(position).map(|(token, _)| token)
    }

    /// The line of the token at a position.
    pub(crate) fn line(&self, position: usize, source: &Source<'_>) -> Option<u32> {
        self.list.get(position).map(|(_, at)| source.line_at(*at))
    }

    /// Where the bracket at a position is closed, or the end of everything.
    pub(crate) fn closing(&self, position: usize) -> usize {
        let mut depth = 0_usize;
        for (at, (token, _)) in self.list.iter().enumerate().skip(position) {
            match token {
                Token::Sign('(' | '[' | '{') => depth += 1,
                Token::Sign(')' | ']' | '}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                Token::Sign(_) | Token::Word(_) | Token::Text(_) => {}
            }
        }
        self.list.len()
    }

    /// Reads one piece and gives its length; `None` at one that never ends.
    fn next(&mut self, rest: &'a str, at: usize, syntax: &Syntax) -> Option<usize> {
        let first = rest.chars().next()?;
        if first.is_whitespace() {
            return Some(first.len_utf8());
        }
        if syntax.line_comments.iter().any(|mark| rest.starts_with(mark)) {
            return Some(rest.find('\n').unwrap_or(rest.len()));
        }
        if let Some((begin, end)) = syntax.block_comments.iter().find(|(begin, _)| rest.starts_with(begin)) {
            let inside = rest.get(begin.len()..)?;
            return match inside.find(end) {
                Some(length) => Some(begin.len() + length + end.len()),
                None => self.give_up(at, "a comment never ends"),
            };
        }
        if let Some(quote) = syntax.quotes.iter().find(|quote| rest.starts_with(**quote)) {
            let inside = rest.get(quote.len()..)?;
            let Some((content, length)) = string(inside, quote) else { return self.give_up(at, "a string never ends") };
            self.list.push((Token::Text(content), at));
            return Some(quote.len() * 2 + length);
        }
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_' || syntax.in_words.contains(letter);
        if is_word(first) {
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            self.list.push((Token::Word(rest.get(..length)?), at));
            return Some(length);
        }
        self.list.push((Token::Sign(first), at));
        Some(first.len_utf8())
    }

    fn give_up(&mut self, at: usize, message: &'static str) -> Option<usize> {
        self.trouble = Some((ProblemKind::Unparsable, at, message));
        None
    }
}

/// A string's content and its length in the text. A backslash makes the next letter a common one.
fn string<'a>(inside: &'a str, quote: &str) -> Option<(Cow<'a, str>, usize)> {
    let mut owned: Option<String> = None;
    let mut at = 0;
    loop {
        let rest = inside.get(at..)?;
        let letter = rest.chars().next()?;
        if rest.starts_with(quote) {
            let content = owned.map_or_else(|| inside.get(..at).map(Cow::Borrowed), |text| Some(Cow::Owned(text)));
            return Some((content?, at));
        }
        if letter == '\\' {
            let escaped = rest.chars().nth(1)?;
            let text = owned.get_or_insert_with(|| inside.get(..at).unwrap_or_default().to_owned());
            text.push(if escaped == 'n' { '\n' } else { escaped });
            at += 1 + escaped.len_utf8();
        } else {
            if let Some(text) = &mut owned {
                text.push(letter);
            }
            at += letter.len_utf8();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Syntax, Token, Tokens};

    const SYNTAX: Syntax =
        Syntax { line_comments: &["//"], block_comments: &[("/*", "*/")], quotes: &["'''", "'", "\""], in_words: "-" };

    #[test]
    fn texts_are_taken_to_pieces() {
        let tokens = Tokens::read("a-b = 'x\\'y' // no\n/* no */ '''z'z''' {\"\"}", &SYNTAX);
        let expected = [
            Token::Word("a-b"),
            Token::Sign('='),
            Token::Text("x'y".into()),
            Token::Text("z'z".into()),
            Token::Sign('{'),
            Token::Text("".into()),
            Token::Sign('}'),
        ];
        let found: Vec<_> = tokens.list.iter().map(|(token, _)| token.clone()).collect();
        assert_eq!(found, expected);
        assert_eq!(tokens.closing(4), 6);
        assert!(Tokens::read("a 'b", &SYNTAX).trouble.is_some());
    }
}
