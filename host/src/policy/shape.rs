//! Whether a policy has the shape of one. The typed reading ends at the first key that it does not know; this
//! finds all of them, and whatever is of another sort than it should be.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::file::Mistake;
use crate::text::clean;

/// The sorts of values that stand in a policy.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// A text or a number.
    Scalar,
    /// One of these.
    Word(&'static [&'static str]),
    ListOf(&'static Shape),
    /// A mapping with keys of the user's.
    Named(&'static Shape),
    Object(&'static [Field]),
    /// A text, or that object.
    ScalarOr(&'static [Field]),
}

/// A key of an object.
#[derive(Clone, Copy, Debug)]
struct Field {
    name: &'static str,
    shape: &'static Shape,
    required: bool,
}

const fn field(name: &'static str, shape: &'static Shape) -> Field {
    Field { name, shape, required: false }
}

const fn required(name: &'static str, shape: &'static Shape) -> Field {
    Field { name, shape, required: true }
}

const POLICY: Shape = Shape::Object(&[
    field("version", &Shape::Scalar),
    field("categories", &Shape::Named(&CATEGORY)),
    field("exceptions", &Shape::ListOf(&EXCEPTION)),
]);

const CATEGORY: Shape = Shape::Object(&[
    required("status", &Shape::Word(&["allowed", "restricted"])),
    field("description", &Shape::Scalar),
    field("dependencies", &Shape::ListOf(&DEPENDENCY)),
    field("api_patterns", &Shape::ListOf(&API)),
    field("licenses", &Shape::ListOf(&Shape::Scalar)),
]);

const DEPENDENCY: Shape = Shape::ScalarOr(&[
    field("name", &Shape::Scalar),
    field("purl", &Shape::Scalar),
    field("type", &Shape::Scalar),
    field("versions", &Shape::Scalar),
]);

const API: Shape = Shape::ScalarOr(&[
    field("glob", &Shape::Scalar),
    field("regex", &Shape::Scalar),
    field("methods", &Shape::ListOf(&Shape::Scalar)),
]);

const EXCEPTION: Shape = Shape::Object(&[
    field("category", &Shape::Scalar),
    field("dependency", &DEPENDENCY),
    field("api", &API),
    field("repository", &Shape::Scalar),
    required("reason", &Shape::Scalar),
    required("expires", &Shape::Scalar),
]);

/// Everything about a policy's shape that is wrong, in the order of the file.
pub(super) fn mistakes(policy: &Spanned<Node>) -> Vec<Mistake> {
    let mut found = Vec::new();
    check(policy, &POLICY, "a policy", &mut found);
    found.sort_by_key(|mistake| (mistake.line, mistake.column));
    found
}

/// A value of the file.
#[derive(Debug)]
pub(super) enum Node {
    Nothing,
    Scalar(String),
    List(Vec<Spanned<Node>>),
    Object(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl Node {
    fn sort(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Scalar(_) => "a single value",
            Self::List(_) => "a list",
            Self::Object(_) => "a mapping",
        }
    }
}

fn check(node: &Spanned<Node>, shape: &Shape, what: &str, found: &mut Vec<Mistake>) {
    match (shape, &node.value) {
        (Shape::Scalar | Shape::ScalarOr(_), Node::Scalar(_)) => {}
        (Shape::Word(words), Node::Scalar(word)) if words.contains(&word.as_str()) => {}
        (Shape::Word(words), Node::Scalar(word)) => {
            let message = format!("{what} is {}, and not {:?}", words.join(" or "), clean(word));
            found.push(Mistake::at(node.referenced, message));
        }
        (Shape::ListOf(shape), Node::List(items)) => {
            items.iter().for_each(|item| check(item, shape, &format!("an item of {what}"), found));
        }
        (Shape::Named(shape), Node::Object(entries)) => {
            duplicates(entries, found);
            entries.iter().for_each(|(name, value)| check(value, shape, &format!("{:?}", clean(&name.value)), found));
        }
        (Shape::Object(fields) | Shape::ScalarOr(fields), Node::Object(entries)) => {
            object(node.referenced, entries, fields, what, found);
        }
        // A key without a value is as good as none.
        (Shape::ListOf(_) | Shape::Named(_), Node::Nothing) => {}
        (shape, other) => {
            let message = format!("{what} is {}, and here stands {}", shape.sort(), other.sort());
            found.push(Mistake::at(node.referenced, message));
        }
    }
}

fn object(
    place: Location,
    entries: &[(Spanned<String>, Spanned<Node>)],
    fields: &[Field],
    what: &str,
    found: &mut Vec<Mistake>,
) {
    duplicates(entries, found);
    for (key, value) in entries {
        match fields.iter().find(|field| field.name == key.value) {
            Some(field) => check(value, field.shape, field.name, found),
            None => {
                let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
                let message = format!("unknown key {:?}; {what} has {}", clean(&key.value), known.join(", "));
                found.push(Mistake::at(key.referenced, message));
            }
        }
    }
    let is_there = |field: &&Field| entries.iter().any(|(key, _)| key.value == field.name);
    let missing: Vec<&str> =
        fields.iter().filter(|field| field.required && !is_there(field)).map(|field| field.name).collect();
    if !missing.is_empty() {
        found.push(Mistake::at(place, format!("{what} needs {}", missing.join(" and "))));
    }
}

fn duplicates(entries: &[(Spanned<String>, Spanned<Node>)], found: &mut Vec<Mistake>) {
    let mut first = HashMap::new();
    for (key, _) in entries {
        if let Some(line) = first.insert(key.value.as_str(), key.referenced.line()) {
            let message = format!("{:?} is given twice, first in line {line}", clean(&key.value));
            found.push(Mistake::at(key.referenced, message));
        }
    }
}

impl Shape {
    fn sort(self) -> &'static str {
        match self {
            Self::Scalar | Self::Word(_) => "a single value",
            Self::ListOf(_) => "a list",
            Self::Named(_) | Self::Object(_) => "a mapping",
            Self::ScalarOr(_) => "a text or a mapping",
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadNode)
    }
}

struct ReadNode;

impl<'de> Visitor<'de> for ReadNode {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Nothing)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Scalar(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Object(entries))
    }
}
