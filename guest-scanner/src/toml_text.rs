//! TOML that may be broken: what can be read of it, with its places.
//!
//! Values near an error are not to be trusted (half a version is a wrong version): what
//! [`Document::named`] gives stood in sound text.

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

/// A broken file is mended up to this size. The parser may keep an error for each byte, some 150 bytes
/// large; real files of this size have a thousand packages.
const MENDED_BYTES_MAX: usize = 2 * 1024 * 1024;

/// How often a broken file is tried again, without the lines that were wrong.
const TRIES_MAX: usize = 8;

/// What a text holds.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    /// The outermost table.
    pub(crate) root: Table<'a>,
    /// Where the parser stumbled, in order.
    errors: Vec<usize>,
}

/// A package's table with its name, which was read without an error, and its version if it has one.
#[derive(Debug)]
pub(crate) struct Named<'t, 'a> {
    pub(crate) table: &'t Table<'a>,
    pub(crate) name: &'t str,
    pub(crate) version: Option<&'t str>,
    pub(crate) line: u32,
}

/// Reads a file and hands what it holds to `then`. The first error is a problem; the others mostly
/// follow from it.
pub(crate) fn read(source: &Source<'_>, records: &mut Records, then: impl FnOnce(&Document<'_>, &mut Records)) {
    let error = match DeTable::parse(source.text()) {
        Ok(root) => return then(&Document::sound(root.into_inner()), records),
        Err(error) => error,
    };
    let line = error.span().map(|span| source.line_at(span.start));
    records.problem(ProblemKind::Unparsable, line, error.message());
    if source.text().len() <= MENDED_BYTES_MAX {
        let (text, errors) = mend(source.text());
        let root = DeTable::parse_recoverable(&text).0.into_inner();
        then(&Document { root, errors }, records);
    }
}

/// The text with its wrong lines blanked, so that all places stay, and where the errors were: the
/// parser gives up at some of them, and everything behind would be lost.
fn mend(text: &str) -> (String, Vec<usize>) {
    let mut text = text.to_owned();
    let mut errors = Vec::new();
    for _ in 0..TRIES_MAX {
        let found = DeTable::parse_recoverable(&text).1;
        let places: Vec<usize> = found.iter().filter_map(|error| Some(error.span()?.start)).collect();
        if places.is_empty() {
            break;
        }
        text = blank_lines(&text, &places);
        errors.extend(places);
    }
    errors.sort_unstable();
    (text, errors)
}

/// Each line with one of the places in it becomes as many spaces.
fn blank_lines(text: &str, places: &[usize]) -> String {
    let mut places = places.to_vec();
    places.sort_unstable();
    let mut mended = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let from = mended.len();
        let first = places.partition_point(|place| *place < from);
        // An error at the very end stands behind the last line.
        let until = if from + line.len() == text.len() { text.len() + 1 } else { from + line.len() };
        if places.get(first).is_some_and(|place| *place < until) {
            let content = line.trim_end_matches(['\r', '\n']);
            mended.extend(std::iter::repeat_n(' ', content.len()));
            mended.push_str(line.get(content.len()..).unwrap_or(""));
        } else {
            mended.push_str(line);
        }
    }
    mended
}

impl<'a> Document<'a> {
    /// Of a text that the parser read without an error.
    pub(crate) fn sound(root: Table<'a>) -> Self {
        Self { root, errors: Vec::new() }
    }

    /// Whether the file has no error.
    pub(crate) fn is_sound(&self) -> bool {
        self.errors.is_empty()
    }

    /// The packages: `[[package]]`. Those without a name, or amid errors, are problems.
    pub(crate) fn packages<'t>(&'t self, source: &Source<'_>, records: &mut Records) -> Vec<Named<'t, 'a>> {
        self.packages_at("package", source, records)
    }

    /// Like [`Document::packages`], under another name.
    pub(crate) fn packages_at<'t>(
        &'t self,
        key: &str,
        source: &Source<'_>,
        records: &mut Records,
    ) -> Vec<Named<'t, 'a>> {
        let Some(list) = get(&self.root, key) else { return Vec::new() };
        let Some(array) = list.get_ref().as_array() else {
            let line = source.line_at(list.span().start);
            records.problem(ProblemKind::BadEntry, Some(line), "the packages are no list");
            return Vec::new();
        };
        array.iter().filter_map(|value| self.named(value, source, records)).collect()
    }

    /// The package that a value is; a problem if it has no name, or stands amid errors.
    pub(crate) fn named<'t>(
        &self,
        value: &'t Value<'a>,
        source: &Source<'_>,
        records: &mut Records,
    ) -> Option<Named<'t, 'a>> {
        let table = value.get_ref().as_table();
        let Some((table, (name, place))) = table.and_then(|table| Some((table, text_at(table, "name")?))) else {
            let line = source.line_at(value.span().start);
            records.problem(ProblemKind::BadEntry, Some(line), "a package has no name");
            return None;
        };
        let version = text_at(table, "version");
        let line = source.line_at(place.start);
        let stretch =
            version.as_ref().map_or(place.clone(), |(_, other)| place.start.min(other.start)..place.end.max(other.end));
        if !self.intact(stretch) {
            let message = format!("package {name} stands where the file is broken");
            records.problem(ProblemKind::BadEntry, Some(line), &message);
            return None;
        }
        Some(Named { table, name, version: version.map(|(version, _)| version), line })
    }

    /// Whether there is no error in this stretch of the file.
    pub(crate) fn intact(&self, stretch: Range<usize>) -> bool {
        let first = self.errors.partition_point(|error| *error < stretch.start);
        self.errors.get(first).is_none_or(|error| *error > stretch.end)
    }
}

fn text_at<'t>(table: &'t Table<'_>, key: &str) -> Option<(&'t str, Range<usize>)> {
    let value = get(table, key)?;
    Some((value.get_ref().as_str()?, value.span()))
}

/// The table's value of that name.
pub(crate) fn get<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t Value<'a>> {
    table.get(key)
}

/// The string of that name; `None` if it is no string.
pub(crate) fn text<'t>(table: &'t Table<'_>, key: &str) -> Option<&'t str> {
    get(table, key)?.get_ref().as_str()
}

/// Whether the table's value of that name is true.
pub(crate) fn flag(table: &Table<'_>, key: &str) -> bool {
    get(table, key).is_some_and(|value| value.get_ref().as_bool() == Some(true))
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

#[cfg(test)]
mod tests {
    use super::{blank_lines, mend};

    #[test]
    fn places_stay_where_they_are() {
        assert_eq!(blank_lines("ab\nüb\r\ncd", &[4, 9]), "ab\n   \r\n  ");
        assert_eq!(blank_lines("ab\ncd\n", &[6]), "ab\n  \n");
    }

    #[test]
    fn what_stands_behind_an_error_is_read() {
        let (mended, errors) = mend("a = 1\n<<<<<<< HEAD\nb = 2\n=======\nb = 3\n>>>>>>> other\nc = 4\n");
        assert_eq!(mended.split_whitespace().collect::<Vec<_>>().join(" "), "a = 1 b = 2 c = 4");
        assert!(!errors.is_empty());
    }
}
