//! The literals of Elixir and Erlang, and as much of what may stand around them as is needed to find
//! their ends. Nothing is evaluated. Commas are left out: what is a pair is known by its first half.

/// Whose literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    Elixir,
    Erlang,
}

/// A term, borrowed from the text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Term<'a> {
    /// `"…"`, also within `<<…>>`. Escapes stay as they are.
    Text(&'a str),
    /// Elixir's `:name`.
    Atom(&'a str),
    /// Elixir's `name:` and `"name":`.
    Key(&'a str),
    /// `{…}`, `[…]` or `(…)`.
    Group(char, Vec<Term<'a>>),
    /// Anything else: Erlang's atoms, numbers, operators.
    Word(&'a str),
}

/// Where reading came to an end too soon.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken<'a> {
    /// From here on.
    pub(crate) rest: &'a str,
    pub(crate) message: &'static str,
    pub(crate) is_limit: bool,
}

/// Lockfiles need six.
const DEPTH_MAX: usize = 64;

/// The terms of a text. After an error they are those before it; groups that are open there are
/// closed as if they ended.
pub(crate) fn read(text: &str, syntax: Syntax) -> (Vec<Term<'_>>, Option<Broken<'_>>) {
    let mut reader = Reader { rest: text, syntax };
    let mut top = Vec::new();
    let mut open: Vec<(char, Vec<Term<'_>>)> = Vec::new();
    let broken = loop {
        let at = reader.skip();
        let token = match reader.token() {
            None => break (!open.is_empty()).then_some((at, "the file ends amid a term", false)),
            Some(Err(message)) => break Some((at, message, false)),
            Some(Ok(token)) => token,
        };
        match token {
            Token::Open(_) if open.len() == DEPTH_MAX => break Some((at, "terms are nested too deeply", true)),
            Token::Open(bracket) => open.push((bracket, Vec::new())),
            Token::Close(bracket) => match open.pop() {
                Some((opening, items)) if closing(opening) == bracket => {
                    open.last_mut().map_or(&mut top, |(_, items)| items).push(Term::Group(opening, items));
                }
                other => {
                    open.extend(other);
                    break Some((at, "a bracket closes what was not opened", false));
                }
            },
            Token::Term(term) => open.last_mut().map_or(&mut top, |(_, items)| items).push(term),
        }
    };
    while let Some((opening, items)) = open.pop() {
        open.last_mut().map_or(&mut top, |(_, items)| items).push(Term::Group(opening, items));
    }
    (top, broken.map(|(rest, message, is_limit)| Broken { rest, message, is_limit }))
}

impl<'a> Term<'a> {
    /// The terms of a group; none of anything else.
    pub(crate) fn items(&self) -> &[Term<'a>] {
        match self {
            Self::Group(_, items) => items,
            Self::Text(_) | Self::Atom(_) | Self::Key(_) | Self::Word(_) => &[],
        }
    }

    /// What a string or an atom of either language says.
    pub(crate) fn name(&self) -> Option<&'a str> {
        match self {
            Self::Text(name) | Self::Atom(name) | Self::Word(name) => Some(name),
            Self::Key(_) | Self::Group(..) => None,
        }
    }

    /// The string.
    pub(crate) fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Atom(_) | Self::Key(_) | Self::Word(_) | Self::Group(..) => None,
        }
    }
}

/// The value of an option in Elixir's `name: value, …`.
pub(crate) fn option<'t, 'a>(items: &'t [Term<'a>], name: &str) -> Option<&'t Term<'a>> {
    let at = items.iter().position(|item| *item == Term::Key(name))?;
    items.get(at + 1)
}

enum Token<'a> {
    Open(char),
    Close(char),
    Term(Term<'a>),
}

struct Reader<'a> {
    rest: &'a str,
    syntax: Syntax,
}

