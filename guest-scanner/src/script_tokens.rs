//! Words, strings and signs of languages that write them as Python does; Meson's is another.

/// A piece of the text. What matters nowhere here is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Word(&'a str),
    /// What stands between the quotes, as it is written, and its offset.
    Text(&'a str, usize),
    Sign(char),
    NewLine,
}

/// All tokens, in one pass; and the offset of the first string that does not end, which is none.
pub(crate) fn tokens(text: &str) -> (Vec<Token<'_>>, Option<usize>) {
    let (mut tokens, mut open) = (Vec::new(), None);
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(letter) = rest.chars().next()
    {
        let length = match letter {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => {
                let (inside, length) = string(rest, letter);
                // An `f` or `b` before it is no word of its own.
                if matches!(tokens.last(), Some(Token::Word(word)) if is_prefix(word) && text.get(..at).is_some_and(|before| before.ends_with(*word)))
                {
                    tokens.pop();
                }
                match inside {
                    Some(inside) => tokens.push(Token::Text(inside, at)),
                    None => open = open.or(Some(at)),
                }
                length
            }
            '\n' => {
                tokens.push(Token::NewLine);
                1
            }
            '\\' => rest
                .strip_prefix("\\\r\n")
                .or_else(|| rest.strip_prefix("\\\n"))
                .map_or(1, |after| rest.len() - after.len()),
            _ if letter.is_whitespace() => letter.len_utf8(),
            _ if letter.is_alphanumeric() || letter == '_' => {
                let length = rest.find(|other: char| !(other.is_alphanumeric() || other == '_')).unwrap_or(rest.len());
                tokens.extend(rest.get(..length).map(Token::Word));
                length
            }
            _ => {
                tokens.push(Token::Sign(letter));
                letter.len_utf8()
            }
        };
        at += length;
    }
    (tokens, open)
}

fn is_prefix(word: &str) -> bool {
    word.len() <= 2 && word.chars().all(|letter| matches!(letter, 'f' | 'F' | 'b' | 'B' | 'r' | 'R' | 'u' | 'U'))
}

/// What a string holds, and its length with its quotes. One that does not end takes its line, or the
/// rest of the file.
fn string(rest: &str, quote: char) -> (Option<&str>, usize) {
    let triple = [quote; 3].iter().collect::<String>();
    let is_triple = rest.starts_with(&triple);
    let opening = if is_triple { 3 } else { 1 };
    let mut letters = rest.char_indices().skip(opening);
    while let Some((at, letter)) = letters.next() {
        let is_end =
            if is_triple { rest.get(at..).is_some_and(|rest| rest.starts_with(&triple)) } else { letter == quote };
        match letter {
            '\\' => _ = letters.next(),
            _ if is_end => return (rest.get(opening..at), at + opening),
            '\n' if !is_triple => return (None, at),
            _ => {}
        }
    }
    (None, rest.len())
}

#[cfg(test)]
mod tests {
    use super::{Token, tokens};

    #[test]
    fn strings_and_comments_are_told_apart() {
        let found = tokens("a = f'x#\\'y' # 'no'\n\"\"\"z\n\"\"\"");
        let expected =
            [Token::Word("a"), Token::Sign('='), Token::Text("x#\\'y", 5), Token::NewLine, Token::Text("z\n", 20)];
        assert_eq!(found, (expected.to_vec(), None));
        assert_eq!(
            tokens("a\n'open\nx"),
            (vec![Token::Word("a"), Token::NewLine, Token::NewLine, Token::Word("x")], Some(2))
        );
    }
}
