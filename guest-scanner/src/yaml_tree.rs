//! YAML as a tree in which every value keeps its text and its line.
//!
//! serde's data model would turn `version: 1.10` into a number, and its visitors would go down the
//! stack with the nesting of the file: the tree is built from the parser's events instead, without
//! recursion. All nodes lie in one vector. An alias is a reference to it, so nothing is multiplied;
//! only aliases of scalars are followed.

use std::borrow::Cow;
use std::collections::HashMap;

use fumehood_contract::ProblemKind;
use granit_parser::{Event, Parser, ScalarStyle};

use crate::records::{Records, SHARED_BYTES_MAX};
use crate::source::Source;

/// The first document of a text, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct Yaml<'a> {
    nodes: Vec<Node<'a>>,
}

/// Why a text could not be read to its end.
#[derive(Debug)]
pub(crate) struct Broken {
    /// From 1.
    pub(crate) line: u32,
    pub(crate) message: String,
}

/// A value of the document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'y, 'a> {
    yaml: &'y Yaml<'a>,
    node: &'y Node<'a>,
}

#[derive(Debug)]
struct Node<'a> {
    line: u32,
    kind: Kind<'a>,
}

#[derive(Debug)]
enum Kind<'a> {
    Scalar {
        text: Cow<'a, str>,
        plain: bool,
    },
    List(Vec<usize>),
    /// Keys and values.
    Map(Vec<(usize, usize)>),
}

/// A list or mapping that is not yet closed.
struct Open {
    node: usize,
    /// A mapping's key that waits for its value.
    key: Option<usize>,
}

#[derive(Default)]
struct Builder<'a> {
    yaml: Yaml<'a>,
    open: Vec<Open>,
    /// The scalars that aliases may mean.
    anchors: HashMap<usize, usize>,
}

/// Reads a file whose outermost value is a mapping, and hands it to `then`: with what stands before
/// the first error, if there is one, which is a problem.
pub(crate) fn read_mapping(source: &Source<'_>, records: &mut Records, then: impl FnOnce(Value<'_, '_>, &mut Records)) {
    let (mut yaml, broken) = read(source.text());
    let merged;
    if let Some(broken) = &broken {
        if let Some(text) = without_conflicts(source.text()) {
            merged = text;
            yaml = read(&merged).0;
        }
        let message = format!("{}; what could be read is reported", broken.message);
        records.problem(ProblemKind::Unparsable, Some(broken.line), &message);
    }
    match yaml.root() {
        Some(root) if root.is_mapping() => then(root, records),
        Some(_) | None if broken.is_some() => {}
        Some(root) => records.problem(ProblemKind::Unparsable, Some(root.line()), "it is not a mapping"),
        None => records.problem(ProblemKind::Unparsable, None, "the file holds nothing"),
    }
}

/// The text with both sides of a conflict that git left in it, its marks blanked; `None` if it has none.
fn without_conflicts(text: &str) -> Option<String> {
    let is_mark = |line: &str| ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
    let lines = text.split_inclusive('\n').map(|line| if is_mark(line) { "\n" } else { line });
    text.lines().any(is_mark).then(|| lines.collect())
}

/// Reads a text.
pub(crate) fn read(text: &str) -> (Yaml<'_>, Option<Broken>) {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::DocumentEnd, _)) => break,
            Ok((event, span)) => builder.take(event, line_number(span.start.line())),
            Err(error) => {
                let line = line_number(error.marker().line());
                return (builder.yaml, Some(Broken { line, message: error.info() }));
            }
        }
    }
    (builder.yaml, None)
}

fn line_number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX).max(1)
}

impl<'a> Yaml<'a> {
    /// The outermost value; `None` if the text holds nothing.
    pub(crate) fn root(&self) -> Option<Value<'_, 'a>> {
        self.value(0)
    }

    fn value(&self, node: usize) -> Option<Value<'_, 'a>> {
        self.nodes.get(node).map(|node| Value { yaml: self, node })
    }
}

