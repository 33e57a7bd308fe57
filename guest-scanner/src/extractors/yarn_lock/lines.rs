//! The lines of Yarn 1 to 5. Indentation says what belongs to what: an entry's keys stand at the
//! margin, its fields are indented once, what a field holds twice.

use std::borrow::Cow;

use fumehood_contract::ProblemKind;

use super::entry::{Descriptor, Entry, Flavour, Lockfile};
use crate::records::Records;
use crate::source::Source;

/// Reads the file.
pub(super) fn read<'a>(source: &Source<'a>, records: &mut Records) -> Lockfile<'a> {
    let mut reader =
        Reader { lockfile: Lockfile::default(), state: State::Outside, section: Section::Other, meta: None };
    for line in source.text().split('\n') {
        let text = line.trim_end();
        let content = text.trim_start_matches(' ');
        if let Some(comment) = content.strip_prefix('#') {
            reader.comment(comment);
        } else if !content.is_empty()
            && let Err(what) = reader.line(text.len() - content.len(), content, source)
        {
            let message = format!("{what}: {content}");
            records.problem(ProblemKind::BadEntry, source.line_of(content), &message);
        }
    }
    reader.lockfile
}

struct Reader<'a> {
    lockfile: Lockfile<'a>,
    state: State,
    section: Section,
    /// The last name in `dependenciesMeta`.
    meta: Option<Cow<'a, str>>,
}

/// What the lines belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing that is known.
    Outside,
    /// `__metadata`.
    Metadata,
    /// The last entry.
    Entry,
}

/// What twice indented lines belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Dependencies,
    OptionalDependencies,
    DependenciesMeta,
    Other,
}

impl<'a> Reader<'a> {
    fn comment(&mut self, comment: &'a str) {
        if let Some(version) = comment.trim_start().strip_prefix("yarn lockfile v") {
            self.lockfile.version = Some(Cow::Borrowed(version.trim_end()));
        }
    }

    fn line(&mut self, indent: usize, content: &'a str, source: &Source<'a>) -> Result<(), &'static str> {
        match (indent, self.state) {
            (0, _) => self.margin(content, source),
            (_, State::Outside) => Ok(()),
            (1..=3, State::Metadata) => {
                if let Some(("version", value)) = field(content).as_ref().map(|(key, value)| (&**key, value)) {
                    self.lockfile.version = value.clone();
                }
                Ok(())
            }
            (_, State::Metadata) => Ok(()),
            (1..=3, State::Entry) => self.field(content),
            (4..=5, State::Entry) => self.item(content),
            (_, State::Entry) => {
                self.detail(content);
                Ok(())
            }
        }
    }

    /// The keys of an entry. Those longer than a thousand letters stand behind `? `, and the colon
    /// follows on a line of its own.
    fn margin(&mut self, content: &'a str, source: &Source<'a>) -> Result<(), &'static str> {
        if content == ":" {
            return Ok(());
        }
        if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|marker| content.starts_with(marker)) {
            return Err("a merge conflict was left in the file");
        }
        (self.state, self.section) = (State::Outside, Section::Other);
        let long = content.strip_prefix("? ");
        let keys = long.or_else(|| content.strip_suffix(':')).ok_or("this line is neither an entry nor a field")?;
        if keys == "__metadata" {
            self.state = State::Metadata;
            self.lockfile.flavour = Flavour::Berry;
            return Ok(());
        }
        let mut descriptors = Vec::new();
        for key in split_keys(keys) {
            match self.lockfile.flavour {
                Flavour::Classic => descriptors.extend(Descriptor::parse(key)),
                Flavour::Berry => descriptors.extend(Descriptor::parse_list(key)),
            }
        }
        if descriptors.is_empty() {
            return Err("this is not what a package is asked for by");
        }
        let line = source.line_of(content);
        self.lockfile.entries.push(Entry { line, descriptors, ..Entry::default() });
        self.state = State::Entry;
        Ok(())
    }

    fn field(&mut self, content: &'a str) -> Result<(), &'static str> {
        self.section = Section::Other;
        let (key, value) = field(content).ok_or("this field cannot be read")?;
        let Some(entry) = self.lockfile.entries.last_mut() else { return Ok(()) };
        match (&*key, value) {
            ("name", value) => entry.name = value,
            ("version", value) => entry.version = value,
            ("resolution", value) => entry.resolution = value,
            ("resolved", value) => entry.resolved = value,
            ("integrity" | "checksum", value) => entry.checksum = value,
            ("dependencies", None) => self.section = Section::Dependencies,
            ("optionalDependencies", None) => self.section = Section::OptionalDependencies,
            ("dependenciesMeta", None) => self.section = Section::DependenciesMeta,
            _ => {}
        }
        Ok(())
    }

    fn item(&mut self, content: &'a str) -> Result<(), &'static str> {
        let section = self.section;
        if section == Section::Other {
            return Ok(());
        }
        let (name, range) = field(content).ok_or("this dependency cannot be read")?;
        let Some(entry) = self.lockfile.entries.last_mut() else { return Ok(()) };
        match section {
            Section::Dependencies | Section::OptionalDependencies => {
                if section == Section::OptionalDependencies {
                    entry.optional.push(name.clone());
                }
                entry.wants.push(Descriptor { name, range: range.unwrap_or_default() });
            }
            Section::DependenciesMeta => self.meta = Some(name),
            Section::Other => {}
        }
        Ok(())
    }

    /// `optional: true`, or something else, of a name in `dependenciesMeta`.
    fn detail(&mut self, content: &'a str) {
        if self.section == Section::DependenciesMeta
            && content == "optional: true"
            && let Some(entry) = self.lockfile.entries.last_mut()
        {
            entry.optional.extend(self.meta.take());
        }
    }
}

/// The parts of a line of keys that commas outside of quotes separate, without their quotes.
fn split_keys(keys: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = keys;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([',', ' ']);
        if rest.is_empty() {
            return None;
        }
        if let Some((text, after)) = quoted(rest) {
            rest = after;
            return Some(text);
        }
        let (key, after) = rest.split_once(',').unwrap_or((rest, ""));
        rest = after;
        Some(Cow::Borrowed(key.trim_end()))
    })
}

