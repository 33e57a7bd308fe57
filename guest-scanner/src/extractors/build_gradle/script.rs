//! A build script as a tree of brackets, in Groovy or Kotlin, which are alike as far as it goes.
//!
//! Comments are left out and strings are whole: what stands in either is never taken for code. All is
//! kept in one list, so that nothing here is as deep as its input.

/// More pieces than any script written by hand has.
const NODES_MAX: usize = 1_000_000;

/// The pieces of a script.
#[derive(Debug, Default)]
pub(super) struct Script<'a> {
    nodes: Vec<Node<'a>>,
    /// Those in no bracket.
    pub(super) top: Vec<usize>,
}

#[derive(Debug)]
struct Node<'a> {
    kind: Kind<'a>,
    offset: usize,
    children: Vec<usize>,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// A name or a number.
    Name(&'a str),
    /// What is in a string, as it is written. In a plain one, `$` means nothing.
    Text {
        inner: &'a str,
        is_plain: bool,
    },
    /// A bracket, by its opening one.
    Group(char),
    /// Any other sign.
    Mark(char),
    Newline,
}

/// Reads as far as the text makes sense; the second is where and why it ended early.
pub(super) fn read(text: &str) -> (Script<'_>, Option<(usize, &'static str)>) {
    let mut reader = Reader { text, at: 0, script: Script::default(), open: Vec::new() };
    let stop = reader.run();
    (reader.script, stop)
}

