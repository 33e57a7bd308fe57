//! Edges between the packages of a poetry.lock, and who asked for what.

use std::collections::{HashMap, HashSet};

use super::Entry;
use crate::graph;
use crate::purl::normal_pypi_name;
use crate::python::pyproject::Root;
use crate::python::{pep440, pep508};
use crate::records::{PackageId, Records};
use crate::toml_text::{Table, Value, entries, flag, table, text, texts};

/// One package may be locked at several versions, for several platforms; more often than so it is
/// no real file.
const VERSIONS_MAX: usize = 16;

/// One way in which a package needs another.
struct Need<'t> {
    to: String,
    range: &'t str,
    extras: Vec<String>,
    /// Needed only for an extra.
    optional: bool,
}

struct Graph<'t, 'a> {
    entries: &'t [Entry<'t, 'a>],
    by_name: HashMap<&'t str, Vec<usize>>,
}

/// Adds the edges, and with `roots` the relations and the scopes that the lockfile itself leaves open.
pub(super) fn connect(packages: &[Entry<'_, '_>], roots: Option<Vec<Root>>, records: &mut Records) {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, entry) in packages.iter().enumerate() {
        by_name.entry(&entry.name).or_default().push(index);
    }
    let graph = Graph { entries: packages, by_name };
    graph.edges(roots.as_deref().unwrap_or_default(), records);
    let Some(roots) = roots else { return };
    let direct: Vec<_> = roots
        .iter()
        .flat_map(|root| graph.named(&root.name, "").into_iter().map(|entry| (entry.id, root.scope)))
        .collect();
    if direct.is_empty() {
        return;
    }
    graph::spread(records, &direct);
    for entry in packages {
        if let (Some(scope), Some(package)) = (entry.scope, records.get_mut(entry.id)) {
            package.scope = scope;
        }
    }
}

impl<'t> Graph<'t, '_> {
    fn edges(&self, roots: &[Root], records: &mut Records) {
        let mut wanted: Vec<(PackageId, usize, String)> = Vec::new();
        for root in roots {
            self.want(&root.name, "", &root.extras, &mut wanted);
        }
        for entry in self.entries {
            for need in needs(entry.table) {
                if need.optional {
                    continue;
                }
                for to in self.named(&need.to, need.range) {
                    records.depends(entry.id, to.id);
                }
                self.want(&need.to, need.range, &need.extras, &mut wanted);
            }
        }
        self.edges_of_extras(wanted, records);
    }

    /// An extra brings the optional dependencies that the package lists under its name, and they may
    /// want extras in turn.
    fn edges_of_extras(&self, mut wanted: Vec<(PackageId, usize, String)>, records: &mut Records) {
        let mut seen = HashSet::new();
        let mut cache: HashMap<usize, Extras<'t>> = HashMap::new();
        while let Some((id, index, extra)) = wanted.pop() {
            let Some(entry) = self.entries.get(index) else { continue };
            if !seen.insert((index, extra.clone())) {
                continue;
            }
            let extras = cache.entry(index).or_insert_with(|| Extras::of(entry.table));
            for (name, inner) in extras.lists.get(&extra).into_iter().flatten() {
                if *name == entry.name {
                    wanted.extend(inner.iter().map(|extra| (id, index, extra.clone())));
                    continue;
                }
                for need in extras.needs.get(name).into_iter().flatten() {
                    self.named(&need.to, need.range).iter().for_each(|to| records.depends(id, to.id));
                    self.want(&need.to, need.range, &need.extras, &mut wanted);
                }
            }
        }
    }

    fn want(&self, name: &str, range: &str, extras: &[String], wanted: &mut Vec<(PackageId, usize, String)>) {
        for index in if extras.is_empty() { Vec::new() } else { self.indexes(name, range) } {
            let Some(entry) = self.entries.get(index) else { continue };
            wanted.extend(extras.iter().map(|extra| (entry.id, index, extra.clone())));
        }
    }

    fn named(&self, name: &str, range: &str) -> Vec<&'t Entry<'t, '_>> {
        self.indexes(name, range).into_iter().filter_map(|index| self.entries.get(index)).collect()
    }

    /// The packages of that name: one mostly, and where there are more, those within the range.
    fn indexes(&self, name: &str, range: &str) -> Vec<usize> {
        let all = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let all = all.get(..VERSIONS_MAX).unwrap_or(all);
        if let [_] | [] = all {
            return all.to_vec();
        }
        let fits = |index: &&usize| {
            self.entries.get(**index).is_some_and(|entry| pep440::satisfies(range, entry.version) == Some(true))
        };
        let fitting: Vec<usize> = all.iter().filter(fits).copied().collect();
        if fitting.is_empty() { all.to_vec() } else { fitting }
    }
}

/// A package's extras, arranged for look-up by their normalised names.
struct Extras<'t> {
    /// What each extra brings: packages, and the extras of theirs.
    lists: HashMap<String, Vec<(String, Vec<String>)>>,
    needs: HashMap<String, Vec<Need<'t>>>,
}

impl<'t> Extras<'t> {
    fn of(package: &'t Table<'_>) -> Self {
        let mut extras = Self { lists: HashMap::new(), needs: HashMap::new() };
        for need in needs(package) {
            extras.needs.entry(need.to.clone()).or_default().push(need);
        }
        let Some(lists) = table(package, "extras") else { return extras };
        for (name, _) in entries(lists) {
            let wanted = texts(lists, name).filter_map(|line| pep508::parse(line).ok()).map(|wanted| {
                let inner = wanted.extras.iter().map(|extra| normal_pypi_name(extra)).collect();
                (normal_pypi_name(wanted.name), inner)
            });
            extras.lists.entry(normal_pypi_name(name)).or_default().extend(wanted);
        }
        extras
    }
}

/// What `[package.dependencies]` lists: `name = "range"`, a table, or an array of tables.
fn needs<'t>(package: &'t Table<'_>) -> impl Iterator<Item = Need<'t>> {
    let list = table(package, "dependencies").into_iter().flat_map(entries);
    list.flat_map(|(name, value)| {
        let alternatives = value.get_ref().as_array().into_iter().flat_map(|array| array.iter());
        alternatives.chain([value]).filter_map(|value| need(name, value))
    })
}

fn need<'t>(name: &str, value: &'t Value<'_>) -> Option<Need<'t>> {
    let to = normal_pypi_name(name);
    if let Some(range) = value.get_ref().as_str() {
        return Some(Need { to, range, extras: Vec::new(), optional: false });
    }
    let table = value.get_ref().as_table()?;
    Some(Need {
        to,
        range: text(table, "version").unwrap_or(""),
        extras: texts(table, "extras").map(normal_pypi_name).collect(),
        optional: flag(table, "optional"),
    })
}
