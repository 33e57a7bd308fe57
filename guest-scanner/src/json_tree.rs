//! JSON as a tree, for files that are looked at in more than one order.
//!
//! What was read before a syntax error is kept. Strings are borrowed where they have no escapes, so
//! that their lines are known. The number of values is bounded, and serde_json stops at a depth of 128.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use fumehood_contract::ProblemKind;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::json::Text;
use crate::lines::Lines;
use crate::records::Records;

/// About 50 values for each of 150,000 packages; a lockfile has less than 20 for each.
const VALUES_MAX: usize = 8_000_000;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) enum Json<'a> {
    #[default]
    Null,
    Truth(bool),
    /// `None`, if it is negative or no integer.
    Number(Option<u64>),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The value of a key, the last if there are several. Looks at all keys: ask an object for few.
    pub(crate) fn get(&self, key: &str) -> Option<&Json<'a>> {
        self.entries().iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The string of a key.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    /// The entries of an object; none for anything else.
    pub(crate) fn entries(&self) -> &[(Cow<'a, str>, Json<'a>)] {
        match self {
            Self::Object(entries) => entries,
            Self::Null | Self::Truth(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => &[],
        }
    }

    /// The entries of the object at a key.
    pub(crate) fn entries_of(&self, key: &str) -> &[(Cow<'a, str>, Json<'a>)] {
        self.get(key).map_or(&[], Json::entries)
    }

    /// The items of the list at a key.
    pub(crate) fn items_of(&self, key: &str) -> &[Json<'a>] {
        match self.get(key) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Truth(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => *number,
            Self::Null | Self::Truth(_) | Self::Text(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

/// Reads a document as far as it goes. That it ends too early, or is no object, becomes a problem.
pub(crate) fn read<'a>(text: &'a str, records: &mut Records) -> (Json<'a>, Lines) {
    let mut root = Json::Null;
    let budget = Cell::new(VALUES_MAX);
    let mut json = serde_json::Deserializer::from_str(text);
    let outcome = Fill { place: &mut root, budget: &budget }.deserialize(&mut json).and_then(|()| json.end());
    match outcome {
        Ok(()) if root.is_object() => {}
        Ok(()) => records.problem(ProblemKind::Unparsable, Some(1), "is not a JSON object"),
        Err(error) if budget.get() == 0 => {
            let message = format!("holds more than {VALUES_MAX} values; what stands before is reported");
            records.problem(ProblemKind::OverLimit, line(&error), &message);
        }
        Err(error) => {
            let message = format!("{error}; what stands before is reported");
            records.problem(ProblemKind::Unparsable, line(&error), &message);
        }
    }
    (root, Lines::new(text))
}

fn line(error: &serde_json::Error) -> Option<u32> {
    u32::try_from(error.line()).ok().filter(|line| *line > 0)
}

/// Reads a value into its place, bit by bit, so that it stays there whatever comes later.
struct Fill<'t, 'a> {
    place: &'t mut Json<'a>,
    budget: &'t Cell<usize>,
}

impl<'a> Fill<'_, 'a> {
    fn spend<E: serde::de::Error>(&self) -> Result<(), E> {
        let left = self.budget.get().checked_sub(1).ok_or_else(|| E::custom("too many values"))?;
        self.budget.set(left);
        Ok(())
    }

    fn put<E>(self, value: Json<'a>) -> Result<(), E> {
        *self.place = value;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Fill<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.spend::<D::Error>()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Fill<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.put(Json::Null)
    }
    fn visit_bool<E>(self, truth: bool) -> Result<(), E> {
        self.put(Json::Truth(truth))
    }
    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.put(Json::Number(Some(number)))
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.put(Json::Number(None))
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.put(Json::Number(None))
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.put(Json::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.put(Json::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        *self.place = Json::List(Vec::new());
        let Json::List(items) = self.place else { return Err(A::Error::custom("no list")) };
        loop {
            let mut item = Json::Null;
            let read = seq.next_element_seed(Fill { place: &mut item, budget: self.budget });
            if matches!(read, Ok(None)) {
                return Ok(());
            }
            items.push(item);
            read?;
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        *self.place = Json::Object(Vec::new());
        let Json::Object(entries) = self.place else { return Err(A::Error::custom("no object")) };
        while let Some(Text(key)) = map.next_key()? {
            let mut value = Json::Null;
            let read = map.next_value_seed(Fill { place: &mut value, budget: self.budget });
            entries.push((key, value));
            read?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, read};
    use crate::records::Records;

    #[test]
    fn what_stands_before_an_error_is_kept() {
        let mut records = Records::default();
        let (root, lines) = read("{\"a\": {\n\"b\": [\"c\", \"d", &mut records);
        let (key, list) = &root.entries_of("a")[0];
        assert_eq!(lines.of(key), Some(2));
        assert!(matches!(list, Json::List(items) if items[0].as_text() == Some("c")));
        assert_eq!(records.finish().2, 1);
    }

    #[test]
    fn depth_is_bounded() {
        let mut records = Records::default();
        read(&"[".repeat(100_000), &mut records);
        assert_eq!(records.finish().2, 1);
    }
}
