//! `Cartfile` and `Cartfile.private`, the manifests of Carthage.
//!
//! Format: `Documentation/Artifacts.md` in Carthage's repository. A line is the kind of origin, the place
//! and what is wanted of it: a range, or in quotes a branch, tag or commit. They are silent where
//! `Cartfile.resolved` lies beside them.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::cartfile_resolved::{self, Line, last_part};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::vcs;

/// The extractor of Cartfiles.
pub const EXTRACTOR: Extractor = Extractor {
    id: "cartfile",
    ecosystem: "Swift and Apple",
    files: &[Pattern::Name("Cartfile"), Pattern::Name(PRIVATE)],
    companions: &["Cartfile.resolved"],
    extract,
};

/// What only the project itself needs, not those who use it.
const PRIVATE: &str = "Cartfile.private";

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("Cartfile.resolved") {
        return;
    }
    let scope = if source.path().ends_with(PRIVATE) { Scope::Dev } else { Scope::Runtime };
    for (text, number) in source.text().lines().zip(1..) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let found = cartfile_resolved::parse(text).and_then(|line| package(&line, wanted(text)));
        let Some(package) = found else {
            let message = format!("{text:?} is none of github, git and binary with a place");
            records.problem(ProblemKind::BadEntry, Some(number), &message);
            continue;
        };
        records.package(Package { line: Some(number), scope, relation: Relation::Direct, ..package });
    }
}

/// What stands behind the place, without a comment.
fn wanted(text: &str) -> &str {
    let after = text.splitn(3, '"').nth(2).unwrap_or_default();
    after.split('#').next().unwrap_or_default().trim()
}

fn package(line: &Line<'_>, wanted: &str) -> Option<Package> {
    let exact = wanted.strip_prefix("==").map(str::trim).filter(|version| !version.is_empty());
    let revision = wanted.strip_prefix('"').and(line.version);
    let requirement = exact.or(revision).is_none().then(|| wanted.to_owned()).filter(|wanted| !wanted.is_empty());
    let package = match line.kind {
        "github" | "git" => {
            let url = cartfile_resolved::url(line);
            let place = vcs::git(&url, revision);
            let vcs_url = ("vcs_url", place.vcs_url.as_str());
            let package = match vcs::host_and_path(&url) {
                Some(name) => {
                    let qualifiers: &[_] = if revision.is_some() { &[vcs_url] } else { &[] };
                    purl::with_qualifiers(Ecosystem::Swift, &name, exact, qualifiers)
                }
                None => purl::package(Ecosystem::Generic, last_part(line.place), exact),
            };
            Package { source: Some(place.source), ..package }
        }
        "binary" => {
            let name = last_part(line.place);
            let url = without_credentials(line.place);
            let name = name.strip_suffix(".json").unwrap_or(name);
            let package = purl::with_qualifiers(Ecosystem::Generic, name, exact, &[("download_url", &url)]);
            Package { source: Some(url), ..package }
        }
        _ => return None,
    };
    Some(Package { requirement, ..package })
}
