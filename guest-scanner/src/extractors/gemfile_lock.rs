//! `Gemfile.lock`, and `gems.locked`, which is the same under Bundler's newer name.
//!
//! Format: `Bundler::LockfileParser`. Sections at the margin; below them, by two spaces each, their
//! entries. A source's gems stand below `specs:`, what a gem needs below it. One gem may be locked for
//! several platforms, each a package of its own with the purl qualifier `platform`. Groups are not in
//! the file: the Gemfile beside it has them, and what stands in none of them counts as needed to run.

mod parse;

use std::collections::HashMap;

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::gemfile;
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
use parse::{Kind, Lockfile, Origin, Spec};

/// The extractor of `Gemfile.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "gemfile-lock",
    ecosystem: "Ruby",
    files: &[Pattern::Name("Gemfile.lock"), Pattern::Name("gems.locked")],
    companions: &MANIFESTS,
    extract,
};

const MANIFESTS: [&str; 2] = ["Gemfile", "gems.rb"];

/// A gem may be locked for some dozen platforms; for more than so it is no real file.
const PLATFORMS_MAX: usize = 64;

/// The gems of each name, with their platforms.
type ByName<'t> = HashMap<&'t str, Vec<(&'t str, PackageId)>>;

fn extract(source: &Source<'_>, records: &mut Records) {
    let lockfile = parse::parse(source.text(), records);
    let ids: Vec<_> = lockfile.specs.iter().map(|spec| add(spec, &lockfile, records)).collect();
    let mut by_name: ByName<'_> = HashMap::new();
    for (spec, id) in lockfile.specs.iter().zip(&ids) {
        by_name.entry(spec.name).or_default().extend(id.map(|id| (spec.platform, id)));
    }
    for (spec, id) in lockfile.specs.iter().zip(&ids) {
        let Some(id) = *id else { continue };
        for name in &spec.dependencies {
            named(name, spec.platform, &by_name).into_iter().for_each(|to| records.depends(id, to));
        }
    }
    if lockfile.has_dependencies {
        let manifest = MANIFESTS.iter().find_map(|name| source.sibling(name)?.ok()).unwrap_or_default();
        graph::spread(records, &roots(&lockfile, &ids, &by_name, &gemfile::scopes(&manifest)));
    }
}

fn add(spec: &Spec<'_>, lockfile: &Lockfile<'_>, records: &mut Records) -> Option<PackageId> {
    let Some(version) = spec.version else {
        let message = format!("gem {} has no version", spec.name);
        records.problem(ProblemKind::BadEntry, Some(spec.line), &message);
        return None;
    };
    let origin = lockfile.origins.get(spec.origin)?;
    let repository = vcs_url(origin);
    let mut qualifiers = Vec::new();
    if !spec.platform.is_empty() {
        qualifiers.push(("platform", spec.platform));
    }
    if let Some(url) = &repository {
        qualifiers.push(("vcs_url", url));
    }
    let mut package = purl::with_qualifiers(Ecosystem::Gem, spec.name, Some(version), &qualifiers);
    package.line = Some(spec.line);
    package.source = place(origin);
    if is_project(origin) {
        package.relation = Relation::Project;
    }
    let sums = lockfile.checksums.get(&(spec.name, version, spec.platform)).into_iter().flatten();
    let sums = sums.filter_map(|sum| sum.split_once('=')).map(|(algorithm, hex)| format!("{algorithm}:{hex}"));
    package.checksums.extend(sums.take(CHECKSUMS_PER_PACKAGE_MAX));
    records.package(package)
}

/// The gems that DEPENDENCIES names, and those that the project's own gems need.
fn roots(
    lockfile: &Lockfile<'_>,
    ids: &[Option<PackageId>],
    by_name: &ByName<'_>,
    scopes: &HashMap<String, Scope>,
) -> Vec<(PackageId, Scope)> {
    let mut roots = Vec::new();
    for name in &lockfile.dependencies {
        let scope = scopes.get(*name).copied().unwrap_or_default();
        roots.extend(named(name, "", by_name).into_iter().map(|id| (id, scope)));
    }
    for (spec, id) in lockfile.specs.iter().zip(ids) {
        if id.is_some() && lockfile.origins.get(spec.origin).is_some_and(is_project) {
            let needed = spec.dependencies.iter().flat_map(|name| named(name, spec.platform, by_name));
            roots.extend(needed.map(|id| (id, Scope::Runtime)));
        }
    }
    roots
}

/// What the name means to a gem of that platform: the gem for the same platform, or else the one in
/// pure Ruby. To what is pure Ruby itself, all of them.
fn named(name: &str, platform: &str, by_name: &ByName<'_>) -> Vec<PackageId> {
    let all = by_name.get(name).map_or(&[][..], Vec::as_slice);
    let all = all.get(..PLATFORMS_MAX).unwrap_or(all);
    let of = |wanted: &str| all.iter().find(|(other, _)| *other == wanted).map(|(_, id)| vec![*id]);
    let one = if platform.is_empty() { None } else { of(platform).or_else(|| of("")) };
    one.unwrap_or_else(|| all.iter().map(|(_, id)| *id).collect())
}

/// The project is a gem itself if its gems lie in the folder of the lockfile.
fn is_project(origin: &Origin<'_>) -> bool {
    origin.kind == Kind::Path && origin.remotes == ["."]
}

fn vcs_url(origin: &Origin<'_>) -> Option<String> {
    let remote = origin.remotes.first().filter(|_| origin.kind == Kind::Git)?;
    let at = origin.revision.map(|revision| format!("@{revision}")).unwrap_or_default();
    Some(format!("git+{}{at}", without_credentials(remote)))
}

/// Before Bundler 2 one GEM section could have several remotes: then nothing says which it was.
fn place(origin: &Origin<'_>) -> Option<String> {
    let [remote] = origin.remotes.as_slice() else { return None };
    let remote = without_credentials(remote);
    Some(match (origin.kind, origin.revision) {
        (Kind::Git, Some(revision)) => format!("git+{remote}#{revision}"),
        (Kind::Git, None) => format!("git+{remote}"),
        (Kind::Gem | Kind::Path | Kind::Plugin, _) => remote,
    })
}
