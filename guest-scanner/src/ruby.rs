//! Ruby's text, as far as the literals of manifests need it. Nothing is evaluated.

pub(crate) mod calls;

/// Whether the statement goes on in the next line: after a comma, or within brackets.
pub(crate) fn is_open(text: &str) -> bool {
    let mut depth: usize = 0;
    let mut last = ' ';
    Pieces(text).for_each(|piece| match piece {
        Piece::Literal(_) => last = '"',
        Piece::Sign('(' | '[') => (depth, last) = (depth + 1, '('),
        Piece::Sign(')' | ']') => (depth, last) = (depth.saturating_sub(1), ')'),
        Piece::Sign(sign) if !sign.is_whitespace() => last = sign,
        Piece::Word(_) => last = 'a',
        Piece::Sign(_) => {}
    });
    depth > 0 || matches!(last, ',' | '\\')
}

/// The strings of a statement, up to its condition.
pub(crate) fn literals(text: &str) -> Vec<String> {
    let until_condition = Pieces(text).take_while(|piece| !matches!(piece, Piece::Word("if" | "unless")));
    until_condition
        .filter_map(|piece| match piece {
            Piece::Literal(Some(text)) => Some(text.to_owned()),
            Piece::Literal(None) | Piece::Word(_) | Piece::Sign(_) => None,
        })
        .collect()
}

/// A piece of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// `None` for one that holds an expression or an escape.
    Literal(Option<&'a str>),
    Word(&'a str),
    Sign(char),
}

/// The pieces of Ruby's text, without comments.
#[derive(Debug)]
pub(crate) struct Pieces<'a>(pub(crate) &'a str);

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let letter = self.0.chars().next()?;
        let (piece, length) = match letter {
            '#' => {
                let end = self.0.find('\n').unwrap_or(self.0.len());
                (Piece::Sign(' '), end.max(1))
            }
            '"' | '\'' => self.literal(1, letter),
            '%' => self.percent(),
            letter if letter.is_alphabetic() || letter == '_' => {
                let end =
                    self.0.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(self.0.len());
                (Piece::Word(self.0.get(..end)?), end)
            }
            letter => (Piece::Sign(letter), letter.len_utf8()),
        };
        self.0 = self.0.get(length..).unwrap_or("");
        Some(piece)
    }
}

impl<'a> Pieces<'a> {
    /// `%q<…>` and its like.
    fn percent(&self) -> (Piece<'a>, usize) {
        let mut letters = self.0.chars().skip(1);
        let (kind, bracket) = (letters.next(), letters.next());
        let closing = match (kind, bracket) {
            (Some('q' | 'Q'), Some('<')) => '>',
            (Some('q' | 'Q'), Some('(')) => ')',
            (Some('q' | 'Q'), Some('[')) => ']',
            (Some('q' | 'Q'), Some('{')) => '}',
            _ => return (Piece::Sign('%'), 1),
        };
        self.literal(3, closing)
    }

    /// A string that begins behind `start` bytes and ends before `closing`.
    fn literal(&self, start: usize, closing: char) -> (Piece<'a>, usize) {
        let inside = self.0.get(start..).unwrap_or("");
        let Some((content, _)) = inside.split_once(closing) else { return (Piece::Sign(' '), self.0.len()) };
        let is_plain = !content.contains("#{") && !content.contains(['\\', '\n']);
        (Piece::Literal(is_plain.then_some(content)), start + content.len() + closing.len_utf8())
    }
}

#[cfg(test)]
mod tests {
    use super::literals;

    #[test]
    fn strings_are_found_in_their_spellings() {
        assert_eq!(literals("(%q<a>.freeze, [\"~> 1.0\", '>= 1.0.1']) # 'b'"), ["a", "~> 1.0", ">= 1.0.1"]);
        assert_eq!(literals("'a', \"#{b}\" if RUBY_VERSION < '3'"), ["a"]);
        assert_eq!(literals("'open"), Vec::<String>::new());
    }
}
