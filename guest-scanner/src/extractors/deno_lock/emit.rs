//! From entries to packages, edges and relations.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};

use fumehood_contract::status::cut;
use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use super::read::{Entry, Lockfile};
use super::specifier::{Module, Specifier};
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
    let mut index = Index::default();
    for (ecosystem, entry) in entries(lockfile) {
        index.add(ecosystem, entry, source, records);
    }
    for (text, answer) in &lockfile.specifiers {
        index.answer(text, answer);
    }
    let mut optional = HashSet::new();
    for (ecosystem, entry) in entries(lockfile) {
        let Some(from) = index.ids.get(&(ecosystem, &*entry.id)).copied() else { continue };
        for (want, is_optional) in wants(entry) {
            match index.find(ecosystem, want) {
                Some(to) => {
                    records.depends(from, to);
                    optional.extend(is_optional.then_some((from, to)));
                }
                // A package of JSR may mean one of the workspace.
                None if complete && ecosystem == Ecosystem::Npm && !is_optional => {
                    let from = cut(&entry.id, LABEL_BYTES_MAX);
                    let message = format!("{from} depends on {want}, which the file does not hold");
                    records.problem(ProblemKind::BadEntry, source.line_of(want), &message);
                }
                None => {}
            }
        }
    }
    relate(lockfile, &index, &optional, records);
    add_modules(lockfile, source, records);
}

fn entries<'t, 'a>(lockfile: &'t Lockfile<'a>) -> impl Iterator<Item = (Ecosystem, &'t Entry<'a>)> {
    let jsr = lockfile.jsr.iter().map(|entry| (Ecosystem::Jsr, entry));
    jsr.chain(lockfile.npm.iter().map(|entry| (Ecosystem::Npm, entry)))
}

fn wants<'t>(entry: &'t Entry<'_>) -> impl Iterator<Item = (&'t str, bool)> {
    let needed = entry.wants.iter().map(|want| (&**want, false));
    needed.chain(entry.optional.iter().map(|want| (&**want, true)))
}

