//! From entries to packages, edges and relations.

use std::collections::{HashMap, HashSet};

use fumehood_contract::status::cut;
use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use super::entry::{Entry, Flags, Lockfile, Place};
use super::places::{PlaceId, Places};
use super::{manifest, spec};
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

/// What problems call an entry by: it may be repeated for each of its dependencies.
const LABEL_BYTES_MAX: usize = 200;

/// Records what the lockfile holds. `complete` is whether it was read to its end: if not, what is
/// missing is no further problem.
pub(super) fn emit(lockfile: &Lockfile<'_>, complete: bool, source: &Source<'_>, records: &mut Records) {
    let mut places = Places::new();
    let placed = place_all(&lockfile.entries, &mut places, source, records);
    let links = links(&lockfile.entries, &placed, &mut places);
    let members = Members::new(&lockfile.entries);
    for (entry, place) in lockfile.entries.iter().zip(&placed) {
        let Some(place) = *place else { continue };
        if place == places.root() || entry.flags.link {
            continue;
        }
        let folder = places.is_folder(place);
        let name = links.names.get(&place).copied().filter(|_| folder);
        let Some(mut package) = package(entry, name, source, records) else { continue };
        if folder {
            package.source = Some(entry.place.key().to_owned());
            if members.contains(&package.name) {
                package.relation = Relation::Project;
            }
        }
        if let Some(id) = records.package(package) {
            places.put(place, id);
        }
    }
    follow_links(&links, &mut places, source, records);
    connect(&lockfile.entries, &placed, &places, complete, source, records);
    relate(&lockfile.entries, &placed, &places, source, records);
}

fn place_all<'a>(
    entries: &'a [Entry<'_>],
    places: &mut Places<'a>,
    source: &Source<'_>,
    records: &mut Records,
) -> Vec<Option<PlaceId>> {
    let mut placed: Vec<Option<PlaceId>> = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = match &entry.place {
            Place::At(path) => places.at(path.as_str()),
            Place::In(None, name) => places.installed(places.root(), name.as_str()),
            // An entry stands before what it nests.
            Place::In(Some(parent), name) => {
                placed.get(*parent).copied().flatten().and_then(|parent| places.installed(parent, name.as_str()))
            }
        };
        if place.is_none() {
            let message = format!("{} lies deeper than anything can be installed; it is left out", entry.place.key());
            records.problem(ProblemKind::OverLimit, source.line_of(entry.place.key()), &message);
        }
        placed.push(place);
    }
    placed
}

/// The entries that only say where a package really lies.
#[derive(Default)]
struct Links<'a> {
    /// The link, and the place that it leads to.
    ways: Vec<(&'a Entry<'a>, PlaceId, Option<PlaceId>)>,
    /// What a folder is installed as.
    names: HashMap<PlaceId, &'a str>,
}

fn links<'a>(entries: &'a [Entry<'a>], placed: &[Option<PlaceId>], places: &mut Places<'a>) -> Links<'a> {
    let mut links = Links::default();
    for (entry, place) in entries.iter().zip(placed) {
        let (true, Some(place)) = (entry.flags.link, *place) else { continue };
        let target = entry.resolved.as_deref().and_then(|path| places.at(path));
        links.ways.push((entry, place, target));
        if let Some(target) = target {
            links.names.entry(target).or_insert_with(|| installed_name(entry.place.key()));
        }
    }
    links
}

/// Puts the linked packages where their links lie. Links do not lead to links.
fn follow_links(links: &Links<'_>, places: &mut Places<'_>, source: &Source<'_>, records: &mut Records) {
    for (entry, place, target) in &links.ways {
        let known = target.and_then(|target| places.package(target));
        let id = known.or_else(|| {
            // The folder has no entry of its own: all that is known is its name.
            let mut package = purl::package(Ecosystem::Npm, installed_name(entry.place.key()), None);
            package.line = source.line_of(entry.place.key());
            package.source = entry.resolved.as_deref().map(str::to_owned);
            package.scope = scope(entry.flags);
            records.package(package)
        });
        if let Some(id) = id {
            places.put(*place, id);
        }
    }
}

/// Which folders are members of the workspace: those that the project does not ask for as `file:`.
struct Members<'a> {
    asked_for: HashSet<&'a str>,
}

impl<'a> Members<'a> {
    fn new(entries: &'a [Entry<'_>]) -> Self {
        let root = entries.iter().find(|entry| is_root(entry));
        let wants = root.into_iter().flat_map(|entry| &entry.wants);
        Self { asked_for: wants.filter(|want| want.folder).map(|want| &*want.name).collect() }
    }

    fn contains(&self, name: &str) -> bool {
        !self.asked_for.contains(name)
    }
}

fn is_root(entry: &Entry<'_>) -> bool {
    matches!(&entry.place, Place::At(path) if path.as_str().is_empty())
}

