//! What the file holds.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::Text;
use crate::yaml;

/// The file, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    pub(super) version: Option<u64>,
    pub(super) entries: Vec<Entry<'a>>,
}

/// Where a package is from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    #[default]
    Conda,
    Pypi,
}

/// The environments that hold a package, a platform each: one bit. Where there are more than bits,
/// some share one.
type Places = [u64; 4];

/// One of the packages.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) kind: Kind,
    /// An URL, or a path.
    pub(super) location: Cow<'a, str>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) sha256: Option<Cow<'a, str>>,
    pub(super) md5: Option<Cow<'a, str>>,
    pub(super) license: Option<Cow<'a, str>>,
    /// As conda or PEP 508 writes them.
    pub(super) needs: Vec<Cow<'a, str>>,
    places: Places,
}

impl Entry<'_> {
    /// Whether both are in an environment; true of what is in none.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let is_nowhere = self.places == Places::default();
        is_nowhere || self.places.iter().zip(&other.places).any(|(own, others)| own & others != 0)
    }
}

/// Reads the file. On an error, which may have a line, what stands before it is in `document`.
pub(super) fn read<'a>(text: &'a str, document: &mut Document<'a>) -> Result<(), (Option<u32>, String)> {
    let mut places = HashMap::new();
    let top = IfObject(Top { document, places: &mut places });
    let read = yaml::read_object(text, top);
    for entry in &mut document.entries {
        entry.places = places.get(&entry.location).copied().unwrap_or_default();
    }
    read
}

struct Top<'t, 'a> {
    document: &'t mut Document<'a>,
    places: &'t mut HashMap<Cow<'a, str>, Places>,
}

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "version" => {
                    if let Value::Number(version) = map.next_value()? {
                        self.document.version = Some(version);
                    }
                }
                "environments" => {
                    map.next_value_seed(IfObject(Environments { places: self.places, count: &mut 0 }))?;
                }
                "packages" => map.next_value_seed(Each(Packages(&mut self.document.entries)))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// `name: { packages: { platform: [ { conda: URL } ] } }`
struct Environments<'t, 'a> {
    places: &'t mut HashMap<Cow<'a, str>, Places>,
    count: &'t mut usize,
}

impl<'de> ReadObject<'de> for Environments<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(IfObject(Environment { places: self.places, count: self.count }))?;
        }
        Ok(())
    }
}

struct Environment<'t, 'a> {
    places: &'t mut HashMap<Cow<'a, str>, Places>,
    count: &'t mut usize,
}

impl<'de> ReadObject<'de> for Environment<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            if key.as_str() == "packages" {
                map.next_value_seed(IfObject(Platforms { places: self.places, count: self.count }))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Platforms<'t, 'a> {
    places: &'t mut HashMap<Cow<'a, str>, Places>,
    count: &'t mut usize,
}

impl<'de> ReadObject<'de> for Platforms<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            let place = *self.count;
            *self.count += 1;
            map.next_value_seed(Each(References { places: self.places, place }))?;
        }
        Ok(())
    }
}

struct References<'t, 'a> {
    places: &'t mut HashMap<Cow<'a, str>, Places>,
    place: usize,
}

impl<'de> ReadEach<'de> for References<'_, 'de> {
    fn read<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'_>, Value<'de>>()? {
            if let ("conda" | "pypi", Value::Text(location)) = (key.as_str(), value) {
                let places = self.places.entry(location).or_default();
                let bits = places.len() * 64;
                if let Some(word) = places.get_mut(self.place % bits / 64) {
                    *word |= 1 << (self.place % 64);
                }
            }
        }
        Ok(())
    }
}

struct Packages<'t, 'a>(&'t mut Vec<Entry<'a>>);

impl<'de> ReadEach<'de> for Packages<'_, 'de> {
    fn read<A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut entry = Entry::default();
        while let Some((key, value)) = map.next_entry::<Text<'_>, Value<'de>>()? {
            match (key.as_str(), value) {
                // Until version 5: `kind`, and `url` or `path`.
                ("kind", Value::Text(kind)) => entry.kind = if kind == "pypi" { Kind::Pypi } else { Kind::Conda },
                ("url" | "path", Value::Text(location)) => entry.location = location,
                // Since version 6.
                ("conda", Value::Text(location)) => (entry.kind, entry.location) = (Kind::Conda, location),
                ("pypi", Value::Text(location)) => (entry.kind, entry.location) = (Kind::Pypi, location),
                ("name", Value::Text(name)) => entry.name = Some(name),
                ("version", Value::Text(version)) => entry.version = Some(version),
                // Unquoted, `2024` is a number to YAML.
                ("version", Value::Number(version)) => entry.version = Some(Cow::Owned(version.to_string())),
                ("sha256", Value::Text(sum)) => entry.sha256 = Some(sum),
                ("md5", Value::Text(sum)) => entry.md5 = Some(sum),
                ("license", Value::Text(license)) => entry.license = Some(license),
                ("depends" | "requires_dist", Value::Texts(needs)) => entry.needs = needs,
                _ => {}
            }
        }
        self.0.push(entry);
        Ok(())
    }
}

/// Reads the objects of a list, one after the other.
trait ReadEach<'de> {
    fn read<A: MapAccess<'de>>(&mut self, map: A) -> Result<(), A::Error>;
}

struct One<'r, R>(&'r mut R);

impl<'de, R: ReadEach<'de>> ReadObject<'de> for One<'_, R> {
    fn read<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.0.read(map)
    }
}

/// A list of objects. What is none in it is passed over.
struct Each<R>(R);

impl<'de, R: ReadEach<'de>> DeserializeSeed<'de> for Each<R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: ReadEach<'de>> Visitor<'de> for Each<R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(IfObject(One(&mut self.0)))?.is_some() {}
        Ok(())
    }
}
