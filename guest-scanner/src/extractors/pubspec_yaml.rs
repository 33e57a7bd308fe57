//! `pubspec.yaml`, the manifest of a Dart package.
//!
//! Format: dart.dev's page on the pubspec file. The project itself is reported, and what it asks for
//! as requirements, unless there is a `pubspec.lock`: beside it, or for the member of a workspace in
//! the folder of the workspace's root.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::vcs;
use crate::yaml::{self, Node};

/// The extractor of `pubspec.yaml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pubspec-yaml",
    ecosystem: "Dart",
    files: &[Pattern::Name("pubspec.yaml"), Pattern::Name("pubspec.yml")],
    companions: &["pubspec.lock"],
    extract,
};

const SECTIONS: [(&str, Scope); 2] = [("dependencies", Scope::Runtime), ("dev_dependencies", Scope::Dev)];

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("pubspec.lock") {
        return;
    }
    yaml::read_mapping(source, records, |root, records| {
        if root.text_at("resolution") == Some("workspace") && is_locked_above(source) {
            return;
        }
        add_project(root, records);
        let mut overrides = overrides(root);
        for (section, scope) in SECTIONS {
            for (name, wanted) in root.get(section).into_iter().flat_map(Node::entries) {
                let overridden = name.text().and_then(|name| overrides.remove(name));
                add(name, overridden.map_or(wanted, |(_, wanted)| wanted), scope, records);
            }
        }
        let mut others: Vec<_> = overrides.into_values().collect();
        others.sort_by_key(|(name, _)| name.line());
        others.into_iter().for_each(|(name, wanted)| add(name, wanted, Scope::Runtime, records));
    });
}

/// Whether a folder above holds the lockfile of a workspace.
fn is_locked_above(source: &Source<'_>) -> bool {
    source.folders().skip(1).any(|folder| {
        let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        source.tree().exists(&beside("pubspec.lock")) && source.tree().exists(&beside("pubspec.yaml"))
    })
}

/// What the project overrides is what it gets, also of packages that only others want.
fn overrides<'y, 'a>(root: Node<'y, 'a>) -> HashMap<&'y str, (Node<'y, 'a>, Node<'y, 'a>)> {
    let entries = root.get("dependency_overrides").into_iter().flat_map(Node::entries);
    entries.filter_map(|(name, wanted)| Some((name.text()?, (name, wanted)))).collect()
}

fn add_project(root: Node<'_, '_>, records: &mut Records) {
    let Some(name) = root.get("name") else { return };
    let Some(text) = name.text() else { return };
    let mut package = purl::package(Ecosystem::Pub, text, root.text_at("version"));
    package.line = Some(name.line());
    package.relation = Relation::Project;
    records.package(package);
}

fn add(name: Node<'_, '_>, wanted: Node<'_, '_>, scope: Scope, records: &mut Records) {
    let Some(text) = name.text() else {
        let message = "a dependency's name is no text";
        return records.problem(ProblemKind::BadEntry, Some(name.line()), message);
    };
    let mut package = place(text, wanted);
    package.requirement = wanted.text().or_else(|| wanted.text_at("version")).map(str::to_owned);
    package.line = Some(name.line());
    package.scope = scope;
    package.relation = Relation::Direct;
    records.package(package);
}

/// A dependency is a range, or a mapping that says where the package is.
fn place(name: &str, wanted: Node<'_, '_>) -> Package {
    let plain = || purl::package(Ecosystem::Pub, name, None);
    if let Some(git) = wanted.get("git") {
        let Some(url) = git.text().or_else(|| git.text_at("url")) else { return plain() };
        let place = vcs::git(url, git.text_at("ref"));
        let vcs_url = ("vcs_url", place.vcs_url.as_str());
        let package = purl::with_qualifiers(Ecosystem::Pub, name, None, &[vcs_url]);
        return Package { source: Some(place.source), ..package };
    }
    let hosted = wanted.get("hosted").and_then(|hosted| hosted.text_at("url").or_else(|| hosted.text()));
    let from = wanted.text_at("path").map(str::to_owned).or_else(|| hosted.map(without_credentials));
    let sdk = || wanted.text_at("sdk").map(|sdk| format!("sdk {sdk}"));
    Package { source: from.or_else(sdk), ..plain() }
}
