//! JSON that is not always what it should be: a value of another type is passed over, and what is
//! around it is read. What was read of an object before a syntax error stays with the caller.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess};

use crate::json::{Any, AnyValue, MaybeText, Scalar};

/// Reads an object's entries, one after the other, into something that the caller keeps.
pub(in crate::extractors) trait ReadObject<'de> {
    fn read<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error>;
}

/// Reads an object, or passes over anything else. Gives whether it was an object.
pub(in crate::extractors) struct IfObject<R>(pub(in crate::extractors) R);

impl<'de, R: ReadObject<'de>> DeserializeSeed<'de> for IfObject<R> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        Any(self).deserialize(deserializer)
    }
}

impl<'de, R: ReadObject<'de>> AnyValue<'de> for IfObject<R> {
    type Value = bool;

    fn scalar(self, _: Scalar<'de>) -> bool {
        false
    }
    fn object<A: MapAccess<'de>>(self, object: A) -> Result<bool, A::Error> {
        self.0.read(object).map(|()| true)
    }
}

/// A value that is looked at only if it is simple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::extractors) enum Value<'a> {
    Text(Cow<'a, str>),
    Truth(bool),
    Number(u64),
    /// The strings of a list.
    Texts(Vec<Cow<'a, str>>),
    Other,
}

impl<'a> Value<'a> {
    /// The string, if it is one.
    pub(in crate::extractors) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Truth(_) | Self::Number(_) | Self::Texts(_) | Self::Other => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadValue;
        impl<'de> AnyValue<'de> for ReadValue {
            type Value = Value<'de>;

            fn scalar(self, scalar: Scalar<'de>) -> Value<'de> {
                match scalar {
                    Scalar::Text(text) => Value::Text(text),
                    Scalar::Truth(truth) => Value::Truth(truth),
                    Scalar::Number(number) => Value::Number(number),
                    Scalar::Other => Value::Other,
                }
            }
            fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<'de>, A::Error> {
                let mut texts = Vec::new();
                while let Some(MaybeText(text)) = list.next_element()? {
                    texts.extend(text);
                }
                Ok(Value::Texts(texts))
            }
        }
        Any(ReadValue).deserialize(deserializer)
    }
}
