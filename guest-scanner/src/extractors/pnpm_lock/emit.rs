//! From a document to packages, edges and relations.

use std::collections::HashMap;

use fumehood_contract::status::cut;
use fumehood_contract::{Package, ProblemKind, Scope};

use super::document::{Document, Entry, Resolution, Want};
use super::path::{Path, without_peers};
use crate::extractors::package_lock::spec;
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

/// What problems call an entry by: it may be repeated for each of its dependencies.
const LABEL_BYTES_MAX: usize = 200;

/// Records what the document holds. `complete` is whether it was read to its end: if not, what is
/// missing is no further problem.
pub(super) fn emit(document: &Document<'_>, complete: bool, source: &Source<'_>, records: &mut Records) {
    let mut keys = Keys::default();
    let entries = || document.packages.iter().chain(&document.snapshots);
    for entry in entries() {
        keys.add(entry, source, records);
    }
    let claims = claims(document, &keys, records);
    for entry in entries() {
        let from = keys.exact.get(&*entry.key).copied();
        for want in &entry.wants {
            match (from, keys.find(want)) {
                (Some(from), Found::Package(to)) => records.depends(from, to),
                (_, Found::Nothing) if complete && want.scope == Scope::Runtime => {
                    missing(&entry.key, want, source, records);
                }
                (_, Found::Nothing | Found::Folder) | (None, Found::Package(_)) => {}
            }
        }
    }
    relate(document, complete, &keys, &claims, source, records);
}

/// Packages by their keys. Choices of peers make several keys of one package.
#[derive(Debug, Default)]
struct Keys<'a> {
    exact: HashMap<&'a str, PackageId>,
    /// By what an edge has: name and reference.
    named: HashMap<(&'a str, &'a str), PackageId>,
}

/// What a reference leads to.
enum Found {
    Package(PackageId),
    /// A member of the workspace, or a folder elsewhere: not a package of the file.
    Folder,
    Nothing,
}

impl<'a> Keys<'a> {
    fn add(&mut self, entry: &'a Entry<'_>, source: &Source<'_>, records: &mut Records) {
        let key = &*entry.key;
        let bare = without_peers(key);
        let path = Path::parse(bare);
        let name = entry.name.as_deref().or(path.name);
        let version = entry.version.as_deref().or(path.version);
        // The version's end in the key is not where its peers begin until version 6.
        let known = self.exact.get(bare).or_else(|| self.named.get(&(name?, version?))).copied();
        let id = match known {
            Some(id) => Some(id),
            None => package(entry, name, version, source, records).and_then(|package| records.package(package)),
        };
        let Some(id) = id else { return };
        let with_peers = Path::parse(key);
        for key in [key, bare] {
            self.exact.entry(key).or_insert(id);
        }
        for reference in [Some(with_peers.rest), Some(path.rest), version] {
            for name in [name, path.name] {
                if let (Some(name), Some(reference)) = (name, reference) {
                    self.named.entry((name, reference)).or_insert(id);
                }
            }
        }
    }

    fn find(&self, want: &Want<'_>) -> Found {
        let reference = &*want.reference;
        if reference.starts_with("link:") || reference.starts_with("workspace:") {
            return Found::Folder;
        }
        let bare = without_peers(reference);
        let named = |reference| self.named.get(&(&*want.name, reference));
        let id = self.exact.get(reference).or_else(|| named(reference)).or_else(|| self.exact.get(bare));
        id.or_else(|| named(bare)).map_or(Found::Nothing, |id| Found::Package(*id))
    }
}

/// What pnpm itself says that packages are there for: the strongest of what is said of a package's
/// choices of peers.
fn claims(document: &Document<'_>, keys: &Keys<'_>, records: &mut Records) -> HashMap<PackageId, Scope> {
    let mut claims = HashMap::new();
    let installed = if document.snapshots.is_empty() { &document.packages } else { &document.snapshots };
    for entry in installed {
        let Some(id) = keys.exact.get(&*entry.key) else { continue };
        let scope = match (entry.dev, entry.optional) {
            (true, _) => Scope::Dev,
            (false, true) => Scope::Optional,
            (false, false) => Scope::Runtime,
        };
        let claim = claims.entry(*id).or_insert(scope);
        if scope == Scope::Runtime || *claim == Scope::Dev {
            *claim = scope;
        }
    }
    for (id, scope) in &claims {
        if let Some(package) = records.get_mut(*id) {
            package.scope = *scope;
        }
    }
    claims
}

fn package(
    entry: &Entry<'_>,
    name: Option<&str>,
    version: Option<&str>,
    source: &Source<'_>,
    records: &mut Records,
) -> Option<Package> {
    let key = &*entry.key;
    let line = source.line_of(key);
    let place = entry.resolution.place();
    let Some(name) = name.filter(|_| version.is_some() || place.is_some() || key.contains(':')) else {
        let message = format!("{key:?} does not tell a package and its version; it is left out");
        records.problem(ProblemKind::BadEntry, line, &message);
        return None;
    };
    let place = place.or_else(|| {
        let rest = Path::parse(without_peers(key)).rest;
        rest.contains(':').then(|| rest.to_owned())
    });
    let mut package = match place.as_deref().filter(|from| spec::is_git(from)) {
        // Not the package of that name in the registry: the purl must say so.
        Some(from) => purl::with_qualifiers(Ecosystem::Npm, name, version, &[("vcs_url", from)]),
        None => purl::package(Ecosystem::Npm, name, version),
    };
    if package.purl.is_empty() {
        records.problem(ProblemKind::BadEntry, line, &format!("{key:?} has no name of a package; it is left out"));
        return None;
    }
    package.line = line;
    package.checksums =
        entry.resolution.integrity.as_deref().map(|text| spec::hashes(text).collect()).unwrap_or_default();
    package.source = place;
    Some(package)
}

impl Resolution<'_> {
    /// `git+URL#commit`, an archive or a folder; nothing for what is from the registry.
    fn place(&self) -> Option<String> {
        let git = self.repository.as_deref().zip(self.commit.as_deref()).map(|(repository, commit)| {
            let plain = repository.starts_with("git") || repository.starts_with("ssh:");
            format!("{}{repository}#{commit}", if plain { "" } else { "git+" })
        });
        git.or_else(|| self.tarball.as_deref().or(self.directory.as_deref()).map(str::to_owned))
    }
}

fn relate(
    document: &Document<'_>,
    complete: bool,
    keys: &Keys<'_>,
    claims: &HashMap<PackageId, Scope>,
    source: &Source<'_>,
    records: &mut Records,
) {
    let Some(wants) = &document.roots else { return };
    let mut roots: Vec<(PackageId, Scope)> = Vec::new();
    for want in wants {
        match keys.find(want) {
            Found::Package(id) => roots.push((id, want.scope)),
            Found::Nothing if complete => missing("the project", want, source, records),
            Found::Nothing | Found::Folder => {}
        }
    }
    if roots.is_empty() {
        return;
    }
    graph::spread(records, &roots);
    // pnpm knows of every way to a package whether it is optional; the roots tell of the first step only.
    for (id, claim) in claims {
        if let Some(package) = records.get_mut(*id)
            && (*claim, package.scope) == (Scope::Optional, Scope::Runtime)
        {
            package.scope = Scope::Optional;
        }
    }
}

fn missing(from: &str, want: &Want<'_>, source: &Source<'_>, records: &mut Records) {
    let from = cut(from, LABEL_BYTES_MAX);
    let message = format!("{from} depends on {} {}, which the file does not hold", want.name, want.reference);
    records.problem(ProblemKind::BadEntry, source.line_of(&want.name), &message);
}
