//! Edges between the packages of a uv.lock, and who asked for what.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{ProblemKind, Scope};

use super::{Entry, package_source};
use crate::graph;
use crate::purl::normal_pypi_name;
use crate::python::pyproject::scope_of_group;
use crate::records::{PackageId, Records};
use crate::toml_text::{Table, entries, table, tables, text, texts};

/// One package may be locked at several versions, for several platforms; more often than so it is
/// no real file.
const VERSIONS_MAX: usize = 64;

type Roots = Vec<(PackageId, Scope)>;

struct Graph<'t, 'a> {
    entries: &'t [Entry<'t, 'a>],
    is_sound: bool,
    by_name: HashMap<&'t str, Vec<usize>>,
    /// For dependencies that spell their version out.
    by_version: HashMap<(&'t str, &'t str), Vec<usize>>,
}

/// Adds the edges, and derives relations and scopes from what the projects ask for. What is missing
/// from a file that is sound otherwise is a problem.
pub(super) fn connect(packages: &[Entry<'_, '_>], manifest: Option<&Table<'_>>, is_sound: bool, records: &mut Records) {
    let graph = Graph::new(packages, is_sound);
    let mut roots = Roots::new();
    let mut of_projects = Vec::new();
    for entry in packages {
        let mut edges = Vec::new();
        graph.edges(entry, entry.table, "dependencies", Scope::Runtime, &mut edges, records);
        for (extra, _) in table(entry.table, "optional-dependencies").into_iter().flat_map(entries) {
            let Some(extras) = table(entry.table, "optional-dependencies") else { continue };
            graph.edges(entry, extras, extra, Scope::Optional, &mut edges, records);
        }
        let groups = ["dev-dependencies", "dependency-groups"].into_iter().filter_map(|key| table(entry.table, key));
        for groups in groups {
            for (group, _) in entries(groups) {
                graph.edges(entry, groups, group, scope_of_group(group), &mut edges, records);
            }
        }
        if entry.is_project {
            roots.extend(&edges);
            of_projects.extend(edges.into_iter().map(|(to, _)| (entry.id, to)));
        } else {
            edges.into_iter().for_each(|(to, _)| records.depends(entry.id, to));
        }
    }
    roots.extend(manifest.map(|manifest| graph.roots_of_manifest(manifest)).unwrap_or_default());
    roots.extend(graph.wanted_extras());
    if !roots.is_empty() {
        graph::spread(records, &roots);
    }
    // Only now: a project's groups are not what those need who need the project.
    of_projects.into_iter().for_each(|(from, to)| records.depends(from, to));
}

impl<'t> Graph<'t, '_> {
    fn new<'a>(entries: &'t [Entry<'t, 'a>], is_sound: bool) -> Graph<'t, 'a> {
        let mut graph = Graph { entries, is_sound, by_name: HashMap::new(), by_version: HashMap::new() };
        for (index, entry) in entries.iter().enumerate() {
            graph.by_name.entry(&entry.name).or_default().push(index);
            if let Some(version) = entry.version {
                graph.by_version.entry((&entry.name, version)).or_default().push(index);
            }
        }
        graph
    }

    fn edges(
        &self,
        from: &Entry<'_, '_>,
        lists: &Table<'_>,
        key: &str,
        scope: Scope,
        edges: &mut Roots,
        records: &mut Records,
    ) {
        for dependency in tables(lists, key) {
            let found = self.find(dependency);
            if found.is_empty() && self.is_sound {
                let wanted = text(dependency, "name").unwrap_or("a package without a name");
                let message = format!("{} depends on {wanted}, which the file does not hold", from.name);
                records.problem(ProblemKind::BadEntry, from.line, &message);
            }
            edges.extend(found.iter().filter_map(|index| self.entries.get(*index)).map(|entry| (entry.id, scope)));
        }
    }

    /// A workspace without a project of its own asks in the manifest.
    fn roots_of_manifest(&self, manifest: &Table<'_>) -> Roots {
        let mut roots = Roots::new();
        let mut ask = |lists: &Table<'_>, key: &str, scope| {
            let found = tables(lists, key).flat_map(|dependency| self.find(dependency));
            roots.extend(found.filter_map(|index| self.entries.get(index)).map(|entry| (entry.id, scope)));
        };
        ask(manifest, "requirements", Scope::Runtime);
        for groups in ["dependency-groups", "dev-dependencies"].into_iter().filter_map(|key| table(manifest, key)) {
            entries(groups).for_each(|(group, _)| ask(groups, group, scope_of_group(group)));
        }
        roots
    }

    /// What one project asks of another's extras is needed for what the asking one needs it for.
    fn wanted_extras(&self) -> Roots {
        let mut wanted = HashSet::new();
        for entry in self.entries.iter().filter(|entry| entry.is_project) {
            for dependency in tables(entry.table, "dependencies") {
                let extras: Vec<String> =
                    texts(dependency, "extra").chain(texts(dependency, "extras")).map(normal_pypi_name).collect();
                for index in if extras.is_empty() { Vec::new() } else { self.find(dependency) } {
                    wanted.extend(extras.iter().map(|extra| (index, extra.clone())));
                }
            }
        }
        let mut roots = Roots::new();
        for (index, entry) in self.entries.iter().enumerate().filter(|(_, entry)| entry.is_project) {
            let Some(extras) = table(entry.table, "optional-dependencies") else { continue };
            let brought = entries(extras).filter(|(extra, _)| wanted.contains(&(index, normal_pypi_name(extra))));
            let found = brought.flat_map(|(extra, _)| tables(extras, extra)).flat_map(|wanted| self.find(wanted));
            roots.extend(found.filter_map(|to| self.entries.get(to)).map(|to| (to.id, Scope::Runtime)));
        }
        roots
    }

    /// The packages that a dependency means: one, unless several are locked and none is singled out.
    fn find(&self, dependency: &Table<'_>) -> Vec<usize> {
        let Some(name) = text(dependency, "name").map(normal_pypi_name) else { return Vec::new() };
        let candidates = match text(dependency, "version") {
            Some(version) => self.by_version.get(&(name.as_str(), version)),
            None => self.by_name.get(name.as_str()),
        };
        let candidates = candidates.map_or(&[][..], Vec::as_slice);
        let candidates = candidates.get(..VERSIONS_MAX).unwrap_or(candidates);
        let Some(wanted) = package_source(dependency) else { return candidates.to_vec() };
        let same = |index: &&usize| self.entries.get(**index).is_some_and(|entry| entry.source == Some(wanted));
        let found: Vec<usize> = candidates.iter().filter(same).copied().collect();
        if found.is_empty() { candidates.to_vec() } else { found }
    }
}
