//! `pubspec.lock`, the lockfile of Dart's pub.
//!
//! Format: `lib/src/lock_file.dart` and `lib/src/source/` in pub's repository. The file has no edges;
//! `dependency` tells who asked for a package (pub before 1.19 did not write it), `source` where it is
//! from: `hosted`, `git`, `path`, or `sdk`, whose packages have the version `0.0.0`.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::vcs;
use crate::yaml::{self, Node};

/// The extractor of `pubspec.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pubspec-lock",
    ecosystem: "Dart",
    files: &[Pattern::Name("pubspec.lock")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    yaml::read_mapping(source, records, |root, records| {
        let Some(packages) = root.get("packages") else {
            let message = "it has no packages: not a lockfile of pub";
            return records.problem(ProblemKind::Unparsable, Some(root.line()), message);
        };
        for (name, entry) in packages.entries() {
            let Some(text) = name.text() else { continue };
            add(text, name.line(), entry, records);
        }
    });
}

fn add(name: &str, line: u32, entry: Node<'_, '_>, records: &mut Records) {
    let Some(version) = entry.text_at("version") else {
        return records.problem(ProblemKind::BadEntry, Some(line), &format!("package {name} has no version"));
    };
    let mut package = place(name, version, entry);
    package.line = Some(line);
    (package.relation, package.scope) = match entry.text_at("dependency") {
        Some("direct main" | "direct overridden" | "direct") => (Relation::Direct, Scope::Runtime),
        Some("direct dev") => (Relation::Direct, Scope::Dev),
        Some("transitive") => (Relation::Transitive, Scope::Runtime),
        Some(_) | None => (Relation::Unknown, Scope::Runtime),
    };
    let sum = entry.get("description").and_then(|description| description.text_at("sha256"));
    package
        .checksums
        .extend(sum.filter(|sum| !sum.is_empty()).map(|sum| format!("sha256:{}", sum.to_ascii_lowercase())));
    records.package(package);
}

/// The package with where it comes from.
fn place(name: &str, version: &str, entry: Node<'_, '_>) -> Package {
    let plain = || purl::package(Ecosystem::Pub, name, Some(version));
    let Some(description) = entry.get("description") else { return plain() };
    let url = description.text_at("url");
    match (entry.text_at("source"), url) {
        (Some("git"), Some(url)) => {
            let revision = description.text_at("resolved-ref").or_else(|| description.text_at("ref"));
            let place = vcs::git(url, revision);
            let vcs_url = ("vcs_url", place.vcs_url.as_str());
            let mut package = purl::with_qualifiers(Ecosystem::Pub, name, Some(version), &[vcs_url]);
            package.source = Some(place.source);
            package
        }
        (Some("path"), _) => Package { source: description.text_at("path").map(str::to_owned), ..plain() },
        (Some("sdk"), _) => Package { source: description.text().map(|sdk| format!("sdk {sdk}")), ..plain() },
        // Until pub 0.6 a package from the usual place had its name for a description.
        (_, url) => Package { source: url.map(without_credentials), ..plain() },
    }
}
