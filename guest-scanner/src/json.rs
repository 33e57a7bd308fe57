//! JSON with its order and its places.
//!
//! Objects are read in the order of the file, into vectors, and strings are borrowed from the text
//! wherever they have no escapes: then `Source::line_of` knows their line, and nothing is copied.
//! serde_json stops at a depth of 128.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string, borrowed if it can be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Text<'a>(pub Cow<'a, str>);

impl Text<'_> {
    /// The string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(TextVisitor).map(Text)
    }
}

/// What to make of a value of whatever type, in JSON or in YAML. What is not asked for is passed over.
pub trait AnyValue<'de>: Sized {
    /// What it becomes.
    type Value;

    /// Of what is neither a list nor an object; and of those, where they are not asked for.
    fn scalar(self, scalar: Scalar<'de>) -> Self::Value;

    /// Of a list.
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(self.scalar(Scalar::Other))
    }

    /// Of an object.
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self.scalar(Scalar::Other))
    }
}

/// A simple value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar<'a> {
    /// A string, borrowed if it can be.
    Text(Cow<'a, str>),
    /// `true` or `false`.
    Truth(bool),
    /// A whole number, not below zero.
    Number(u64),
    /// Anything else.
    Other,
}

impl<'a> Scalar<'a> {
    /// The string, if it is one.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Truth(_) | Self::Number(_) | Self::Other => None,
        }
    }
}

/// Reads a value into what an [`AnyValue`] makes of it.
#[derive(Debug)]
pub struct Any<T>(pub T);

impl<'de, T: AnyValue<'de>> DeserializeSeed<'de> for Any<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: AnyValue<'de>> Visitor<'de> for Any<T> {
    type Value = T::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(self.0.scalar(Scalar::Text(Cow::Borrowed(text))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.0.scalar(Scalar::Text(Cow::Owned(text.to_owned()))))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(self.0.scalar(Scalar::Truth(truth)))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(self.0.scalar(Scalar::Number(number)))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(self.0.scalar(u64::try_from(number).map_or(Scalar::Other, Scalar::Number)))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(self.0.scalar(Scalar::Other))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.0.scalar(Scalar::Other))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        self.0.list(seq)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        self.0.object(map)
    }
}

/// A value that should be a string: `None` if it is anything else, which is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaybeText<'a>(pub Option<Cow<'a, str>>);

impl MaybeText<'_> {
    /// The string, if it was one.
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for MaybeText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadText;
        impl<'de> AnyValue<'de> for ReadText {
            type Value = Option<Cow<'de, str>>;
            fn scalar(self, scalar: Scalar<'de>) -> Self::Value {
                scalar.text()
            }
        }
        Any(ReadText).deserialize(deserializer).map(MaybeText)
    }
}

/// An object's entries in the order of the file, doubles included; `null` is an empty object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries<'a, V>(pub Vec<(Text<'a>, V)>);

impl<V> Default for Entries<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'a, V> Entries<'a, V> {
    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// Keys and values.
    pub fn iter(&self) -> std::slice::Iter<'_, (Text<'a>, V)> {
        self.0.iter()
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Entries<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for EntriesVisitor<V> {
            type Value = Vec<(Text<'de>, V)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Vec::new())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_any(EntriesVisitor(PhantomData)).map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::{Entries, MaybeText};
    use crate::lines::Lines;

    #[test]
    fn keys_keep_their_order_and_their_lines() {
        let text = "{\n \"b\": \"x\",\n \"a\": [1, {\"k\": 2}]\n}";
        let entries: Entries<'_, MaybeText<'_>> = serde_json::from_str(text).unwrap();
        let lines = Lines::new(text);
        let found: Vec<_> = entries.iter().map(|(key, value)| (lines.of(key.as_str()), value.as_str())).collect();
        assert_eq!(found, [(Some(2), Some("x")), (Some(3), None)]);
    }
}
