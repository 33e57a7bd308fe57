//! `libs.versions.toml` and other `*.versions.toml`, the version catalogs of Gradle.
//!
//! Format: <https://docs.gradle.org/current/userguide/version_catalogs.html>, versions 1.0 and 1.1. A
//! catalog offers libraries and plugins to the build files, by alias. What is offered is reported as
//! asked for: who writes a catalog means to use it. A plugin is found by its marker, an artefact
//! that Gradle names after it; its version is a wish until the build's own locks say otherwise. Beside a
//! `gradle.lockfile` nothing is reported: that one tells what was chosen.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::poetry_lock::document;
use crate::maven::{gradle_package, is_id};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

pub(crate) mod catalog;

use catalog::{Catalog, Entry, Wanted};

/// The extractor of version catalogs.
pub const EXTRACTOR: Extractor = Extractor {
    id: "libs-versions-toml",
    ecosystem: "JVM",
    files: &[Pattern::Affixes("", ".versions.toml")],
    companions: &["gradle.lockfile"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    document::read(source, records, |document, records| {
        let mut problems = Vec::new();
        let catalog = Catalog::of(&document.root, &mut |offset, message| problems.push((offset, message.to_owned())));
        // Tables are not in the order of the file.
        problems.sort();
        for (offset, message) in problems {
            records.problem(ProblemKind::BadEntry, Some(source.line_at(offset)), &message);
        }
        if !is_locked(source) {
            report(&catalog, source, records);
        }
    });
}

/// The catalog is in the folder `gradle` of the root project, or beside its build file.
fn is_locked(source: &Source<'_>) -> bool {
    source.has_sibling("gradle.lockfile")
        || source.resolve("../gradle.lockfile").is_ok_and(|path| source.tree().exists(&path))
}

fn report(catalog: &Catalog, source: &Source<'_>, records: &mut Records) {
    let plugins = catalog.plugins.iter().map(|entry| (entry, true));
    let mut entries: Vec<_> = catalog.libraries.iter().map(|entry| (entry, false)).chain(plugins).collect();
    entries.sort_by_key(|(entry, _)| entry.offset);
    for (entry, is_plugin) in entries {
        let line = Some(source.line_at(entry.offset));
        if !entry.name.split(':').all(is_id) {
            let message = format!("{} of {} cannot be a name", entry.name, entry.alias);
            records.problem(ProblemKind::BadEntry, line, &message);
            continue;
        }
        if let Wanted::Unknown(reference) = &entry.wanted {
            let message = format!("{} refers to the version {reference}, which the catalog does not have", entry.alias);
            records.problem(ProblemKind::Unresolved, line, &message);
        }
        let mut package = if is_plugin { plugin(entry) } else { gradle_package(&entry.name, entry.wanted.text(), &[]) };
        package.line = line;
        package.relation = Relation::Direct;
        records.package(package);
    }
}

fn plugin(entry: &Entry) -> Package {
    let mut package = purl::package(Ecosystem::Maven, &catalog::marker(&entry.name), None);
    package.requirement = entry.wanted.text().map(str::to_owned);
    package.scope = Scope::Build;
    package
}
