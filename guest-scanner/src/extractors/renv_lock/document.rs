//! The file's JSON. What stands before an error is kept.

use std::borrow::Cow;

use serde::de::{DeserializeSeed as _, IgnoredAny, MapAccess};

use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::Text;

/// What the file holds, as far as it could be read.
#[derive(Default)]
pub(super) struct Document<'a> {
    pub(super) packages: Vec<Entry<'a>>,
    /// Whether there are packages, be they none.
    pub(super) is_listed: bool,
}

/// A package.
pub(super) struct Entry<'a> {
    pub(super) key: Text<'a>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) version: Option<Cow<'a, str>>,
    pub(super) source: Option<Cow<'a, str>>,
    pub(super) repository: Option<Cow<'a, str>>,
    pub(super) hash: Option<Cow<'a, str>>,
    pub(super) url: Option<Cow<'a, str>>,
    pub(super) commit: Option<Cow<'a, str>>,
    host: Option<Cow<'a, str>>,
    owner: Option<Cow<'a, str>>,
    repo: Option<Cow<'a, str>>,
    /// Names, perhaps with ranges.
    pub(super) wants: Vec<Cow<'a, str>>,
}

/// Reads the file. After an error, what was read before it is there.
pub(super) fn read(text: &str) -> (Document<'_>, Option<serde_json::Error>) {
    let mut document = Document::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = IfObject(Top(&mut document)).deserialize(&mut deserializer).and_then(|_| deserializer.end());
    (document, read.err())
}

impl Entry<'_> {
    /// The repository, for the hosts that renv knows by the addresses of their interfaces.
    pub(super) fn git_url(&self) -> Option<String> {
        let is_git = matches!(self.source.as_deref(), Some("GitHub" | "GitLab" | "Bitbucket" | "git" | "Git"));
        if !is_git {
            return None;
        }
        if let Some(url) = &self.url {
            return Some(url.clone().into_owned());
        }
        let host = match self.host.as_deref() {
            Some(host) => {
                let host = host.split_once("://").map_or(host, |(_, host)| host);
                let host = host.split('/').next().unwrap_or(host);
                host.strip_prefix("api.").unwrap_or(host)
            }
            None if self.source.as_deref() == Some("GitHub") => "github.com",
            None => return None,
        };
        Some(format!("https://{host}/{}/{}", self.owner.as_deref()?, self.repo.as_deref()?))
    }
}

struct Top<'t, 'a>(&'t mut Document<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            if key.as_str() == "Packages" {
                self.0.is_listed = true;
                map.next_value_seed(IfObject(Packages(&mut self.0.packages)))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Packages<'t, 'a>(&'t mut Vec<Entry<'a>>);

impl<'de> ReadObject<'de> for Packages<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key()? {
            let mut entry = Entry {
                key,
                name: None,
                version: None,
                source: None,
                repository: None,
                hash: None,
                url: None,
                commit: None,
                host: None,
                owner: None,
                repo: None,
                wants: Vec::new(),
            };
            // A package amid which the file breaks is left out: where it is from may be missing.
            map.next_value_seed(IfObject(Fields(&mut entry)))?;
            self.0.push(entry);
        }
        Ok(())
    }
}

struct Fields<'t, 'a>(&'t mut Entry<'a>);

impl<'de> ReadObject<'de> for Fields<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let entry = self.0;
        while let Some((key, value)) = map.next_entry::<Text<'_>, Value<'_>>()? {
            match key.as_str() {
                "Package" => entry.name = value.text(),
                "Version" => entry.version = value.text(),
                "Source" => entry.source = value.text(),
                "Repository" => entry.repository = value.text(),
                "Hash" => entry.hash = value.text(),
                "RemoteUrl" => entry.url = value.text(),
                "RemoteSha" => entry.commit = value.text(),
                "RemoteHost" => entry.host = value.text(),
                "RemoteUsername" => entry.owner = value.text(),
                "RemoteRepo" => entry.repo = value.text(),
                "Requirements" | "Depends" | "Imports" | "LinkingTo" => match value {
                    Value::Texts(names) => entry.wants.extend(names),
                    Value::Text(name) => entry.wants.push(name),
                    Value::Truth(_) | Value::Number(_) | Value::Other => {}
                },
                _ => {}
            }
        }
        Ok(())
    }
}
