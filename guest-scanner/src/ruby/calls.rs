//! The calls of a manifest that is a Ruby program, such as `gem "x", "~> 1", group: :test`, one a
//! line, and the blocks that they stand in.

use super::{Piece, Pieces, is_open};

/// A statement that begins with a word.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Call<'a> {
    /// The first word; empty for what begins with anything else.
    pub(crate) method: &'a str,
    /// From 1.
    pub(crate) line: u32,
    pub(crate) positional: Vec<Value>,
    pub(crate) options: Vec<(String, Vec<Value>)>,
    /// How many blocks begin in the statement, and how many end.
    pub(crate) opens: usize,
    pub(crate) closes: usize,
}

/// An argument, or an item of a list that is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Symbol(String),
    Word(String),
    /// What only running it would tell.
    Computed,
}

/// A statement may go on for so many lines.
const LINES_MAX: usize = 50;

/// The calls of `text`; those of `methods` may go on over several lines.
pub(crate) fn calls<'a>(text: &'a str, methods: &[&str]) -> Vec<Call<'a>> {
    let mut found = Vec::new();
    let mut lines = text.lines().zip(1_u32..);
    let mut in_comment = false;
    while let Some((line, number)) = lines.next() {
        in_comment = (in_comment || line.starts_with("=begin")) && !line.starts_with("=end");
        if line == "__END__" {
            break;
        }
        let line = line.trim();
        if in_comment || line.is_empty() || line.starts_with('#') {
            continue;
        }
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = line.find(|letter| !is_word(letter)).unwrap_or(line.len());
        let method = line.get(..end).unwrap_or_default();
        let mut whole = line.to_owned();
        for _ in 0..LINES_MAX {
            if !methods.contains(&method) || !is_open(&whole) {
                break;
            }
            let Some((next, _)) = lines.next() else { break };
            whole.push('\n');
            whole.push_str(next);
        }
        let pieces: Vec<Piece<'_>> = Pieces(&whole).collect();
        let mut call = Call { method, line: number, ..Call::default() };
        (call.opens, call.closes) = blocks(&pieces);
        if methods.contains(&method) {
            Arguments { call: &mut call, key: None, depth: 0, is_start: true }
                .read(pieces.get(1..).unwrap_or_default());
        }
        found.push(call);
    }
    found
}

impl Value {
    /// A string or a symbol.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Text(name) | Self::Symbol(name) => Some(name),
            Self::Word(_) | Self::Computed => None,
        }
    }

    /// A string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Symbol(_) | Self::Word(_) | Self::Computed => None,
        }
    }
}

impl Call<'_> {
    /// What an option says, whole lists too.
    pub(crate) fn option(&self, name: &str) -> &[Value] {
        self.options.iter().find(|(key, _)| key == name).map_or(&[], |(_, values)| values)
    }

    /// The first string of an option.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.option(name).first()?.text()
    }
}

