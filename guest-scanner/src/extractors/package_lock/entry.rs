//! The lockfile's JSON, as a flat list of entries in the order of the file.

use std::borrow::Cow;

use serde::de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess};
use serde_json::Error;

use super::lenient::{IfObject, ReadObject, Value};
use super::spec;
use crate::json::Text;

/// What the file holds, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Lockfile<'a> {
    pub(super) version: Option<u64>,
    pub(super) entries: Vec<Entry<'a>>,
    /// The keys of what should be entries and are no objects.
    pub(super) strange: Vec<Text<'a>>,
}

/// One entry of `packages`, or of `dependencies` at any depth.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) place: Place<'a>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) resolved: Option<Cow<'a, str>>,
    /// Version 1: what a git dependency was asked for as.
    pub(super) from: Option<Cow<'a, str>>,
    pub(super) integrity: Option<Cow<'a, str>>,
    pub(super) license: Option<Cow<'a, str>>,
    pub(super) wants: Vec<Want<'a>>,
    pub(super) flags: Flags,
    /// Whether its object was read to its end.
    pub(super) complete: bool,
}

/// Where an entry stands.
#[derive(Debug)]
pub(super) enum Place<'a> {
    /// Versions 2 and 3: a folder, relative to the lockfile's own, which is the empty string.
    At(Text<'a>),
    /// Version 1: in the `node_modules` of the entry at this position, or of the project.
    In(Option<usize>, Text<'a>),
}

impl Default for Place<'_> {
    fn default() -> Self {
        Self::In(None, Text(Cow::Borrowed("")))
    }
}

impl Place<'_> {
    /// As the file writes it.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::At(key) | Self::In(_, key) => key.as_str(),
        }
    }
}

/// A package that an entry asks for.
#[derive(Debug)]
pub(super) struct Want<'a> {
    pub(super) name: Cow<'a, str>,
    /// The file must hold it: not so with peers, and with what is optional.
    pub(super) needed: bool,
    /// It is a folder, not something to be fetched.
    pub(super) folder: bool,
}

/// npm's own computation of what a package is there for.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the format's")]
pub(super) struct Flags {
    pub(super) link: bool,
    pub(super) dev: bool,
    pub(super) optional: bool,
    /// Needed by something that is for development and by something optional.
    pub(super) dev_optional: bool,
    pub(super) peer: bool,
}

/// Reads the file. After an error the lockfile holds what was read before it.
pub(super) fn read(text: &str) -> (Lockfile<'_>, Option<Error>) {
    let mut lockfile = Lockfile::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let found = IfObject(Top(&mut lockfile)).deserialize(&mut json).and_then(|object| match object {
        true => json.end(),
        false => Err(Error::custom("not an object")),
    });
    (lockfile, found.err())
}

struct Top<'t, 'a>(&'t mut Lockfile<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut located = false;
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "lockfileVersion" => {
                    if let Value::Number(version) = map.next_value()? {
                        self.0.version = Some(version);
                    }
                }
                "packages" => {
                    if !located {
                        self.0.entries.clear();
                    }
                    located = true;
                    map.next_value_seed(IfObject(Located(&mut *self.0)))?;
                }
                "dependencies" if !located => {
                    map.next_value_seed(IfObject(Nested { parent: None, lockfile: &mut *self.0 }))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// `packages`.
struct Located<'t, 'a>(&'t mut Lockfile<'a>);

impl<'de> ReadObject<'de> for Located<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            let spelt = key.clone();
            let index = begin(self.0, Place::At(key));
            if !map.next_value_seed(IfObject(Fields { index, lockfile: &mut *self.0 }))? {
                self.0.strange.push(spelt);
            }
        }
        Ok(())
    }
}

/// `dependencies` of version 1. They nest, within serde_json's bound.
struct Nested<'t, 'a> {
    parent: Option<usize>,
    lockfile: &'t mut Lockfile<'a>,
}

impl<'de> ReadObject<'de> for Nested<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            let spelt = key.clone();
            let index = begin(self.lockfile, Place::In(self.parent, key));
            if !map.next_value_seed(IfObject(Fields { index, lockfile: &mut *self.lockfile }))? {
                self.lockfile.strange.push(spelt);
            }
        }
        Ok(())
    }
}

fn begin<'a>(lockfile: &mut Lockfile<'a>, place: Place<'a>) -> usize {
    lockfile.entries.push(Entry { place, ..Entry::default() });
    lockfile.entries.len() - 1
}

/// The fields of the entry at `index`, which is in the list already: what it nests comes after it.
struct Fields<'t, 'a> {
    index: usize,
    lockfile: &'t mut Lockfile<'a>,
}

impl<'de> ReadObject<'de> for Fields<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { index, lockfile } = self;
        while let Some(key) = map.next_key::<Text<'_>>()? {
            let Some(entry) = lockfile.entries.get_mut(index) else { break };
            let nested = matches!(entry.place, Place::In(..));
            match key.as_str() {
                "name" => entry.name = map.next_value::<Value<'_>>()?.text(),
                "version" => entry.version = map.next_value::<Value<'_>>()?.text(),
                "resolved" => entry.resolved = map.next_value::<Value<'_>>()?.text(),
                "from" => entry.from = map.next_value::<Value<'_>>()?.text(),
                "integrity" => entry.integrity = map.next_value::<Value<'_>>()?.text(),
                "license" => entry.license = license(map.next_value()?),
                "link" => entry.flags.link = truth(map.next_value()?),
                "dev" => entry.flags.dev = truth(map.next_value()?),
                "optional" => entry.flags.optional = truth(map.next_value()?),
                "devOptional" => entry.flags.dev_optional = truth(map.next_value()?),
                "peer" => entry.flags.peer = truth(map.next_value()?),
                // Version 1 merges what is optional into `requires`.
                "requires" if nested => wants(&mut map, entry, false)?,
                "dependencies" if nested => {
                    map.next_value_seed(IfObject(Nested { parent: Some(index), lockfile: &mut *lockfile }))?;
                }
                "dependencies" => wants(&mut map, entry, true)?,
                // Those for development of a linked folder are written, but need not be installed.
                "devDependencies" | "optionalDependencies" | "peerDependencies" => wants(&mut map, entry, false)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if let Some(entry) = lockfile.entries.get_mut(index) {
            entry.complete = true;
        }
        Ok(())
    }
}

fn wants<'de, A: MapAccess<'de>>(map: &mut A, entry: &mut Entry<'de>, needed: bool) -> Result<(), A::Error> {
    map.next_value_seed(IfObject(Wants { needed, wants: &mut entry.wants })).map(drop)
}

/// Names, with what is asked for of each.
struct Wants<'t, 'a> {
    needed: bool,
    wants: &'t mut Vec<Want<'a>>,
}

impl<'de> ReadObject<'de> for Wants<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(name), value)) = map.next_entry::<Text<'_>, Value<'_>>()? {
            let folder = value.text().is_some_and(|text| spec::is_local(&text));
            self.wants.push(Want { name, needed: self.needed, folder });
        }
        Ok(())
    }
}

fn truth(value: Value<'_>) -> bool {
    value == Value::Truth(true)
}

/// A list of licences was once how a choice between them was written.
fn license(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value {
        Value::Text(text) => Some(text),
        Value::Texts(texts) if !texts.is_empty() => Some(Cow::Owned(texts.join(" OR "))),
        Value::Texts(_) | Value::Truth(_) | Value::Number(_) | Value::Other => None,
    }
}
