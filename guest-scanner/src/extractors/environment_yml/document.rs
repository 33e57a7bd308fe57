//! What the file holds.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::extractors::package_lock::lenient::{IfObject, ReadObject, Value};
use crate::json::Text;
use crate::yaml;

/// The file, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Document<'a> {
    pub(super) dependencies: Vec<Item<'a>>,
    /// Whether there is such a list, or what stands in its place.
    pub(super) has_dependencies: bool,
}

/// One of the dependencies.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Spec(Cow<'a, str>),
    /// `pip:` and its list.
    Pip(Vec<Cow<'a, str>>),
    Other,
}

/// Reads the file. On an error, which may have a line, what stands before it is in `document`.
pub(super) fn read<'a>(text: &'a str, document: &mut Document<'a>) -> Result<(), (Option<u32>, String)> {
    yaml::read_object(text, IfObject(Top(document)))
}

struct Top<'t, 'a>(&'t mut Document<'a>);

impl<'de> ReadObject<'de> for Top<'_, 'de> {
    fn read<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'_>>()? {
            if key.as_str() == "dependencies" {
                self.0.has_dependencies = true;
                map.next_value_seed(List(&mut self.0.dependencies))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct List<'t, 'a>(&'t mut Vec<Item<'a>>);

impl<'de> DeserializeSeed<'de> for List<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of dependencies")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element()? {
            self.0.push(item);
        }
        Ok(())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Item<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemVisitor;
        impl<'de> Visitor<'de> for ItemVisitor {
            type Value = Item<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a dependency")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Item<'de>, E> {
                Ok(Item::Spec(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Item<'de>, E> {
                Ok(Item::Spec(Cow::Owned(text.to_owned())))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Item<'de>, E> {
                Ok(Item::Other)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Item<'de>, E> {
                Ok(Item::Other)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Item<'de>, E> {
                Ok(Item::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Item<'de>, E> {
                Ok(Item::Other)
            }
            fn visit_unit<E>(self) -> Result<Item<'de>, E> {
                Ok(Item::Other)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Item::Other)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item<'de>, A::Error> {
                let mut item = Item::Other;
                while let Some((key, value)) = map.next_entry::<Text<'_>, Value<'de>>()? {
                    match (key.as_str(), value) {
                        ("pip", Value::Texts(texts)) => item = Item::Pip(texts),
                        // `- pip:` with nothing below it.
                        ("pip", Value::Other) => item = Item::Pip(Vec::new()),
                        _ => {}
                    }
                }
                Ok(item)
            }
        }
        deserializer.deserialize_any(ItemVisitor)
    }
}
