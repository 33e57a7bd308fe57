//! Python's text in pieces, as far as it takes to find strings, names and brackets. Meson's looks the same.

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind<'a>,
    /// Where it begins.
    pub(crate) offset: usize,
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    Name(&'a str),
    /// A literal with its escapes resolved. A formatted one still has its braces.
    Text {
        content: String,
        formatted: bool,
    },
    /// One sign of an operator, or a bracket.
    Sign(char),
    /// The end of a statement: brackets are closed and nothing continues the line.
    End,
    /// Numbers, and what is no Python.
    Other,
}

/// The pieces of `text`, and where the first string begins that does not end, if there is one. Such a
/// string takes its line, or the rest of the text if it may have many lines.
pub(crate) fn tokens(text: &str) -> (Vec<Token<'_>>, Option<usize>) {
    let mut found: Vec<Token<'_>> = Vec::new();
    let mut open = None;
    let mut depth: usize = 0;
    let mut offset = 0;
    while let Some(rest) = text.get(offset..)
        && let Some(letter) = rest.chars().next()
    {
        let (kind, length) = match letter {
            '\n' if depth == 0 => (Some(Kind::End), 1),
            '#' => (None, rest.find('\n').unwrap_or(rest.len())),
            '\\' => (None, if rest.starts_with("\\\r\n") { 3 } else { rest.chars().take(2).map(char::len_utf8).sum() }),
            letter if letter.is_whitespace() => (None, letter.len_utf8()),
            '\'' | '"' => {
                let (kind, length) = literal("", rest).unwrap_or_else(|| {
                    open.get_or_insert(offset);
                    (Kind::Other, open_length(rest))
                });
                (Some(kind), length)
            }
            letter if letter.is_alphabetic() || letter == '_' => {
                let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
                let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
                if is_prefix(word) && after.starts_with(['\'', '"']) {
                    let (kind, length) = literal(word, after).unwrap_or_else(|| {
                        open.get_or_insert(offset);
                        (Kind::Other, open_length(after))
                    });
                    (Some(kind), word.len() + length)
                } else {
                    (Some(Kind::Name(word)), end)
                }
            }
            letter if letter.is_ascii_digit() => {
                let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
                (Some(Kind::Other), rest.find(|letter| !is_part(letter)).unwrap_or(rest.len()))
            }
            letter => {
                depth = match letter {
                    '(' | '[' | '{' => depth.saturating_add(1),
                    ')' | ']' | '}' => depth.saturating_sub(1),
                    _ => depth,
                };
                (Some(Kind::Sign(letter)), letter.len_utf8())
            }
        };
        found.extend(kind.map(|kind| Token { kind, offset }));
        offset += length;
    }
    (found, open)
}

fn is_prefix(word: &str) -> bool {
    word.len() <= 2 && word.chars().all(|letter| matches!(letter.to_ascii_lowercase(), 'r' | 'b' | 'u' | 'f' | 't'))
}

/// How much of the text a string takes that does not end.
fn open_length(text: &str) -> usize {
    let has_many_lines = text.starts_with("\"\"\"") || text.starts_with("'''");
    text.find('\n').filter(|_| !has_many_lines).unwrap_or(text.len())
}

/// A string literal at the beginning of `text`, and its length; `None` if it does not end.
fn literal<'a>(prefix: &str, text: &str) -> Option<(Kind<'a>, usize)> {
    let has = |wanted: char| prefix.chars().any(|letter| letter.eq_ignore_ascii_case(&wanted));
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| text.starts_with(quote))?;
    let mut content = String::new();
    let mut letters = text.char_indices().skip(quote.len());
    while let Some((at, letter)) = letters.next() {
        if text.get(at..).is_some_and(|rest| rest.starts_with(quote)) {
            return Some((Kind::Text { content, formatted: has('f') || has('t') }, at + quote.len()));
        }
        match letter {
            '\\' if has('r') => {
                content.push(letter);
                content.extend(letters.next().map(|(_, letter)| letter));
            }
            '\\' => match letters.next()?.1 {
                '\n' => {}
                'n' => content.push('\n'),
                't' => content.push('\t'),
                'r' => content.push('\r'),
                other @ ('\\' | '\'' | '"') => content.push(other),
                // Codes of letters: no name or version needs them.
                other => content.extend(['\\', other]),
            },
            '\n' if quote.len() == 1 => return None,
            other => content.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokens};

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        tokens(text).0.into_iter().map(|token| token.kind).collect()
    }

    fn text(content: &str) -> Kind<'static> {
        Kind::Text { content: content.to_owned(), formatted: false }
    }

    #[test]
    fn literals_are_read() {
        assert_eq!(
            kinds(r#"'a\'b' r"c\d" """e"f""" u'\x41'"#),
            [text("a'b"), text("c\\d"), text("e\"f"), text("\\x41")]
        );
        assert_eq!(kinds("F'{x}'"), [Kind::Text { content: "{x}".to_owned(), formatted: true }]);
        assert_eq!(tokens("a = 'open\n'b'").1, Some(4));
    }

    #[test]
    fn statements_end_where_brackets_are_closed() {
        let found = kinds("x = [ # ]\n1.5,\n]\\\n+y\nz");
        let ends = found.iter().filter(|kind| **kind == Kind::End).count();
        assert_eq!((ends, found.last()), (1, Some(&Kind::Name("z"))));
    }
}
