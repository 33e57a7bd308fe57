//! The statements of a gemspec that say something of dependencies, with the strings in them.

/// A call or an assignment: `s.name = "x"`, `s.add_dependency "x", "~> 1"`, `require "x"`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    pub(super) method: &'a str,
    /// From 1.
    pub(super) line: u32,
    /// The strings, in order; one with an expression in it is left out.
    pub(super) literals: Vec<String>,
}

/// A statement may go on for so many lines.
const LINES_MAX: usize = 50;

/// Those of the methods that are asked for.
const METHODS: [&str; 10] = [
    "name",
    "version",
    "license",
    "licenses",
    "add_dependency",
    "add_runtime_dependency",
    "add_development_dependency",
    "require",
    "require_relative",
    "expand_path",
];

/// The statements of `text`. Each line begins at most one.
pub(super) fn statements(text: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let mut lines = text.lines().zip(1_u32..).peekable();
    let mut in_comment = false;
    while let Some((line, number)) = lines.next() {
        in_comment = (in_comment || line.starts_with("=begin")) && !line.starts_with("=end");
        if line == "__END__" {
            break;
        }
        let Some((method, arguments)) = method(line.trim()).filter(|_| !in_comment) else { continue };
        let mut whole = arguments.to_owned();
        for _ in 0..LINES_MAX {
            if !is_open(&whole) {
                break;
            }
            let Some((next, _)) = lines.next() else { break };
            whole.push('\n');
            whole.push_str(next);
        }
        // A name that is computed must not leave its place to what follows.
        let begins = whole.trim_start_matches(|letter: char| letter == '(' || letter.is_whitespace());
        let is_literal = begins.starts_with(['"', '\'', '%']);
        let is_call = method.starts_with("add_");
        let literals = if is_literal || !is_call { literals(&whole) } else { Vec::new() };
        found.push(Statement { method, line: number, literals });
    }
    found
}

/// The method of a line, and what stands behind it.
fn method(line: &str) -> Option<(&str, &str)> {
    if line.starts_with('#') {
        return None;
    }
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let end = line.find(|letter| !is_word(letter)).unwrap_or(line.len());
    let (first, rest) = line.split_at_checked(end)?;
    if matches!(first, "require" | "require_relative") {
        return Some((first, rest));
    }
    if let Some((_, arguments)) = line.split_once("expand_path") {
        return Some(("expand_path", arguments));
    }
    let rest = rest.strip_prefix('.')?;
    let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
    let (method, arguments) = rest.split_at_checked(end)?;
    let method = METHODS.into_iter().find(|known| *known == method)?;
    let arguments = arguments.trim_start();
    if method.starts_with("add_") {
        return Some((method, arguments));
    }
    arguments.strip_prefix('=').filter(|value| !value.starts_with('=')).map(|value| (method, value))
}

/// Whether the statement goes on in the next line: after a comma, or within brackets.
fn is_open(text: &str) -> bool {
    let mut depth: usize = 0;
    let mut last = ' ';
    Pieces(text).for_each(|piece| match piece {
        Piece::Literal(_) => last = '"',
        Piece::Sign('(' | '[') => (depth, last) = (depth + 1, '('),
        Piece::Sign(')' | ']') => (depth, last) = (depth.saturating_sub(1), ')'),
        Piece::Sign(sign) if !sign.is_whitespace() => last = sign,
        Piece::Sign(_) | Piece::Word(_) => {}
    });
    depth > 0 || matches!(last, ',' | '\\')
}

/// The strings of a statement, up to its condition.
pub(super) fn literals(text: &str) -> Vec<String> {
    let until_condition = Pieces(text).take_while(|piece| !matches!(piece, Piece::Word("if" | "unless")));
    until_condition
        .filter_map(|piece| match piece {
            Piece::Literal(Some(text)) => Some(text.to_owned()),
            Piece::Literal(None) | Piece::Word(_) | Piece::Sign(_) => None,
        })
        .collect()
}

enum Piece<'a> {
    /// `None` for one that holds an expression or an escape.
    Literal(Option<&'a str>),
    Word(&'a str),
    Sign(char),
}

/// The pieces of Ruby's text, without comments.
struct Pieces<'a>(&'a str);

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
    use super::{Statement, literals, statements};

    #[test]
    fn strings_are_found_in_their_spellings() {
        assert_eq!(literals("(%q<a>.freeze, [\"~> 1.0\", '>= 1.0.1']) # 'b'"), ["a", "~> 1.0", ">= 1.0.1"]);
        assert_eq!(literals("'a', \"#{b}\" if RUBY_VERSION < '3'"), ["a"]);
        assert_eq!(literals("'open"), Vec::<String>::new());
    }

    #[test]
    fn statements_may_go_on() {
        let text = "=begin\ns.name = 'no'\n=end\ns.add_dependency 'a',\n  '~> 1'\ns.name == 'x'\ns.name = 'y'\n";
        let literals = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
        assert_eq!(
            statements(text),
            [
                Statement { method: "add_dependency", line: 4, literals: literals(["a", "~> 1"]) },
                Statement { method: "name", line: 7, literals: vec!["y".to_owned()] },
            ]
        );
    }
}
