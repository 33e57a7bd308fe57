//! `Pipfile`, what a project of Pipenv asks for.
//!
//! Format: Pipenv's documentation, page `Pipfile & Pipfile.lock`; TOML. Each table but the settings is a
//! category of packages. Where `Pipfile.lock` lies beside it that says everything better, and nothing is
//! reported here.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::package::{from_manifest, located};
use crate::python::pep508;
use crate::python::pyproject::scope_of_group;
use crate::records::Records;
use crate::source::Source;
use crate::toml_text::{self, Value, entries, text};

/// The extractor of `Pipfile`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pipfile",
    ecosystem: "Python",
    files: &[Pattern::Name("Pipfile")],
    companions: &["Pipfile.lock"],
    extract,
};

/// The tables that are no categories.
pub(super) const SETTINGS: [&str; 5] = ["source", "requires", "pipenv", "scripts", "pipfile"];

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("Pipfile.lock") {
        return;
    }
    toml_text::read(source, records, |document, records| {
        let categories = entries(&document.root).filter(|(key, _)| !SETTINGS.contains(key));
        for (category, table) in categories.filter_map(|(key, value)| Some((key, value.get_ref().as_table()?))) {
            let scope = match category {
                "packages" => Scope::Runtime,
                "dev-packages" => Scope::Dev,
                other => scope_of_group(other),
            };
            for (name, value) in entries(table).filter(|(_, value)| document.intact(value.span())) {
                let line = Some(source.line_at(value.span().start));
                let Some(package) = wanted(name, value) else {
                    let message = format!("{name:?} is no name of a package, or asks for no version of it");
                    records.problem(ProblemKind::BadEntry, line, &message);
                    continue;
                };
                records.package(Package { line, scope, relation: Relation::Direct, ..package });
            }
        }
    });
}

/// A range, or a table with a range or a place.
fn wanted(name: &str, value: &Value<'_>) -> Option<Package> {
    if !pep508::is_name(name) {
        return None;
    }
    let table = value.get_ref().as_table();
    if let Some(table) = table
        && let Some(place) =
            ["git", "hg", "svn", "bzr", "file", "path"].iter().find_map(|key| Some((*key, text(table, key)?)))
    {
        return Some(from_place(name, place, text(table, "ref")));
    }
    let range = value.get_ref().as_str().or_else(|| text(table?, "version")).unwrap_or("*").trim();
    if range == "*" || range.is_empty() {
        return Some(purl::package(Ecosystem::Pypi, name, None));
    }
    // A version without an operator is one that is meant exactly.
    let operator = if range.starts_with(|letter: char| letter.is_ascii_digit()) { "==" } else { "" };
    let requirement = format!("{name}{operator}{range}");
    pep508::parse(&requirement).ok().map(|requirement| from_manifest(&requirement))
}

fn from_place(name: &str, (kind, place): (&str, &str), revision: Option<&str>) -> Package {
    match kind {
        "file" | "path" => located(name, None, place),
        _ => {
            let prefix = if place.starts_with(&format!("{kind}+")) { String::new() } else { format!("{kind}+") };
            let revision = revision.map(|revision| format!("@{revision}")).unwrap_or_default();
            located(name, None, &format!("{prefix}{place}{revision}"))
        }
    }
}
