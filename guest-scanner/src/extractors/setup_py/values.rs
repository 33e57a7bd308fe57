//! From pieces to values: what stands in a `setup.py` literally, and what simple names are bound to.
//!
//! Nothing is executed: literals, `+`, `dict(…)`, `list(…)`, and names that were bound to such. What is
//! bound, appended or added under a condition counts as if the condition held.

mod passing;
mod statements;
mod texts;

use std::collections::HashMap;

use super::value::{Text, Value, size, sum};
use crate::python::tokens::{Kind, Token};

/// Deeper brackets are unknown.
const DEPTH_MAX: usize = 32;

/// The strings that all values may hold together: names may be bound to doubles of each other.
const TEXTS_MAX: usize = 100_000;

/// The keywords of all calls of `setup`, in order.
pub(super) fn keywords(tokens: &[Token<'_>], source: &str) -> Vec<(String, Value)> {
    let mut reader = Reader { tokens, at: 0, names: HashMap::new(), texts_left: TEXTS_MAX };
    let mut keywords = Vec::new();
    let mut starts = true;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1).map(|token| &token.kind);
        match (&token.kind, next) {
            (Kind::Name("setup"), Some(Kind::Sign('('))) => {
                reader.at = at + 2;
                keywords.extend(reader.arguments(0));
                at = reader.at.max(at + 1);
                continue;
            }
            (Kind::Name(name), Some(Kind::Sign(_))) if starts => {
                let outermost = token.offset == 0 || source.as_bytes().get(token.offset - 1) == Some(&b'\n');
                reader.at = at + 1;
                reader.statement(name, outermost);
            }
            _ => {}
        }
        starts = token.kind == Kind::End;
        at += 1;
    }
    keywords
}

struct Reader<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
    names: HashMap<&'a str, Value>,
    texts_left: usize,
}