impl<'a> Builder<'a> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the rest are marks of the stream, and what the parser may add")]
    fn take(&mut self, event: Event<'a>, line: u32) {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let is_short = text.len() <= SHARED_BYTES_MAX;
                let node = self.add(line, Kind::Scalar { text, plain: style == ScalarStyle::Plain });
                if anchor > 0 && is_short {
                    self.anchors.insert(anchor, node);
                }
                self.attach(node);
            }
            Event::SequenceStart(..) => self.begin(line, Kind::List(Vec::new())),
            Event::MappingStart(..) => self.begin(line, Kind::Map(Vec::new())),
            Event::SequenceEnd | Event::MappingEnd => drop(self.open.pop()),
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).copied();
                let nothing = || Kind::Scalar { text: Cow::Borrowed(""), plain: true };
                let node = known.unwrap_or_else(|| self.add(line, nothing()));
                self.attach(node);
            }
            _ => {}
        }
    }

    fn begin(&mut self, line: u32, kind: Kind<'a>) {
        let node = self.add(line, kind);
        self.attach(node);
        self.open.push(Open { node, key: None });
    }

    fn add(&mut self, line: u32, kind: Kind<'a>) -> usize {
        self.yaml.nodes.push(Node { line, kind });
        self.yaml.nodes.len() - 1
    }

    /// Puts the node into the innermost list or mapping that is open.
    fn attach(&mut self, child: usize) {
        let Some(parent) = self.open.last_mut() else { return };
        let Some(node) = self.yaml.nodes.get_mut(parent.node) else { return };
        match &mut node.kind {
            Kind::List(items) => items.push(child),
            Kind::Map(entries) => match parent.key.take() {
                Some(key) => entries.push((key, child)),
                None => parent.key = Some(child),
            },
            Kind::Scalar { .. } => {}
        }
    }
}

impl<'y, 'a> Value<'y, 'a> {
    /// The line on which it begins, from 1.
    pub(crate) fn line(self) -> u32 {
        self.node.line
    }

    /// Its text; `None` for a list, a mapping, and null.
    pub(crate) fn text(self) -> Option<&'y str> {
        match &self.node.kind {
            Kind::Scalar { text, plain } => (!*plain || !matches!(&**text, "" | "~" | "null")).then_some(&**text),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether it is a mapping.
    pub(crate) fn is_mapping(self) -> bool {
        matches!(self.node.kind, Kind::Map(_))
    }

    /// The values of a list; none for anything else.
    pub(crate) fn items(self) -> impl Iterator<Item = Value<'y, 'a>> {
        let items = match &self.node.kind {
            Kind::List(items) => items.as_slice(),
            Kind::Scalar { .. } | Kind::Map(_) => &[],
        };
        items.iter().filter_map(move |node| self.yaml.value(*node))
    }

    /// The keys and values of a mapping; none for anything else. Keys are scalars; others are passed over.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'y str, Value<'y, 'a>)> {
        self.keyed().filter_map(|(key, value)| Some((key.text()?, value)))
    }

    /// Like [`Value::entries`], with the keys' lines.
    pub(crate) fn keyed(self) -> impl Iterator<Item = (Value<'y, 'a>, Value<'y, 'a>)> {
        let entries = match &self.node.kind {
            Kind::Map(entries) => entries.as_slice(),
            Kind::Scalar { .. } | Kind::List(_) => &[],
        };
        entries.iter().filter_map(move |(key, value)| Some((self.yaml.value(*key)?, self.yaml.value(*value)?)))
    }

    /// The mapping's value of that name, the first if there are more. Looks at all keys: for small mappings.
    pub(crate) fn get(self, name: &str) -> Option<Value<'y, 'a>> {
        self.entries().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The text of that name.
    pub(crate) fn text_of(self, name: &str) -> Option<&'y str> {
        self.get(name)?.text()
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn texts_stay_as_they_are_written() {
        let (yaml, broken) = read("a: 1.10\nb:\n  - &x yes\n  - *x\n  - ~\nc: 'null'\n");
        assert!(broken.is_none());
        let root = yaml.root().unwrap();
        assert_eq!(root.text_of("a"), Some("1.10"));
        let items: Vec<_> = root.get("b").unwrap().items().map(|item| (item.line(), item.text())).collect();
        assert_eq!(items, [(3, Some("yes")), (3, Some("yes")), (5, None)]);
        assert_eq!(root.text_of("c"), Some("null"));
    }

    #[test]
    fn what_stands_before_an_error_is_read() {
        let (yaml, broken) = read("a: 1\nb:\n  c: 2\n  d: \"x\n");
        assert!(broken.is_some());
        assert_eq!(yaml.root().unwrap().get("b").unwrap().text_of("c"), Some("2"));
    }

    #[test]
    fn depth_is_bounded() {
        let (_, broken) = read(&"[".repeat(100_000));
        assert!(broken.is_some());
    }
}