/// `key value`, `key: value` or `key:`.
fn field(content: &str) -> Option<(Cow<'_, str>, Option<Cow<'_, str>>)> {
    let (key, rest) = match quoted(content) {
        Some((key, rest)) => (key, rest.strip_prefix(':').unwrap_or(rest)),
        None => {
            let (key, rest) = content.split_once(' ').unwrap_or((content, ""));
            (Cow::Borrowed(key.strip_suffix(':').unwrap_or(key)), rest)
        }
    };
    let rest = rest.trim_start();
    let value = match quoted(rest) {
        Some((value, _)) => Some(value),
        None => (!rest.is_empty()).then_some(Cow::Borrowed(rest)),
    };
    (!key.is_empty()).then_some((key, value))
}

/// The string in quotes that `text` begins with, and what follows it.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let mut escaped = false;
    let mut escapes = false;
    for (at, letter) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' && quote == '"' {
            (escaped, escapes) = (true, true);
        } else if letter == quote {
            let (inside, after) = (text.get(1..at)?, text.get(at + 1..)?);
            let inside = if escapes {
                serde_json::from_str(text.get(..=at)?).map_or(Cow::Borrowed(inside), Cow::Owned)
            } else {
                Cow::Borrowed(inside)
            };
            return Some((inside, after));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{field, quoted, split_keys};

    #[test]
    fn keys_are_split_outside_of_quotes() {
        let found: Vec<_> = split_keys(r#"a@^1, "@b/c@1, 2", d@npm:e@^3"#).collect();
        assert_eq!(found, ["a@^1", "@b/c@1, 2", "d@npm:e@^3"]);
    }

    #[test]
    fn fields_of_both_spellings_are_read() {
        for line in ["version \"1.0.0\"", "version: 1.0.0", "\"version\" \"1.0.0\"", "'version': '1.0.0'"] {
            let (key, value) = field(line).unwrap_or_default();
            assert_eq!((&*key, value.as_deref()), ("version", Some("1.0.0")), "{line}");
        }
        assert_eq!(field("dependencies:").map(|(key, value)| (key.len(), value)), Some((12, None)));
    }

    #[test]
    fn escapes_are_those_of_json() {
        assert_eq!(quoted(r#""a\"b" c"#).map(|(text, after)| (text.into_owned(), after)), Some(("a\"b".into(), " c")));
        assert_eq!(quoted("\"open"), None);
    }
}