impl<'a> Script<'a> {
    pub(super) fn kind(&self, index: usize) -> Option<Kind<'a>> {
        self.nodes.get(index).map(|node| node.kind)
    }

    pub(super) fn offset(&self, index: usize) -> usize {
        self.nodes.get(index).map_or(0, |node| node.offset)
    }

    /// What is in a bracket.
    pub(super) fn children(&self, index: usize) -> &[usize] {
        self.nodes.get(index).map_or(&[], |node| &node.children)
    }

    pub(super) fn is_mark(&self, index: usize, mark: char) -> bool {
        self.kind(index) == Some(Kind::Mark(mark))
    }

    pub(super) fn name(&self, index: usize) -> Option<&'a str> {
        if let Some(Kind::Name(name)) = self.kind(index) { Some(name) } else { None }
    }

    /// The statements of a block, without their line ends. One goes on where its line cannot end, or
    /// the next one cannot begin.
    pub(super) fn statements(&self, block: &[usize]) -> Vec<Vec<usize>> {
        let mut statements = Vec::new();
        let mut current: Vec<usize> = Vec::new();
        for (at, index) in block.iter().enumerate() {
            match self.kind(*index) {
                Some(Kind::Newline) => {
                    let wants_more = current.last().is_some_and(|last| {
                        matches!(self.kind(*last), Some(Kind::Mark(',' | '+' | '=' | ':' | '.' | '?')))
                    });
                    let next = block.get(at + 1..).unwrap_or_default();
                    let next = next.iter().find_map(|next| self.kind(*next).filter(|kind| *kind != Kind::Newline));
                    // Line ends follow each other: only the last of them looks far.
                    let is_last = block.get(at + 1).is_none_or(|next| self.kind(*next) != Some(Kind::Newline));
                    let continues = matches!(next, Some(Kind::Mark('.' | '?') | Kind::Group('{')));
                    if is_last && !wants_more && !continues {
                        statements.push(std::mem::take(&mut current));
                    }
                }
                Some(Kind::Mark(';')) => statements.push(std::mem::take(&mut current)),
                _ => current.push(*index),
            }
        }
        statements.push(current);
        statements.retain(|statement| !statement.is_empty());
        statements
    }

    /// The parts between commas.
    pub(super) fn parts(&self, list: &[usize]) -> Vec<Vec<usize>> {
        let parts = list.split(|index| self.is_mark(*index, ','));
        let without_ends = |part: &[usize]| {
            part.iter().copied().filter(|index| self.kind(*index) != Some(Kind::Newline)).collect::<Vec<_>>()
        };
        parts.map(without_ends).filter(|part| !part.is_empty()).collect()
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    script: Script<'a>,
    open: Vec<(usize, char)>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Option<(usize, &'static str)> {
        while let Some(letter) = self.rest().chars().next() {
            let start = self.at;
            if self.script.nodes.len() >= NODES_MAX {
                return Some((start, "is longer than any real script; the rest is not read"));
            }
            self.at += letter.len_utf8();
            match letter {
                '\n' => self.add(start, Kind::Newline),
                _ if letter.is_whitespace() => {}
                '#' if start == 0 => self.line(),
                '/' if self.rest().starts_with('/') => self.line(),
                '/' if self.rest().starts_with('*') => {
                    let Some(end) = self.rest().find("*/") else { return Some((start, "a comment is not closed")) };
                    self.at += end + 2;
                }
                '/' if self.is_pattern() => self.pattern(start),
                '\\' => self.at += self.rest().chars().next().map_or(0, char::len_utf8),
                '"' | '\'' => {
                    let Some(inner) = self.string(letter) else {
                        return Some((start, "a string is not closed; the rest is not read"));
                    };
                    self.add(start, Kind::Text { inner, is_plain: letter == '\'' });
                }
                '(' => self.open(start, '(', ')'),
                '[' => self.open(start, '[', ']'),
                '{' => self.open(start, '{', '}'),
                ')' | ']' | '}' => {
                    if self.open.pop_if(|(_, wanted)| *wanted == letter).is_none() {
                        return Some((start, "a closing bracket does not match; the rest is not read"));
                    }
                }
                '`' => {
                    let end = self.rest().find(['`', '\n']).unwrap_or(self.rest().len());
                    let name = self.rest().get(..end).unwrap_or_default();
                    self.at += (end + 1).min(self.rest().len());
                    self.add(start, Kind::Name(name));
                }
                _ if letter.is_alphanumeric() || letter == '_' => {
                    let ends = |letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '$');
                    self.at += self.rest().find(ends).unwrap_or(self.rest().len());
                    self.add(start, Kind::Name(self.text.get(start..self.at).unwrap_or_default()));
                }
                mark => self.add(start, Kind::Mark(mark)),
            }
        }
        let (innermost, _) = self.open.last()?;
        Some((self.script.offset(*innermost), "what is opened here is not closed"))
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn open(&mut self, start: usize, opening: char, closing: char) {
        self.add(start, Kind::Group(opening));
        self.open.push((self.script.nodes.len() - 1, closing));
    }

    fn add(&mut self, offset: usize, kind: Kind<'a>) {
        let index = self.script.nodes.len();
        self.script.nodes.push(Node { kind, offset, children: Vec::new() });
        let parent = self.open.last().and_then(|(parent, _)| self.script.nodes.get_mut(*parent));
        parent.map_or(&mut self.script.top, |parent| &mut parent.children).push(index);
    }

    /// Whether a slash begins one of Groovy's regular expressions: nothing can be divided here.
    fn is_pattern(&self) -> bool {
        let last = self.script.nodes.len().checked_sub(1).and_then(|last| self.script.kind(last));
        matches!(last, Some(Kind::Mark('=' | '~' | ',' | ':') | Kind::Group('(' | '[')))
            && self.rest().split('\n').next().is_some_and(|line| line.contains('/'))
    }

    fn pattern(&mut self, start: usize) {
        let mut escaped = false;
        let end = self.rest().bytes().position(|byte| {
            let ends = (byte == b'/' && !escaped) || byte == b'\n';
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(self.rest().len());
        let inner = self.rest().get(..end).unwrap_or_default();
        self.at += (end + 1).min(self.rest().len());
        self.add(start, Kind::Text { inner, is_plain: false });
    }

    /// A string behind its first quote: what is in it. One without three quotes is of one line.
    fn string(&mut self, quote: char) -> Option<&'a str> {
        let rest = self.rest();
        let triple = if quote == '"' { "\"\"" } else { "''" };
        let is_long = rest.starts_with(triple);
        let inner = if is_long { rest.get(2..)? } else { rest };
        let end = end_of_string(inner, quote, is_long)?;
        self.at += if is_long { end + 5 } else { end + 1 };
        inner.get(..end)
    }
}

/// Where a string ends. Within `${…}` another may begin.
fn end_of_string(text: &str, quote: char, is_long: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let quote = u8::try_from(quote).ok()?;
    let (mut at, mut depth, mut inner_quote) = (0, 0_u32, None);
    while let Some(byte) = bytes.get(at).copied() {
        match (byte, inner_quote) {
            (b'\\', _) => at += 1,
            (b'\n', _) if !is_long => return None,
            (_, Some(inner)) if depth > 0 && byte == inner => inner_quote = None,
            (_, Some(_)) if depth > 0 => {}
            (b'"' | b'\'', _) if depth > 0 => inner_quote = Some(byte),
            (b'{', _) if depth > 0 => depth += 1,
            (b'}', _) if depth > 0 => depth -= 1,
            (b'$', _) if quote == b'"' && bytes.get(at + 1) == Some(&b'{') => {
                depth = 1;
                at += 1;
            }
            _ => {
                let is_end = !is_long || bytes.get(at + 1..at + 3) == Some(&[quote, quote]);
                if byte == quote && depth == 0 && is_end {
                    return Some(at);
                }
            }
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Kind, Script, read};

    fn shown(script: &Script<'_>, nodes: &[usize]) -> String {
        let one = |index: &usize| match script.kind(*index) {
            Some(Kind::Name(name)) => name.to_owned(),
            Some(Kind::Text { inner, .. }) => format!("'{inner}'"),
            Some(Kind::Group(opening)) => format!("{opening}{}", script.children(*index).len()),
            Some(Kind::Mark(mark)) => mark.to_string(),
            Some(Kind::Newline) | None => "|".to_owned(),
        };
        nodes.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn statements(text: &str) -> Vec<String> {
        let (script, stop) = read(text);
        assert_eq!(stop, None, "{text}");
        script.statements(&script.top).iter().map(|statement| shown(&script, statement)).collect()
    }

    #[test]
    fn strings_and_comments_are_no_code() {
        assert_eq!(statements("a 'b // c' // d\ne /* f\ng */ h"), ["a 'b // c'", "e h"]);
        assert_eq!(statements("a \"${b(\"}\")} c\" d\n'''e\n'f'''"), ["a '${b(\"}\")} c' d", "'e\n'f'"]);
        assert_eq!(statements("a =~ /it's/\nb / c"), ["a = ~ 'it's'", "b / c"]);
    }

    #[test]
    fn statements_go_on_where_they_must() {
        assert_eq!(statements("a b,\n  c\nd\n  .e()\n\nf\n{ g }; h"), ["a b , c", "d . e (0", "f {1", "h"]);
    }

    #[test]
    fn broken_scripts_end_early() {
        for text in ["a 'b\n", "a )", "a (", "/* a", "\"${\""] {
            assert!(read(text).1.is_some(), "{text}");
        }
        let deep = format!("{}{}", "{(".repeat(100_000), ")}".repeat(100_000));
        assert_eq!(read(&deep).1, None);
    }
}
