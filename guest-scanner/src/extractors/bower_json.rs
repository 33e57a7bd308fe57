//! `bower.json`, the manifest of Bower: what a project asks for.
//!
//! Format: the repository `bower/spec`, file `json.md`. Bower has no lockfile, so these are ranges.
//! A component may be named, or said where it lies: `name#range`, `owner/repository#range`, a URL.

use fumehood_contract::{Package, ProblemKind, Relation};

use super::package_lock::{manifest, spec};
use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `bower.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "bower-json",
    ecosystem: "JavaScript",
    files: &[Pattern::Name("bower.json")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let (manifest, error) = manifest::read_partly(source.text());
    for want in &manifest.wants {
        let line = source.line_of(&want.name);
        let package = wanted(&want.name, &want.range);
        if package.purl.is_empty() {
            let message = format!("{:?} is no name of a component; it is left out", want.name);
            records.problem(ProblemKind::BadEntry, line, &message);
            continue;
        }
        records.package(Package { line, scope: want.scope, relation: Relation::Direct, ..package });
    }
    if let Some(error) = error {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        records.problem(ProblemKind::Unparsable, line, &format!("{error}; what stands before is reported"));
    }
}

fn wanted(name: &str, endpoint: &str) -> Package {
    let is_place = |text: &str| text.contains(['/', ':']);
    let (origin, range) = match endpoint.split_once('#') {
        Some((origin, range)) => (Some(origin), range),
        None if is_place(endpoint) => (Some(endpoint), ""),
        None => (None, endpoint),
    };
    let place = origin.filter(|origin| is_place(origin));
    // `"mine": "theirs#^1"` installs `theirs` as `mine`.
    let name = origin.filter(|origin| !is_place(origin) && !origin.is_empty()).unwrap_or(name);
    let source = place.map(str::to_owned);
    if let Some(version) = spec::pinned(range) {
        return Package { source, ..purl::package(Ecosystem::Bower, name, Some(version)) };
    }
    let requirement = Some(if range.is_empty() { "*" } else { range }.to_owned());
    Package { requirement, source, ..purl::package(Ecosystem::Bower, name, None) }
}
