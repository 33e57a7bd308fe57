//! `Project.toml` of Julia's Pkg.
//!
//! Format: Pkg's documentation, "Project.toml". `[deps]` and its like give names their UUIDs, `[compat]`
//! the ranges of versions. It is silent where a `Manifest.toml`, the lockfile, lies beside it, or, for
//! the member of a workspace, in the folder of the workspace's root.

use fumehood_contract::{Relation, Scope};
use toml::de::DeTable;

use crate::extractor::{Extractor, Pattern};
use crate::extractors::julia_manifest::{has_uuids, is_uuid, test_targets};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::toml_text::{self, Document, Table, get, table, text};
use std::collections::HashSet;

/// The extractor of `Project.toml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "julia-project",
    ecosystem: "Julia",
    files: &[Pattern::Name("Project.toml"), Pattern::Name("JuliaProject.toml")],
    companions: &["Manifest.toml", "JuliaManifest.toml"],
    extract,
};

const MANIFESTS: [&str; 2] = ["Manifest.toml", "JuliaManifest.toml"];

/// A project's file may be as large as this; real ones have a few hundred lines.
const PROJECT_BYTES_MAX: u64 = 1024 * 1024;

fn extract(source: &Source<'_>, records: &mut Records) {
    if MANIFESTS.iter().any(|name| source.has_sibling(name)) || is_locked_above(source) {
        return;
    }
    toml_text::read(source, records, |document, records| {
        if is_of_julia(&document.root) {
            extract_from(document, source, records);
        } else {
            records.not_of_format();
        }
    });
}

/// Others have files of that name too.
fn is_of_julia(root: &Table<'_>) -> bool {
    let has_uuid = text(root, "uuid").is_some_and(is_uuid);
    has_uuid || ["deps", "extras", "weakdeps"].iter().any(|section| table(root, section).is_some_and(has_uuids))
}

/// Whether a folder above holds the manifest of a workspace.
fn is_locked_above(source: &Source<'_>) -> bool {
    source.folders().skip(1).any(|folder| {
        let at = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let is_locked = MANIFESTS.iter().any(|name| source.tree().exists(&at(name)));
        is_locked
            && source.tree().text_within(&at("Project.toml"), PROJECT_BYTES_MAX).is_ok_and(|text| {
                DeTable::parse(&text).is_ok_and(|project| table(project.get_ref(), "workspace").is_some())
            })
    })
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    let root = &document.root;
    let for_tests: HashSet<&str> = test_targets(root).collect();
    let of_extras = |name: &str| if for_tests.contains(name) { Scope::Test } else { Scope::Dev };
    let mut seen = HashSet::new();
    for (section, scope) in [("deps", Some(Scope::Runtime)), ("weakdeps", Some(Scope::Optional)), ("extras", None)] {
        for (name, uuid) in table(root, section).into_iter().flatten() {
            let Some(uuid) = uuid.get_ref().as_str().filter(|uuid| is_uuid(uuid)) else { continue };
            // Optional packages may stand in `extras` too, for the tests.
            if !seen.insert(uuid) {
                continue;
            }
            let mut package = purl::with_qualifiers(Ecosystem::Julia, name.get_ref(), None, &[("uuid", uuid)]);
            package.requirement = table(root, "compat").and_then(|compat| requirement(compat, name.get_ref()));
            package.line = Some(source.line_at(name.span().start));
            package.scope = scope.unwrap_or_else(|| of_extras(name.get_ref()));
            package.relation = Relation::Direct;
            records.package(package);
        }
    }
}

/// One range, or a list of them.
fn requirement(compat: &Table<'_>, name: &str) -> Option<String> {
    let value = get(compat, name)?.get_ref();
    let listed = || value.as_array()?.iter().map(|item| item.get_ref().as_str()).collect::<Option<Vec<_>>>();
    value.as_str().map(str::to_owned).or_else(|| listed().map(|ranges| ranges.join(", ")))
}
