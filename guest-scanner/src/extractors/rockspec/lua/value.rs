//! What a variable may hold.

use std::collections::HashMap;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Text(String),
    /// In the order of the file.
    Table(Vec<Field<'a>>),
    Unknown,
}

/// A part of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) key: Option<&'a str>,
    pub(crate) value: Value<'a>,
    /// Where it begins.
    pub(crate) at: &'a str,
}

/// A variable with the place of its assignment.
#[derive(Clone, Debug)]
pub(crate) struct Variable<'a> {
    pub(crate) value: Value<'a>,
    pub(crate) at: &'a str,
}

/// The variables of a file.
pub(crate) type Variables<'a> = HashMap<&'a str, Variable<'a>>;

impl<'a> Value<'a> {
    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Table(_) | Self::Unknown => None,
        }
    }

    /// The fields of a table; none of anything else.
    pub(crate) fn fields(&self) -> &[Field<'a>] {
        match self {
            Self::Table(fields) => fields,
            Self::Text(_) | Self::Unknown => &[],
        }
    }

    /// The text of a table's field.
    pub(crate) fn text_of(&self, key: &str) -> Option<&str> {
        self.fields().iter().find(|field| field.key == Some(key))?.value.text()
    }
}
