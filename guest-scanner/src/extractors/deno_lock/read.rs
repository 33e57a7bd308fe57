//! The lockfile's JSON, all versions as one.

use std::borrow::Cow;

use serde::de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess, SeqAccess};
use serde_json::Error;

use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::{Any, AnyValue, MaybeText, Scalar, Text};

/// What the file holds, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Lockfile<'a> {
    pub(super) version: Option<Cow<'a, str>>,
    /// What was asked for, and what answers it: a version, or `name@version`, with a registry or not.
    pub(super) specifiers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(super) npm: Vec<Entry<'a>>,
    pub(super) jsr: Vec<Entry<'a>>,
    /// URLs and hashes.
    pub(super) remote: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// What the manifests ask for.
    pub(super) roots: Vec<Cow<'a, str>>,
}

/// A package.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    /// `name@version`, with npm's `_peer@version` behind.
    pub(super) id: Cow<'a, str>,
    pub(super) integrity: Option<Cow<'a, str>>,
    pub(super) tarball: Option<Cow<'a, str>>,
    /// npm: ids or parts of them. JSR: specifiers.
    pub(super) wants: Vec<Cow<'a, str>>,
    pub(super) optional: Vec<Cow<'a, str>>,
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

/// The outermost object, and the `npm` of version 2 and the `packages` of version 3, which have the
/// same keys in them.
struct Top<'t, 'a>(&'t mut Lockfile<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let lockfile = self.0;
        while let Some(Text(key)) = map.next_key()? {
            match &*key {
                "version" => lockfile.version = map.next_value::<Value<'_>>()?.text(),
                "specifiers" => {
                    map.next_value_seed(IfObject(Pairs(&mut lockfile.specifiers)))?;
                }
                "remote" => {
                    map.next_value_seed(IfObject(Pairs(&mut lockfile.remote)))?;
                }
                "jsr" => {
                    map.next_value_seed(IfObject(Entries(&mut lockfile.jsr)))?;
                }
                "npm" => {
                    map.next_value_seed(IfObject(Npm(&mut *lockfile)))?;
                }
                "packages" => {
                    map.next_value_seed(IfObject(Packages(&mut *lockfile)))?;
                }
                "workspace" => {
                    map.next_value_seed(IfObject(Workspace(&mut lockfile.roots)))?;
                }
                url if url.contains("://") => {
                    let hash = map.next_value::<Value<'_>>()?.text();
                    lockfile.remote.extend(hash.map(|hash| (key, hash)));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// `packages` of version 3.
struct Packages<'t, 'a>(&'t mut Lockfile<'a>);

impl<'de> ReadObject<'de> for Packages<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "specifiers" => map.next_value_seed(IfObject(Pairs(&mut self.0.specifiers)))?,
                "npm" => map.next_value_seed(IfObject(Entries(&mut self.0.npm)))?,
                "jsr" => map.next_value_seed(IfObject(Entries(&mut self.0.jsr)))?,
                _ => map.next_value::<IgnoredAny>().map(|_| false)?,
            };
        }
        Ok(())
    }
}

/// `npm`: packages, or in version 2 `specifiers` and `packages`. No id of a package is such a word.
struct Npm<'t, 'a>(&'t mut Lockfile<'a>);

impl<'de> ReadObject<'de> for Npm<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            match &*key {
                "specifiers" => {
                    map.next_value_seed(IfObject(Pairs(&mut self.0.specifiers)))?;
                }
                "packages" => {
                    map.next_value_seed(IfObject(Entries(&mut self.0.npm)))?;
                }
                _ => entry(key, &mut map, &mut self.0.npm)?,
            }
        }
        Ok(())
    }
}

struct Entries<'t, 'a>(&'t mut Vec<Entry<'a>>);

impl<'de> ReadObject<'de> for Entries<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            entry(key, &mut map, self.0)?;
        }
        Ok(())
    }
}

fn entry<'de, A: MapAccess<'de>>(
    id: Cow<'de, str>,
    map: &mut A,
    entries: &mut Vec<Entry<'de>>,
) -> Result<(), A::Error> {
    let mut entry = Entry { id, ..Entry::default() };
    let found = map.next_value_seed(IfObject(Fields(&mut entry)));
    entries.push(entry);
    found.map(drop)
}

struct Fields<'t, 'a>(&'t mut Entry<'a>);

impl<'de> ReadObject<'de> for Fields<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "integrity" => self.0.integrity = map.next_value::<Value<'_>>()?.text(),
                "tarball" => self.0.tarball = map.next_value::<Value<'_>>()?.text(),
                "dependencies" => map.next_value_seed(Any(Texts(&mut self.0.wants)))?,
                "optionalDependencies" => map.next_value_seed(Any(Texts(&mut self.0.optional)))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The project's own, and that of its `members`.
struct Workspace<'t, 'a>(&'t mut Vec<Cow<'a, str>>);

impl<'de> ReadObject<'de> for Workspace<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "dependencies" | "devDependencies" => map.next_value_seed(Any(Texts(&mut *self.0)))?,
                "packageJson" => {
                    map.next_value_seed(IfObject(Workspace(&mut *self.0)))?;
                }
                "members" => {
                    map.next_value_seed(IfObject(Members(&mut *self.0)))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Members<'t, 'a>(&'t mut Vec<Cow<'a, str>>);

impl<'de> ReadObject<'de> for Members<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key::<IgnoredAny>()?.is_some() {
            map.next_value_seed(IfObject(Workspace(&mut *self.0)))?;
        }
        Ok(())
    }
}

/// Strings by strings.
struct Pairs<'t, 'a>(&'t mut Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de> ReadObject<'de> for Pairs<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(key), MaybeText(value))) = map.next_entry()? {
            self.0.extend(value.map(|value| (key, value)));
        }
        Ok(())
    }
}

/// A list of strings, or (before version 4) an object with them as its values.
struct Texts<'t, 'a>(&'t mut Vec<Cow<'a, str>>);

impl<'de> AnyValue<'de> for Texts<'_, 'de> {
    type Value = ();

    fn scalar(self, _: Scalar<'de>) {}
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(MaybeText(text)) = list.next_element()? {
            self.0.extend(text);
        }
        Ok(())
    }
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some((IgnoredAny, MaybeText(text))) = object.next_entry()? {
            self.0.extend(text);
        }
        Ok(())
    }
}
