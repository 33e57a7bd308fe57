//! From what is required to a package record.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use super::pep508::{self, Requirement};
use super::place::{self, Place};
use super::url;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};

/// The package that a line of a requirements file asks for.
///
/// A range has no version, but for one clause alone that says the oldest version (`>=1.0`, `~=1.0`):
/// the readers of this format agree to take that. Such a package has its requirement too, so that
/// nobody takes the bound for what is installed.
pub(crate) fn from_requirement(requirement: &Requirement<'_>) -> Package {
    let alone = requirement.clauses().take(2).count() == 1;
    package(requirement, requirement.oldest().filter(|_| alone))
}

/// The package that a manifest asks for: `pyproject.toml`, `setup.py`, `setup.cfg`.
///
/// As [`from_requirement`], but the readers of manifests agree to take the lower bound where upper
/// bounds stand beside it too: `>=1.0,<2`.
pub(crate) fn from_manifest(requirement: &Requirement<'_>) -> Package {
    package(requirement, requirement.oldest())
}

/// Adds what one line of a manifest asks for, which is a problem if that is no requirement.
pub(crate) fn report(text: &str, line: u32, scope: Scope, records: &mut Records) -> Option<PackageId> {
    let requirement = match pep508::parse(text) {
        Ok(requirement) => requirement,
        Err(reason) => {
            let message = format!("{}: {reason}", url::without_credentials(text.trim()));
            records.problem(ProblemKind::BadEntry, Some(line), &message);
            return None;
        }
    };
    let package = match scope {
        Scope::Build => from_build_requirement(&requirement),
        Scope::Runtime | Scope::Dev | Scope::Optional | Scope::Test | Scope::Peer => from_manifest(&requirement),
    };
    records.package(Package { line: Some(line), scope, relation: Relation::Direct, ..package })
}

/// The package that builds a project. No reader takes a bound for a version here.
pub(crate) fn from_build_requirement(requirement: &Requirement<'_>) -> Package {
    package(requirement, None)
}

fn package(requirement: &Requirement<'_>, oldest: Option<&str>) -> Package {
    let Some(url) = requirement.url else { return named(requirement, requirement.exact().or(oldest)) };
    let place = place::place(url);
    let version = place.as_ref().and_then(|place| place.version);
    let mut package = located(requirement.name, version, place.as_ref().map_or(url, |place| place.url));
    package.checksums.extend(place.and_then(|place| place.hash));
    package
}

fn named(requirement: &Requirement<'_>, version: Option<&str>) -> Package {
    let mut package = purl::package(Ecosystem::Pypi, requirement.name, version);
    if requirement.exact().is_none() && !requirement.specifiers.is_empty() {
        let words: Vec<&str> = requirement.specifiers.split_whitespace().collect();
        package.requirement = Some(words.join(" "));
    }
    package
}

/// The package that an URL or a path names; `None` if nothing in it does.
pub(crate) fn from_place(place: &Place<'_>) -> Option<Package> {
    let mut package = located(place.name?, place.version, place.url);
    package.checksums.extend(place.hash.clone());
    Some(package)
}

/// A package that comes from a place of its own, and not by its name from an index.
pub(crate) fn located(name: &str, version: Option<&str>, place: &str) -> Package {
    let shown = url::without_credentials(place);
    let mut package = if url::is_vcs(place) {
        purl::with_qualifiers(Ecosystem::Pypi, name, version, &[("vcs_url", &shown)])
    } else if place.starts_with("http://") || place.starts_with("https://") {
        purl::with_qualifiers(Ecosystem::Pypi, name, version, &[("download_url", &shown)])
    } else {
        purl::package(Ecosystem::Pypi, name, version)
    };
    package.source = Some(shown);
    package
}
