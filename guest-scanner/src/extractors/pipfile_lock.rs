//! `Pipfile.lock`, the lockfile of Pipenv, specification 6 and those before it.
//!
//! Format: `pipenv.utils.locking` and plette's models. Each section but `_meta` is a category of the
//! Pipfile: `default` is `[packages]` there, `develop` is `[dev-packages]`, others have the same name.
//! A package of several categories is reported once, for the strongest of them. Edges are not in the
//! file; who asked for what only the Pipfile says.

mod document;

use std::collections::{HashMap, HashSet};

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{Package, ProblemKind, Relation, Scope};
use toml::de::DeTable;

use super::pipfile::SETTINGS;
use crate::extractor::{Extractor, Pattern};
use crate::graph::rank;
use crate::purl::{self, Ecosystem, normal_pypi_name};
use crate::python::pyproject::scope_of_group;
use crate::python::url::without_credentials;
use crate::python::{pep508, place};
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::toml_text::entries;
use document::{Document, Entry};

/// The extractor of `Pipfile.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pipfile-lock",
    ecosystem: "Python",
    files: &[Pattern::Name("Pipfile.lock")],
    companions: &["Pipfile"],
    extract,
};

/// The newest specification that we know.
const SPECIFICATION_MAX: u64 = 6;

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut document = Document::default();
    if let Err(error) = document::read(source.text(), &mut document) {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &error.to_string());
    }
    if let Some(specification) = document.specification.filter(|version| *version > SPECIFICATION_MAX) {
        let message = format!(
            "specification {specification} of Pipfile.lock is newer than {SPECIFICATION_MAX}, the newest known; not read"
        );
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    let direct = direct_names(source);
    let mut seen: HashMap<(String, String), PackageId> = HashMap::new();
    for entry in &document.entries {
        let line = source.line_of(&entry.name);
        if !entry.is_object {
            let message = format!("package {} is not described", entry.name);
            records.problem(ProblemKind::BadEntry, line, &message);
            continue;
        }
        if !pep508::is_name(&entry.name) {
            let message = format!("{:?} is no name of a package", entry.name);
            records.problem(ProblemKind::BadEntry, line, &message);
            continue;
        }
        let mut package = package(entry, &document);
        package.line = line;
        package.scope = scope_of_category(&entry.category);
        package.relation = match &direct {
            _ if entry.is_project() => Relation::Project,
            Some(names) if names.contains(&normal_pypi_name(&entry.name)) => Relation::Direct,
            Some(_) => Relation::Transitive,
            None => Relation::Unknown,
        };
        add(package, &mut seen, records);
    }
}

/// A package that another category has already only makes that one's scope stronger.
fn add(package: Package, seen: &mut HashMap<(String, String), PackageId>, records: &mut Records) {
    let key = (package.purl.clone(), package.source.clone().unwrap_or_default());
    if let Some(known) = seen.get(&key).and_then(|id| records.get_mut(*id)) {
        if rank(package.scope) > rank(known.scope) {
            known.scope = package.scope;
        }
        return;
    }
    if let Some(id) = records.package(package) {
        seen.insert(key, id);
    }
}

fn package(entry: &Entry<'_>, document: &Document<'_>) -> Package {
    let name = entry.name.as_ref();
    let mut package = if let Some((system, place)) = &entry.repository {
        let place = format!("{system}+{}", without_credentials(place).trim_start_matches(&format!("{system}+")));
        let reference = entry.reference.as_deref();
        let at = reference.map(|reference| format!("@{reference}")).unwrap_or_default();
        let mut package = purl::with_qualifiers(Ecosystem::Pypi, name, None, &[("vcs_url", &format!("{place}{at}"))]);
        let commit = reference.map(|reference| format!("#{reference}")).unwrap_or_default();
        package.source = Some(format!("{place}{commit}"));
        package
    } else if let Some(place) = entry.file.as_deref().or(entry.path.as_deref()) {
        let wheel = place::wheel(place).map(|(_, version)| version);
        crate::python::package::located(name, exact(entry).or(wheel), place)
    } else {
        let mut package = purl::package(Ecosystem::Pypi, name, exact(entry));
        package.source = document.index(entry.index.as_deref()).map(without_credentials);
        package
    };
    if package.version.is_none() {
        package.requirement = entry.version.as_deref().map(str::to_owned);
    }
    let sums = entry.hashes.iter().map(|sum| sum.to_ascii_lowercase());
    package.checksums.extend(sums.take(CHECKSUMS_PER_PACKAGE_MAX));
    package
}

fn exact<'e>(entry: &'e Entry<'_>) -> Option<&'e str> {
    let version = entry.version.as_deref()?.trim().strip_prefix("==")?;
    let version = version.strip_prefix('=').unwrap_or(version).trim();
    (!version.is_empty() && !version.contains(['*', ',', ' '])).then_some(version)
}

fn scope_of_category(category: &str) -> Scope {
    match category {
        "default" => Scope::Runtime,
        other => scope_of_group(other),
    }
}

/// What the Pipfile names in any of its categories; `None` if it cannot be read.
fn direct_names(source: &Source<'_>) -> Option<HashSet<String>> {
    let text = source.sibling("Pipfile")?.ok()?;
    let document = DeTable::parse(&text).ok()?.into_inner();
    let categories = entries(&document).filter(|(key, _)| !SETTINGS.contains(key));
    let tables = categories.filter_map(|(_, value)| value.get_ref().as_table());
    Some(tables.flat_map(entries).map(|(name, _)| normal_pypi_name(name)).collect())
}
