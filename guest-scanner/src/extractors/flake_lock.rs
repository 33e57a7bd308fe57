//! `flake.lock`, versions 5 to 7: the inputs of a Nix flake.
//!
//! Format: <https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-flake.html#lock-files>. A graph of
//! nodes; an input is a node's name or the path to it from the root. There is no registered package type:
//! as in other tools' purls the name is the node's and the version its revision cut to seven digits; the
//! whole revision stands in the source.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of `flake.lock`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "flake-lock", ecosystem: "Nix", files: &[Pattern::Name("flake.lock")], companions: &[], extract };

const VERSIONS: [&str; 3] = ["5", "6", "7"];

/// How git abbreviates revisions, and how the purls of other tools do.
const SHORT_REVISION: usize = 7;

fn extract(source: &Source<'_>, records: &mut Records) {
    // JSON is YAML, and what stands before an error is kept.
    let yaml = Yaml::read_noting(source.text(), records);
    let Some(lockfile) = yaml.documents().next().filter(|lockfile| lockfile.is_mapping()) else {
        if yaml.is_whole() {
            records.problem(ProblemKind::Unparsable, Some(1), "no JSON object");
        }
        return;
    };
    match lockfile.text_at("version") {
        Some(version) if !VERSIONS.contains(&version) => {
            let message = format!("version {version} is not among those known, 5 to 7; not read");
            return records.problem(ProblemKind::Unsupported, Some(1), &message);
        }
        // It stands at the end, so that a file that was cut has none.
        None if yaml.is_whole() => {
            return records.problem(ProblemKind::Unsupported, Some(1), "there is no version; not read");
        }
        Some(_) | None => {}
    }
    Graph::new(lockfile, records).connect(yaml.is_whole(), records);
}

struct Graph<'y, 'a> {
    nodes: Vec<(&'y str, Node<'y, 'a>)>,
    ids: HashMap<&'y str, Option<PackageId>>,
    inputs: HashMap<(&'y str, &'y str), Node<'y, 'a>>,
    root: &'y str,
}

impl<'y, 'a> Graph<'y, 'a> {
    fn new(lockfile: Node<'y, 'a>, records: &mut Records) -> Self {
        let root = lockfile.text_at("root").unwrap_or("root");
        let mut graph = Self { nodes: Vec::new(), ids: HashMap::new(), inputs: HashMap::new(), root };
        for (key, node) in lockfile.get("nodes").into_iter().flat_map(Node::entries) {
            let Some(name) = key.text() else { continue };
            let id = node
                .get("locked")
                .filter(|_| name != root)
                .and_then(|locked| records.package(Package { line: Some(key.line()), ..package(name, locked) }));
            graph.ids.insert(name, id);
            graph.nodes.push((name, node));
            graph.inputs.extend(inputs(node).map(|(input, to)| ((name, input), to)));
        }
        graph
    }

    fn connect(&self, is_whole: bool, records: &mut Records) {
        let mut roots = Vec::new();
        for (name, node) in &self.nodes {
            for (input, to) in inputs(*node) {
                let found = self.find(to).and_then(|name| self.ids.get(name));
                match (self.ids.get(name), found) {
                    (_, Some(Some(to))) if *name == self.root => roots.push((*to, Scope::Runtime)),
                    (Some(Some(from)), Some(Some(to))) => records.depends(*from, *to),
                    (_, Some(_)) => {}
                    (_, None) if is_off(to) || !is_whole => {}
                    (_, None) => {
                        let message = format!("the input {input} of {name} leads to no node");
                        records.problem(ProblemKind::BadEntry, Some(to.line()), &message);
                    }
                }
            }
        }
        if self.nodes.iter().any(|(name, _)| *name == self.root) {
            graph::spread(records, &roots);
        }
    }

    /// The name of the node that an input means. A path's inputs may be paths themselves: the steps of
    /// all of them together are bounded.
    fn find(&self, input: Node<'y, 'a>) -> Option<&'y str> {
        const STEPS_MAX: usize = 32;
        if let Some(name) = input.text() {
            return Some(name);
        }
        let mut at = self.root;
        let mut waiting = path(input, STEPS_MAX)?;
        for _ in 0..STEPS_MAX {
            let Some(name) = waiting.pop() else { return Some(at) };
            let to = *self.inputs.get(&(at, name))?;
            match to.text() {
                Some(name) => at = name,
                None => {
                    at = self.root;
                    waiting.extend(path(to, STEPS_MAX)?);
                }
            }
        }
        None
    }
}

fn inputs<'y, 'a>(node: Node<'y, 'a>) -> impl Iterator<Item = (&'y str, Node<'y, 'a>)> {
    let entries = node.get("inputs").into_iter().flat_map(Node::entries);
    entries.filter_map(|(input, to)| Some((input.text()?, to)))
}

/// An input that follows an empty path is switched off.
fn is_off(input: Node<'_, '_>) -> bool {
    input.text().is_none() && input.items().next().is_none()
}

/// The names on a path, the first of them last; `None` for an empty or an endless one.
fn path<'y>(input: Node<'y, '_>, steps_max: usize) -> Option<Vec<&'y str>> {
    let mut names: Vec<_> = input.items().take(steps_max + 1).filter_map(Node::text).collect();
    names.reverse();
    (!names.is_empty() && names.len() <= steps_max).then_some(names)
}

fn package(name: &str, locked: Node<'_, '_>) -> Package {
    let revision = locked.text_at("rev");
    let version = revision.map(|revision| revision.get(..SHORT_REVISION).unwrap_or(revision));
    let mut package = purl::package(Ecosystem::Nix, name, version);
    package.source = place(locked).map(|place| match revision {
        Some(revision) => format!("{place}#{revision}"),
        None => place,
    });
    package.checksums.extend(locked.text_at("narHash").map(str::to_owned));
    package
}

fn place(locked: Node<'_, '_>) -> Option<String> {
    let part = |key| locked.text_at(key);
    if let (Some(kind), Some(owner), Some(repo)) = (part("type"), part("owner"), part("repo")) {
        return Some(format!("{kind}:{owner}/{repo}"));
    }
    part("url").map(without_credentials).or_else(|| part("path").map(|path| format!("path:{path}")))
}
