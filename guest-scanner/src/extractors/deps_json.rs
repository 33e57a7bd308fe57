//! `*.deps.json`, what a built .NET application needs to run.
//!
//! Format: the .NET runtime's documentation of `<app>.runtimeconfig.json` and `<app>.deps.json`. The
//! application itself and projects that it refers to are libraries of type `project`; assemblies
//! without a package (type `reference`) are not reported.

use std::collections::HashSet;

use fumehood_contract::Scope;

use crate::dotnet::libraries::Libraries;
use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::json_tree;
use crate::jsonc;
use crate::path;
use crate::records::Records;
use crate::source::Source;

/// The extractor of `*.deps.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "deps-json",
    ecosystem: ".NET",
    files: &[Pattern::Affixes("", ".deps.json")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let text = jsonc::plain(source.text());
    let (root, lines) = json_tree::read(&text, records);
    let file = path::name(source.path());
    let libraries = Libraries::read(&root, file.strip_suffix(".deps.json"), &lines, records);
    if libraries.projects.is_empty() {
        return;
    }
    let projects = libraries.projects.iter().filter_map(|id| records.packages().get(id.index()));
    let direct: HashSet<usize> = projects.flat_map(|project| &project.depends_on).map(|to| *to as usize).collect();
    let roots: Vec<_> =
        records.ids().filter(|id| direct.contains(&id.index())).map(|id| (id, Scope::Runtime)).collect();
    graph::spread(records, &roots);
}
