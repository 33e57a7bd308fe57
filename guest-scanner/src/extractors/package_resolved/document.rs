//! The file's JSON. What stands before an error is kept.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed as _, IgnoredAny, MapAccess};

use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::Text;

/// What the file holds, as far as it could be read.
#[derive(Default)]
pub(super) struct Lockfile<'a> {
    pub(super) version: Option<u64>,
    pub(super) pins: Vec<Pin<'a>>,
    /// Whether there is a list of pins, be it empty.
    pub(super) is_listed: bool,
}

/// A package at its place.
#[derive(Default)]
pub(super) struct Pin<'a> {
    pub(super) identity: Option<Cow<'a, str>>,
    pub(super) kind: Option<Cow<'a, str>>,
    pub(super) location: Option<Cow<'a, str>>,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) revision: Option<Cow<'a, str>>,
}

/// Reads the file. After an error, what was read before it is there.
pub(super) fn read(text: &str) -> (Lockfile<'_>, Option<serde_json::Error>) {
    let mut lockfile = Lockfile::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = IfObject(Top(&mut lockfile)).deserialize(&mut deserializer).and_then(|_| deserializer.end());
    (lockfile, read.err())
}

struct Top<'t, 'a>(&'t mut Lockfile<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "version" => {
                    if let Value::Number(version) = map.next_value()? {
                        self.0.version = Some(version);
                    }
                }
                "pins" => {
                    self.0.is_listed = true;
                    map.next_value_seed(List(&mut self.0.pins))?;
                }
                // Where version 1 keeps them. It has no such object within.
                "object" => {
                    map.next_value_seed(IfObject(Object(&mut *self.0)))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Object<'t, 'a>(&'t mut Lockfile<'a>);

impl<'de> ReadObject<'de> for Object<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            if key.as_str() == "pins" {
                self.0.is_listed = true;
                map.next_value_seed(List(&mut self.0.pins))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct List<'t, 'a>(&'t mut Vec<Pin<'a>>);

impl<'de> serde::de::DeserializeSeed<'de> for List<'_, 'de> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> serde::de::Visitor<'de> for List<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of pins")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        loop {
            let mut pin = Pin::default();
            // A pin amid which the file breaks is left out: its version may be missing.
            if seq.next_element_seed(IfObject(Fields(&mut pin)))?.is_none() {
                return Ok(());
            }
            self.0.push(pin);
        }
    }
}

struct Fields<'t, 'a>(&'t mut Pin<'a>);

impl<'de> ReadObject<'de> for Fields<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "identity" | "package" => self.0.identity = map.next_value::<Value<'_>>()?.text(),
                "kind" => self.0.kind = map.next_value::<Value<'_>>()?.text(),
                "location" | "repositoryURL" => self.0.location = map.next_value::<Value<'_>>()?.text(),
                "state" => {
                    map.next_value_seed(IfObject(State(&mut *self.0)))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct State<'t, 'a>(&'t mut Pin<'a>);

impl<'de> ReadObject<'de> for State<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'_>, Value<'_>>()? {
            match key.as_str() {
                "version" => self.0.version = value.text(),
                "revision" => self.0.revision = value.text(),
                _ => {}
            }
        }
        Ok(())
    }
}
