//! `shard.lock`, versions 1.0 and 2.0: the shards of a Crystal project.
//!
//! Format: <https://github.com/crystal-lang/shards/blob/master/docs/shard.yml.adoc>. What the project
//! asks for itself is in `shard.yml` beside; what shards ask of each other is in no file.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of `shard.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "shard-lock",
    ecosystem: "Crystal",
    files: &[Pattern::Name("shard.lock")],
    companions: &[MANIFEST],
    extract,
};

const MANIFEST: &str = "shard.yml";

/// The kinds of places; the longer form of each has the whole URL.
const RESOLVERS: [&str; 8] = ["git", "github", "gitlab", "bitbucket", "codeberg", "path", "hg", "fossil"];

fn extract(source: &Source<'_>, records: &mut Records) {
    let yaml = Yaml::read_noting(source.text(), records);
    let Some(lockfile) = yaml.documents().next() else { return };
    let version = lockfile.text_at("version");
    if !version.is_some_and(|version| matches!(version, "1.0" | "2.0")) {
        let message = format!("version {} is neither 1.0 nor 2.0; not read", version.unwrap_or("of nothing"));
        return records.problem(ProblemKind::Unsupported, Some(lockfile.line()), &message);
    }
    let manifest = source.sibling(MANIFEST).and_then(Result::ok);
    let manifest = manifest.as_deref().map(Yaml::read);
    let direct = manifest.as_ref().map(wanted);
    for (name, shard) in lockfile.get("shards").into_iter().flat_map(Node::entries) {
        let Some(text) = name.text() else { continue };
        let mut package = Package { line: Some(name.line()), ..package(text, shard) };
        if let Some(direct) = &direct {
            package.relation = if direct.contains_key(text) { Relation::Direct } else { Relation::Transitive };
            package.scope = direct.get(text).copied().unwrap_or_default();
        }
        if package.version.is_none() {
            records.problem(ProblemKind::BadEntry, package.line, &format!("the shard {text} has no version"));
        }
        records.package(package);
    }
}

fn wanted<'y>(manifest: &'y Yaml<'_>) -> HashMap<&'y str, Scope> {
    let mut found = HashMap::new();
    for (section, scope) in [("development_dependencies", Scope::Dev), ("dependencies", Scope::Runtime)] {
        for section in manifest.documents().filter_map(|document| document.get(section)) {
            found.extend(section.entries().filter_map(|(name, _)| Some((name.text()?, scope))));
        }
    }
    found
}

fn package(name: &str, shard: Node<'_, '_>) -> Package {
    let locked = shard.text_at("version");
    // What is between releases has its commit behind the version; before 2.0 it stood apart.
    let (version, commit) = match locked.and_then(|locked| locked.split_once("+git.commit.")) {
        Some((version, commit)) => (Some(version), Some(commit)),
        None => (locked.or_else(|| shard.text_at("commit")), shard.text_at("commit")),
    };
    let mut package = purl::package(Ecosystem::Shards, name, version);
    package.source = place(shard, commit);
    package
}

/// Where a shard is: `github:owner/name#revision`.
pub(super) fn place(shard: Node<'_, '_>, revision: Option<&str>) -> Option<String> {
    let (resolver, place) = RESOLVERS.iter().find_map(|resolver| Some((*resolver, shard.text_at(resolver)?)))?;
    let place = without_credentials(place);
    let place = if place.contains("://") { place } else { format!("{resolver}:{place}") };
    Some(revision.map_or_else(|| place.clone(), |revision| format!("{place}#{revision}")))
}
