//! What the project and the members of its workspace ask for themselves.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{Relation, Scope};

use super::emit::Identity;
use super::entry::{Entry, Index, Lockfile};
use crate::extractors::package_lock::manifest::{self, Manifest};
use crate::extractors::package_lock::spec;
use crate::graph;
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The text of package.json beside the lockfile, if it can be read.
pub(super) fn sibling(source: &Source<'_>) -> Option<String> {
    source.sibling(manifest::FILE_NAME)?.ok()
}

/// `resolutions` of package.json: what is installed instead of what is asked for.
#[derive(Debug, Default)]
pub(super) struct Overrides(HashMap<String, String>);

impl Overrides {
    /// Of the manifest with that text.
    pub(super) fn new(manifest: Option<&str>) -> Self {
        let resolutions = manifest.and_then(manifest::read).map(|manifest| manifest.resolutions).unwrap_or_default();
        let named =
            resolutions.into_iter().map(|(pattern, range)| (last_name(&pattern).to_owned(), range.into_owned()));
        Self(named.collect())
    }

    /// The entry for `name@range`. What is overridden is not in the file as it was asked for.
    pub(super) fn find(&self, index: &Index<'_>, name: &str, range: &str) -> Option<usize> {
        let overridden = || index.find(name, self.0.get(name)?);
        index.find(name, range).or_else(overridden).or_else(|| index.single(name))
    }
}

/// The package that a pattern of `resolutions` is about: `**/a`, `b/@c/d`, `e@npm:^1`.
fn last_name(pattern: &str) -> &str {
    let (before, last) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let scope = before.rsplit_once('/').map_or(before, |(_, scope)| scope);
    let start =
        if scope.starts_with('@') { pattern.len() - last.len() - scope.len() - 1 } else { pattern.len() - last.len() };
    let name = pattern.get(start..).unwrap_or(pattern);
    spec::split_at(name).map_or(name, |(name, _)| name)
}

/// Says of each package who asked for it and what for, as far as it is known.
pub(super) fn relate(
    lockfile: &Lockfile<'_>,
    ids: &[Option<PackageId>],
    index: &Index<'_>,
    overrides: &Overrides,
    source: &Source<'_>,
    manifest: Option<&str>,
    records: &mut Records,
) {
    let mut roots = Roots { ids, index, overrides, found: Vec::new() };
    let mut complete = true;
    let mut members = Members { source, seen: HashSet::new() };
    let mut in_lockfile = false;
    for entry in &lockfile.entries {
        if let Some(folder) = Identity::of(entry, lockfile.flavour).workspace() {
            in_lockfile = true;
            roots.workspace(entry, members.manifest(folder).as_deref().and_then(manifest::read).as_ref());
        }
    }
    if !in_lockfile {
        let Some(manifest) = manifest.and_then(manifest::read) else { return };
        roots.manifest(&manifest);
        for folder in &manifest.workspaces {
            // Which folders a pattern means cannot be seen from here.
            complete &= !folder.contains(['*', '?', '{', '[', '!']);
            if let Some(text) = members.manifest(folder) {
                roots.manifest(&manifest::read(&text).unwrap_or_default());
            }
        }
    }
    if complete {
        return graph::spread(records, &roots.found);
    }
    for (id, _) in roots.found {
        if let Some(package) = records.get_mut(id)
            && package.relation == Relation::Unknown
        {
            package.relation = Relation::Direct;
        }
    }
}

/// Collects direct dependencies.
struct Roots<'t> {
    ids: &'t [Option<PackageId>],
    index: &'t Index<'t>,
    overrides: &'t Overrides,
    found: Vec<(PackageId, Scope)>,
}

impl Roots<'_> {
    fn add(&mut self, name: &str, range: &str, scope: Scope) {
        let position = self.overrides.find(self.index, name, range);
        let id = position.and_then(|position| self.ids.get(position).copied().flatten());
        self.found.extend(id.map(|id| (id, scope)));
    }

    fn manifest(&mut self, manifest: &Manifest<'_>) {
        for want in manifest.wants.iter().filter(|want| want.scope != Scope::Peer) {
            self.add(&want.name, &want.range, want.scope);
        }
    }

    /// An entry of a member has everything in one list; only its manifest tells what is what.
    fn workspace(&mut self, entry: &Entry<'_>, manifest: Option<&Manifest<'_>>) {
        let mut scopes: HashMap<&str, Scope> = HashMap::new();
        for want in manifest.into_iter().flat_map(|manifest| &manifest.wants) {
            let scope = scopes.entry(&want.name).or_insert(want.scope);
            if want.scope == Scope::Runtime {
                *scope = Scope::Runtime;
            }
        }
        let optional: HashSet<&str> = entry.optional.iter().map(|name| &**name).collect();
        for want in &entry.wants {
            let default = if optional.contains(&*want.name) { Scope::Optional } else { Scope::Runtime };
            let scope = scopes.get(&*want.name).copied().unwrap_or(default);
            self.add(&want.name, &want.range, scope);
        }
    }
}

/// Reads the manifests of members, each once.
struct Members<'t, 'a> {
    source: &'t Source<'a>,
    seen: HashSet<String>,
}

impl Members<'_, '_> {
    fn manifest(&mut self, folder: &str) -> Option<String> {
        let path = self.source.resolve(&format!("{folder}/{}", manifest::FILE_NAME)).ok()?;
        if !self.seen.insert(path.clone()) {
            return None;
        }
        self.source.tree().text(&path).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::last_name;

    #[test]
    fn patterns_name_their_last_package() {
        let cases =
            [("a", "a"), ("**/a", "a"), ("@s/a", "@s/a"), ("b/@s/a", "@s/a"), ("b/**/a", "a"), ("a@npm:^1", "a")];
        for (pattern, name) in cases {
            assert_eq!(last_name(pattern), name);
        }
    }
}
