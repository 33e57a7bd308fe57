//! `vendor/modules.txt`, which Go modules were copied into a repository.
//!
//! Format: written by `go mod vendor` and `go work vendor`, see `cmd/go/internal/modload/vendor.go`. A
//! line `# path version`, perhaps with `=> replacement`, begins a module; notes (`## explicit`) and the
//! packages that were copied follow. Who asked for a module stands in the go.mod beside the folder.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::go_mod::directives;
use crate::extractors::go_mod::sums;
use crate::extractors::go_mod::version::is_exact;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `vendor/modules.txt`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "vendor-modules",
    ecosystem: "Go",
    files: &[Pattern::In("vendor", "modules.txt")],
    companions: &["go.mod", "go.sum"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    if !source.path().ends_with("/modules.txt") && source.path() != "vendor/modules.txt" {
        return;
    }
    let go_mod = companion(source, "go.mod");
    let relations = go_mod.as_ref().map(|text| relations(source, text));
    let go_sum = companion(source, "go.sum").unwrap_or_default();
    let sums = sums::read(&go_sum, |_, _| {});
    for line in source.text().lines() {
        let Some(module) = line.strip_prefix("# ") else { continue };
        let number = source.line_of(line);
        let words: Vec<&str> = module.split_whitespace().collect();
        let found = match words.as_slice() {
            // What is replaced wherever it may be needed; nothing of it was copied.
            [_, "=>", ..] => continue,
            [path, version] => module_at(path, version, &sums),
            [_, _, "=>", path, version] => module_at(path, version, &sums),
            [path, version, "=>", folder] => {
                let mut package = purl::package(Ecosystem::Golang, path, None);
                package.requirement = Some((*version).to_owned());
                package.source = Some((*folder).to_owned());
                package
            }
            _ => {
                let message =
                    format!("{} is not of the form: module version", fumehood_contract::status::cut(line, 80));
                records.problem(ProblemKind::BadEntry, number, &message);
                continue;
            }
        };
        let relation = |relations: &HashMap<String, Relation>| {
            words.first().and_then(|path| relations.get(*path)).copied().unwrap_or(Relation::Transitive)
        };
        let relation = relations.as_ref().map_or(Relation::Unknown, relation);
        records.package(Package { line: number, relation, ..found });
    }
}

/// A file beside the folder.
fn companion(source: &Source<'_>, name: &str) -> Option<String> {
    source.tree().text(&source.resolve(&format!("../{name}")).ok()?).ok()
}

/// What go.mod says of each module that it names.
fn relations(source: &Source<'_>, text: &str) -> HashMap<String, Relation> {
    let go_mod = directives::read(&Source::new("go.mod", text, source.tree()), &mut Records::default());
    let relation = |indirect| if indirect { Relation::Transitive } else { Relation::Direct };
    go_mod.requirements.into_iter().map(|found| (found.path, relation(found.indirect))).collect()
}

fn module_at(path: &str, version: &str, sums: &sums::Sums<'_>) -> Package {
    if !is_exact(version) {
        let mut package = purl::package(Ecosystem::Golang, path, None);
        package.requirement = Some(version.to_owned());
        return package;
    }
    let mut package = purl::package(Ecosystem::Golang, path, Some(version));
    package.checksums.extend(sums.of(path, version).map(str::to_owned));
    package
}
