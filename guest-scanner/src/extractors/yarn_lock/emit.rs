//! From entries to packages and edges.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation};

use super::aliases;
use super::entry::{Entry, Flavour, Index, Lockfile};
use super::roots::{self, Overrides};
use crate::extractors::package_lock::spec;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

/// Records what the lockfile holds.
pub(super) fn emit(lockfile: &Lockfile<'_>, source: &Source<'_>, records: &mut Records) {
    let index = Index::new(&lockfile.entries);
    let ids = add_all(lockfile, records);
    let manifest = roots::sibling(source);
    let overrides = Overrides::new(manifest.as_deref());
    connect(lockfile, &ids, &index, &overrides, records);
    roots::relate(lockfile, &ids, &index, &overrides, source, manifest.as_deref(), records);
    aliases::add(lockfile, &ids, records);
}

/// The package of each entry. A patched package is the one that was patched, if that is here too:
/// berry lists both, and installs one.
fn add_all(lockfile: &Lockfile<'_>, records: &mut Records) -> Vec<Option<PackageId>> {
    let mut ids = vec![None; lockfile.entries.len()];
    let mut by_version: HashMap<(&str, &str), PackageId> = HashMap::new();
    for patched in [false, true] {
        for (entry, slot) in lockfile.entries.iter().zip(&mut ids) {
            let identity = Identity::of(entry, lockfile.flavour);
            let known = || by_version.get(&(identity.name, entry.version.as_deref()?)).copied();
            if identity.is_patch() != patched || identity.is_root() {
                continue;
            }
            *slot = if patched { known() } else { None };
            if slot.is_none() {
                *slot = package(entry, &identity, records).and_then(|package| records.package(package));
            }
            if let (Some(id), Some(version)) = (*slot, entry.version.as_deref()) {
                by_version.entry((identity.name, version)).or_insert(id);
            }
        }
    }
    ids
}

/// Which package an entry is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity<'a> {
    pub(super) name: &'a str,
    /// Where it comes from: `npm:1.0.0`, `workspace:packages/a`, an archive.
    pub(super) reference: Option<&'a str>,
}

impl<'a> Identity<'a> {
    pub(super) fn of(entry: &'a Entry<'_>, flavour: Flavour) -> Self {
        let asked = entry.descriptors.first();
        let range = asked.map(|descriptor| &*descriptor.range);
        let asked_name = asked.map_or("", |descriptor| &*descriptor.name);
        let aliased = range.and_then(spec::alias).map(|(name, _)| name);
        match flavour {
            Flavour::Classic => {
                let name = entry.name.as_deref().or(aliased).unwrap_or(asked_name);
                let local = range.filter(|range| spec::is_local(range));
                Self { name, reference: entry.resolved.as_deref().or(local) }
            }
            Flavour::Berry => {
                let resolution = entry.resolution.as_deref().and_then(spec::split_at);
                let name = resolution.map(|(name, _)| name).or(aliased).unwrap_or(asked_name);
                Self { name, reference: resolution.map(|(_, reference)| reference) }
            }
        }
    }

    /// The folder of a member of the workspace; `.` is the project's own.
    pub(super) fn workspace(&self) -> Option<&'a str> {
        self.reference?.strip_prefix("workspace:")
    }

    fn is_root(&self) -> bool {
        self.workspace() == Some(".")
    }

    fn is_patch(&self) -> bool {
        self.reference.is_some_and(|reference| reference.starts_with("patch:"))
    }
}

fn package(entry: &Entry<'_>, identity: &Identity<'_>, records: &mut Records) -> Option<Package> {
    let Some(version) = entry.version.as_deref() else {
        records.problem(ProblemKind::BadEntry, entry.line, &format!("{} has no version", entry.label()));
        return None;
    };
    // Behind `::` stand berry's own notes.
    let place = identity.reference.map(|reference| reference.split_once("::").map_or(reference, |(place, _)| place));
    let mut package = match place.filter(|place| spec::is_git(place)) {
        // Not the package of that name in the registry: the purl must say so.
        Some(from) => purl::with_qualifiers(Ecosystem::Npm, identity.name, Some(version), &[("vcs_url", from)]),
        None => purl::package(Ecosystem::Npm, identity.name, Some(version)),
    };
    if package.purl.is_empty() {
        let message = format!("{} has no name of a package; it is left out", entry.label());
        records.problem(ProblemKind::BadEntry, entry.line, &message);
        return None;
    }
    package.line = entry.line;
    package.source = place.map(str::to_owned);
    package.checksums = checksums(entry, place);
    if identity.workspace().is_some() {
        package.relation = Relation::Project;
    }
    Some(package)
}

/// Before Yarn 1.10 the only hash was a SHA-1 behind the archive's URL.
fn checksums(entry: &Entry<'_>, place: Option<&str>) -> Vec<String> {
    if let Some(checksum) = entry.checksum.as_deref() {
        return spec::hashes(checksum).collect();
    }
    let fragment = place.filter(|place| !spec::is_git(place)).and_then(|place| place.rsplit_once('#'));
    let is_sha1 = |hash: &str| hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let sha1 = fragment.map(|(_, hash)| hash).filter(|hash| is_sha1(hash));
    sha1.map(|hash| format!("sha1:{}", hash.to_ascii_lowercase())).into_iter().collect()
}

fn connect(
    lockfile: &Lockfile<'_>,
    ids: &[Option<PackageId>],
    index: &Index<'_>,
    overrides: &Overrides,
    records: &mut Records,
) {
    for (entry, from) in lockfile.entries.iter().zip(ids) {
        for want in &entry.wants {
            let Some(position) = overrides.find(index, &want.name, &want.range) else {
                let message =
                    format!("{} depends on {}@{}, which the file does not hold", entry.label(), want.name, want.range);
                records.problem(ProblemKind::BadEntry, entry.line, &message);
                continue;
            };
            if let (Some(from), Some(to)) = (*from, ids.get(position).copied().flatten()) {
                records.depends(from, to);
            }
        }
    }
}
