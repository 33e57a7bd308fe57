//! `Gopkg.lock`, the lockfile of dep, which Go's modules have replaced.
//!
//! Format: <https://golang.github.io/dep/docs/Gopkg.lock.html>. A project is locked at a revision, which
//! may have a version too. What the repository itself imports stands in `input-imports`, in files
//! that a dep of 0.5 or later wrote.

use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::go_mod::directives::folders_above;
use crate::extractors::poetry_lock::document::{self, Table, get, items, table, text, texts};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;

/// The extractor of `Gopkg.lock`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "gopkg-lock", ecosystem: "Go", files: &[Pattern::Name("Gopkg.lock")], companions: &[], extract };

fn extract(source: &Source<'_>, records: &mut Records) {
    document::read(source, records, |document, records| {
        if let Some(value) = get(&document.root, "projects").filter(|value| value.get_ref().as_array().is_none()) {
            let line = Some(source.line_at(value.span().start));
            records.problem(ProblemKind::BadEntry, line, "the projects are no list");
        }
        let projects = || items(&document.root, "projects");
        let names = projects().filter_map(|project| text(project.get_ref().as_table()?, "name")).collect();
        let direct = direct(&document.root, &names);
        for project in projects() {
            let line = Some(source.line_at(project.span().start));
            match project.get_ref().as_table().and_then(|project| package(project, source)) {
                Some(mut package) => {
                    if let Some(direct) = &direct {
                        let is_direct = direct.contains(package.name.as_str());
                        package.relation = if is_direct { Relation::Direct } else { Relation::Transitive };
                    }
                    records.package(package);
                }
                None => records.problem(ProblemKind::BadEntry, line, "a project has no name, or no revision"),
            }
        }
    });
}

/// The projects that hold what is imported; `None` if the file does not tell.
fn direct<'t>(root: &'t Table<'_>, names: &HashSet<&'t str>) -> Option<HashSet<&'t str>> {
    let meta = table(root, "solve-meta").filter(|meta| get(meta, "input-imports").is_some())?;
    let project = |import| folders_above(import).find_map(|path| names.get(path).copied());
    Some(texts(meta, "input-imports").filter_map(project).collect())
}

fn package(project: &Table<'_>, source: &Source<'_>) -> Option<Package> {
    let name = text(project, "name").filter(|name| !name.is_empty())?;
    let version = text(project, "version").or_else(|| text(project, "revision")).filter(|text| !text.is_empty())?;
    let mut package = purl::package(Ecosystem::Golang, name, Some(version));
    package.line = get(project, "name").map(|value| source.line_at(value.span().start));
    // Of the tree of files without what was pruned, by an algorithm of dep's own.
    package.checksums.extend(text(project, "digest").map(str::to_owned));
    package.source = text(project, "source").map(without_credentials);
    Some(package)
}
