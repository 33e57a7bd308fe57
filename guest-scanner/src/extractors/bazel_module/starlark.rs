//! Starlark, as far as it can be read without running it: calls with their arguments, and names of texts
//! and lists.
//!
//! Syntax: <https://github.com/bazelbuild/starlark/blob/master/spec.md>. Blocks of functions and loops
//! are not told apart from the rest: what stands in them is read as if it stood at the top. All is kept
//! in one list, so that nothing here is as deep as its input.

mod call;
mod reader;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

pub(super) use reader::read;

/// More pieces than any file written by hand has.
const NODES_MAX: usize = 1_000_000;

/// How many names may lead to each other, and how deep lists are looked into.
const DEPTH_MAX: usize = 16;

/// The pieces that are looked at for all expressions of a file: names that stand for much, and are used
/// often, end there.
const STEPS_MAX: usize = 4_000_000;

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Code<'a> {
    nodes: Vec<Node<'a>>,
    top: Vec<usize>,
    /// What stands behind `name =` at the top.
    constants: HashMap<&'a str, Vec<usize>>,
    steps: Cell<usize>,
}

#[derive(Debug)]
struct Node<'a> {
    kind: Kind<'a>,
    offset: usize,
    children: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind<'a> {
    Name(&'a str),
    Text(Cow<'a, str>),
    /// `(`, `[` or `{`, with what is in it.
    Group(char),
    Mark(char),
    /// The end of a line that is in no bracket.
    Newline,
}

/// A call, `a.b(…)`.
#[derive(Debug)]
pub(super) struct Call<'c, 'a> {
    /// What is called: `a.b`.
    pub(super) name: String,
    /// Where that stands.
    pub(super) offset: usize,
    /// The name that it is given, as in `name = a.b(…)`.
    pub(super) target: Option<&'a str>,
    code: &'c Code<'a>,
    arguments: Vec<(Option<&'a str>, &'c [usize])>,
}

/// What an expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value<'c> {
    Text(Cow<'c, str>),
    True,
    /// Not known without running it.
    Open,
}

/// A piece of a list.
#[derive(Debug)]
pub(super) enum Item<'c, 'a> {
    Text(Cow<'c, str>, usize),
    Call(Call<'c, 'a>),
    /// It is computed; where it stands.
    Open(usize),
}

impl<'a> Code<'a> {
    /// The calls that are in no other call's arguments, wherever they stand.
    pub(super) fn calls(&self) -> Vec<Call<'_, 'a>> {
        self.calls_among(&self.top)
    }

    fn calls_among<'c>(&'c self, nodes: &'c [usize]) -> Vec<Call<'c, 'a>> {
        (0..nodes.len()).filter_map(|at| self.call_at(nodes, at)).collect()
    }

    /// The call whose arguments are the node at `at`.
    fn call_at<'c>(&'c self, nodes: &'c [usize], at: usize) -> Option<Call<'c, 'a>> {
        let arguments = self.node(*nodes.get(at)?)?;
        if arguments.kind != Kind::Group('(') {
            return None;
        }
        let mut first = at.checked_sub(1)?;
        self.name(nodes, first)?;
        while let Some(before) = first.checked_sub(2)
            && self.is_mark(nodes, before + 1, '.')
            && self.name(nodes, before).is_some()
        {
            first = before;
        }
        let path: Vec<&str> = (first..at).step_by(2).filter_map(|at| self.name(nodes, at)).collect();
        let assigned = first.checked_sub(2).filter(|at| self.is_mark(nodes, at + 1, '='));
        Some(Call {
            name: path.join("."),
            offset: self.node(*nodes.get(first)?)?.offset,
            target: assigned.and_then(|at| self.name(nodes, at)),
            code: self,
            arguments: self.arguments(&arguments.children),
        })
    }

    fn arguments<'c>(&'c self, children: &'c [usize]) -> Vec<(Option<&'a str>, &'c [usize])> {
        let is_comma = |index: &usize| self.node(*index).is_some_and(|node| node.kind == Kind::Mark(','));
        let parts = children.split(is_comma).filter(|part| !part.is_empty());
        let named = |part: &'c [usize]| match part {
            [_, _, rest @ ..] if self.is_mark(part, 1, '=') => (self.name(part, 0), rest),
            _ => (None, part),
        };
        parts.map(named).collect()
    }

    fn node(&self, index: usize) -> Option<&Node<'a>> {
        self.nodes.get(index)
    }

    fn name(&self, nodes: &[usize], at: usize) -> Option<&'a str> {
        if let Kind::Name(name) = self.node(*nodes.get(at)?)?.kind { Some(name) } else { None }
    }

    fn is_mark(&self, nodes: &[usize], at: usize, mark: char) -> bool {
        nodes.get(at).and_then(|index| self.node(*index)).is_some_and(|node| node.kind == Kind::Mark(mark))
    }

    fn find_constants(&mut self) {
        let mut constants = HashMap::new();
        for line in self.top.split(|index| self.node(*index).is_some_and(|node| node.kind == Kind::Newline)) {
            if let (Some(name), true, Some(value)) = (self.name(line, 0), self.is_mark(line, 1, '='), line.get(2..)) {
                constants.insert(name, value.to_vec());
            }
        }
        self.constants = constants;
    }

    /// The text that an expression stands for: `"a"`, a name of it, `"a" + B`, `"a:%s" % B`.
    fn value(&self, expression: &[usize], depth: usize) -> Value<'_> {
        if !self.may_look_at(expression) {
            return Value::Open;
        }
        if let [index] = expression {
            let node = self.node(*index);
            return match node.map(|node| &node.kind) {
                Some(Kind::Text(text)) => Value::Text(Cow::Borrowed(text)),
                Some(Kind::Name("True")) => Value::True,
                Some(Kind::Name(name)) if depth < DEPTH_MAX => {
                    self.constants.get(name).map_or(Value::Open, |value| self.value(value, depth + 1))
                }
                Some(Kind::Group('(')) if depth < DEPTH_MAX => {
                    node.map_or(Value::Open, |group| self.value(&group.children, depth + 1))
                }
                _ => Value::Open,
            };
        }
        let split = |mark| {
            expression.iter().rposition(|index| self.node(*index).is_some_and(|node| node.kind == Kind::Mark(mark)))
        };
        let halves =
            |at: usize| (expression.get(..at).unwrap_or_default(), expression.get(at + 1..).unwrap_or_default());
        if depth >= DEPTH_MAX {
            return Value::Open;
        }
        if let Some((left, right)) = split('+').map(halves) {
            return match (self.value(left, depth + 1), self.value(right, depth + 1)) {
                (Value::Text(left), Value::Text(right)) => self.bounded(left.into_owned() + &right),
                _ => Value::Open,
            };
        }
        if let Some((left, right)) = split('%').map(halves) {
            let Value::Text(left) = self.value(left, depth + 1) else { return Value::Open };
            return match (left.matches("%s").count(), self.value(right, depth + 1)) {
                (1, Value::Text(right)) => self.bounded(left.replacen("%s", &right, 1)),
                _ => Value::Open,
            };
        }
        Value::Open
    }

    /// Whether there are steps left to look at that many pieces; they are taken.
    fn may_look_at(&self, expression: &[usize]) -> bool {
        let steps = self.steps.get().saturating_add(expression.len() + 1);
        self.steps.set(steps);
        steps <= STEPS_MAX
    }

    fn bounded(&self, text: String) -> Value<'_> {
        let is_fine = text.len() <= fumehood_contract::limits::FIELD_BYTES_MAX;
        if is_fine { Value::Text(Cow::Owned(text)) } else { Value::Open }
    }

    /// The items of a list, of names of lists, and of sums of both.
    fn items<'c>(&'c self, expression: &'c [usize], depth: usize, items: &mut Vec<Item<'c, 'a>>) {
        if !self.may_look_at(expression) {
            return;
        }
        let is = |mark| move |index: &usize| self.node(*index).is_some_and(|node| node.kind == Kind::Mark(mark));
        for part in expression.split(is('+')) {
            match part.first().and_then(|index| self.node(*index)).map(|node| (&node.kind, node)) {
                Some((Kind::Group('['), list)) if part.len() == 1 && self.may_look_at(&list.children) => {
                    let parts = list.children.split(is(',')).filter(|item| !item.is_empty());
                    items.extend(parts.filter_map(|item| self.item(item)));
                }
                Some((Kind::Name(name), node)) if part.len() == 1 => match self.constants.get(name) {
                    Some(value) if depth < DEPTH_MAX => self.items(value, depth + 1, items),
                    _ => items.push(Item::Open(node.offset)),
                },
                Some((_, node)) => items.push(Item::Open(node.offset)),
                None => {}
            }
        }
    }

    fn item<'c>(&'c self, expression: &'c [usize]) -> Option<Item<'c, 'a>> {
        let offset = self.node(*expression.first()?)?.offset;
        Some(match self.value(expression, 0) {
            Value::Text(text) => Item::Text(text, offset),
            Value::True | Value::Open => {
                self.call_at(expression, expression.len() - 1).map_or(Item::Open(offset), Item::Call)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, read};

    fn lists(text: &str) -> Vec<String> {
        let (code, stop) = read(text);
        assert_eq!(stop, None, "{text}");
        let shown = |item: &Item<'_, '_>| match item {
            Item::Text(text, _) => text.to_string(),
            Item::Call(call) => format!("{}()", call.name),
            Item::Open(_) => "?".to_owned(),
        };
        code.calls()
            .iter()
            .map(|call| format!("{} {}", call.name, call.list("l").iter().map(shown).collect::<Vec<_>>().join(",")))
            .collect()
    }

    #[test]
    fn lists_are_put_together_from_constants() {
        let text =
            "A = 'x'\nB = [A + ':1', \"b:%s\" % A,] # c\nf(l = B + ['''y''', r'z\\w', g(), h], n = 1)\nm.n.o(l = C)";
        assert_eq!(lists(text), ["f x:1,b:x,y,z\\w,g(),?", "m.n.o ?"]);
    }

    #[test]
    fn nothing_grows_without_bound() {
        let doubling: String = (0..60).map(|n| format!("A{} = A{n} + A{n}\n", n + 1)).collect();
        let text = format!("A0 = ['x']\n{doubling}f(l = A60)\nB = B\ng(l = B)");
        assert_eq!(lists(&text).len(), 2);
        let deep = format!("{}{}", "f([".repeat(100_000), "])".repeat(100_000));
        assert_eq!(lists(&deep).len(), 1);
    }
}
