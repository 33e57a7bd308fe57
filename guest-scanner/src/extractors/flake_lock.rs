//! `flake.lock`, versions 5 to 7: the inputs of a Nix flake.
//!
//! Format: <https://nix.dev/manual/nix/latest/command-ref/new-cli/nix3-flake.html#lock-files>. A graph of
//! nodes; an input is a node's name or the path to it from the root. There is no registered package type:
//! as in other tools' purls the name is the node's and the version its revision cut to seven digits; the
//! whole revision stands in the source.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Scope};
use serde::Deserialize;

use crate::extractor::{Extractor, Pattern};
use crate::extractors::requirements_txt::url::without_credentials;
use crate::graph;
use crate::json::{Entries, MaybeText, Text};
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The extractor of `flake.lock`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "flake-lock", files: &[Pattern::Name("flake.lock")], companions: &[], extract };

const VERSIONS: std::ops::RangeInclusive<u64> = 5..=7;

/// How git abbreviates revisions, and how the purls of other tools do.
const SHORT_REVISION: usize = 7;

#[derive(Deserialize)]
struct Lockfile<'a> {
    version: Option<u64>,
    #[serde(borrow)]
    root: Option<Text<'a>>,
    #[serde(borrow, default)]
    nodes: Entries<'a, Node<'a>>,
}

#[derive(Deserialize)]
struct Node<'a> {
    #[serde(borrow)]
    locked: Option<Locked<'a>>,
    #[serde(borrow, default)]
    inputs: Entries<'a, Input<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Locked<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: MaybeText<'a>,
    #[serde(borrow, default)]
    owner: MaybeText<'a>,
    #[serde(borrow, default)]
    repo: MaybeText<'a>,
    #[serde(borrow, default)]
    rev: MaybeText<'a>,
    #[serde(borrow, default)]
    nar_hash: MaybeText<'a>,
    #[serde(borrow, default)]
    url: MaybeText<'a>,
    #[serde(borrow, default)]
    path: MaybeText<'a>,
}

/// A node's name, or the names of the inputs that lead to it from the root.
#[derive(Deserialize)]
#[serde(untagged)]
enum Input<'a> {
    #[serde(borrow)]
    Node(Text<'a>),
    Path(Vec<Text<'a>>),
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let lockfile: Lockfile<'_> = match serde_json::from_str(source.text()) {
        Ok(lockfile) => lockfile,
        Err(error) => {
            let line = u32::try_from(error.line()).ok();
            return records.problem(ProblemKind::Unparsable, line, &error.to_string());
        }
    };
    if !lockfile.version.is_some_and(|version| VERSIONS.contains(&version)) {
        let found = lockfile.version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"));
        let message = format!("{found} is not among those known, 5 to 7; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    Graph::new(&lockfile, source, records).connect(records);
}

struct Graph<'l, 'a> {
    nodes: HashMap<&'l str, (&'l Node<'a>, Option<PackageId>)>,
    inputs: HashMap<(&'l str, &'l str), &'l Input<'a>>,
    order: Vec<&'l str>,
    root: &'l str,
}

impl<'l, 'a> Graph<'l, 'a> {
    fn new(lockfile: &'l Lockfile<'a>, source: &Source<'_>, records: &mut Records) -> Self {
        let root = lockfile.root.as_ref().map_or("root", Text::as_str);
        let mut graph = Self { nodes: HashMap::new(), inputs: HashMap::new(), order: Vec::new(), root };
        for (name, node) in lockfile.nodes.iter() {
            let id = node.locked.as_ref().filter(|_| name.as_str() != root).and_then(|locked| {
                let line = source.line_of(name.as_str());
                records.package(Package { line, ..package(name.as_str(), locked) })
            });
            graph.nodes.insert(name.as_str(), (node, id));
            graph.inputs.extend(node.inputs.iter().map(|(input, to)| ((name.as_str(), input.as_str()), to)));
            graph.order.push(name.as_str());
        }
        graph
    }

    fn connect(&self, records: &mut Records) {
        let mut roots = Vec::new();
        for (node, id) in self.order.iter().filter_map(|name| self.nodes.get(name)) {
            for (name, input) in node.inputs.iter() {
                let found = self.find(input).and_then(|name| self.nodes.get(name));
                match (id, found) {
                    (Some(from), Some((_, Some(to)))) => records.depends(*from, *to),
                    (_, Some(_)) => {}
                    // An input that follows an empty path is switched off.
                    (_, None) if matches!(input, Input::Path(path) if path.is_empty()) => {}
                    (_, None) => {
                        let message = format!("the input {} leads to no node", name.as_str());
                        records.problem(ProblemKind::BadEntry, None, &message);
                    }
                }
            }
        }
        for (_, input) in self.nodes.get(self.root).into_iter().flat_map(|(node, _)| node.inputs.iter()) {
            let found = self.find(input).and_then(|name| self.nodes.get(name));
            roots.extend(found.and_then(|(_, id)| *id).map(|id| (id, Scope::Runtime)));
        }
        graph::spread(records, &roots);
    }

    /// The name of the node that an input means. A path's inputs may be paths themselves: the steps of
    /// all of them together are bounded.
    fn find<'s>(&'s self, input: &'s Input<'a>) -> Option<&'s str> {
        const STEPS_MAX: usize = 64;
        let mut waiting: Vec<&str> = match input {
            Input::Node(name) => return Some(name.as_str()),
            Input::Path(path) if path.is_empty() || path.len() > STEPS_MAX => return None,
            Input::Path(path) => path.iter().rev().map(Text::as_str).collect(),
        };
        let mut at = self.root;
        for _ in 0..STEPS_MAX {
            let Some(name) = waiting.pop() else { return Some(at) };
            match self.inputs.get(&(at, name))? {
                Input::Node(name) => at = name.as_str(),
                Input::Path(path) if path.len() > STEPS_MAX => return None,
                Input::Path(path) => {
                    at = self.root;
                    waiting.extend(path.iter().rev().map(Text::as_str));
                }
            }
        }
        None
    }
}

fn package(name: &str, locked: &Locked<'_>) -> Package {
    let revision = locked.rev.as_str();
    let version = revision.map(|revision| revision.get(..SHORT_REVISION).unwrap_or(revision));
    let mut package = purl::package(Ecosystem::Nix, name, version);
    package.source = place(locked).map(|place| match revision {
        Some(revision) => format!("{place}#{revision}"),
        None => place,
    });
    package.checksums.extend(locked.nar_hash.as_str().map(str::to_owned));
    package
}

fn place(locked: &Locked<'_>) -> Option<String> {
    if let (Some(kind), Some(owner), Some(repo)) = (locked.kind.as_str(), locked.owner.as_str(), locked.repo.as_str()) {
        return Some(format!("{kind}:{owner}/{repo}"));
    }
    let path = || locked.path.as_str().map(|path| format!("path:{path}"));
    locked.url.as_str().map(without_credentials).or_else(path)
}
