//! `Package.resolved` of the Swift Package Manager, versions 1 to 3.
//!
//! Format: `ResolvedPackagesStore` in SwiftPM's source. Version 1 names a package `package` and
//! `repositoryURL`, later ones `identity`, `kind` and `location`; version 3 adds a hash of the
//! manifests. A pin to a branch or a revision has no version. `Package.swift` beside it, read without
//! running it, tells what the project itself asks for.

mod document;
mod manifest;

use std::borrow::Cow;
use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::vcs;
use document::Pin;

/// The extractor of `Package.resolved`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "package-resolved",
    ecosystem: "Swift and Apple",
    files: &[Pattern::Name("Package.resolved")],
    companions: &["Package.swift"],
    extract,
};

/// The newest version that we know.
const VERSION_MAX: u64 = 3;

fn extract(source: &Source<'_>, records: &mut Records) {
    let (lockfile, error) = document::read(source.text());
    if let Some(version) = lockfile.version
        && version > VERSION_MAX
    {
        let message = format!("version {version} is newer than {VERSION_MAX}, the newest known; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    if let Some(error) = error {
        records.problem(ProblemKind::Unparsable, u32::try_from(error.line()).ok(), &error.to_string());
    } else if !lockfile.is_listed {
        records.problem(ProblemKind::Unparsable, Some(1), "it has no list of pins");
    }
    let direct = manifest::direct(source);
    for (pin, number) in lockfile.pins.iter().zip(1..) {
        add(pin, number, direct.as_ref(), source, records);
    }
}

fn add(pin: &Pin<'_>, number: usize, direct: Option<&HashSet<String>>, source: &Source<'_>, records: &mut Records) {
    // Xcode writes `\/` in URLs, which costs them their place: the identity has it.
    let line = pin.identity.as_deref().and_then(|identity| source.line_of(identity));
    let line = line.or_else(|| source.line_of(pin.location.as_deref()?));
    let Some(mut package) = package(pin) else {
        let message = format!("pin number {number} of the file says neither which package it is of, nor where that is");
        return records.problem(ProblemKind::BadEntry, line, &message);
    };
    package.line = line;
    if let Some(direct) = direct {
        let keys = [pin.location.as_deref().map(manifest::key), pin.identity.as_deref().map(manifest::key)];
        let is_direct = keys.into_iter().flatten().any(|key| direct.contains(&key));
        package.relation = if is_direct { Relation::Direct } else { Relation::Transitive };
    }
    records.package(package);
}

fn package<'p>(pin: &'p Pin<'_>) -> Option<Package> {
    let written = |text: &'p Option<Cow<'_, str>>| text.as_deref().filter(|text| !text.is_empty());
    let (version, revision) = (written(&pin.version), written(&pin.revision));
    let (identity, location) = (written(&pin.identity), written(&pin.location));
    if let Some((location, name)) = location.and_then(|location| Some((location, vcs::host_and_path(location)?))) {
        let place = vcs::git(location, revision);
        let vcs_url = ("vcs_url", place.vcs_url.as_str());
        let qualifiers: &[_] = if version.is_none() { &[vcs_url] } else { &[] };
        let package = purl::with_qualifiers(Ecosystem::Swift, &name, version, qualifiers);
        return Some(Package { source: Some(place.source), ..package });
    }
    if pin.kind.as_deref() == Some("registry")
        && let Some((scope, name)) = identity.and_then(|identity| identity.split_once('.'))
    {
        let package = purl::package(Ecosystem::Swift, &format!("{scope}/{name}"), version);
        return Some(Package { source: location.map(without_credentials), ..package });
    }
    // A repository on the machine where the file was made: no host vouches for the name.
    let folder = || location?.trim_end_matches('/').rsplit('/').next();
    let package = purl::package(Ecosystem::Generic, identity.or_else(folder)?, version);
    Some(Package { source: location.map(without_credentials), ..package })
}