impl<'a> Reader<'_, 'a> {
    /// The keywords of a call whose bracket is open, and those of `**table`.
    fn arguments(&mut self, depth: usize) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        while !self.take(')') {
            let before = self.at;
            if self.take('*') {
                let is_table = self.take('*');
                let value = self.expression(depth + 1);
                if let Value::Table(entries) = value
                    && is_table
                {
                    found.extend(entries.into_iter().filter_map(|(key, value)| match key {
                        Value::Text(key) => Some((key.content, value)),
                        Value::List(_) | Value::Table(_) | Value::Computed(_) => None,
                    }));
                }
            } else if let Some(name) = self.take_name()
                && self.take('=')
            {
                let value = self.expression(depth + 1);
                found.push((name.to_owned(), value));
            } else {
                self.skip(&[]);
            }
            self.take(',');
            if self.at == before {
                // Another bracket closes here, or the text is at its end.
                break;
            }
        }
        found
    }

    fn expression(&mut self, depth: usize) -> Value {
        self.expression_before(depth, &[])
    }

    /// An expression that may end before one of `ends` too: a table's keys end before `:`.
    fn expression_before(&mut self, depth: usize, ends: &[char]) -> Value {
        let start = self.offset();
        if depth > DEPTH_MAX {
            self.skip(ends);
            return Value::Computed(start);
        }
        let mut value = self.operand(depth);
        while self.take('+') {
            let right = self.operand(depth);
            value = sum(value, right);
        }
        if self.peek() == Some(&Kind::Name("if")) {
            return self.alternatives(value, start, depth, ends);
        }
        if self.is_at_end(ends) {
            return value;
        }
        self.skip(ends);
        Value::Computed(start)
    }

    /// `list if condition else list`: both count.
    fn alternatives(&mut self, first: Value, start: usize, depth: usize, ends: &[char]) -> Value {
        let mut open: usize = 0;
        while let Some(kind) = self.peek() {
            match kind {
                Kind::Sign('(' | '[' | '{') => open += 1,
                Kind::Sign(')' | ']' | '}') if open > 0 => open -= 1,
                Kind::Name("else") if open == 0 => {
                    self.at += 1;
                    let second = self.expression_before(depth + 1, ends);
                    return match (first, second) {
                        (Value::List(first), Value::List(second)) => sum(Value::List(first), Value::List(second)),
                        _ => Value::Computed(start),
                    };
                }
                _ if open == 0 && self.is_at_end(ends) => break,
                Kind::Sign(_) | Kind::Name(_) | Kind::Text { .. } | Kind::End | Kind::Other => {}
            }
            self.at += 1;
        }
        Value::Computed(start)
    }

    fn operand(&mut self, depth: usize) -> Value {
        let start = self.offset();
        let value = match self.peek() {
            Some(Kind::Text { .. }) => self.literals(start),
            Some(Kind::Name(_)) => self.name(start, depth),
            Some(Kind::Sign('[')) => self.sequence(']', depth),
            Some(Kind::Sign('(')) => self.sequence(')', depth),
            Some(Kind::Sign('{')) => self.sequence('}', depth),
            Some(_) | None => return Value::Computed(start),
        };
        self.methods(value, start)
    }

    fn name(&mut self, start: usize, depth: usize) -> Value {
        let name = self.take_name().unwrap_or("");
        match self.peek() {
            Some(Kind::Sign('(')) if name == "dict" => {
                self.at += 1;
                let entries = self.arguments(depth + 1).into_iter();
                let key = |content| Value::Text(Text { content, offset: start });
                Value::Table(entries.map(|(name, value)| (key(name), value)).collect())
            }
            Some(Kind::Sign('(')) if matches!(name, "list" | "tuple" | "set" | "sorted" | "frozenset") => {
                self.at += 1;
                let value = self.expression(depth + 1);
                // Where more stands in the brackets, it is something else.
                if self.take(')') { value } else { Value::Computed(start) }
            }
            Some(Kind::Sign('(' | '[' | '.')) => self.computed(start),
            _ if name == "None" => Value::List(Vec::new()),
            _ => self.bound(name, start),
        }
    }

    fn bound(&mut self, name: &str, start: usize) -> Value {
        let Some(value) = self.names.get(name) else { return Value::Computed(start) };
        let size = size(value);
        if size > self.texts_left {
            return Value::Computed(start);
        }
        self.texts_left -= size;
        value.clone()
    }

    /// What stands in brackets: a list, a table, or one value in round ones.
    fn sequence(&mut self, closing: char, depth: usize) -> Value {
        self.at += 1;
        let (mut items, mut entries, mut commas) = (Vec::new(), Vec::new(), 0);
        while !self.take(closing) {
            let before = self.at;
            let stars = usize::from(self.take('*')) + usize::from(self.take('*'));
            let value = self.expression_before(depth + 1, if closing == '}' { &[':'] } else { &[] });
            match (stars, value) {
                (1.., Value::List(inner)) => items.extend(inner),
                (1.., Value::Table(inner)) => entries.extend(inner),
                (_, key) if closing == '}' && self.take(':') => entries.push((key, self.expression(depth + 1))),
                (_, value) => items.push(value),
            }
            commas += usize::from(self.take(','));
            if self.at == before || self.peek().is_none() {
                break;
            }
        }
        if closing == '}' && items.is_empty() {
            return Value::Table(entries);
        }
        if closing == ')' && commas == 0 && items.len() == 1 {
            return items.pop().unwrap_or(Value::List(Vec::new()));
        }
        Value::List(items)
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, keywords};
    use crate::python::tokens::tokens;

    /// The texts of a keyword, `?` for what is computed.
    fn texts(value: &Value) -> Vec<String> {
        match value {
            Value::Text(text) => vec![text.content.clone()],
            Value::List(items) => items.iter().flat_map(texts).collect(),
            Value::Table(entries) => entries.iter().flat_map(|(_, value)| texts(value)).collect(),
            Value::Computed(_) => vec!["?".to_owned()],
        }
    }

    fn read(text: &str) -> Vec<String> {
        keywords(&tokens(text).0, text)
            .iter()
            .flat_map(|(name, value)| [vec![name.clone()], texts(value)].concat())
            .collect()
    }

    #[test]
    fn names_are_looked_up() {
        assert_eq!(read("A = ['x', *B]\nA += ['y']\nA.append('z')\nsetup(k=A + C)"), ["k", "x", "?", "y", "z", "?"]);
        assert_eq!(read("V: str = '1'\nsetup(k=[f'x=={V}', 'y' '==2', f'{V()}'])"), ["k", "x==1", "y==2", "?"]);
        assert_eq!(read("K = dict(k=['a'])\nK['j'] = 'b'\nsetuptools.setup(**K, l=None)"), ["k", "a", "j", "b", "l"]);
    }

    #[test]
    fn what_follows_a_computed_keyword_is_read() {
        let text =
            "setup(a=lambda x: [x], b=[y for y in z if y == 1], c=d() % 2, e='f'.format(g), h=('i',) if j else [])";
        assert_eq!(read(text), ["a", "?", "b", "?", "c", "?", "e", "?", "h", "i"]);
    }

    #[test]
    fn broken_brackets_come_to_an_end() {
        for text in ["setup(", "setup(a=[", "setup(a=(]", "a = {'b': [}\nsetup(**a", "setup(a={**b, 'c': :}", "a[ = ]"]
        {
            read(text);
        }
        read(&"(".repeat(10_000));
        read(&format!("setup(a={})", "[".repeat(10_000)));
        read(&format!("a = ['x']\n{}setup(a=a)", "a = [a, a]\n".repeat(1_000)));
    }
}
