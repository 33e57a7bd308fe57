//! YAML that may be broken or hostile: its documents as trees with places, scalars as they are written.
//!
//! Made from the parser's events, not through serde: `1.10` stays text, what stands before an error is
//! kept, and nothing recurses. An alias is a reference to its anchor's node, so nothing is copied, but a
//! walk over the tree meets the node again: how much there is to meet so is bounded. A node never
//! contains itself.
//!
//! JSON is YAML, so small JSON formats are read so too. The parser runs ahead by up to 1,024 letters, as
//! long as a brace might open a key: that much before an error may be missing.

mod builder;
mod mapping;
mod stream;

use std::borrow::Cow;

use fumehood_contract::ProblemKind;

pub(crate) use mapping::read_mapping;
pub(crate) use stream::read_object;

use crate::records::Records;

/// How many mappings `<<` may bring into one.
const MERGES_MAX: usize = 32;

/// What a text holds.
#[derive(Debug, Default)]
pub(crate) struct Yaml<'a> {
    nodes: Vec<Stored<'a>>,
    roots: Vec<usize>,
    trouble: Option<Trouble>,
}

/// Why a text could not be read to its end.
#[derive(Debug)]
struct Trouble {
    kind: ProblemKind,
    line: u32,
    message: String,
}

#[derive(Debug)]
struct Stored<'a> {
    line: u32,
    /// How many nodes a walk below this one meets, itself included.
    weight: u64,
    value: Value<'a>,
}

#[derive(Debug)]
enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    List(Vec<usize>),
    /// Keys and values; keys that are no scalars are left out with their values.
    Mapping(Vec<(usize, usize)>),
}

/// A node of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'y, 'a> {
    yaml: &'y Yaml<'a>,
    at: usize,
}

impl<'a> Yaml<'a> {
    /// Reads a text. After an error it holds what was read before.
    pub(crate) fn read(text: &'a str) -> Self {
        builder::build(text)
    }

    /// Reads a text, and records what is wrong with it.
    pub(crate) fn read_noting(text: &'a str, records: &mut Records) -> Self {
        let yaml = Self::read(text);
        yaml.note(records);
        yaml
    }

    /// Records why the text could not be read to its end, if so.
    pub(crate) fn note(&self, records: &mut Records) {
        if let Some(trouble) = &self.trouble {
            let message = format!("{}; what stands before is reported", trouble.message);
            records.problem(trouble.kind, Some(trouble.line), &message);
        }
    }

    /// Whether the text was read to its end.
    pub(crate) fn is_whole(&self) -> bool {
        self.trouble.is_none()
    }

    /// The outermost nodes, one of each document.
    pub(crate) fn documents(&self) -> impl Iterator<Item = Node<'_, 'a>> {
        self.roots.iter().map(|at| Node { yaml: self, at: *at })
    }
}

impl<'y, 'a> Node<'y, 'a> {
    fn stored(self) -> Option<&'y Stored<'a>> {
        self.yaml.nodes.get(self.at)
    }

    /// The line where it begins.
    pub(crate) fn line(self) -> u32 {
        self.stored().map_or(1, |stored| stored.line)
    }

    /// A scalar's text; `None` if it is null or no scalar.
    pub(crate) fn text(self) -> Option<&'y str> {
        match &self.stored()?.value {
            Value::Text(text) => Some(text),
            Value::Null | Value::List(_) | Value::Mapping(_) => None,
        }
    }

    /// Whether it is a mapping.
    pub(crate) fn is_mapping(self) -> bool {
        self.stored().is_some_and(|stored| matches!(stored.value, Value::Mapping(_)))
    }

    /// A list's items; none if it is no list.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> + use<'y, 'a> {
        let items = match self.stored().map(|stored| &stored.value) {
            Some(Value::List(items)) => items.as_slice(),
            Some(Value::Null | Value::Text(_) | Value::Mapping(_)) | None => &[],
        };
        items.iter().map(move |at| Self { at: *at, ..self })
    }

    /// A mapping's own keys and values, without what `<<` brings; none if it is no mapping.
    pub(crate) fn entries(self) -> impl Iterator<Item = (Self, Self)> + use<'y, 'a> {
        let entries = match self.stored().map(|stored| &stored.value) {
            Some(Value::Mapping(entries)) => entries.as_slice(),
            Some(Value::Null | Value::Text(_) | Value::List(_)) | None => &[],
        };
        entries.iter().map(move |(key, value)| (Self { at: *key, ..self }, Self { at: *value, ..self }))
    }

    /// The value of a key: the mapping's own, the last of doubles, else what `<<` brings.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let mut merged = vec![self];
        for _ in 0..MERGES_MAX {
            let mapping = merged.pop()?;
            let mut found = None;
            for (name, value) in mapping.entries() {
                match name.text() {
                    Some(name) if name == key => found = Some(value),
                    Some("<<") if value.is_mapping() => merged.push(value),
                    Some("<<") => {
                        // The first of several wins: it is to be looked at first.
                        let from = merged.len();
                        merged.extend(value.items().take(MERGES_MAX));
                        merged.get_mut(from..).unwrap_or_default().reverse();
                    }
                    Some(_) | None => {}
                }
            }
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The scalar at a key.
    pub(crate) fn text_at(self, key: &str) -> Option<&'y str> {
        self.get(key)?.text()
    }
}

#[cfg(test)]
mod tests {
    use super::Yaml;

    #[test]
    fn scalars_stay_as_they_are_written() {
        let yaml = Yaml::read("a: 1.10\nb: ~\n---\nc: [x, on]\n");
        let documents: Vec<_> = yaml.documents().collect();
        assert_eq!(documents[0].text_at("a"), Some("1.10"));
        assert_eq!(documents[0].text_at("b"), None);
        let items: Vec<_> = documents[1].get("c").unwrap().items().map(|item| (item.line(), item.text())).collect();
        assert_eq!(items, [(4, Some("x")), (4, Some("on"))]);
    }

    #[test]
    fn merges_give_way_to_what_is_there() {
        let yaml = Yaml::read("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], a: 0}\nw: {<<: *y}\n");
        let document = yaml.documents().next().unwrap();
        let at = |name, key| document.get(name).unwrap().text_at(key);
        assert_eq!((at("z", "a"), at("z", "b"), at("z", "c")), (Some("0"), Some("2"), Some("4")));
        assert_eq!(at("w", "c"), Some("4"));
    }

    #[test]
    fn what_stands_before_an_error_is_kept() {
        let yaml = Yaml::read("a:\n  b: 1\n  c: 'open\n");
        assert_eq!(yaml.documents().next().unwrap().get("a").unwrap().text_at("b"), Some("1"));
        assert!(yaml.trouble.is_some());
    }

    #[test]
    fn aliases_cannot_be_piled_up() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            text += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", "));
        }
        assert!(Yaml::read(&text).trouble.unwrap().message.contains("aliases"));
        assert!(Yaml::read("a: &a [*a, 1]\n").trouble.is_none());
    }

    #[test]
    fn json_is_yaml() {
        let yaml =
            Yaml::read("{\n\t\"a\\u0062\":\"x\\/y\",\n\t\"c\" : [\n\t\t1,{\"d\":\"~\"}\n\t],\n\t\"e\":{\n\t}\n}\n");
        assert!(yaml.trouble.is_none(), "{:?}", yaml.trouble);
        let document = yaml.documents().next().unwrap();
        assert_eq!(document.text_at("ab"), Some("x/y"));
        assert_eq!(document.get("c").unwrap().items().filter_map(|item| item.text_at("d")).next(), Some("~"));
        assert!(document.get("e").unwrap().is_mapping());
    }
}
