//! From entries to packages, edges and relations.

use std::collections::{HashMap, HashSet};

use fumehood_contract::status::cut;
use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use super::read::{Entry, Lockfile, Want};
use crate::extractors::package_lock::places::{PlaceId, Places};
use crate::extractors::package_lock::spec;
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

/// What problems call an entry by: it may be repeated for each of its dependencies.
const LABEL_BYTES_MAX: usize = 200;

/// Records what the lockfile holds. `complete` is whether it was read to its end: if not, what is
/// missing is no further problem.
pub(super) fn emit(lockfile: &Lockfile<'_>, complete: bool, source: &Source<'_>, records: &mut Records) {
    let mut tree = Tree { places: Places::new(), members: HashMap::new(), complete, source };
    let mut placed = Vec::with_capacity(lockfile.entries.len());
    for entry in &lockfile.entries {
        let place = tree.place(&entry.key, records);
        placed.push(place);
        if let (Some(place), Some(package)) = (place, package(entry, source, records))
            && let Some(id) = records.package(package)
        {
            tree.places.put(place, id);
            tree.members.extend(entry.member().map(|folder| (folder, place)));
        }
    }
    let mut optional = HashSet::new();
    for (entry, place) in lockfile.entries.iter().zip(placed) {
        let Some(place) = place else { continue };
        let Some(from) = tree.places.package(place) else { continue };
        for (to, scope) in tree.found(&entry.key, place, &entry.wants, records) {
            records.depends(from, to);
            if scope == Scope::Optional {
                optional.insert((from, to));
            }
        }
    }
    relate(lockfile, &tree, optional, records);
}

/// The tree of `node_modules`, with what lies in it.
struct Tree<'t> {
    places: Places<'t>,
    /// Where the members of the workspace lie, by their folders.
    members: HashMap<&'t str, PlaceId>,
    complete: bool,
    source: &'t Source<'t>,
}

impl<'t> Tree<'t> {
    /// The place of a key: `a/@scope/b`.
    fn place(&mut self, key: &'t str, records: &mut Records) -> Option<PlaceId> {
        let mut place = Some(self.places.root());
        let mut rest = key;
        while let Some(above) = place.filter(|_| !rest.is_empty()) {
            let (name, after) = split_name(rest);
            place = self.places.installed(above, name);
            rest = after;
        }
        if place.is_none() {
            let key = cut(key, LABEL_BYTES_MAX);
            let message = format!("{key} lies deeper than anything can be installed; it is left out");
            records.problem(ProblemKind::OverLimit, self.source.line_of(key), &message);
        }
        place
    }

    /// The packages that `wants` mean to what lies at `place`.
    fn found(&self, from: &str, place: PlaceId, wants: &[Want<'_>], records: &mut Records) -> Vec<(PackageId, Scope)> {
        let mut found = Vec::with_capacity(wants.len());
        for want in wants {
            match self.places.find(place, &want.name) {
                Some(id) => found.push((id, want.scope)),
                // What is optional, and peers, need not be there.
                None if self.complete && want.scope == Scope::Runtime => {
                    let from = cut(from, LABEL_BYTES_MAX);
                    let message = format!("{from} depends on {}, which the file does not hold", want.name);
                    records.problem(ProblemKind::BadEntry, self.source.line_of(&want.name), &message);
                }
                None => {}
            }
        }
        found
    }
}

impl Entry<'_> {
    /// The folder of a member of the workspace.
    fn member(&self) -> Option<&str> {
        spec::split_at(self.identity.as_deref()?)?.1.strip_prefix("workspace:")
    }
}

/// Splits the first name, with its scope, from the path behind it.
fn split_name(path: &str) -> (&str, &str) {
    let scope = if path.starts_with('@') { path.find('/').map_or(0, |at| at + 1) } else { 0 };
    let end = path.get(scope..).and_then(|last| last.find('/')).map(|at| scope + at);
    end.and_then(|end| Some((path.get(..end)?, path.get(end + 1..)?))).unwrap_or((path, ""))
}

fn package(entry: &Entry<'_>, source: &Source<'_>, records: &mut Records) -> Option<Package> {
    let line = source.line_of(&entry.key);
    let Some(identity) = entry.identity.as_deref() else {
        if entry.complete {
            let message = format!("{} does not begin with a package's name; it is left out", entry.key);
            records.problem(ProblemKind::BadEntry, line, &message);
        }
        return None;
    };
    let (name, reference) = spec::split_at(identity).unwrap_or((identity, ""));
    let mut package = located(name, reference, entry.archive.as_deref());
    if package.purl.is_empty() || reference.is_empty() {
        let message = format!("{identity:?} does not tell a package and its version; it is left out");
        records.problem(ProblemKind::BadEntry, line, &message);
        return None;
    }
    package.line = line;
    package.checksums = entry.integrity.as_deref().map(|text| spec::hashes(text).collect()).unwrap_or_default();
    if is_own(reference) {
        package.relation = Relation::Project;
    }
    Some(package)
}

/// The project itself, where a member of its workspace asks for it, or a member.
fn is_own(reference: &str) -> bool {
    reference.starts_with("root:") || reference.starts_with("workspace:")
}

/// A package from a registry, or from where `reference` says. A commit or an archive is what stands
/// for the version there, a folder has none: its own package.json does.
fn located(name: &str, reference: &str, archive: Option<&str>) -> Package {
    let folder = is_own(reference) || spec::is_local(reference);
    let mut package = match reference {
        // Not the package of that name in the registry: the purl must say so.
        from if spec::is_git(from) => purl::with_qualifiers(Ecosystem::Npm, name, Some(from), &[("vcs_url", from)]),
        _ if folder => purl::package(Ecosystem::Npm, name, None),
        version => purl::package(Ecosystem::Npm, name, Some(version)),
    };
    let elsewhere = !reference.starts_with(|first: char| first.is_ascii_digit());
    package.source = if elsewhere { Some(reference) } else { archive }.map(str::to_owned);
    package
}

/// Direct is what the project and the members of its workspace ask for.
fn relate(
    lockfile: &Lockfile<'_>,
    tree: &Tree<'_>,
    mut optional: HashSet<(PackageId, PackageId)>,
    records: &mut Records,
) {
    let mut roots = Vec::new();
    for workspace in &lockfile.workspaces {
        let folder = &*workspace.folder;
        // A member whose folder nothing leads to has its own packages nowhere but at the root.
        let place = tree.members.get(folder).copied().unwrap_or(tree.places.root());
        let from = if folder.is_empty() { "the project" } else { folder };
        let found = tree.found(from, place, &workspace.wants, records);
        if let Some(member) = tree.places.package(place) {
            // What a member is developed with is not needed by those who use it.
            for (id, scope) in found.iter().filter(|(_, scope)| *scope != Scope::Dev) {
                records.depends(member, *id);
                if *scope == Scope::Optional {
                    optional.insert((member, *id));
                }
            }
        }
        roots.extend(found);
    }
    if !lockfile.workspaces.is_empty() {
        graph::spread(records, &roots);
        graph::weaken(records, &roots, &optional);
    }
}