fn package(entry: &Entry<'_>, linked_as: Option<&str>, source: &Source<'_>, records: &mut Records) -> Option<Package> {
    let key = entry.place.key();
    let line = source.line_of(key);
    if entry.version.is_none() && !entry.complete {
        return None;
    }
    let mut package = match &entry.place {
        Place::At(_) => {
            let name = entry.name.as_deref().or(linked_as).unwrap_or_else(|| installed_name(key));
            located(name, entry)
        }
        Place::In(..) => nested(key, entry),
    };
    if package.purl.is_empty() {
        records.problem(ProblemKind::BadEntry, line, &format!("{key:?} has no name of a package; it is left out"));
        return None;
    }
    if package.version.is_none() && package.source.is_none() && entry.place_is_installed() {
        records.problem(ProblemKind::BadEntry, line, &format!("{key} has neither a version nor a source"));
    }
    package.line = line;
    package.scope = scope(entry.flags);
    package.license = entry.license.as_deref().map(str::to_owned);
    package.checksums = entry.integrity.as_deref().map(|text| spec::hashes(text).collect()).unwrap_or_default();
    Some(package)
}

impl Entry<'_> {
    fn place_is_installed(&self) -> bool {
        match &self.place {
            Place::At(path) => path.as_str().contains("node_modules/"),
            Place::In(..) => true,
        }
    }
}

/// Versions 2 and 3: the version is one.
fn located(name: &str, entry: &Entry<'_>) -> Package {
    with_source(name, entry.version.as_deref(), entry.resolved.as_deref())
}

/// Version 1: what stands as the version may be an alias or a place instead.
fn nested(key: &str, entry: &Entry<'_>) -> Package {
    let Some(version) = entry.version.as_deref() else {
        return with_source(key, None, entry.resolved.as_deref());
    };
    if let Some((name, version)) = spec::alias(version) {
        return with_source(name, Some(version), entry.resolved.as_deref());
    }
    if spec::is_git(version) {
        let asked = entry.from.as_deref().and_then(spec::split_at);
        // `name@git+ssh://…`, but not `git+ssh://git@host/…`
        let name = asked.map(|(name, _)| name).filter(|name| !name.contains(':')).unwrap_or(key);
        return with_source(name, None, Some(version));
    }
    // A folder or an archive: by the format's documentation that is what identifies the package.
    let place = version.contains(':').then_some(version);
    with_source(key, Some(version), place.or(entry.resolved.as_deref()))
}

fn with_source(name: &str, version: Option<&str>, source: Option<&str>) -> Package {
    let mut package = match source.filter(|from| spec::is_git(from)) {
        // Not the package of that name in the registry: the purl must say so.
        Some(from) => purl::with_qualifiers(Ecosystem::Npm, name, version, &[("vcs_url", from)]),
        None => purl::package(Ecosystem::Npm, name, version),
    };
    package.source = source.map(str::to_owned);
    package
}

/// What a place in the tree of folders is called: the name behind the last `node_modules`, or that
/// of the folder.
fn installed_name(path: &str) -> &str {
    let marker = "node_modules/";
    let installed = path.rfind(marker).and_then(|at| path.get(at + marker.len()..));
    installed.unwrap_or_else(|| path.rsplit_once('/').map_or(path, |(_, last)| last))
}

fn scope(flags: Flags) -> Scope {
    match flags {
        Flags { dev: true, .. } => Scope::Dev,
        Flags { optional: true, .. } | Flags { dev_optional: true, .. } => Scope::Optional,
        Flags { peer: true, .. } => Scope::Peer,
        Flags { .. } => Scope::Runtime,
    }
}

fn connect(
    entries: &[Entry<'_>],
    placed: &[Option<PlaceId>],
    places: &Places<'_>,
    complete: bool,
    source: &Source<'_>,
    records: &mut Records,
) {
    for (entry, place) in entries.iter().zip(placed) {
        let Some(place) = *place else { continue };
        let from = places.package(place);
        for want in &entry.wants {
            match (from, places.find(place, &want.name)) {
                (Some(from), Some(to)) => records.depends(from, to),
                (_, None) if want.needed && complete && !entry.flags.link => {
                    let key = entry.place.key();
                    let key = if key.is_empty() { "the project" } else { cut(key, LABEL_BYTES_MAX) };
                    let message = format!("{key} depends on {}, which the file does not hold", want.name);
                    records.problem(ProblemKind::BadEntry, source.line_of(&want.name), &message);
                }
                (None, _) | (_, None) => {}
            }
        }
    }
}

/// Direct is what the project and the members of its workspace ask for.
fn relate(
    entries: &[Entry<'_>],
    placed: &[Option<PlaceId>],
    places: &Places<'_>,
    source: &Source<'_>,
    records: &mut Records,
) {
    let mut direct: Vec<PackageId> = Vec::new();
    for (entry, place) in entries.iter().zip(placed) {
        let Some(place) = *place else { continue };
        let own = places.package(place).and_then(|id| records.packages().get(id.index()));
        if is_root(entry) || own.is_some_and(|package| package.relation == Relation::Project) && !entry.flags.link {
            direct.extend(entry.wants.iter().filter_map(|want| places.find(place, &want.name)));
        }
    }
    if !entries.iter().any(is_root) {
        let Some(Ok(text)) = source.sibling(manifest::FILE_NAME) else { return };
        let Some(manifest) = manifest::read(&text) else { return };
        direct.extend(manifest.wants.iter().filter_map(|want| places.find(places.root(), &want.name)));
    }
    for id in direct {
        if let Some(package) = records.get_mut(id)
            && package.relation == Relation::Unknown
        {
            package.relation = Relation::Direct;
        }
    }
    records.rest_is_transitive();
}
