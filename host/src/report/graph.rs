//! The packages of one repository by package URL, with what needs what. A package that several files name is one node.

use std::collections::{BTreeMap, BTreeSet};

use fumehood_contract::{FileRecord, Package, Relation, Scope};

use super::RepoReport;
use crate::policy::Ruling;

/// A repository's packages.
#[derive(Default)]
pub(super) struct Graph<'a> {
    /// By package URL.
    pub(super) nodes: BTreeMap<&'a str, Node<'a>>,
    /// From each package to those that it needs.
    pub(super) edges: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// What hangs at the repository itself.
    pub(super) roots: BTreeSet<&'a str>,
}

/// A package.
pub(super) struct Node<'a> {
    /// As the first file names it.
    pub(super) package: &'a Package,
    /// Every place that names it, and what the policy says there.
    pub(super) places: Vec<Place<'a>>,
}

/// Where a package is named.
pub(super) struct Place<'a> {
    pub(super) file: &'a FileRecord,
    pub(super) package: &'a Package,
    pub(super) ruling: Option<&'a Ruling>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(report: &'a RepoReport) -> Self {
        let mut graph = Self::default();
        for (at, file) in report.files.iter().enumerate() {
            graph.edges(file);
            for (position, package) in file.packages.iter().enumerate() {
                let ruling = report.verdict.as_ref().and_then(|verdict| verdict.package(at, position));
                let node = graph.nodes.entry(&package.purl).or_insert_with(|| Node { package, places: Vec::new() });
                node.places.push(Place { file, package, ruling });
            }
        }
        graph
    }

    fn edges(&mut self, file: &'a FileRecord) {
        let mut needed = BTreeSet::new();
        for package in &file.packages {
            let from = package.purl.as_str();
            let targets = package.depends_on.iter().filter_map(|to| file.packages.get(*to as usize));
            let targets: Vec<&str> = targets.map(|to| to.purl.as_str()).filter(|to| *to != from).collect();
            if package.relation == Relation::Project {
                needed.extend(targets.iter().copied());
            }
            self.edges.entry(from).or_default().extend(targets);
        }
        for package in &file.packages {
            // What a project of this file needs hangs below that project, not below the repository.
            let is_root = match package.relation {
                Relation::Project => true,
                Relation::Direct | Relation::Unknown => !needed.contains(package.purl.as_str()),
                Relation::Transitive => false,
            };
            if is_root {
                self.roots.insert(&package.purl);
            }
        }
    }
}

impl<'a> Node<'a> {
    /// The worst ruling of its places.
    pub(super) fn ruling(&self) -> Option<&'a Ruling> {
        self.places.iter().filter_map(|place| place.ruling).max_by_key(|ruling| ruling.status)
    }

    /// What it is needed for, at most: what one place ships is shipped.
    pub(super) fn scope(&self) -> Scope {
        let rank = |scope: &Scope| match scope {
            Scope::Test => 0,
            Scope::Dev => 1,
            Scope::Build => 2,
            Scope::Optional => 3,
            Scope::Peer => 4,
            Scope::Runtime => 5,
        };
        self.places.iter().map(|place| place.package.scope).max_by_key(rank).unwrap_or_default()
    }
}
