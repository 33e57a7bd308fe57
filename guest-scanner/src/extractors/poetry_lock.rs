//! `poetry.lock`, lock versions 1.0 to 2.1, and those from before versions were counted.
//!
//! Format: `poetry.packages.locker` in Poetry's source. Until 1.1 the files stand in
//! `[metadata.files]`, since 2.0 with their package. `category` (until Poetry 1.4) and `groups`
//! (since 2.0) say what a package is for; between them nothing does, then `pyproject.toml` decides.
//! Edges to optional dependencies count only where somebody wants the extra that brings them.

mod graph;

use std::collections::HashMap;

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem, normal_pypi_name};
use crate::python::pyproject;
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
#[allow(unused_imports, reason = "other extractors may still look for it here")]
pub(crate) use crate::toml_text as document;
use crate::toml_text::{self, Document, Named, Table, flag, table, tables, text, texts};

/// The extractor of `poetry.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "poetry-lock",
    ecosystem: "Python",
    files: &[Pattern::Name("poetry.lock")],
    companions: &["pyproject.toml"],
    extract,
};

/// The newest major version that we know.
const VERSION_MAX: u64 = 2;

/// A package's table with what was made of it.
struct Entry<'t, 'a> {
    table: &'t Table<'a>,
    /// Normalised.
    name: String,
    version: &'t str,
    id: PackageId,
    /// What the lockfile says, if it does.
    scope: Option<Scope>,
}

/// The checksums of `[metadata.files]`, by normalised name and by the version in the file's name.
type Files<'t> = HashMap<String, Vec<(&'t str, &'t str)>>;

fn extract(source: &Source<'_>, records: &mut Records) {
    toml_text::read(source, records, |document, records| extract_from(document, source, records));
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    let metadata = table(&document.root, "metadata");
    if let Some(version) = metadata.and_then(|metadata| text(metadata, "lock-version"))
        && !version.split('.').next().is_some_and(|major| major.parse().is_ok_and(|major: u64| major <= VERSION_MAX))
    {
        let message = format!("lock version {version} is not one of 1.0 to {VERSION_MAX}.x, which are known; not read");
        return records.problem(ProblemKind::Unsupported, source.line_of(version), &message);
    }
    let files = metadata.map(files_of_metadata).unwrap_or_default();
    let named = document.packages(source, records);
    let entries: Vec<_> = named.into_iter().filter_map(|named| add(&named, &files, records)).collect();
    graph::connect(&entries, pyproject::roots(source), records);
}

fn add<'t, 'a>(named: &Named<'t, 'a>, files: &Files<'_>, records: &mut Records) -> Option<Entry<'t, 'a>> {
    let (table, name) = (named.table, named.name);
    let Some(version) = named.version else {
        records.problem(ProblemKind::BadEntry, Some(named.line), &format!("package {name} has no version"));
        return None;
    };
    let mut package = match package_source(table) {
        Some((from, Some((key, place)))) => {
            let mut package = purl::with_qualifiers(Ecosystem::Pypi, name, Some(version), &[(key, &place)]);
            package.source = Some(from);
            package
        }
        other => {
            let mut package = purl::package(Ecosystem::Pypi, name, Some(version));
            package.source = other.map(|(from, _)| from);
            package
        }
    };
    let scope = scope(table);
    package.line = Some(named.line);
    package.scope = scope.unwrap_or_default();
    package.checksums = checksums(table, name, version, files);
    let id = records.package(package)?;
    Some(Entry { table, name: normal_pypi_name(name), version, id, scope })
}

/// Where it comes from, and the purl's qualifier if that is not an index of packages.
fn package_source(package: &Table<'_>) -> Option<(String, Option<(&'static str, String)>)> {
    let source = table(package, "source")?;
    let url = without_credentials(text(source, "url")?);
    Some(match text(source, "type") {
        Some("git") => {
            let commit = text(source, "resolved_reference").or_else(|| text(source, "reference")).unwrap_or("HEAD");
            (format!("git+{url}#{commit}"), Some(("vcs_url", format!("git+{url}@{commit}"))))
        }
        Some("url") => (url.clone(), Some(("download_url", url))),
        Some(_) | None => (url, None),
    })
}

fn scope(package: &Table<'_>) -> Option<Scope> {
    let optional = flag(package, "optional").then_some(Scope::Optional);
    let groups: Vec<Scope> = texts(package, "groups").map(pyproject::scope_of_group).collect();
    if !groups.is_empty() {
        let strongest = [Scope::Runtime, Scope::Build, Scope::Test].into_iter().find(|scope| groups.contains(scope));
        return Some(strongest.map_or(Scope::Dev, |scope| optional.filter(|_| scope.is_runtime()).unwrap_or(scope)));
    }
    match text(package, "category") {
        Some("main") => Some(optional.unwrap_or_default()),
        Some(category) => Some(pyproject::scope_of_group(category)),
        None => optional,
    }
}

fn checksums(package: &Table<'_>, name: &str, version: &str, files: &Files<'_>) -> Vec<String> {
    let own = tables(package, "files").filter_map(|file| text(file, "hash"));
    let own: Vec<String> = own.take(CHECKSUMS_PER_PACKAGE_MAX).map(str::to_owned).collect();
    if !own.is_empty() {
        return own;
    }
    let key = format!("{} {version}", normal_pypi_name(name));
    let listed = files.get(&key).into_iter().flatten();
    listed.take(CHECKSUMS_PER_PACKAGE_MAX).map(|(_, hash)| (*hash).to_owned()).collect()
}

fn files_of_metadata<'t>(metadata: &'t Table<'_>) -> Files<'t> {
    let mut files: Files<'t> = HashMap::new();
    let Some(lists) = table(metadata, "files") else { return files };
    for (name, _) in toml_text::entries(lists) {
        for file in tables(lists, name) {
            let (Some(file), Some(hash)) = (text(file, "file"), text(file, "hash")) else { continue };
            let Some(version) = version_in(file) else { continue };
            files.entry(format!("{} {version}", normal_pypi_name(name))).or_default().push((file, hash));
        }
    }
    files
}

/// The version in `name-1.0-py3-none-any.whl`, `name-1.0.tar.gz` and their like.
fn version_in(file: &str) -> Option<&str> {
    if file.ends_with(".whl") || file.ends_with(".egg") {
        return file.split('-').nth(1);
    }
    let endings = [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz", ".tar.Z", ".tar", ".exe", ".rpm", ".msi"];
    let stem = endings.iter().find_map(|ending| file.strip_suffix(ending))?;
    stem.rsplit_once('-').map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn files_tell_their_version() {
        assert_eq!(version_in("a_b-1.0.post1-py3-none-any.whl"), Some("1.0.post1"));
        assert_eq!(version_in("a-b-1.0.tar.gz"), Some("1.0"));
        assert_eq!(version_in("notes"), None);
    }
}
