//! TOML that may be broken: what can be read of it, with its places.
//!
//! The parser recovers from errors and goes on. Values near an error are not to be trusted (half a
//! version is a wrong version), so [`Document::intact`] tells whether a stretch of text is sound.

use std::ops::Range;

use fumehood_contract::ProblemKind;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::records::Records;
use crate::source::Source;

/// A table.
pub(crate) type Table<'a> = DeTable<'a>;
/// A value with its place.
pub(crate) type Value<'a> = Spanned<DeValue<'a>>;

/// What a text holds.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    /// The outermost table.
    pub(crate) root: Table<'a>,
    /// Where the parser stumbled, in order.
    errors: Vec<usize>,
}

impl<'a> Document<'a> {
    /// Reads a file. The first error is a problem; the others mostly follow from it.
    pub(crate) fn read(source: &Source<'a>, records: &mut Records) -> Self {
        let (root, errors) = DeTable::parse_recoverable(source.text());
        if let Some(first) = errors.first() {
            let line = first.span().map(|span| source.line_at(span.start));
            records.problem(ProblemKind::Unparsable, line, first.message());
        }
        let end = source.text().len();
        let mut errors: Vec<usize> =
            errors.iter().map(|error| error.span().map_or(end, |span| span.start)).collect();
        errors.sort_unstable();
        Self { root: root.into_inner(), errors }
    }

    /// Whether the parser met no error in this stretch.
    pub(crate) fn intact(&self, stretch: Range<usize>) -> bool {
        let first = self.errors.partition_point(|error| *error < stretch.start);
        self.errors.get(first).is_none_or(|error| *error > stretch.end)
    }
}

/// The table's value of that name.
pub(crate) fn get<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t Value<'a>> {
    table.get(key)
}

/// The string of that name; `None` if it is no string.
pub(crate) fn text<'t>(table: &'t Table<'_>, key: &str) -> Option<&'t str> {
    get(table, key)?.get_ref().as_str()
}

/// The table of that name.
pub(crate) fn table<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t Table<'a>> {
    get(table, key)?.get_ref().as_table()
}

/// The items of the array of that name; none if it is no array.
pub(crate) fn items<'t, 'a>(table: &'t Table<'a>, key: &str) -> impl Iterator<Item = &'t Value<'a>> {
    get(table, key).and_then(|value| value.get_ref().as_array()).into_iter().flat_map(|array| array.iter())
}

/// Those of the items that are strings.
pub(crate) fn texts<'t>(table: &'t Table<'_>, key: &str) -> impl Iterator<Item = &'t str> {
    items(table, key).filter_map(|item| item.get_ref().as_str())
}

/// Those of the items that are tables.
pub(crate) fn tables<'t, 'a>(table: &'t Table<'a>, key: &str) -> impl Iterator<Item = &'t Table<'a>> {
    items(table, key).filter_map(|item| item.get_ref().as_table())
}

/// Keys and values.
pub(crate) fn entries<'t, 'a>(table: &'t Table<'a>) -> impl Iterator<Item = (&'t str, &'t Value<'a>)> {
    table.iter().map(|(key, value)| (key.get_ref().as_ref(), value))
}
