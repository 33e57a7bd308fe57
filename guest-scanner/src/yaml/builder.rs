//! From the parser's events to nodes.

use std::collections::HashMap;

use fumehood_contract::ProblemKind;
use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::{Stored, Trouble, Value, Yaml};

/// The nodes of all documents; what comes after is left out. Large generated manifests have 100,000.
const NODES_MAX: usize = 2_000_000;

/// The nodes that a walk meets again through aliases.
const ALIASED_NODES_MAX: u64 = 1_000_000;

/// Reads a text. After an error it holds what was read before.
pub(super) fn build(text: &str) -> Yaml<'_> {
    let mut builder = Builder::default();
    let mut options = granit_parser::Options::default();
    options.emit_unresolved_aliases = true;
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => {
                let line = u32::try_from(error.marker().line()).unwrap_or(u32::MAX);
                builder.trouble(ProblemKind::Unparsable, line, error.info());
            }
        }
        if builder.yaml.trouble.is_some() {
            break;
        }
    }
    builder.finish()
}

#[derive(Default)]
struct Builder<'a> {
    yaml: Yaml<'a>,
    /// Collections that are not closed yet.
    open: Vec<Open>,
    anchors: HashMap<usize, usize>,
    aliased: u64,
}

struct Open {
    anchor: usize,
    line: u32,
    is_mapping: bool,
    children: Vec<usize>,
}

impl<'a> Builder<'a> {
    fn event(&mut self, event: Event<'a>, span: &Span) {
        let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let is_null =
                    style == ScalarStyle::Plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
                let value = if is_null { Value::Null } else { Value::Text(text) };
                self.add(line, anchor, 1, value);
            }
            Event::SequenceStart(_, anchor, _) => self.open(line, anchor, false),
            Event::MappingStart(_, anchor, _) => self.open(line, anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(line, anchor),
            Event::UnresolvedAlias(_) => self.add(line, 0, 1, Value::Null),
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..) => {}
            _ => {}
        }
    }

    fn trouble(&mut self, kind: ProblemKind, line: u32, message: String) {
        self.yaml.trouble.get_or_insert(Trouble { kind, line, message });
    }

    fn open(&mut self, line: u32, anchor: usize, is_mapping: bool) {
        self.open.push(Open { anchor, line, is_mapping, children: Vec::new() });
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let weigh = |at: &usize| self.yaml.nodes.get(*at).map_or(0, |node| node.weight);
        let weight = open.children.iter().map(weigh).fold(1, u64::saturating_add);
        let value = if open.is_mapping { self.mapping(&open.children) } else { Value::List(open.children) };
        self.add(open.line, open.anchor, weight, value);
    }

    fn mapping(&self, children: &[usize]) -> Value<'a> {
        let is_scalar =
            |at: usize| self.yaml.nodes.get(at).is_some_and(|node| matches!(node.value, Value::Null | Value::Text(_)));
        let pairs = children.as_chunks::<2>().0.iter().filter(|[key, _]| is_scalar(*key));
        Value::Mapping(pairs.map(|[key, value]| (*key, *value)).collect())
    }

    fn add(&mut self, line: u32, anchor: usize, weight: u64, value: Value<'a>) {
        let at = self.yaml.nodes.len();
        if at >= NODES_MAX {
            return self.trouble(ProblemKind::OverLimit, line, format!("more than {NODES_MAX} values"));
        }
        self.yaml.nodes.push(Stored { line, weight, value });
        if anchor != 0 {
            self.anchors.insert(anchor, at);
        }
        self.attach(at);
    }

    /// An alias inside its own anchor's node finds nothing, as that is not closed yet.
    fn alias(&mut self, line: u32, anchor: usize) {
        let Some(at) = self.anchors.get(&anchor).copied() else { return self.add(line, 0, 1, Value::Null) };
        self.aliased = self.aliased.saturating_add(self.yaml.nodes.get(at).map_or(0, |node| node.weight));
        if self.aliased > ALIASED_NODES_MAX {
            let message = format!("aliases stand for more than {ALIASED_NODES_MAX} values");
            return self.trouble(ProblemKind::OverLimit, line, message);
        }
        self.attach(at);
    }

    fn attach(&mut self, at: usize) {
        match self.open.last_mut() {
            Some(open) => open.children.push(at),
            None => self.yaml.roots.push(at),
        }
    }

    /// Closes what an error left open.
    fn finish(mut self) -> Yaml<'a> {
        while !self.open.is_empty() {
            self.close();
            if self.yaml.nodes.len() >= NODES_MAX {
                break;
            }
        }
        self.yaml
    }
}
