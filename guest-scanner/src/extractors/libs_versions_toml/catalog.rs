//! What a version catalog says, with its references resolved.

use std::collections::HashMap;

use crate::extractors::poetry_lock::document::{Table, Value, entries, table, text};

/// A catalog.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// Called `group:name`.
    pub(crate) libraries: Vec<Entry>,
    /// Called by their ids.
    pub(crate) plugins: Vec<Entry>,
    /// The aliases of libraries by the accessor of their bundle.
    bundles: HashMap<String, Vec<String>>,
    /// Positions in the libraries and in the plugins, by accessor.
    places: [HashMap<String, usize>; 2],
    /// By accessor.
    versions: HashMap<String, Option<String>>,
}

/// A library or a plugin.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) alias: String,
    pub(crate) name: String,
    pub(crate) wanted: Wanted,
    /// Where its alias stands.
    pub(crate) offset: usize,
}

/// The version that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// As Gradle writes versions in one text.
    Text(String),
    /// None: a platform says it, or the plugin that brings it.
    Nothing,
    /// That of this name, which the catalog does not have.
    Unknown(String),
}

impl Wanted {
    /// As Gradle writes it, if it is known.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// Takes the offset of what is wrong, and a message.
pub(crate) type OnProblem<'a> = dyn FnMut(usize, &str) + 'a;

/// Reads an entry's name, and its version where the entry is written as one text.
type Named = fn(&Value<'_>) -> Option<(String, Option<String>)>;

impl Catalog {
    /// What `root` says. Entries that make no sense are problems.
    pub(crate) fn of(root: &Table<'_>, problem: &mut OnProblem<'_>) -> Self {
        let mut catalog = Self::default();
        for (alias, value) in table(root, "versions").into_iter().flat_map(entries) {
            let text = version_text(value);
            if text.is_none() && value.get_ref().as_table().is_none() {
                problem(value.span().start, &format!("the version {alias} is no text"));
            }
            catalog.versions.insert(accessor(alias), text);
        }
        catalog.libraries = catalog.entries(root, "libraries", library, problem);
        catalog.plugins = catalog.entries(root, "plugins", plugin, problem);
        let place = |list: &[Entry]| list.iter().enumerate().map(|(at, entry)| (accessor(&entry.alias), at)).collect();
        catalog.places = [place(&catalog.libraries), place(&catalog.plugins)];
        for (alias, value) in table(root, "bundles").into_iter().flat_map(entries) {
            let aliases = value.get_ref().as_array().into_iter().flat_map(|array| array.iter());
            let aliases = aliases.filter_map(|alias| Some(accessor(alias.get_ref().as_str()?))).collect();
            catalog.bundles.insert(accessor(alias), aliases);
        }
        catalog
    }

    /// The libraries that an accessor without the catalog's own name means: `a.b` or `bundles.a.b`.
    pub(crate) fn libraries_at(&self, accessor: &str) -> Vec<&Entry> {
        let library = |accessor: &str| self.libraries.get(*self.places[0].get(accessor)?);
        let bundle = accessor.strip_prefix("bundles.").and_then(|name| self.bundles.get(name));
        let bundled = bundle.map(|aliases| aliases.iter().filter_map(|alias| library(alias)).collect());
        bundled.unwrap_or_else(|| library(accessor).into_iter().collect())
    }

    /// The plugin that an accessor without `plugins.` means.
    pub(crate) fn plugin_at(&self, accessor: &str) -> Option<&Entry> {
        self.plugins.get(*self.places[1].get(accessor)?)
    }

    /// The version that an accessor without `versions.` means.
    pub(crate) fn version_at(&self, accessor: &str) -> Option<&str> {
        self.versions.get(accessor)?.as_deref()
    }

    /// The entries of one of the tables, in the order of the file.
    fn entries(&self, root: &Table<'_>, key: &str, named: Named, problem: &mut OnProblem<'_>) -> Vec<Entry> {
        let mut found = Vec::new();
        for (alias, value) in table(root, key).into_iter().flatten() {
            let offset = alias.span().start;
            let alias = alias.get_ref().as_ref();
            let Some((name, version)) = named(value) else {
                problem(offset, &format!("the entry {alias} of the {key} says not what it is"));
                continue;
            };
            let wanted = match version {
                Some(text) => Wanted::Text(text),
                None => value.get_ref().as_table().map_or(Wanted::Nothing, |entry| self.wanted(entry)),
            };
            found.push(Entry { alias: alias.to_owned(), name, wanted, offset });
        }
        found.sort_by_key(|entry| entry.offset);
        found
    }

    /// What the key `version` of an entry asks for.
    fn wanted(&self, entry: &Table<'_>) -> Wanted {
        let Some(version) = entry.get("version") else { return Wanted::Nothing };
        let reference = version.get_ref().as_table().and_then(|version| text(version, "ref"));
        let found = match reference {
            Some(reference) => match self.versions.get(&accessor(reference)) {
                Some(found) => found.clone(),
                None => return Wanted::Unknown(reference.to_owned()),
            },
            None => version_text(version),
        };
        found.map_or(Wanted::Nothing, Wanted::Text)
    }
}

/// How build files write an alias.
pub(crate) fn accessor(alias: &str) -> String {
    alias.replace(['-', '_'], ".")
}

/// The artefact by which Gradle finds a plugin.
pub(crate) fn marker(id: &str) -> String {
    format!("{id}:{id}.gradle.plugin")
}

/// `group:name:version`, `group:name`, or a table with either `module` or `group` and `name`.
fn library(value: &Value<'_>) -> Option<(String, Option<String>)> {
    let Some(entry) = value.get_ref().as_table() else {
        let mut parts = value.get_ref().as_str()?.splitn(3, ':').map(str::trim);
        let name = format!("{}:{}", parts.next()?, parts.next()?);
        return Some((name, parts.next().map(str::to_owned)));
    };
    let parts = text(entry, "module").map(|module| module.split_once(':'));
    let (group, name) = parts.unwrap_or_else(|| Some((text(entry, "group")?, text(entry, "name")?)))?;
    (!name.contains(':')).then(|| (format!("{}:{}", group.trim(), name.trim()), None))
}

/// `id:version`, or a table with `id`.
fn plugin(value: &Value<'_>) -> Option<(String, Option<String>)> {
    match value.get_ref().as_str() {
        Some(text) => {
            let (id, version) = text.split_once(':')?;
            Some((id.trim().to_owned(), Some(version.trim().to_owned())))
        }
        None => Some((text(value.get_ref().as_table()?, "id")?.to_owned(), None)),
    }
}

/// A version, or a rich one: what is strictly wanted goes before what is required, and of a range the
/// preferred one is taken.
fn version_text(value: &Value<'_>) -> Option<String> {
    let Some(rich) = value.get_ref().as_table() else { return value.get_ref().as_str().map(str::to_owned) };
    let prefer = text(rich, "prefer");
    match (text(rich, "strictly").or_else(|| text(rich, "require")), prefer) {
        (Some(range), Some(prefer)) if range.contains(['[', '(', ']', '+']) => Some(format!("{range}!!{prefer}")),
        (Some(wanted), _) => Some(wanted.to_owned()),
        (None, prefer) => prefer.map(str::to_owned),
    }
}
