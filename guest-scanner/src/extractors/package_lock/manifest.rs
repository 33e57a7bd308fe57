//! `package.json`: what the project itself asks for. `bower.json` is written alike.

use std::borrow::Cow;

use fumehood_contract::Scope;
use serde::de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess, SeqAccess};
use serde_json::Error;

use super::lenient::{IfObject, ReadObject, Value};
use crate::json::{Any, AnyValue, Scalar, Text};

/// The file's name.
pub(in crate::extractors) const FILE_NAME: &str = "package.json";

/// What a manifest asks for, as far as it can be read.
#[derive(Debug, Default)]
pub(in crate::extractors) struct Manifest<'a> {
    pub(in crate::extractors) name: Option<Cow<'a, str>>,
    pub(in crate::extractors) version: Option<Cow<'a, str>>,
    pub(in crate::extractors) license: Option<Cow<'a, str>>,
    pub(in crate::extractors) wants: Vec<Want<'a>>,
    /// Paths of members, or patterns of paths.
    pub(in crate::extractors) workspaces: Vec<Cow<'a, str>>,
    /// Yarn: what is installed instead of what is asked for, by a pattern of names.
    pub(in crate::extractors) resolutions: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// One dependency.
#[derive(Clone, Debug)]
pub(in crate::extractors) struct Want<'a> {
    pub(in crate::extractors) name: Cow<'a, str>,
    pub(in crate::extractors) range: Cow<'a, str>,
    pub(in crate::extractors) scope: Scope,
}

/// Reads a manifest; `None` if it is broken, which is not the lockfile's problem.
pub(in crate::extractors) fn read(text: &str) -> Option<Manifest<'_>> {
    let (manifest, error) = read_partly(text);
    error.is_none().then_some(manifest)
}

/// Reads a manifest. After an error it holds what was read before it.
pub(in crate::extractors) fn read_partly(text: &str) -> (Manifest<'_>, Option<Error>) {
    let mut manifest = Manifest::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let found = IfObject(Top(&mut manifest)).deserialize(&mut json).and_then(|object| match object {
        true => json.end(),
        false => Err(Error::custom("not an object")),
    });
    (manifest, found.err())
}

struct Top<'t, 'a>(&'t mut Manifest<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            let scope = match key.as_str() {
                "name" => {
                    self.0.name = map.next_value::<Value<'_>>()?.text();
                    continue;
                }
                "version" => {
                    self.0.version = map.next_value::<Value<'_>>()?.text();
                    continue;
                }
                "license" => {
                    self.0.license = map.next_value::<Value<'_>>()?.text();
                    continue;
                }
                "dependencies" => Scope::Runtime,
                "devDependencies" => Scope::Dev,
                "optionalDependencies" => Scope::Optional,
                "peerDependencies" => Scope::Peer,
                "workspaces" => {
                    map.next_value_seed(Any(Members(&mut self.0.workspaces)))?;
                    continue;
                }
                "resolutions" => {
                    map.next_value_seed(IfObject(Pairs(&mut self.0.resolutions)))?;
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            map.next_value_seed(IfObject(Wants { scope, wants: &mut self.0.wants }))?;
        }
        Ok(())
    }
}

struct Wants<'t, 'a> {
    scope: Scope,
    wants: &'t mut Vec<Want<'a>>,
}

impl<'de> ReadObject<'de> for Wants<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(name), value)) = map.next_entry::<Text<'_>, Value<'_>>()? {
            let range = value.text().unwrap_or_default();
            self.wants.push(Want { name, range, scope: self.scope });
        }
        Ok(())
    }
}

/// Strings by name.
struct Pairs<'t, 'a>(&'t mut Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de> ReadObject<'de> for Pairs<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(name), value)) = map.next_entry::<Text<'_>, Value<'_>>()? {
            self.0.extend(value.text().map(|text| (name, text)));
        }
        Ok(())
    }
}

/// `workspaces`: a list of patterns, or an object with the list as its `packages`.
struct Members<'t, 'a>(&'t mut Vec<Cow<'a, str>>);

impl<'de> AnyValue<'de> for Members<'_, 'de> {
    type Value = ();

    fn scalar(self, _: Scalar<'de>) {}
    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element::<Value<'_>>()? {
            self.0.extend(value.text());
        }
        Ok(())
    }
    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        while let Some((key, value)) = object.next_entry::<Text<'_>, Value<'_>>()? {
            if let ("packages", Value::Texts(texts)) = (key.as_str(), value) {
                self.0.extend(texts);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn workspaces_have_two_forms() {
        for text in [r#"{"workspaces":["a","b/*"]}"#, r#"{"workspaces":{"packages":["a","b/*"],"nohoist":["x"]}}"#] {
            assert_eq!(read(text).map(|manifest| manifest.workspaces.len()), Some(2));
        }
    }

    #[test]
    fn a_broken_manifest_is_none() {
        assert!(read("{\"dependencies\":").is_none());
        assert!(read("[]").is_none());
    }
}
