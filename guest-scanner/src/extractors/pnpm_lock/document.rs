//! A document of the lockfile.

use std::borrow::Cow;

use fumehood_contract::Scope;
use serde::Deserialize;
use serde::de::{DeserializeSeed as _, Deserializer, IgnoredAny, MapAccess};

use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::{Any, AnyValue, Scalar, Text};
use crate::yaml;

/// What the document holds, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    pub(super) version: Option<Cow<'a, str>>,
    /// What the members of the workspace ask for; `None` if the document does not say.
    pub(super) roots: Option<Vec<Want<'a>>>,
    pub(super) packages: Vec<Entry<'a>>,
    pub(super) snapshots: Vec<Entry<'a>>,
}

/// A package, or what one was installed with.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) key: Cow<'a, str>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) resolution: Resolution<'a>,
    pub(super) wants: Vec<Want<'a>>,
    /// Until version 6.0: whether it is there for development only.
    pub(super) dev: bool,
    pub(super) optional: bool,
}

/// Where a package comes from.
#[derive(Debug, Default)]
pub(super) struct Resolution<'a> {
    pub(super) integrity: Option<Cow<'a, str>>,
    pub(super) tarball: Option<Cow<'a, str>>,
    pub(super) directory: Option<Cow<'a, str>>,
    pub(super) repository: Option<Cow<'a, str>>,
    pub(super) commit: Option<Cow<'a, str>>,
}

/// `name: reference`. The reference is a version with its peers, or a key.
#[derive(Debug)]
pub(super) struct Want<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) reference: Cow<'a, str>,
    pub(super) scope: Scope,
}

/// Why a document could not be read to its end.
#[derive(Debug)]
pub(super) struct Broken {
    /// From 1, in the document.
    pub(super) line: Option<u32>,
    pub(super) message: String,
}

/// Reads a document. After an error it holds what was read before it.
pub(super) fn read(text: &str) -> (Document<'_>, Option<Broken>) {
    let mut document = Document::default();
    let read = yaml::read_object(text, IfObject(Top(&mut document)));
    let broken = read.err().map(|(line, message)| Broken { line, message });
    (document, broken)
}

struct Top<'t, 'a>(&'t mut Document<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let document = self.0;
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                // As text: 5.4 is no number here.
                "lockfileVersion" => document.version = Some(map.next_value::<Text<'_>>()?.0),
                "importers" => {
                    let roots = document.roots.get_or_insert_default();
                    map.next_value_seed(IfObject(Importers(roots)))?;
                }
                "packages" => {
                    map.next_value_seed(IfObject(Entries(&mut document.packages)))?;
                }
                "snapshots" => {
                    map.next_value_seed(IfObject(Entries(&mut document.snapshots)))?;
                }
                section => match importer_scope(section) {
                    Some(scope) => {
                        let wants = document.roots.get_or_insert_default();
                        map.next_value_seed(IfObject(Wants { scope, wants }))?;
                    }
                    None => {
                        map.next_value::<IgnoredAny>()?;
                    }
                },
            }
        }
        Ok(())
    }
}

/// What the sections of an importer are for. A project without a workspace has them at the top.
fn importer_scope(section: &str) -> Option<Scope> {
    match section {
        "dependencies" => Some(Scope::Runtime),
        "devDependencies" | "configDependencies" | "packageManagerDependencies" => Some(Scope::Dev),
        "optionalDependencies" => Some(Scope::Optional),
        _ => None,
    }
}

/// `importers`: the members of the workspace, by their folders.
struct Importers<'t, 'a>(&'t mut Vec<Want<'a>>);

impl<'de> ReadObject<'de> for Importers<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(IfObject(Importer(&mut *self.0)))?;
        }
        Ok(())
    }
}

struct Importer<'t, 'a>(&'t mut Vec<Want<'a>>);

impl<'de> ReadObject<'de> for Importer<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match importer_scope(key.as_str()) {
                Some(scope) => {
                    map.next_value_seed(IfObject(Wants { scope, wants: &mut *self.0 }))?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// `packages` and `snapshots`.
struct Entries<'t, 'a>(&'t mut Vec<Entry<'a>>);

impl<'de> ReadObject<'de> for Entries<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            let mut entry = Entry { key, ..Entry::default() };
            let found = map.next_value_seed(IfObject(Fields(&mut entry)));
            self.0.push(entry);
            found?;
        }
        Ok(())
    }
}

struct Fields<'t, 'a>(&'t mut Entry<'a>);

impl<'de> ReadObject<'de> for Fields<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let entry = self.0;
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "name" => entry.name = map.next_value::<Value<'_>>()?.text(),
                "version" => entry.version = map.next_value::<Value<'_>>()?.text(),
                "dev" => entry.dev = map.next_value::<Value<'_>>()? == Value::Truth(true),
                "optional" => entry.optional = map.next_value::<Value<'_>>()? == Value::Truth(true),
                "resolution" => {
                    map.next_value_seed(IfObject(Origin(&mut entry.resolution)))?;
                }
                "dependencies" => {
                    map.next_value_seed(IfObject(Wants { scope: Scope::Runtime, wants: &mut entry.wants }))?;
                }
                "optionalDependencies" => {
                    map.next_value_seed(IfObject(Wants { scope: Scope::Optional, wants: &mut entry.wants }))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Origin<'t, 'a>(&'t mut Resolution<'a>);

impl<'de> ReadObject<'de> for Origin<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'_>, Value<'_>>()? {
            match key.as_str() {
                "integrity" => self.0.integrity = value.text(),
                "tarball" => self.0.tarball = value.text(),
                "directory" => self.0.directory = value.text(),
                "repo" => self.0.repository = value.text(),
                "commit" => self.0.commit = value.text(),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Dependencies, each with a reference, or (an importer's since version 6) with a mapping that has
/// it as its `version`.
struct Wants<'t, 'a> {
    scope: Scope,
    wants: &'t mut Vec<Want<'a>>,
}

impl<'de> ReadObject<'de> for Wants<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(name), Reference(reference))) = map.next_entry()? {
            if let Some(reference) = reference {
                self.wants.push(Want { name, reference, scope: self.scope });
            }
        }
        Ok(())
    }
}

struct Reference<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Reference<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadReference;
        impl<'de> AnyValue<'de> for ReadReference {
            type Value = Option<Cow<'de, str>>;

            fn scalar(self, scalar: Scalar<'de>) -> Self::Value {
                scalar.text()
            }
            fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut reference = None;
                while let Some((key, value)) = object.next_entry::<Text<'_>, Value<'_>>()? {
                    if key.as_str() == "version" {
                        reference = value.text();
                    }
                }
                Ok(reference)
            }
        }
        Any(ReadReference).deserialize(deserializer).map(Reference)
    }
}
