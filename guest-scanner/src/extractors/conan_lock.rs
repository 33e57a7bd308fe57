//! `conan.lock`, the lockfile of Conan, versions 0.1 to 0.5.
//!
//! Format: Conan's documentation of lockfiles. Up to 0.4 (Conan 1) it holds a graph; its nodes are
//! called by `ref`, before 0.3 by `pref`, which names the binary too; a node with a `path` is a recipe
//! that lies there, the project's own. From 0.5 on (Conan 2) it holds lists without edges.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{ProblemKind, Relation, Scope};

use crate::conan::Reference;
use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::json_tree::{self, Json};
use crate::lines::Lines;
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The extractor of `conan.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "conan-lock",
    ecosystem: "C and C++",
    files: &[Pattern::Name("conan.lock")],
    companions: &[],
    extract,
};

/// All versions that there were.
const VERSIONS: [&str; 5] = ["0.1", "0.2", "0.3", "0.4", "0.5"];

fn extract(source: &Source<'_>, records: &mut Records) {
    let (root, lines) = json_tree::read(source.text(), records);
    if let Some(version) = root.text("version")
        && !VERSIONS.contains(&version)
    {
        let message = format!("version {version} is none that is known; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    if let Some(nodes) = root.get("graph_lock").and_then(|graph| graph.get("nodes")) {
        return graph(nodes, &lines, records);
    }
    for (list, scope) in [
        ("requires", Scope::Runtime),
        ("build_requires", Scope::Build),
        ("python_requires", Scope::Build),
        ("config_requires", Scope::Build),
    ] {
        for item in root.items_of(list) {
            let Some(text) = item.as_text() else {
                let message = format!("an entry of {list} is not a string; it is left out");
                records.problem(ProblemKind::BadEntry, None, &message);
                continue;
            };
            add(text, &[], lines.of(text), records, |package| package.scope = scope);
        }
    }
}

fn add(
    text: &str,
    qualifiers: &[(&'static str, &str)],
    line: Option<u32>,
    records: &mut Records,
    change: impl FnOnce(&mut fumehood_contract::Package),
) -> Option<PackageId> {
    let Some(reference) = Reference::of(text) else {
        let text = fumehood_contract::status::cut(text, 80);
        records.problem(ProblemKind::BadEntry, line, &format!("{text} does not name a package and its version"));
        return None;
    };
    let mut package = reference.package(qualifiers);
    package.line = line;
    change(&mut package);
    records.package(package)
}

/// What a node of the graph is.
enum Node {
    /// The project, reported or not.
    Project,
    Package(PackageId, Scope),
}

fn graph(nodes: &Json<'_>, lines: &Lines, records: &mut Records) {
    let nodes = nodes.entries();
    let mut known: HashMap<&str, (Option<PackageId>, Option<Scope>)> = HashMap::new();
    let mut projects = HashSet::new();
    for (key, node) in nodes {
        match add_node(key, node, lines, records) {
            Some(Node::Package(id, scope)) => _ = known.insert(key, (Some(id), Some(scope))),
            Some(Node::Project) => _ = projects.insert(key.as_ref()),
            None => {}
        }
    }
    // Edges out of a project that is not reported still make what they lead to direct.
    let mut roots = Vec::new();
    for (key, node) in nodes {
        let from = known.get(key.as_ref()).and_then(|(id, _)| *id);
        let is_project = projects.contains(key.as_ref()) || from.is_some_and(|id| is_project(id, records));
        for (needed, is_build) in needs(node) {
            let Some((Some(to), Some(scope))) = known.get(needed).copied() else { continue };
            if let Some(from) = from {
                records.depends(from, to);
            }
            if is_project {
                roots.push((to, if is_build { Scope::Build } else { scope }));
            }
        }
    }
    if !projects.is_empty() || records.ids().any(|id| is_project(id, records)) {
        graph::spread(records, &roots);
    }
}

fn is_project(id: PackageId, records: &Records) -> bool {
    records.packages().get(id.index()).is_some_and(|package| package.relation == Relation::Project)
}

fn add_node(key: &str, node: &Json<'_>, lines: &Lines, records: &mut Records) -> Option<Node> {
    let has_path = node.text("path").is_some();
    let reference = match (node.text("ref"), node.text("pref")) {
        (Some(reference), _) => reference,
        // There the project's own always has a name made up from its folder.
        (None, Some(_)) if has_path => return Some(Node::Project),
        (None, Some(reference)) => reference,
        // A `conanfile.txt` has no name.
        (None, None) if has_path || key == "0" => return Some(Node::Project),
        (None, None) => {
            let message = format!("node {key} names no package; it is left out");
            records.problem(ProblemKind::BadEntry, lines.of(key), &message);
            return None;
        }
    };
    // What builds the others runs elsewhere.
    let scope = if node.text("context") == Some("build") { Scope::Build } else { Scope::Runtime };
    // Without revisions they are all `0`.
    let previous = node.text("prev").filter(|previous| *previous != "0").unwrap_or_default();
    let line = lines.of(reference).or_else(|| lines.of(key));
    let id = add(reference, &[("prev", previous)], line, records, |package| {
        package.scope = scope;
        if has_path {
            package.relation = Relation::Project;
            package.source = node.text("path").map(str::to_owned);
        }
    })?;
    Some(Node::Package(id, scope))
}

/// The keys of what a node needs, and whether that is to build it: lists, or before 0.3 objects.
fn needs<'a>(node: &'a Json<'_>) -> Vec<(&'a str, bool)> {
    let mut needs = Vec::new();
    for (list, is_build) in [("requires", false), ("build_requires", true)] {
        needs.extend(node.items_of(list).iter().filter_map(|item| Some((item.as_text()?, is_build))));
        needs.extend(node.entries_of(list).iter().filter_map(|(_, item)| Some((item.as_text()?, is_build))));
    }
    needs
}
