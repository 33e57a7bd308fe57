//! A source file as tokens, with its brackets paired.

use super::language::Language;
use super::lexer;
use super::sieve::{Mark, Sieve};
use super::token::{Kind, Token};

/// The arguments of a call that are looked at. No known client has its URL behind the fourth.
const ARGUMENTS_MAX: usize = 24;

/// Columns are counted so far: lines can be as long as a file.
const COLUMN_MAX: usize = 400;

/// A lexed source file.
#[derive(Debug)]
pub(crate) struct Code<'t> {
    pub(crate) language: Language,
    text: &'t str,
    tokens: Vec<Token>,
    /// Of each bracket, its partner; of all else, itself.
    partners: Vec<u32>,
}

/// An argument: the tokens of its value, and its name if it has one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Argument<'t> {
    pub(crate) name: Option<&'t str>,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl<'t> Code<'t> {
    pub(crate) fn new(language: Language, text: &'t str) -> Self {
        let tokens = lexer::tokens(language, text);
        let partners = pair(&tokens);
        Self { language, text, tokens, partners }
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    pub(crate) fn line(&self, index: usize) -> u32 {
        self.tokens.get(index).map_or(0, |token| token.line)
    }

    /// How many bytes stand before the token on its line, if they are few.
    pub(crate) fn column(&self, index: usize) -> usize {
        let start = self.tokens.get(index).map_or(0, |token| token.start as usize);
        let near = start.saturating_sub(COLUMN_MAX);
        let before = self.text.as_bytes().get(near..start).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(before.len(), |newline| before.len() - newline - 1)
    }

    /// The source of a token; of a text without its quotes.
    pub(crate) fn source(&self, index: usize) -> &'t str {
        let span = self.tokens.get(index).map(|token| token.start as usize..token.end as usize);
        span.and_then(|span| self.text.get(span)).unwrap_or_default()
    }

    /// The word at `index`.
    pub(crate) fn word(&self, index: usize) -> Option<&'t str> {
        (self.kind(index) == Some(Kind::Word)).then(|| self.source(index))
    }

    /// What is seen of the word at `index` at once.
    pub(crate) fn mark(&self, index: usize) -> Mark {
        self.tokens.get(index).map_or(Mark::default(), |token| token.mark)
    }

    /// The words that may be of those in the sieve, and where they are.
    pub(crate) fn words_in<'s>(&'s self, sieve: &'s Sieve) -> impl Iterator<Item = (usize, &'t str)> + 's {
        let fits = |token: &Token| token.kind == Kind::Word && sieve.may_hold(token.mark);
        let found = self.tokens.iter().enumerate().filter(move |(_, token)| fits(token));
        found.map(|(at, _)| (at, self.source(at)))
    }

    pub(crate) fn is(&self, index: usize, kind: Kind) -> bool {
        self.kind(index) == Some(kind)
    }

    pub(crate) fn is_text(&self, index: usize) -> bool {
        matches!(self.kind(index), Some(Kind::Text(_)))
    }

    /// The partner of a bracket. A bracket without one is its own.
    pub(crate) fn partner(&self, index: usize) -> usize {
        self.partners.get(index).map_or(index, |partner| *partner as usize)
    }

    /// The arguments between the brackets that open at `open`.
    pub(crate) fn arguments(&self, open: usize) -> Vec<Argument<'t>> {
        let close = self.partner(open);
        if close > open { self.split(open + 1, close) } else { Vec::new() }
    }

    /// The arguments in `start..end`, separated by commas.
    pub(crate) fn split(&self, start: usize, end: usize) -> Vec<Argument<'t>> {
        let mut found = Vec::new();
        let mut begin = start;
        let mut at = start;
        while at <= end && found.len() < ARGUMENTS_MAX {
            if at == end || self.is(at, Kind::Comma) {
                if begin < at {
                    found.push(self.argument(begin, at));
                }
                begin = at + 1;
            } else if matches!(self.kind(at), Some(Kind::Open(_))) {
                at = self.partner(at).max(at);
            }
            at += 1;
        }
        found
    }

    /// `name = value`, `name: value`, `"name" => value`, or a value.
    fn argument(&self, start: usize, end: usize) -> Argument<'t> {
        // Ruby's `:name => value`.
        let begin = if self.is(start, Kind::Sign(b':')) { start + 1 } else { start };
        let is_name = matches!(self.kind(begin), Some(Kind::Word | Kind::Text(_)));
        let is_named =
            matches!(self.kind(begin + 1), Some(Kind::Assign | Kind::Colon | Kind::Arrow)) && begin + 2 < end;
        if is_name && is_named {
            Argument { name: Some(self.source(begin)), start: begin + 2, end }
        } else {
            Argument { name: None, start, end }
        }
    }

    /// Where the expression from `start` ends: at a comma, a closing bracket, a `;`, or a line that
    /// nothing continues.
    pub(crate) fn expression_end(&self, start: usize, tokens_max: usize) -> usize {
        let mut at = start;
        while at < self.len() && at < start + tokens_max {
            match self.kind(at) {
                Some(Kind::Comma | Kind::Close(_) | Kind::Sign(b';')) | None => return at,
                Some(Kind::Open(_)) => at = self.partner(at).max(at),
                Some(_) => {}
            }
            at += 1;
            if self.line(at) > self.line(at - 1) && !self.continues(at) {
                return at;
            }
        }
        at.min(self.len())
    }

    /// Whether the token at `at`, the first of its line, goes on with what the line before began.
    fn continues(&self, at: usize) -> bool {
        let open_end = matches!(
            self.kind(at.saturating_sub(1)),
            Some(Kind::Plus | Kind::Dot | Kind::Assign | Kind::Or | Kind::Arrow | Kind::Sign(b'?' | b'%' | b'&'))
        );
        open_end || matches!(self.kind(at), Some(Kind::Plus | Kind::Dot | Kind::Or | Kind::Sign(b'?')))
    }
}

fn pair(tokens: &[Token]) -> Vec<u32> {
    let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let mut partners: Vec<u32> = (0..tokens.len()).map(index).collect();
    let mut open: Vec<(u8, usize)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open(b'(') => open.push((b')', at)),
            Kind::Open(b'[') => open.push((b']', at)),
            Kind::Open(_) => open.push((b'}', at)),
            Kind::Close(closer) => {
                // A closer that fits nothing is passed over; one that fits an outer bracket closes all
                // within, but not across more than a few, or a broken file would cost its square.
                let depth = open.iter().rev().take(4).position(|(wanted, _)| *wanted == closer);
                let Some(depth) = depth else { continue };
                open.truncate(open.len() - depth);
                let Some((_, begin)) = open.pop() else { continue };
                if let Some(partner) = partners.get_mut(begin) {
                    *partner = index(at);
                }
                if let Some(partner) = partners.get_mut(at) {
                    *partner = index(begin);
                }
            }
            Kind::Word
            | Kind::Number
            | Kind::Text(_)
            | Kind::Dot
            | Kind::Plus
            | Kind::Comma
            | Kind::Colon
            | Kind::Assign
            | Kind::Arrow
            | Kind::Or
            | Kind::Sign(_) => {}
        }
    }
    partners
}
