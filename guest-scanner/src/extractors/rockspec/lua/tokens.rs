//! Lua's tokens.

use super::Broken;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Also keywords.
    Name(&'a str),
    Text(String),
    Number,
    Sign(&'a str),
}

/// The tokens of a text.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// The next one, with what is left behind it.
    peeked: Option<(Option<Token<'a>>, &'a str)>,
}

/// The longest first.
const SIGNS: [&str; 13] = ["...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>", "=", ".", ":"];

/// Whether it stands between two values.
pub(super) fn is_operator(sign: &str) -> bool {
    ["..", "==", "~=", "<=", ">=", "<", ">", "+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>"]
        .contains(&sign)
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // `#!` may begin a program.
        let rest = if text.starts_with('#') { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
        let mut tokens = Self { rest, peeked: None };
        tokens.skip();
        tokens
    }

    /// What begins with the next token.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// The next token, which stays the next.
    pub(super) fn peek(&mut self) -> Result<Option<Token<'a>>, Broken<'a>> {
        if self.peeked.is_none() {
            let mut ahead = Self { rest: self.rest, peeked: None };
            let token = ahead.token()?;
            ahead.skip();
            self.peeked = Some((token, ahead.rest));
        }
        Ok(self.peeked.as_ref().and_then(|(token, _)| token.clone()))
    }

    /// The next token; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Token<'a>>, Broken<'a>> {
        if let Some((token, rest)) = self.peeked.take() {
            self.rest = rest;
            return Ok(token);
        }
        let token = self.token()?;
        self.skip();
        Ok(token)
    }

    /// Passes over blanks and comments. A long comment without an end goes to the end of the file.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix("--") else { return };
            self.rest = match long(comment) {
                Some((_, rest)) => rest,
                None => comment.split_once('\n').map_or("", |(_, rest)| rest),
            };
        }
    }

    fn token(&mut self) -> Result<Option<Token<'a>>, Broken<'a>> {
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        if let Some((text, rest)) = long(self.rest) {
            self.rest = rest;
            return Ok(Some(Token::Text(text.to_owned())));
        }
        let token = match first {
            '"' | '\'' => self.short(first)?,
            _ if first.is_alphabetic() || first == '_' => {
                Token::Name(self.take_while(|letter| letter.is_alphanumeric() || letter == '_'))
            }
            _ if first.is_ascii_digit() => {
                self.take_while(|letter| letter.is_alphanumeric() || letter == '_');
                self.decimals();
                Token::Number
            }
            _ => Token::Sign(self.sign(first)),
        };
        Ok(Some(token))
    }

    /// `.5` behind a number, but not `..`.
    fn decimals(&mut self) {
        if let Some(rest) = self.rest.strip_prefix('.')
            && !rest.starts_with('.')
        {
            self.rest = rest;
            self.take_while(char::is_alphanumeric);
        }
    }

    fn sign(&mut self, first: char) -> &'a str {
        let length = SIGNS.iter().find(|sign| self.rest.starts_with(*sign)).map_or(first.len_utf8(), |sign| sign.len());
        let (sign, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        sign
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|letter| !wanted(letter)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// A quoted text. Escapes of digits stay as they are: no name or version has such.
    fn short(&mut self, quote: char) -> Result<Token<'a>, Broken<'a>> {
        let broken = Broken { at: self.rest, message: "a text has no end", is_limit: false };
        let mut letters = self.rest.char_indices().skip(1);
        let mut text = String::new();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => match letters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, other)) => text.push(other),
                    None => return Err(broken),
                },
                '\n' => return Err(broken),
                _ if letter == quote => {
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Ok(Token::Text(text));
                }
                _ => text.push(letter),
            }
        }
        Err(broken)
    }
}

/// `[[text]]`, `[=[text]=]` and so on, with what stands behind it.
fn long(text: &str) -> Option<(&str, &str)> {
    let equals = text.strip_prefix('[')?;
    let body = equals.trim_start_matches('=');
    let level = equals.len() - body.len();
    let body = body.strip_prefix('[')?;
    let closing = format!("]{}]", "=".repeat(level));
    let (content, rest) = body.split_once(&closing).unwrap_or((body, ""));
    let content = content.strip_prefix("\r\n").or_else(|| content.strip_prefix('\n')).unwrap_or(content);
    Some((content, rest))
}
