//! JSON of which the sound part is kept.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Entry;
use crate::json::Text;

/// A value of that shape, or nothing if it has another.
pub(in crate::extractors) struct Lenient<T>(pub(in crate::extractors) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Sound(T),
            Other(IgnoredAny),
        }
        Ok(Self(match Either::deserialize(deserializer)? {
            Either::Sound(value) => Some(value),
            Either::Other(_) => None,
        }))
    }
}

/// The two lists, as far as they were read; `None` stands for what is no package at all.
#[derive(Default)]
pub(super) struct Packages<'a> {
    pub(super) runtime: Vec<Option<Entry<'a>>>,
    pub(super) dev: Vec<Option<Entry<'a>>>,
    /// Whether the file has a list of packages, be it empty.
    pub(super) listed: bool,
}

/// Reads the file. On an error, what stands before it is in `packages`.
pub(super) fn read<'a>(text: &'a str, packages: &mut Packages<'a>) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(Lockfile(packages))?;
    deserializer.end()
}

struct Lockfile<'p, 'a>(&'p mut Packages<'a>);

impl<'a> Visitor<'a> for Lockfile<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'a>>()? {
            match key.as_str() {
                "packages" => {
                    self.0.listed = true;
                    map.next_value_seed(List(&mut self.0.runtime))?;
                }
                "packages-dev" => map.next_value_seed(List(&mut self.0.dev))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct List<'p, 'a>(&'p mut Vec<Option<Entry<'a>>>);

impl<'a> DeserializeSeed<'a> for List<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for List<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of packages")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<Lenient<Entry<'a>>>()? {
            self.0.push(entry.0);
        }
        Ok(())
    }
}
