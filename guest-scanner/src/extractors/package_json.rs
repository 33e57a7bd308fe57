//! `package.json`, the manifest of npm and of those who read it too: what a project asks for.
//!
//! Format: the npm documentation, page `package.json`. Where a lockfile covers the project ([`locked`])
//! that says everything better, and nothing is reported here. In `node_modules` it is the manifest of
//! an installed package, whose wishes were granted: there the package itself is reported.

pub(super) mod locked;

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use super::package_lock::{manifest, spec};
use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The extractor of `package.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "package-json",
    ecosystem: "JavaScript",
    files: &[Pattern::Name(manifest::FILE_NAME)],
    companions: &locked::COMPANIONS,
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let installed = source.path().split('/').any(|folder| folder == "node_modules");
    if installed && !is_root_of_installed(source.path()) || locked::by_npm_or_its_like(source) {
        return;
    }
    let (manifest, error) = manifest::read_partly(source.text());
    if installed {
        add_installed(&manifest, source, records);
    } else {
        add_wanted(&manifest.wants, source, records);
    }
    if let Some(error) = error {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &format!("{error}; what stands before is reported"));
    }
}

/// `…/node_modules/a/package.json`, and not one that the package has deeper inside.
fn is_root_of_installed(path: &str) -> bool {
    let inside = path.rsplit_once("node_modules/").map_or(path, |(_, inside)| inside);
    inside.split('/').count() == if inside.starts_with('@') { 3 } else { 2 }
}

fn add_installed(manifest: &manifest::Manifest<'_>, source: &Source<'_>, records: &mut Records) {
    let (Some(name), Some(version)) = (manifest.name.as_deref(), manifest.version.as_deref()) else { return };
    let mut package = purl::package(Ecosystem::Npm, name, Some(version));
    package.line = source.line_of(name);
    package.license = manifest.license.as_deref().map(str::to_owned);
    if !package.purl.is_empty() {
        records.package(package);
    }
}

fn add_wanted(wants: &[manifest::Want<'_>], source: &Source<'_>, records: &mut Records) {
    // The same may stand among the peers too, or among what is for development.
    let mut known: HashMap<(&str, &str), PackageId> = HashMap::new();
    for want in wants {
        // A member of the same workspace: the repository's own.
        if want.range.starts_with("workspace:") {
            continue;
        }
        let twin = known.get(&(&*want.name, &*want.range)).and_then(|id| records.get_mut(*id));
        if let Some(twin) = twin {
            if want.scope == Scope::Runtime {
                twin.scope = Scope::Runtime;
            }
            continue;
        }
        let line = source.line_of(&want.name);
        let package = wanted(&want.name, &want.range);
        if package.purl.is_empty() {
            let message = format!("{:?} is no name of a package; it is left out", want.name);
            records.problem(ProblemKind::BadEntry, line, &message);
            continue;
        }
        let package = Package { line, scope: want.scope, relation: Relation::Direct, ..package };
        known.extend(records.package(package).map(|id| ((&*want.name, &*want.range), id)));
    }
}

/// What `"name": "range"` asks for.
fn wanted(name: &str, range: &str) -> Package {
    let (name, range) = spec::alias(range).unwrap_or((name, range));
    let hosted = is_shorthand(range).then(|| format!("github:{range}"));
    if let Some(from) = hosted.as_deref().or(Some(range).filter(|range| spec::is_git(range))) {
        // Not the package of that name in the registry: the purl must say so.
        let package = purl::with_qualifiers(Ecosystem::Npm, name, None, &[("vcs_url", from)]);
        return Package { source: Some(range.to_owned()), ..package };
    }
    if let Some(version) = spec::pinned(range) {
        return purl::package(Ecosystem::Npm, name, Some(version));
    }
    let package = purl::package(Ecosystem::Npm, name, None);
    let elsewhere = range.contains('/') || spec::is_local(range);
    match range {
        place if elsewhere => Package { source: Some(place.to_owned()), ..package },
        // By npm's documentation an empty range is any.
        "" => Package { requirement: Some("*".to_owned()), ..package },
        range => Package { requirement: Some(range.to_owned()), ..package },
    }
}

/// `owner/repository`, by npm's documentation one of GitHub.
fn is_shorthand(range: &str) -> bool {
    let repository = range.split_once('#').map_or(range, |(repository, _)| repository);
    let is_part = |part: &str| !part.is_empty() && !part.starts_with(['.', '~', '@']) && !part.contains([':', ' ']);
    repository.split_once('/').is_some_and(|(owner, name)| is_part(owner) && is_part(name) && !name.contains('/'))
}
