//! `uv.lock`, version 1 with any revision.
//!
//! Format: `uv_resolver::lock` in uv's source. The file holds the project and its workspace's members
//! too, with what they ask for: dependencies, extras (`optional-dependencies`) and groups
//! (`dev-dependencies`). Dependencies name a version and a source where the name alone is not unique.

mod graph;

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem, normal_pypi_name};
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::toml_text::{self, Document, Named, Table, get, table, tables, text, texts};

/// The extractor of `uv.lock`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "uv-lock", ecosystem: "Python", files: &[Pattern::Name("uv.lock")], companions: &[], extract };

/// The newest version that we know. Revisions within it can be read by whoever reads the version.
const VERSION_MAX: u64 = 1;

/// A package's table with what was made of it.
struct Entry<'t, 'a> {
    table: &'t Table<'a>,
    /// Normalised.
    name: String,
    version: Option<&'t str>,
    source: Option<(&'t str, &'t str)>,
    line: Option<u32>,
    id: PackageId,
    is_project: bool,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    toml_text::read(source, records, |document, records| extract_from(document, source, records));
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    if let Some(version) = get(&document.root, "version") {
        let known = version.get_ref().as_integer().and_then(|version| version.as_str().parse().ok());
        if known.is_none_or(|version: u64| version > VERSION_MAX) {
            let line = source.line_at(version.span().start);
            let message = format!("this version of uv.lock is not {VERSION_MAX}, the only one known; not read");
            return records.problem(ProblemKind::Unsupported, Some(line), &message);
        }
    }
    let manifest = table(&document.root, "manifest");
    let members: Vec<String> =
        manifest.into_iter().flat_map(|manifest| texts(manifest, "members")).map(normal_pypi_name).collect();
    let named = document.packages(source, records);
    let mut entries: Vec<_> = named.into_iter().filter_map(|named| add(&named, records)).collect();
    mark_projects(&mut entries, &members, records);
    graph::connect(&entries, manifest, document.is_sound(), records);
}

fn add<'t, 'a>(named: &Named<'t, 'a>, records: &mut Records) -> Option<Entry<'t, 'a>> {
    let Named { table, name, version, line } = *named;
    let line = Some(line);
    let from = package_source(table);
    if version.is_none() && from.is_none_or(|(kind, _)| kind == "registry") {
        records.problem(ProblemKind::BadEntry, line, &format!("package {name} has no version"));
    }
    let mut package = match from.and_then(|(kind, place)| qualifier(kind, place)) {
        Some((key, value)) => purl::with_qualifiers(Ecosystem::Pypi, name, version, &[(key, &value)]),
        None => purl::package(Ecosystem::Pypi, name, version),
    };
    package.line = line;
    package.source = from.map(|(kind, place)| {
        let place = without_credentials(place);
        if kind == "git" { format!("git+{place}") } else { place }
    });
    package.checksums = checksums(table);
    let id = records.package(package)?;
    Some(Entry { table, name: normal_pypi_name(name), version, source: from, line, id, is_project: false })
}

/// A package's source, or that of a dependency: `{ registry = "…" }`, one kind and its place.
fn package_source<'t>(table: &'t Table<'_>) -> Option<(&'t str, &'t str)> {
    let source = toml_text::table(table, "source")?;
    let kinds = ["registry", "git", "url", "path", "directory", "editable", "virtual"];
    kinds.into_iter().find_map(|kind| Some((kind, text(source, kind)?)))
}

/// What the purl says of a place that is not an index of packages.
fn qualifier(kind: &str, place: &str) -> Option<(&'static str, String)> {
    let place = without_credentials(place);
    match kind {
        "git" => {
            let (url, commit) = place.split_once('#').unwrap_or((&place, ""));
            let url = url.split_once('?').map_or(url, |(url, _)| url);
            let at = if commit.is_empty() { "" } else { "@" };
            Some(("vcs_url", format!("git+{url}{at}{commit}")))
        }
        "url" => Some(("download_url", place)),
        _ => None,
    }
}

fn checksums(package: &Table<'_>) -> Vec<String> {
    let sdist = table(package, "sdist").into_iter();
    let files = sdist.chain(tables(package, "wheels"));
    files.filter_map(|file| text(file, "hash")).take(CHECKSUMS_PER_PACKAGE_MAX).map(str::to_owned).collect()
}

/// The members of the workspace, or where the file lists none the package in its own folder.
fn mark_projects(entries: &mut [Entry<'_, '_>], members: &[String], records: &mut Records) {
    let members: std::collections::HashSet<&str> = members.iter().map(String::as_str).collect();
    let mut root: Option<&str> = None;
    for entry in entries {
        let here = matches!(entry.source, Some(("editable" | "virtual" | "directory", ".")));
        let local = matches!(entry.source, Some(("editable" | "virtual" | "directory", _)));
        if here && let Some(other) = root {
            let message = format!("{} and {other} both claim to be the project in this folder", entry.name);
            records.problem(ProblemKind::BadEntry, entry.line, &message);
        }
        if here || (local && members.contains(entry.name.as_str())) {
            entry.is_project = true;
            if let Some(package) = records.get_mut(entry.id) {
                package.relation = Relation::Project;
            }
        }
        if here {
            root = Some(&entry.name);
        }
    }
}
