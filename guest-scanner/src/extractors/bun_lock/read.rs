//! The lockfile's JSON.
//!
//! A package is a tuple. Its first element is `name@` with a version or a place; what follows depends
//! on which of the two, and is told apart by its type and its looks:
//!
//! | from | tuple |
//! |---|---|
//! | a registry | `name@1.0.0`, the archive or nothing, info, integrity |
//! | git, GitHub | `name@git+…#commit`, info, a tag of Bun's own, integrity or none |
//! | an archive | `name@https://…`, info, integrity or none |
//! | a folder | `name@file:…`, `name@link:…`, info |
//! | the project | `name@workspace:folder` (in version 0 with info), `name@root:`, info |

use std::borrow::Cow;

use fumehood_contract::Scope;
use serde::de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess, SeqAccess};
use serde_json::Error;

use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::{Any, AnyValue, Scalar, Text};

/// What the file holds, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Lockfile<'a> {
    pub(super) version: Option<u64>,
    pub(super) workspaces: Vec<Workspace<'a>>,
    pub(super) entries: Vec<Entry<'a>>,
}

/// The project, or a member of its workspace.
#[derive(Debug, Default)]
pub(super) struct Workspace<'a> {
    /// Relative to the lockfile's own folder, which is the empty string.
    pub(super) folder: Cow<'a, str>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) wants: Vec<Want<'a>>,
}

/// A package at a place.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) key: Cow<'a, str>,
    /// `name@…`.
    pub(super) identity: Option<Cow<'a, str>>,
    /// Where the registry has it, if that is not Bun's default.
    pub(super) archive: Option<Cow<'a, str>>,
    pub(super) integrity: Option<Cow<'a, str>>,
    pub(super) wants: Vec<Want<'a>>,
    /// Whether its tuple was read to its end.
    pub(super) complete: bool,
}

/// A package that another one asks for.
#[derive(Debug)]
pub(super) struct Want<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) scope: Scope,
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
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "lockfileVersion" => {
                    if let Value::Number(version) = map.next_value()? {
                        self.0.version = Some(version);
                    }
                }
                "workspaces" => {
                    map.next_value_seed(IfObject(Workspaces(&mut self.0.workspaces)))?;
                }
                "packages" => {
                    map.next_value_seed(IfObject(Entries(&mut self.0.entries)))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Workspaces<'t, 'a>(&'t mut Vec<Workspace<'a>>);

impl<'de> ReadObject<'de> for Workspaces<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(folder)) = map.next_key()? {
            let mut workspace = Workspace { folder, ..Workspace::default() };
            let found = map.next_value_seed(IfObject(WorkspaceFields(&mut workspace)));
            self.0.push(workspace);
            found?;
        }
        Ok(())
    }
}

struct WorkspaceFields<'t, 'a>(&'t mut Workspace<'a>);

impl<'de> ReadObject<'de> for WorkspaceFields<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "name" => self.0.name = map.next_value::<Value<'_>>()?.text(),
                section => wants(section, &mut map, &mut self.0.wants)?,
            }
        }
        Ok(())
    }
}

struct Entries<'t, 'a>(&'t mut Vec<Entry<'a>>);

impl<'de> ReadObject<'de> for Entries<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            let mut entry = Entry { key, ..Entry::default() };
            let found = map.next_value_seed(Any(Tuple(&mut entry)));
            entry.complete = found.is_ok();
            self.0.push(entry);
            found?;
        }
        Ok(())
    }
}

struct Tuple<'t, 'a>(&'t mut Entry<'a>);

impl<'de> AnyValue<'de> for Tuple<'_, 'de> {
    type Value = ();

    fn scalar(self, _: Scalar<'de>) {}
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some(Value::Text(identity)) = list.next_element()? else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        self.0.identity = Some(identity);
        while list.next_element_seed(Any(Element(&mut *self.0)))?.is_some() {}
        Ok(())
    }
}

/// Any element but the first.
struct Element<'t, 'a>(&'t mut Entry<'a>);

impl<'de> AnyValue<'de> for Element<'_, 'de> {
    type Value = ();

    fn scalar(self, scalar: Scalar<'de>) {
        match scalar.text() {
            Some(text) if is_integrity(&text) => self.0.integrity = Some(text),
            Some(text) if text.contains("://") => self.0.archive = Some(text),
            Some(_) | None => {}
        }
    }
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some(section) = object.next_key::<Text<'_>>()? {
            wants(section.as_str(), &mut object, &mut self.0.wants)?;
        }
        Ok(())
    }
}

fn is_integrity(text: &str) -> bool {
    ["sha1-", "sha256-", "sha384-", "sha512-"].iter().any(|algorithm| text.starts_with(algorithm))
}

/// Reads a section of dependencies, or passes over anything else.
fn wants<'de, A: MapAccess<'de>>(section: &str, map: &mut A, wants: &mut Vec<Want<'de>>) -> Result<(), A::Error> {
    let scope = match section {
        "dependencies" => Scope::Runtime,
        "devDependencies" => Scope::Dev,
        "optionalDependencies" => Scope::Optional,
        "peerDependencies" => Scope::Peer,
        _ => return map.next_value::<IgnoredAny>().map(drop),
    };
    map.next_value_seed(IfObject(Wants { scope, wants })).map(drop)
}

struct Wants<'t, 'a> {
    scope: Scope,
    wants: &'t mut Vec<Want<'a>>,
}

impl<'de> ReadObject<'de> for Wants<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(name), IgnoredAny)) = map.next_entry()? {
            self.wants.push(Want { name, scope: self.scope });
        }
        Ok(())
    }
}