impl<'a> Reader<'a> {
    /// Passes over what stands between terms, and gives what is left.
    fn skip(&mut self) -> &'a str {
        let (comment, marks): (char, &[&str]) = match self.syntax {
            Syntax::Elixir => ('#', &["=>", "%"]),
            Syntax::Erlang => ('%', &["<<", ">>"]),
        };
        loop {
            self.rest = self.rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',');
            if self.rest.starts_with(comment) {
                self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
            } else if let Some(rest) = marks.iter().find_map(|mark| self.rest.strip_prefix(mark)) {
                self.rest = rest;
            } else {
                return self.rest;
            }
        }
    }

    fn token(&mut self) -> Option<Result<Token<'a>, &'static str>> {
        let first = self.rest.chars().next()?;
        if let '{' | '[' | '(' | '}' | ']' | ')' = first {
            self.advance(1);
            return Some(Ok(if closing(first) == first { Token::Close(first) } else { Token::Open(first) }));
        }
        Some(self.term(first).map(Token::Term))
    }

    fn term(&mut self, first: char) -> Result<Term<'a>, &'static str> {
        match first {
            '"' | '\'' => {
                let text = self.quoted(first)?;
                let is_key = self.syntax == Syntax::Elixir && self.takes_colon();
                Ok(if is_key { Term::Key(text) } else { Term::Text(text) })
            }
            ':' => {
                self.advance(1);
                match self.rest.chars().next() {
                    Some(quote @ ('"' | '\'')) => self.quoted(quote).map(Term::Atom),
                    Some(_) | None => Ok(Term::Atom(self.word())),
                }
            }
            _ => {
                let word = self.word();
                if word.is_empty() {
                    self.advance(first.len_utf8());
                    return Ok(Term::Word(""));
                }
                Ok(if self.takes_colon() { Term::Key(word) } else { Term::Word(word) })
            }
        }
    }

    /// A colon right behind a name makes it a key; two are something else.
    fn takes_colon(&mut self) -> bool {
        let is_key = self.rest.starts_with(':') && !self.rest.starts_with("::");
        if is_key {
            self.advance(1);
        }
        is_key
    }

    fn quoted(&mut self, quote: char) -> Result<&'a str, &'static str> {
        let triple = if quote == '"' { "\"\"\"" } else { "'''" };
        if let Some(body) = self.rest.strip_prefix(triple) {
            let (text, rest) = body.split_once(triple).ok_or("a text has no end")?;
            self.rest = rest;
            return Ok(text);
        }
        let body = self.rest.get(1..).unwrap_or_default();
        let mut escaped = false;
        for (at, byte) in body.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                _ if char::from(byte) == quote => {
                    self.rest = body.get(at + 1..).unwrap_or_default();
                    return Ok(body.get(..at).unwrap_or_default());
                }
                _ => {}
            }
        }
        Err("a text has no end")
    }

    fn word(&mut self) -> &'a str {
        let ends = |letter: char| letter.is_whitespace() || "{}[](),\"':#%".contains(letter);
        let mut end = self.rest.find(ends).unwrap_or(self.rest.len());
        if self.syntax == Syntax::Erlang {
            end = self.rest.get(..end).and_then(|word| word.find(">>")).unwrap_or(end);
        }
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// The bracket that closes this one; a closing one gives itself.
fn closing(bracket: char) -> char {
    match bracket {
        '{' => '}',
        '[' => ']',
        '(' => ')',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Syntax, Term, option, read};

    #[test]
    fn elixir_is_read() {
        let (terms, broken) = read("%{ \"a\": {:hex, :b, \"1\", [only: :dev]}, # no\n :c => 1 }", Syntax::Elixir);
        assert_eq!(broken, None);
        let items = terms[0].items();
        assert_eq!(items[0], Term::Key("a"));
        assert_eq!(items[1].items()[..3], [Term::Atom("hex"), Term::Atom("b"), Term::Text("1")]);
        assert_eq!(option(items[1].items()[3].items(), "only"), Some(&Term::Atom("dev")));
        assert_eq!(items[2..], [Term::Atom("c"), Term::Word("1")]);
    }

    #[test]
    fn erlang_is_read() {
        let (terms, broken) = read("% no\n[{<<\"a\">>,{pkg,<<\"a\">>},0}].", Syntax::Erlang);
        assert_eq!(broken, None);
        let entry = terms[0].items()[0].items();
        assert_eq!(entry[0], Term::Text("a"));
        assert_eq!(entry[1].items(), [Term::Word("pkg"), Term::Text("a")]);
        assert_eq!(entry[2], Term::Word("0"));
    }

    #[test]
    fn what_stands_before_an_error_is_read() {
        let (terms, broken) = read("%{\"a\": {:hex, \"x\", \"y", Syntax::Elixir);
        assert_eq!(terms[0].items()[1].items(), [Term::Atom("hex"), Term::Text("x")]);
        assert!(broken.is_some());
        assert!(read("}", Syntax::Elixir).1.is_some());
        assert!(read(&"[".repeat(100_000), Syntax::Erlang).1.is_some_and(|broken| broken.is_limit));
    }
}
