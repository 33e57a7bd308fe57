//! `pyproject.toml`, the manifest of Python projects: what they ask for, where no lockfile says more.
//!
//! Format: PEP 518 (`build-system`), PEP 621 (`project`), PEP 735 (`dependency-groups`), and the tables
//! of Poetry, PDM, uv, Hatch and Flit. The project itself is not listed, as its readers do not.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};
use toml::de::DeValue;

use crate::extractor::{Extractor, Pattern};
use crate::graph::rank;
use crate::purl::{self, Ecosystem, normal_pypi_name};
use crate::python::package::{from_build_requirement, from_manifest, located};
use crate::python::pyproject::{self, Declarations, Declared, Need};
use crate::python::url::without_credentials;
use crate::python::{is_locked, pep508};
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::toml_text::{self, Document, Table, entries, table, text};

/// The extractor of `pyproject.toml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pyproject-toml",
    ecosystem: "Python",
    files: &[Pattern::Name("pyproject.toml")],
    companions: &["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml", "pixi.lock"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let by_pixi = || source.text().contains("[tool.pixi") && source.has_sibling("pixi.lock");
    if !is_locked(source) && !by_pixi() {
        toml_text::read(source, records, |document, records| extract_from(document, source, records));
    }
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    let sources = Sources::of(&document.root);
    // By place: what one group includes from another is one line all the same.
    let mut seen: HashMap<usize, PackageId> = HashMap::new();
    let Declarations { mut declared, mut refused } = pyproject::dependencies(&document.root);
    let build = pyproject::build_requires(&document.root);
    declared.extend(build.declared);
    refused.extend(build.refused);
    declared.sort_by_key(|declared| declared.place);
    for declared in declared {
        add(&declared, document, &sources, source, &mut seen, records);
    }
    for refused in refused {
        let message = format!("{}: {}", without_credentials(refused.text), refused.reason);
        records.problem(ProblemKind::BadEntry, Some(source.line_at(refused.place)), &message);
    }
}

fn add(
    declared: &Declared<'_, '_>,
    document: &Document<'_>,
    sources: &Sources<'_, '_>,
    source: &Source<'_>,
    seen: &mut HashMap<usize, PackageId>,
    records: &mut Records,
) {
    if let Some(known) = seen.get(&declared.place).and_then(|id| records.get_mut(*id)) {
        if rank(declared.scope) > rank(known.scope) {
            known.scope = declared.scope;
        }
        return;
    }
    let line = Some(source.line_at(declared.place));
    if !document.intact(declared.place..declared.place + declared.name.len()) || !pep508::is_name(declared.name) {
        let message = format!("{:?} is no name of a package, or stands where the file is broken", declared.name);
        return records.problem(ProblemKind::BadEntry, line, &message);
    }
    let mut package = match &declared.need {
        Need::Poetry(value) => from_poetry(declared.name, value),
        Need::Requirement(requirement) if declared.scope == Scope::Build => from_build_requirement(requirement),
        Need::Requirement(requirement) => match sources.find(declared.name) {
            Some(place) if requirement.url.is_none() => {
                let requirement = from_manifest(requirement).requirement;
                Package { requirement, ..from_table(declared.name, place, None) }
            }
            Some(_) | None => from_manifest(requirement),
        },
    };
    package.line = line;
    package.scope = declared.scope;
    package.relation = Relation::Direct;
    if let Some(id) = records.package(package) {
        seen.insert(declared.place, id);
    }
}

/// What `[tool.uv.sources]` says of places that are not an index of packages.
struct Sources<'t, 'a>(HashMap<String, &'t Table<'a>>);

impl<'t, 'a> Sources<'t, 'a> {
    fn of(document: &'t Table<'a>) -> Self {
        let uv = table(document, "tool").and_then(|tool| table(tool, "uv"));
        let list = uv.and_then(|uv| table(uv, "sources")).into_iter().flat_map(entries);
        let tables = list.filter_map(|(name, value)| Some((normal_pypi_name(name), value.get_ref().as_table()?)));
        Self(tables.filter(|(_, table)| ["git", "url", "path"].iter().any(|key| text(table, key).is_some())).collect())
    }

    fn find(&self, name: &str) -> Option<&'t Table<'a>> {
        self.0.get(&normal_pypi_name(name)).copied()
    }
}

fn from_poetry(name: &str, value: &DeValue<'_>) -> Package {
    match value.as_table() {
        Some(table) => from_table(name, table, text(table, "version")),
        None => from_range(name, value.as_str()),
    }
}

/// `{git = "…", rev = "…"}`, `{url = "…"}`, `{path = "…"}`, or `{version = "…"}` alone.
fn from_table(name: &str, table: &Table<'_>, range: Option<&str>) -> Package {
    if let Some(url) = text(table, "git") {
        let place = format!("git+{}", without_credentials(url));
        let reference = ["rev", "tag", "branch"].into_iter().find_map(|key| text(table, key));
        let at = reference.map(|reference| format!("@{reference}")).unwrap_or_default();
        let mut package = purl::with_qualifiers(Ecosystem::Pypi, name, None, &[("vcs_url", &format!("{place}{at}"))]);
        package.source = Some(reference.map_or(place.clone(), |reference| format!("{place}#{reference}")));
        return package;
    }
    match ["url", "path", "file"].into_iter().find_map(|key| text(table, key)) {
        Some(place) => located(name, crate::python::place::wheel(place).map(|(_, version)| version), place),
        None => from_range(name, range),
    }
}

/// Poetry takes a bare version for that version, and no other.
fn from_range(name: &str, range: Option<&str>) -> Package {
    let range = range.map(str::trim).filter(|range| !range.is_empty());
    let bare = range.map(|range| range.trim_start_matches('=').trim());
    let exact = bare.filter(|version| {
        version.starts_with(|letter: char| letter.is_ascii_digit())
            && !version.contains(|letter: char| letter.is_whitespace() || matches!(letter, '*' | ',' | '|' | '<' | '>'))
    });
    let mut package = purl::package(Ecosystem::Pypi, name, exact);
    package.requirement = range.filter(|_| exact.is_none()).map(str::to_owned);
    package
}
