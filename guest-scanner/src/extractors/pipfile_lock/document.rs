//! What the lockfile holds.

use std::borrow::Cow;

use serde::de::{DeserializeSeed as _, IgnoredAny, MapAccess};

use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::{MaybeText, Text};

/// A project has one or two.
const INDEXES_MAX: usize = 64;

/// The file, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    /// `_meta.pipfile-spec`.
    pub(super) specification: Option<u64>,
    /// The indexes of packages: names and URLs.
    indexes: Vec<Index<'a>>,
    pub(super) entries: Vec<Entry<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
struct Index<'a> {
    #[serde(borrow, default)]
    name: MaybeText<'a>,
    #[serde(borrow, default)]
    url: MaybeText<'a>,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Indexes<'a> {
    Sound(#[serde(borrow)] Vec<Index<'a>>),
    Other(IgnoredAny),
}

/// A package of one category.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) category: String,
    pub(super) name: Cow<'a, str>,
    pub(super) is_object: bool,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) index: Option<Cow<'a, str>>,
    pub(super) hashes: Vec<Cow<'a, str>>,
    /// The version control system (`git`), and the repository's URL.
    pub(super) repository: Option<(String, Cow<'a, str>)>,
    pub(super) reference: Option<Cow<'a, str>>,
    pub(super) path: Option<Cow<'a, str>>,
    pub(super) file: Option<Cow<'a, str>>,
}

impl Entry<'_> {
    /// Whether it is the code in the lockfile's own folder.
    pub(super) fn is_project(&self) -> bool {
        self.path.as_deref().is_some_and(|path| matches!(path, "." | "./"))
    }
}

/// Reads the file. On an error, what stands before it is in `document`.
pub(super) fn read<'a>(text: &'a str, document: &mut Document<'a>) -> serde_json::Result<()> {
    use serde::de::Error as _;
    let mut json = serde_json::Deserializer::from_str(text);
    if !IfObject(Top(document)).deserialize(&mut json)? {
        return Err(serde_json::Error::custom("the file is not an object"));
    }
    json.end()
}

impl Document<'_> {
    /// The URL of the index of that name, or the only one that the file knows.
    pub(super) fn index(&self, name: Option<&str>) -> Option<&str> {
        match (name, self.indexes.as_slice()) {
            (Some(name), indexes) => {
                indexes.iter().take(INDEXES_MAX).find(|index| index.name.as_str() == Some(name))?.url.as_str()
            }
            (None, [index]) => index.url.as_str(),
            (None, _) => None,
        }
    }
}

struct Top<'t, 'a>(&'t mut Document<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            if key.as_str() == "_meta" {
                map.next_value_seed(IfObject(Meta(self.0)))?;
                continue;
            }
            map.next_value_seed(IfObject(Category { name: key.as_str(), entries: &mut self.0.entries }))?;
        }
        Ok(())
    }
}

struct Meta<'t, 'a>(&'t mut Document<'a>);

impl<'de> ReadObject<'de> for Meta<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match key.as_str() {
                "pipfile-spec" => {
                    if let Value::Number(number) = map.next_value()? {
                        self.0.specification = Some(number);
                    }
                }
                "sources" => {
                    if let Indexes::Sound(indexes) = map.next_value()? {
                        self.0.indexes = indexes;
                    }
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Category<'t, 'a, 'n> {
    name: &'n str,
    entries: &'t mut Vec<Entry<'a>>,
}

impl<'de> ReadObject<'de> for Category<'_, 'de, '_> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = map.next_key()? {
            let mut entry = Entry { category: self.name.to_owned(), name, ..Entry::default() };
            // An entry in which the file breaks off is left out: what is missing may be its version.
            entry.is_object = map.next_value_seed(IfObject(Fields(&mut entry)))?;
            self.entries.push(entry);
        }
        Ok(())
    }
}

struct Fields<'t, 'a>(&'t mut Entry<'a>);

impl<'de> ReadObject<'de> for Fields<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let entry = self.0;
        while let Some((Text(key), value)) = map.next_entry::<Text<'de>, Value<'de>>()? {
            match (key.as_ref(), value) {
                ("version", Value::Text(text)) => entry.version = Some(text),
                ("index", Value::Text(text)) => entry.index = Some(text),
                ("ref", Value::Text(text)) => entry.reference = Some(text),
                ("path", Value::Text(text)) => entry.path = Some(text),
                ("file", Value::Text(text)) => entry.file = Some(text),
                ("git" | "hg" | "svn" | "bzr", Value::Text(text)) => entry.repository = Some((key.into_owned(), text)),
                ("hashes", Value::Texts(texts)) => entry.hashes = texts,
                _ => {}
            }
        }
        Ok(())
    }
}
