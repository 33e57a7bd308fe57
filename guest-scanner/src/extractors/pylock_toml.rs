//! `pylock.toml` and `pylock.NAME.toml`, Python's lockfile of no particular tool, version 1.
//!
//! Format: PEP 751, now "pylock.toml Specification" of the Python packaging guide. A package may be
//! there once for each of its markers. What is only for an extra or a group has it in its marker. The
//! file does not say what the project asks for itself: a `pyproject.toml` beside it may.

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::graph::rank;
use crate::purl::{self, Ecosystem};
use crate::python::locked::Locked;
use crate::python::package::located;
use crate::python::pyproject::{self, scope_of_group};
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::toml_text::{self, Document, Named, Table, entries, table, tables, text, texts};

/// The extractor of pylock.toml.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pylock-toml",
    ecosystem: "Python",
    files: &[Pattern::Name("pylock.toml"), Pattern::Affixes("pylock.", ".toml")],
    companions: &["pyproject.toml"],
    extract,
};

/// The major version that we know.
const MAJOR: &str = "1";

fn extract(source: &Source<'_>, records: &mut Records) {
    toml_text::read(source, records, |document, records| extract_from(document, source, records));
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    if let Some(version) = text(&document.root, "lock-version")
        && version.split('.').next() != Some(MAJOR)
    {
        let message = format!("lock-version {version} is not {MAJOR}.x, the only one known; not read");
        return records.problem(ProblemKind::Unsupported, source.line_of(version), &message);
    }
    let default_groups: Vec<&str> = texts(&document.root, "default-groups").collect();
    let mut locked = Locked::default();
    let mut added = Vec::new();
    for named in document.packages_at("packages", source, records) {
        if let Some(id) = add(&named, records) {
            locked.insert(named.name, named.version, id);
            added.push((named.table, id));
        }
    }
    for (package, id) in &added {
        connect(package, *id, &locked, records);
    }
    locked.spread(&pyproject::roots(source).unwrap_or_default(), records);
    for (package, id) in added {
        let scope = text(package, "marker").and_then(|marker| scope_of_marker(marker, &default_groups));
        if let (Some(scope), Some(package)) = (scope, records.get_mut(id)) {
            package.scope = scope;
        }
    }
}

fn add(named: &Named<'_, '_>, records: &mut Records) -> Option<PackageId> {
    let Named { table, name, version, line } = *named;
    let mut package = package(name, version, table);
    // The version of what is built from sources may be left out; that of a release may not.
    let from_sources = ["vcs", "directory", "archive"].iter().any(|key| toml_text::get(table, key).is_some());
    if version.is_none() && !from_sources {
        records.problem(ProblemKind::BadEntry, Some(line), &format!("package {name} has no version"));
        return None;
    }
    package.line = Some(line);
    package.checksums = checksums(table);
    records.package(package)
}

fn package(name: &str, version: Option<&str>, entry: &Table<'_>) -> Package {
    if let Some(vcs) = table(entry, "vcs")
        && let Some(place) = place(vcs)
    {
        let place = format!("{}+{}", text(vcs, "type").unwrap_or("git"), without_credentials(place));
        let commit = text(vcs, "commit-id").or_else(|| text(vcs, "requested-revision"));
        let at = commit.map(|commit| format!("@{commit}")).unwrap_or_default();
        let mut package =
            purl::with_qualifiers(Ecosystem::Pypi, name, version, &[("vcs_url", &format!("{place}{at}"))]);
        package.source = Some(commit.map_or(place.clone(), |commit| format!("{place}#{commit}")));
        return package;
    }
    let local = table(entry, "directory").or_else(|| table(entry, "archive"));
    if let Some(place) = local.and_then(place) {
        let mut package = located(name, version, place);
        if matches!(place, "." | "./") {
            package.relation = Relation::Project;
        }
        return package;
    }
    let mut package = purl::package(Ecosystem::Pypi, name, version);
    package.source = text(entry, "index").map(without_credentials);
    package
}

fn place<'t>(origin: &'t Table<'_>) -> Option<&'t str> {
    text(origin, "url").or_else(|| text(origin, "path"))
}

/// Those of all files, each `algorithm:hex`.
fn checksums(package: &Table<'_>) -> Vec<String> {
    let single = ["archive", "sdist"].into_iter().filter_map(|key| table(package, key));
    let files = single.chain(tables(package, "wheels")).filter_map(|file| table(file, "hashes"));
    let sums = files.flat_map(entries).filter_map(|(algorithm, sum)| {
        let sum = sum.get_ref().as_str()?;
        Some(format!("{}:{}", algorithm.to_ascii_lowercase(), sum.to_ascii_lowercase()))
    });
    sums.take(CHECKSUMS_PER_PACKAGE_MAX).collect()
}

/// A dependency repeats of its package what tells it from others: its version, if that is known.
fn connect(package: &Table<'_>, id: PackageId, locked: &Locked, records: &mut Records) {
    for dependency in tables(package, "dependencies") {
        let Some(name) = text(dependency, "name") else { continue };
        let range = text(dependency, "version").map(|version| format!("=={version}")).unwrap_or_default();
        locked.find(name, &range).into_iter().for_each(|to| records.depends(id, to));
    }
}

/// What the extras and groups in a marker are for: `'docs' in dependency_groups`.
fn scope_of_marker(marker: &str, default_groups: &[&str]) -> Option<Scope> {
    let mut strongest: Option<Scope> = None;
    let mut rest = marker;
    while let Some(at) = rest.find(['\'', '"']) {
        let (_, quoted) = rest.split_at_checked(at)?;
        let quote = quoted.chars().next()?;
        let (name, after) = quoted.get(1..)?.split_once(quote)?;
        rest = after;
        let mut words = after.split_whitespace();
        let scope = match (words.next(), words.next().map(|word| word.trim_end_matches(')'))) {
            (Some("in"), Some("extras")) => Scope::Optional,
            (Some("in"), Some("dependency_groups")) if default_groups.contains(&name) => Scope::Runtime,
            (Some("in"), Some("dependency_groups")) => scope_of_group(name),
            _ => continue,
        };
        strongest = Some(strongest.filter(|known| rank(*known) >= rank(scope)).unwrap_or(scope));
    }
    strongest
}

#[cfg(test)]
mod tests {
    use super::{Scope, scope_of_marker};

    #[test]
    fn markers_name_extras_and_groups() {
        let scope = |marker| scope_of_marker(marker, &["app"]);
        assert_eq!(scope("python_version < '3' and 'cli' in extras"), Some(Scope::Optional));
        assert_eq!(scope("('test' in dependency_groups) or ('dev' in dependency_groups)"), Some(Scope::Test));
        assert_eq!(scope("\"app\" in dependency_groups or \"dev\" in dependency_groups"), Some(Scope::Runtime));
        assert_eq!(scope("sys_platform == 'win32' and 'x' not in extras"), None);
        assert_eq!(scope("'open"), None);
    }
}
