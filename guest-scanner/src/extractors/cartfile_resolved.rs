//! `Cartfile.resolved`, the lockfile of Carthage.
//!
//! Format: `Documentation/Artifacts.md` in Carthage's repository. A line is the kind of origin
//! (`github`, `git` or `binary`), the place and the version: a tag, or the hash of a commit. `Cartfile`
//! and `Cartfile.private` beside it have what the project asks for. The packages are Swift's and
//! Objective-C's, known by their repositories: the purl type `swift` says just that.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::vcs;

/// The extractor of `Cartfile.resolved`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "cartfile-resolved",
    ecosystem: "Swift and Apple",
    files: &[Pattern::Name("Cartfile.resolved")],
    companions: &["Cartfile", "Cartfile.private"],
    extract,
};

/// What a line says.
pub(super) struct Line<'a> {
    pub(super) kind: &'a str,
    pub(super) place: &'a str,
    pub(super) version: Option<&'a str>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let asked = asked(source);
    for (text, number) in source.text().lines().zip(1..) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let Some((line, mut package)) = parse(text).and_then(|line| package(&line).map(|package| (line, package)))
        else {
            let message = format!("{text:?} is none of github, git and binary with a place and a version");
            records.problem(ProblemKind::BadEntry, Some(number), &message);
            continue;
        };
        package.line = Some(number);
        if let Some(asked) = &asked {
            let scope = asked.get(&key(&line)).copied();
            package.relation = if scope.is_some() { Relation::Direct } else { Relation::Transitive };
            package.scope = scope.unwrap_or_default();
        }
        records.package(package);
    }
}

/// `kind "place" "version"`, or in a Cartfile `kind "place"` and a requirement.
pub(super) fn parse(text: &str) -> Option<Line<'_>> {
    let (kind, rest) = text.split_once(char::is_whitespace)?;
    let mut quoted = rest.split('"');
    quoted.next()?;
    let place = quoted.next().filter(|place| !place.is_empty())?;
    let between = quoted.next()?;
    let version = quoted.next().filter(|version| !version.is_empty() && between.trim().is_empty());
    Some(Line { kind, place, version })
}

fn package(line: &Line<'_>) -> Option<Package> {
    let written = line.version?;
    match line.kind {
        "github" | "git" => {
            let url = url(line);
            let version = (!vcs::is_commit(written)).then_some(written);
            let place = vcs::git(&url, Some(written));
            let vcs_url = ("vcs_url", place.vcs_url.as_str());
            let package = match vcs::host_and_path(&url) {
                Some(name) => {
                    let qualifiers: &[_] = if version.is_none() { &[vcs_url] } else { &[] };
                    purl::with_qualifiers(Ecosystem::Swift, &name, version, qualifiers)
                }
                None => purl::package(Ecosystem::Generic, last_part(line.place), version),
            };
            Some(Package { source: Some(place.source), ..package })
        }
        "binary" => {
            let name = last_part(line.place);
            let url = without_credentials(line.place);
            let name = name.strip_suffix(".json").unwrap_or(name);
            let package = purl::with_qualifiers(Ecosystem::Generic, name, Some(written), &[("download_url", &url)]);
            Some(Package { source: Some(url), ..package })
        }
        _ => None,
    }
}

pub(super) fn last_part(place: &str) -> &str {
    let place = place.trim_end_matches('/');
    let last = place.rsplit('/').next().unwrap_or(place);
    last.strip_suffix(".git").unwrap_or(last)
}

/// `github` takes `owner/name`, or the URL of another server of that make.
pub(super) fn url(line: &Line<'_>) -> String {
    let is_short = line.kind == "github" && !line.place.contains("://");
    if is_short { format!("https://github.com/{}", line.place) } else { line.place.to_owned() }
}

fn key(line: &Line<'_>) -> String {
    let url = url(line);
    vcs::host_and_path(&url).unwrap_or(url).to_ascii_lowercase()
}

/// What the project asks for; `None` if the files that say it are missing.
fn asked(source: &Source<'_>) -> Option<HashMap<String, Scope>> {
    let mut asked = HashMap::new();
    for (name, scope) in [("Cartfile", Scope::Runtime), ("Cartfile.private", Scope::Dev)] {
        let Some(Ok(text)) = source.sibling(name) else { continue };
        for line in text.lines().filter_map(|line| parse(line.trim())) {
            asked.entry(key(&line)).or_insert(scope);
        }
    }
    (!asked.is_empty()).then_some(asked)
}
