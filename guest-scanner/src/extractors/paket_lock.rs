//! `paket.lock`, the lockfile of Paket.
//!
//! Format: Paket's documentation of `paket.lock`. Groups, in them sections by kind of source, in these
//! remotes, their packages (four spaces) and what each needs (six). `paket.dependencies` beside it
//! says which ones are direct.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{Package, ProblemKind, Scope};

use crate::dotnet::{self, Wanted};
use crate::extractor::{Extractor, Pattern};
use crate::extractors::paket_dependencies::{self as manifest, Line, MAIN};
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::vcs;

/// The extractor of `paket.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "paket-lock",
    ecosystem: ".NET",
    files: &[Pattern::Name("paket.lock")],
    companions: &[manifest::FILE_NAME],
    extract,
};

/// A group's name and a package's, in the form for comparison.
type Key = (String, String);

#[derive(Default)]
struct Lock {
    by_key: HashMap<Key, PackageId>,
    /// Who needs it, and what: known when all is read.
    edges: Vec<(PackageId, Key)>,
    scopes: Vec<(PackageId, Scope)>,
    /// Files that nothing but a manifest can ask for.
    files: Vec<(PackageId, Scope)>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let lock = read(source, records);
    for (from, to) in &lock.edges {
        if let Some(to) = lock.by_key.get(to) {
            records.depends(*from, *to);
        }
    }
    let Some(Ok(text)) = source.sibling(manifest::FILE_NAME) else {
        for (id, scope) in &lock.scopes {
            if let Some(package) = records.get_mut(*id) {
                package.scope = *scope;
            }
        }
        return;
    };
    let mut roots: Vec<_> =
        wants(&text).iter().filter_map(|key| Some((*lock.by_key.get(key)?, manifest::scope(&key.0)))).collect();
    roots.extend(&lock.files);
    graph::spread(records, &roots);
}

/// What the manifest asks for.
fn wants(text: &str) -> HashSet<Key> {
    let mut group = MAIN.to_owned();
    let mut wants = HashSet::new();
    for line in text.lines() {
        match Line::of(line) {
            Line::Group(name) => group = name.to_ascii_lowercase(),
            Line::Nuget { name, .. } => _ = wants.insert((group.clone(), dotnet::normal(name))),
            Line::Source(_, rest) => {
                let first = rest.split_whitespace().next().unwrap_or_default();
                // A remote of GitHub is written without the revision in a lockfile.
                let remote = if first.contains("//") { first } else { first.split(':').next().unwrap_or_default() };
                wants.insert((group.clone(), remote.to_ascii_lowercase()));
            }
            Line::Other | Line::Unknown => {}
        }
    }
    wants
}

fn read(source: &Source<'_>, records: &mut Records) -> Lock {
    let mut lock = Lock::default();
    let (mut group, mut section, mut remote) = (MAIN.to_owned(), None, "");
    let mut last = None;
    for (text, line) in source.text().lines().zip(1..) {
        let indent = text.len() - text.trim_start_matches(' ').len();
        let text = text.trim();
        match (indent, section) {
            _ if text.is_empty() => {}
            (0, _) => {
                last = None;
                if let Some(name) = text.strip_prefix("GROUP ") {
                    (group, section) = (name.trim().to_ascii_lowercase(), Some(""));
                } else if ["NUGET", "GITHUB", "GIST", "GIT", "HTTP"].contains(&text) {
                    section = Some(text);
                } else if !text.contains(':') {
                    let message = format!("{} is no section that is known", fumehood_contract::status::cut(text, 80));
                    let kind = if section.is_none() { ProblemKind::Unparsable } else { ProblemKind::BadEntry };
                    records.problem(kind, Some(line), &message);
                    section = Some("");
                }
            }
            (1..3, _) => {
                if let Some(name) = text.strip_prefix("remote:") {
                    remote = name.trim();
                }
            }
            (3..6, Some(kind)) if !kind.is_empty() => {
                last = entry(text, kind, remote, line, records, &mut lock, &group);
            }
            (_, Some("NUGET" | "GITHUB" | "GIST" | "HTTP")) => {
                let name = text.split([' ', '(']).next().unwrap_or_default();
                lock.edges.extend(last.map(|from| (from, (group.clone(), dotnet::normal(name)))));
            }
            _ => {}
        }
    }
    lock
}

fn entry(
    text: &str,
    section: &str,
    remote: &str,
    line: u32,
    records: &mut Records,
    lock: &mut Lock,
    group: &str,
) -> Option<PackageId> {
    let parts = text.split_once('(').and_then(|(name, rest)| Some((name.trim(), rest.split_once(')')?.0.trim())));
    let Some((name, version)) = parts else {
        let message = format!("{} is no package with its version", fumehood_contract::status::cut(text, 80));
        records.problem(ProblemKind::BadEntry, Some(line), &message);
        return None;
    };
    let (key, package) = match section {
        "NUGET" => (
            name.to_owned(),
            Package { source: Some(remote.to_owned()), ..dotnet::package(name, &Wanted::of(version)) },
        ),
        // Several files of one repository are one package.
        "GITHUB" => (remote.to_owned(), vcs::package(remote, &format!("https://github.com/{remote}"), Some(version))),
        "GIT" => {
            let last = remote.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
            (remote.to_owned(), vcs::package(last.strip_suffix(".git").unwrap_or(last), remote, Some(version)))
        }
        _ => {
            let place = format!("{}/{}", remote.trim_end_matches('/'), version.trim_start_matches('/'));
            (remote.to_owned(), Package { source: Some(place), ..purl::package(Ecosystem::Generic, name, None) })
        }
    };
    let key = (group.to_owned(), key.to_ascii_lowercase());
    let is_known = lock.by_key.get(&key).copied().filter(|_| section != "HTTP" && section != "GIST");
    if let Some(id) =
        is_known.filter(|id| records.packages().get(id.index()).is_some_and(|known| known.purl == package.purl))
    {
        return Some(id);
    }
    let id = records.package(Package { line: Some(line), ..package })?;
    lock.by_key.entry(key).or_insert(id);
    lock.scopes.push((id, manifest::scope(group)));
    if section == "HTTP" || section == "GIST" {
        lock.files.push((id, manifest::scope(group)));
    }
    Some(id)
}
