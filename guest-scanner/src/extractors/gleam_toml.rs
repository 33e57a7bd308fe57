//! `gleam.toml`, the manifest of a Gleam project.
//!
//! Format: `gleam.run`'s page on the file, and `PackageConfig` in the compiler's source. It is silent
//! where a `manifest.toml`, the lockfile, lies beside it.

use fumehood_contract::{Package, Relation, Scope};
use toml::de::DeValue;

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::toml_text::{self, Table, table, text};
use crate::vcs;

/// The extractor of `gleam.toml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "gleam-toml",
    ecosystem: "Erlang and Elixir",
    files: &[Pattern::Name("gleam.toml")],
    companions: &["manifest.toml"],
    extract,
};

/// The tables of dependencies; the second one's name has two spellings.
pub(crate) const SECTIONS: [(&str, Scope); 3] =
    [("dependencies", Scope::Runtime), ("dev-dependencies", Scope::Dev), ("dev_dependencies", Scope::Dev)];

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("manifest.toml") {
        return;
    }
    toml_text::read(source, records, |document, records| {
        for (section, scope) in SECTIONS {
            if let Some(dependencies) = table(&document.root, section) {
                add(dependencies, scope, source, records);
            }
        }
    });
}

fn add(dependencies: &Table<'_>, scope: Scope, source: &Source<'_>, records: &mut Records) {
    for (name, wanted) in dependencies {
        let mut package = package(name.get_ref(), wanted.get_ref());
        package.line = Some(source.line_at(name.span().start));
        package.scope = scope;
        package.relation = Relation::Direct;
        records.package(package);
    }
}

/// A dependency is a range, or a table that says where the package is.
fn package(name: &str, wanted: &DeValue<'_>) -> Package {
    let plain = || purl::package(Ecosystem::Hex, name, None);
    if let Some(range) = wanted.as_str() {
        return Package { requirement: Some(range.to_owned()), ..plain() };
    }
    let Some(place) = wanted.as_table() else { return plain() };
    if let Some(url) = text(place, "git") {
        let place = vcs::git(url, text(place, "ref"));
        let package = purl::with_qualifiers(Ecosystem::Hex, name, None, &[("vcs_url", &place.vcs_url)]);
        return Package { source: Some(place.source), ..package };
    }
    let requirement = text(place, "version").map(str::to_owned);
    Package { requirement, source: text(place, "path").map(str::to_owned), ..plain() }
}
