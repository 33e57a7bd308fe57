//! The JSON of Yarn 6: the fields of berry, under `entries` and there under `resolution`.

use std::borrow::Cow;

use fumehood_contract::ProblemKind;
use serde::de::{DeserializeSeed as _, Error as _, IgnoredAny, MapAccess};

use super::entry::{Descriptor, Entry, Flavour, Lockfile};
use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::Text;
use crate::records::Records;
use crate::source::Source;

/// Reads the file.
pub(super) fn read<'a>(source: &Source<'a>, records: &mut Records) -> Lockfile<'a> {
    let mut lockfile = Lockfile { flavour: Flavour::Berry, ..Lockfile::default() };
    let mut json = serde_json::Deserializer::from_str(source.text());
    let found = IfObject(Top { lockfile: &mut lockfile, source })
        .deserialize(&mut json)
        .and_then(|object| if object { json.end() } else { Err(serde_json::Error::custom("not an object")) });
    if let Err(error) = found {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &format!("{error}; what stands before is reported"));
    }
    lockfile
}

struct Top<'t, 'a> {
    lockfile: &'t mut Lockfile<'a>,
    source: &'t Source<'a>,
}

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "__metadata" => {
                    map.next_value_seed(IfObject(Metadata(&mut *self.lockfile)))?;
                }
                "entries" => {
                    map.next_value_seed(IfObject(Entries(&mut *self.lockfile, self.source)))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Metadata<'t, 'a>(&'t mut Lockfile<'a>);

impl<'de> ReadObject<'de> for Metadata<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'_>, Value<'_>>()? {
            if let ("version", Value::Number(version)) = (key.as_str(), value) {
                self.0.version = Some(Cow::Owned(version.to_string()));
            }
        }
        Ok(())
    }
}

struct Entries<'t, 'a>(&'t mut Lockfile<'a>, &'t Source<'a>);

impl<'de> ReadObject<'de> for Entries<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            let line = self.1.line_of(&key);
            let descriptors = Descriptor::parse_list(key);
            let mut entry = Entry { line, descriptors, ..Entry::default() };
            let found = map.next_value_seed(IfObject(Fields(&mut entry)));
            self.0.entries.push(entry);
            found?;
        }
        Ok(())
    }
}

/// The fields of an entry, and of its `resolution`.
struct Fields<'t, 'a>(&'t mut Entry<'a>);

impl<'de> ReadObject<'de> for Fields<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "checksum" => self.0.checksum = map.next_value::<Value<'_>>()?.text(),
                "resolution" => {
                    map.next_value_seed(IfObject(Resolution(&mut *self.0)))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct Resolution<'t, 'a>(&'t mut Entry<'a>);

impl<'de> ReadObject<'de> for Resolution<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            match key.as_str() {
                "resolution" => self.0.resolution = map.next_value::<Value<'_>>()?.text(),
                "version" => self.0.version = map.next_value::<Value<'_>>()?.text(),
                "dependencies" => {
                    map.next_value_seed(IfObject(Wants(&mut *self.0, false)))?;
                }
                "optionalDependencies" => {
                    map.next_value_seed(IfObject(Wants(&mut *self.0, true)))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// What an entry asks for, and whether that is optional.
struct Wants<'t, 'a>(&'t mut Entry<'a>, bool);

impl<'de> ReadObject<'de> for Wants<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((Text(name), value)) = map.next_entry::<Text<'_>, Value<'_>>()? {
            if self.1 {
                self.0.optional.push(name.clone());
            }
            self.0.wants.push(Descriptor { name, range: value.text().unwrap_or_default() });
        }
        Ok(())
    }
}
