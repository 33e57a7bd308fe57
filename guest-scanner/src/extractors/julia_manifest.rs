//! `Manifest.toml`, the lockfile of Julia's Pkg, formats 1 and 2, also under its other names.
//!
//! Format: Pkg's documentation, "Manifest.toml". A name is a list of tables, since several packages may
//! have it. `deps` are names where those are unique, else a table of names and UUIDs. What has neither
//! a version nor a tree nor a path is of the standard library, and of Julia's own version, which
//! format 2 tells. `Project.toml` beside it has what the project asks for.

mod project;

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind};
use toml::de::DeValue;

use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records, SHARED_BYTES_MAX};
use crate::source::Source;
use crate::toml_text::{self, Document, Table, Value, entries, get, table, text, texts};
use crate::vcs;

pub(crate) use project::{is_uuid, test_targets};

/// The extractor of `Manifest.toml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "julia-manifest",
    ecosystem: "Julia",
    files: &[
        Pattern::Name("Manifest.toml"),
        Pattern::Name("JuliaManifest.toml"),
        Pattern::Affixes("Manifest-v", ".toml"),
        Pattern::Affixes("JuliaManifest-v", ".toml"),
    ],
    companions: &["Project.toml", "JuliaProject.toml"],
    extract,
};

/// The newest major version that we know.
const FORMAT_MAX: u64 = 2;

/// A package's table with what was made of it.
struct Entry<'t, 'a> {
    name: &'t str,
    table: &'t Table<'a>,
    line: u32,
    id: PackageId,
}

/// The packages, as others may refer to them.
#[derive(Default)]
struct Index<'t> {
    by_uuid: HashMap<&'t str, PackageId>,
    by_name: HashMap<&'t str, PackageId>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    toml_text::read(source, records, |document, records| extract_from(document, source, records));
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    let format = text(&document.root, "manifest_format");
    let major = format.map(|format| format.split('.').next().unwrap_or(format));
    if major.is_some_and(|major| !major.parse().is_ok_and(|major: u64| major <= FORMAT_MAX)) {
        let format = format.unwrap_or_default();
        let message =
            format!("manifest format {format} is not one of 1.0 to {FORMAT_MAX}.x, which are known; not read");
        return records.problem(ProblemKind::Unsupported, source.line_of(format), &message);
    }
    let is_first_form = major.is_none_or(|major| major == "1");
    let packages = if is_first_form { Some(&document.root) } else { table(&document.root, "deps") };
    // Where lines were lost, a version may be among them.
    let julia = text(&document.root, "julia_version");
    let julia = julia.filter(|julia| document.is_sound() && julia.len() <= SHARED_BYTES_MAX);
    let mut found = Vec::new();
    for (name, list) in packages.into_iter().flat_map(entries) {
        for value in list.get_ref().as_array().into_iter().flat_map(|list| list.iter()) {
            let Some(table) = value.get_ref().as_table() else { continue };
            found.extend(add(name, table, julia, document, value, source, records));
        }
    }
    let index = Index::of(&found);
    found.iter().for_each(|entry| index.connect(entry, records));
    let asked = project::asked(source).unwrap_or_default();
    let roots: Vec<_> =
        asked.iter().filter_map(|(uuid, scope)| Some((*index.by_uuid.get(uuid.as_str())?, *scope))).collect();
    if !roots.is_empty() {
        graph::spread(records, &roots);
    }
}

fn add<'t, 'a>(
    name: &'t str,
    table: &'t Table<'a>,
    julia: Option<&str>,
    document: &Document<'_>,
    value: &Value<'_>,
    source: &Source<'_>,
    records: &mut Records,
) -> Option<Entry<'t, 'a>> {
    let line = source.line_at(value.span().start);
    let Some(uuid) = text(table, "uuid").filter(|uuid| is_uuid(uuid)) else {
        records.problem(ProblemKind::BadEntry, Some(line), &format!("package {name} has no UUID"));
        return None;
    };
    let version = get(table, "version");
    if version.is_some_and(|version| !document.intact(version.span())) {
        let message = format!("package {name} stands where the file is broken");
        records.problem(ProblemKind::BadEntry, Some(line), &message);
        return None;
    }
    let version = version.and_then(|version| version.get_ref().as_str());
    let is_of_the_library = ["git-tree-sha1", "path", "repo-url"].iter().all(|key| get(table, key).is_none());
    let mut package = package(name, uuid, version.or_else(|| julia.filter(|_| is_of_the_library)), table);
    package.line = Some(line);
    let id = records.package(package)?;
    Some(Entry { name, table, line, id })
}

fn package(name: &str, uuid: &str, version: Option<&str>, table: &Table<'_>) -> Package {
    let place = text(table, "repo-url").map(|url| {
        // Julia keeps the tree's hash, and the branch or commit that the user asked for.
        vcs::git(url, text(table, "repo-rev"))
    });
    let mut qualifiers = vec![("uuid", uuid)];
    qualifiers.extend(place.as_ref().map(|place| ("vcs_url", place.vcs_url.as_str())));
    let mut package = purl::with_qualifiers(Ecosystem::Julia, name, version, &qualifiers);
    package.source = place.map(|place| place.source).or_else(|| text(table, "path").map(str::to_owned));
    package
        .checksums
        .extend(text(table, "git-tree-sha1").map(|sum| format!("git-tree-sha1:{}", sum.to_ascii_lowercase())));
    package
}

impl<'t> Index<'t> {
    fn of(found: &[Entry<'t, '_>]) -> Self {
        let mut index = Self::default();
        for entry in found {
            index.by_name.entry(entry.name).or_insert(entry.id);
            if let Some(uuid) = text(entry.table, "uuid") {
                index.by_uuid.entry(uuid).or_insert(entry.id);
            }
        }
        index
    }

    fn connect(&self, entry: &Entry<'_, '_>, records: &mut Records) {
        let by_name = texts(entry.table, "deps").map(|name| (name, self.by_name.get(name)));
        let with_uuids = table(entry.table, "deps").into_iter().flat_map(entries);
        let by_uuid =
            with_uuids.map(|(name, uuid)| (name, uuid.get_ref().as_str().and_then(|uuid| self.by_uuid.get(uuid))));
        for (wanted, to) in by_name.chain(by_uuid) {
            match to {
                Some(to) => records.depends(entry.id, *to),
                None => {
                    let message = format!("{} depends on {wanted}, which the file does not hold", entry.name);
                    records.problem(ProblemKind::BadEntry, Some(entry.line), &message);
                }
            }
        }
    }
}

/// Whether a table looks as if it were Julia's: names with UUIDs.
pub(crate) fn has_uuids(table: &Table<'_>) -> bool {
    let is_uuid = |value: &DeValue<'_>| value.as_str().is_some_and(is_uuid);
    entries(table).next().is_some() && entries(table).all(|(_, value)| is_uuid(value.get_ref()))
}