/// Finds packages by what is said of them.
#[derive(Default)]
struct Index<'a> {
    ids: HashMap<(Ecosystem, &'a str), PackageId>,
    /// Choices of peers make several ids of one package.
    versions: HashMap<(Ecosystem, &'a str, &'a str), PackageId>,
    /// The only package of a name; `None` if there are several.
    names: HashMap<(Ecosystem, &'a str), Option<PackageId>>,
    specifiers: HashMap<&'a str, PackageId>,
}

impl<'a> Index<'a> {
    fn add(&mut self, ecosystem: Ecosystem, entry: &'a Entry<'_>, source: &Source<'_>, records: &mut Records) {
        let id = &*entry.id;
        let line = source.line_of(id);
        let Some((name, version)) = spec::split_at(id).map(|(name, rest)| (name, without_peers(rest))) else {
            let message = format!("{id:?} does not tell a package and its version; it is left out");
            return records.problem(ProblemKind::BadEntry, line, &message);
        };
        let known = self.versions.get(&(ecosystem, name, version)).copied();
        let package = known.or_else(|| {
            let package = package(ecosystem, name, version, entry);
            if package.purl.is_empty() || version.is_empty() {
                let message = format!("{id:?} does not tell a package and its version; it is left out");
                records.problem(ProblemKind::BadEntry, line, &message);
                return None;
            }
            records.package(Package { line, ..package })
        });
        let Some(package) = package else { return };
        self.ids.insert((ecosystem, id), package);
        self.versions.insert((ecosystem, name, version), package);
        match self.names.entry((ecosystem, name)) {
            Slot::Vacant(slot) => {
                slot.insert(Some(package));
            }
            Slot::Occupied(mut slot) if *slot.get() != Some(package) => {
                slot.insert(None);
            }
            Slot::Occupied(_) => {}
        }
    }

    /// `npm:a@^1` is answered by `1.0.0` since version 4, by `npm:a@1.0.0` in version 3; in version 2
    /// `a@^1` by `a@1.0.0`.
    fn answer(&mut self, text: &'a str, answer: &'a str) {
        let asked = Specifier::parse(text).or_else(|| Specifier::of(Ecosystem::Npm, text));
        let Some(asked) = asked else { return };
        let answer = answer.strip_prefix("npm:").or_else(|| answer.strip_prefix("jsr:")).unwrap_or(answer);
        let found = if answer.starts_with(|first: char| first.is_ascii_digit()) {
            self.version(asked.ecosystem, asked.name, answer)
        } else {
            self.id(asked.ecosystem, answer)
        };
        self.specifiers.extend(found.map(|id| (text, id)));
    }

    fn id(&self, ecosystem: Ecosystem, id: &str) -> Option<PackageId> {
        let exact = self.ids.get(&(ecosystem, id)).copied();
        exact.or_else(|| spec::split_at(id).and_then(|(name, rest)| self.version(ecosystem, name, rest)))
    }

    fn version(&self, ecosystem: Ecosystem, name: &str, version: &str) -> Option<PackageId> {
        self.versions.get(&(ecosystem, name, without_peers(version))).copied()
    }

    /// What a package of that registry means: of npm `name`, `name@version` or `alias@npm:name@version`,
    /// of JSR a specifier, whose requirement is left out where only one is in the file.
    fn find(&self, ecosystem: Ecosystem, want: &str) -> Option<PackageId> {
        if ecosystem == Ecosystem::Jsr {
            return self.specifier(want);
        }
        let real = spec::split_at(want).and_then(|(_, rest)| rest.strip_prefix("npm:")).unwrap_or(want);
        self.id(ecosystem, real).or_else(|| self.names.get(&(ecosystem, real)).copied().flatten())
    }

    fn specifier(&self, text: &str) -> Option<PackageId> {
        let single = || {
            let asked = Specifier::parse(text)?;
            self.names.get(&(asked.ecosystem, asked.name)).copied().flatten()
        };
        self.specifiers.get(text).copied().or_else(single)
    }
}

/// npm's versions with their peers: `1.0.0_a@2.0.0`. No version has a `_` in it.
fn without_peers(version: &str) -> &str {
    version.split_once('_').map_or(version, |(version, _)| version)
}

fn package(ecosystem: Ecosystem, name: &str, version: &str, entry: &Entry<'_>) -> Package {
    let mut package = purl::package(ecosystem, name, Some(version));
    let integrity = entry.integrity.as_deref();
    package.checksums = if ecosystem == Ecosystem::Jsr {
        // Of the package's manifest, which has those of its files.
        integrity.map(|sum| format!("sha256:{sum}")).into_iter().collect()
    } else {
        integrity.map(|text| spec::hashes(text).collect()).unwrap_or_default()
    };
    package.source = entry.tarball.as_deref().map(str::to_owned);
    package
}

/// Direct is what the manifests ask for, and what nothing but the code can have asked for: specifiers
/// that are those of no package.
fn relate(
    lockfile: &Lockfile<'_>,
    index: &Index<'_>,
    optional: &HashSet<(PackageId, PackageId)>,
    records: &mut Records,
) {
    let inner: HashSet<&str> = lockfile.jsr.iter().flat_map(|entry| &entry.wants).map(|want| &**want).collect();
    let is_inner = |text: &str| inner.contains(text) || inner.contains(without_requirement(text));
    let asked = lockfile.specifiers.iter().filter(|(text, _)| !is_inner(text));
    let mut roots: Vec<_> = asked.filter_map(|(text, _)| index.specifiers.get(&**text).copied()).collect();
    roots.extend(lockfile.roots.iter().filter_map(|text| index.specifier(text)));
    if roots.is_empty() {
        return;
    }
    let roots: Vec<_> = roots.into_iter().map(|id| (id, Scope::Runtime)).collect();
    graph::spread(records, &roots);
    graph::weaken(records, &roots, optional);
}

/// `npm:a` of `npm:a@^1`.
fn without_requirement(specifier: &str) -> &str {
    let requirement = Specifier::parse(specifier).and_then(|asked| asked.requirement);
    let end = requirement.map_or(specifier.len(), |requirement| specifier.len() - requirement.len() - 1);
    specifier.get(..end).unwrap_or(specifier)
}

/// The modules of `remote`: one package for all files of a version. Who imports them is not in the file.
fn add_modules(lockfile: &Lockfile<'_>, source: &Source<'_>, records: &mut Records) {
    let mut seen: HashSet<&str> = HashSet::new();
    for (url, hash) in &lockfile.remote {
        let Some(module) = Module::parse(url) else {
            let message = format!("{} is no address of a module; it is left out", cut(url, LABEL_BYTES_MAX));
            records.problem(ProblemKind::BadEntry, source.line_of(url), &message);
            continue;
        };
        if !seen.insert(module.base) {
            continue;
        }
        let mut package = purl::package(Ecosystem::Generic, module.name, module.version);
        package.line = source.line_of(url);
        package.relation = Relation::Unknown;
        package.source = Some(module.base.to_owned());
        if module.version.is_none() {
            package.checksums.push(format!("sha256:{hash}"));
        }
        records.package(package);
    }
}