/// How many blocks begin, and how many end: `if` only begins one where it stands first, or is assigned.
fn blocks(pieces: &[Piece<'_>]) -> (usize, usize) {
    const OPENERS: [&str; 10] = ["if", "unless", "case", "while", "until", "for", "begin", "def", "class", "module"];
    let (mut opens, mut closes) = (0, 0);
    let mut before = None;
    let mut is_loop = false;
    for piece in pieces.iter().filter(|piece| !matches!(piece, Piece::Sign(sign) if sign.is_whitespace())) {
        match piece {
            Piece::Word(word) if OPENERS.contains(word) && matches!(before, None | Some(Piece::Sign('='))) => {
                is_loop = matches!(*word, "while" | "until" | "for");
                opens += 1;
            }
            Piece::Word("do") if !is_loop => opens += 1,
            Piece::Word("end") if !matches!(before, Some(Piece::Sign('.' | ':'))) => closes += 1,
            Piece::Word(_) | Piece::Literal(_) | Piece::Sign(_) => {}
        }
        before = Some(*piece);
    }
    (opens, closes)
}

struct Arguments<'c, 'a> {
    call: &'c mut Call<'a>,
    /// The depth at which the option began that is being read.
    key: Option<usize>,
    depth: usize,
    /// Whether an argument or an item may begin here.
    is_start: bool,
}

impl Arguments<'_, '_> {
    fn read(&mut self, pieces: &[Piece<'_>]) {
        let mut at = 0;
        while let Some(piece) = pieces.get(at) {
            at += 1;
            match *piece {
                Piece::Sign(sign) if sign.is_whitespace() => {}
                Piece::Word("if" | "unless" | "do") if self.depth == 0 => return,
                Piece::Sign('(' | '[' | '{') if self.is_start => self.depth += 1,
                // A block.
                Piece::Sign('{') => return,
                Piece::Sign('(' | '[') => {
                    self.computed();
                    at = closing(pieces, at);
                }
                Piece::Sign(')' | ']' | '}') => (self.depth, self.is_start) = (self.depth.saturating_sub(1), false),
                Piece::Sign(',') => {
                    self.key = self.key.filter(|depth| self.depth > *depth);
                    self.is_start = true;
                }
                Piece::Sign('.') if pieces.get(at) == Some(&Piece::Word("freeze")) => at += 1,
                Piece::Sign(':') if self.is_start => {
                    let name = match pieces.get(at) {
                        Some(Piece::Word(name) | Piece::Literal(Some(name))) => *name,
                        _ => continue,
                    };
                    at = self.symbol_or_key(name, Value::Symbol(name.to_owned()), at + 1, pieces);
                }
                Piece::Sign(_) if self.is_start => {}
                Piece::Sign(_) => self.computed(),
                Piece::Literal(text) if self.is_start => {
                    let value = text.map_or(Value::Computed, |text| Value::Text(text.to_owned()));
                    at = self.symbol_or_key(text.unwrap_or_default(), value, at, pieces);
                }
                Piece::Literal(_) => self.computed(),
                Piece::Word(word) if self.is_start => {
                    at = self.symbol_or_key(word, Value::Word(word.to_owned()), at, pieces);
                }
                Piece::Word(_) => {}
            }
        }
    }

    /// A value, or the key of an option if `:` or `=>` follows. Gives where to go on.
    fn symbol_or_key(&mut self, name: &str, value: Value, at: usize, pieces: &[Piece<'_>]) -> usize {
        let blanks = |piece: &&Piece<'_>| matches!(piece, Piece::Sign(sign) if sign.is_whitespace());
        let rest = pieces.get(at..).unwrap_or_default();
        let skipped = rest.iter().take_while(blanks).count();
        let length = match rest.get(skipped..) {
            Some([Piece::Sign('='), Piece::Sign('>'), ..]) => skipped + 2,
            Some([Piece::Sign(':'), after, ..]) if skipped == 0 && *after != Piece::Sign(':') => 1,
            _ => {
                self.push(value);
                self.is_start = false;
                return at;
            }
        };
        self.call.options.push((name.to_owned(), Vec::new()));
        self.key = Some(self.depth);
        at + length
    }

    fn list(&mut self) -> &mut Vec<Value> {
        match self.call.options.last_mut().filter(|_| self.key.is_some()) {
            Some((_, values)) => values,
            None => &mut self.call.positional,
        }
    }

    fn push(&mut self, value: Value) {
        self.list().push(value);
    }

    /// What began as a value goes on as an expression.
    fn computed(&mut self) {
        if let Some(last) = self.list().last_mut() {
            *last = Value::Computed;
        }
    }
}

/// Behind the bracket that closes the one before `at`.
fn closing(pieces: &[Piece<'_>], at: usize) -> usize {
    let mut depth = 1_usize;
    for (place, piece) in pieces.iter().enumerate().skip(at) {
        match piece {
            Piece::Sign('(' | '[' | '{') => depth += 1,
            Piece::Sign(')' | ']' | '}') => depth -= 1,
            Piece::Sign(_) | Piece::Word(_) | Piece::Literal(_) => {}
        }
        if depth == 0 {
            return place + 1;
        }
    }
    pieces.len()
}

#[cfg(test)]
mod tests {
    use super::{Value, calls};

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn arguments_are_told_from_options() {
        let found = calls("gem 'a', ['~> 1', \">= 1.2\"],\n  group: [:test, :dev], :git => 'x' if y", &["gem"]);
        assert_eq!(found[0].positional, [text("a"), text("~> 1"), text(">= 1.2")]);
        assert_eq!(found[0].option("group").iter().filter_map(Value::name).collect::<Vec<_>>(), ["test", "dev"]);
        assert_eq!((found[0].text_of("git"), found.len()), (Some("x"), 1));
    }

    #[test]
    fn what_is_computed_is_no_literal() {
        let found = calls("gem(\"a\", ENV.fetch('V', '1'))\ngem 'a' + b, \"#{c}\", 'd'.freeze", &["gem"]);
        assert_eq!(found[0].positional, [text("a"), Value::Computed]);
        assert_eq!(found[1].positional, [Value::Computed, Value::Computed, text("d")]);
    }

    #[test]
    fn blocks_begin_and_end() {
        let open = |text: &str| calls(text, &[]).iter().map(|call| (call.opens, call.closes)).collect::<Vec<_>>();
        assert_eq!(open("group :a do |x|\nif b\nend\nend"), [(1, 0), (1, 0), (0, 1), (0, 1)]);
        assert_eq!(open("x = if a then b else c end\ngem 'a' if b\nwhile a do\nend"), [(1, 1), (0, 0), (1, 0), (0, 1)]);
    }
}
