//! SPDX 2.3 JSON (ISO/IEC 5962): an SBOM of a job.
//!
//! The format demands a moment and a name that no other document has; the name is made of the content, so that the same
//! tree at the same moment gives the same bytes.

mod model;

use std::collections::HashMap;
use std::io::{self, Write};

use fumehood_contract::{Scope, Timestamp};
use spdx::{Expression, ParseMode};

use self::model::{Annotation, Checksum, CreationInfo, Document, ExternalRef, Package, Relationship};
use super::RepoReport;
use super::graph::{Graph, Node};
use super::hash::hashes;
use super::lazy::Lazy;
use crate::policy::Verdict;

/// Writes one document for all repositories.
pub fn write(mut out: &mut dyn Write, reports: &[RepoReport], moment: Timestamp) -> io::Result<()> {
    let parts: Vec<Part<'_>> = (0usize..).zip(reports).map(|(at, report)| Part::new(at, report, moment)).collect();
    let document = Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: name(reports),
        document_namespace: namespace(&parts, moment),
        creation_info: CreationInfo { created: moment.to_string(), creators: [creator()] },
        packages: Lazy(|| parts.iter().flat_map(Part::packages)),
        relationships: Lazy(|| parts.iter().flat_map(Part::relationships)),
    };
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")?;
    out.flush()
}

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

fn creator() -> String {
    format!("Tool: fumehood-{}", env!("CARGO_PKG_VERSION"))
}

fn name(reports: &[RepoReport]) -> String {
    match reports {
        [report] => report.name.clone(),
        _ => crate::text::count(reports.len() as u64, "repository"),
    }
}

/// A URI of the content: two documents have the same one only if they say the same.
fn namespace(parts: &[Part<'_>], moment: Timestamp) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(text.as_bytes()).update(&[0]);
    };
    add(&moment.to_string());
    for part in parts {
        add(&part.report.name);
        add(part.report.ended.commit.as_deref().unwrap_or_default());
        for (purl, node) in &part.graph.nodes {
            add(purl);
            for place in &node.places {
                add(&place.file.path);
                add(&place.package.line.unwrap_or_default().to_string());
            }
        }
    }
    let hash = hasher.finalize().to_hex();
    format!("https://spdx.org/spdxdocs/fumehood-{}", hash.get(..32).unwrap_or_default())
}

/// A repository and its place in the document.
struct Part<'a> {
    at: usize,
    report: &'a RepoReport,
    graph: Graph<'a>,
    /// Of each package URL in the graph.
    positions: HashMap<&'a str, usize>,
    moment: Timestamp,
}

impl<'a> Part<'a> {
    fn new(at: usize, report: &'a RepoReport, moment: Timestamp) -> Self {
        let graph = Graph::new(report);
        let positions = graph.nodes.keys().enumerate().map(|(position, purl)| (*purl, position)).collect();
        Self { at, report, graph, positions, moment }
    }

    fn packages(&self) -> impl Iterator<Item = Package> {
        let nodes = self.graph.nodes.values().enumerate();
        std::iter::once(self.repository()).chain(nodes.map(|(position, node)| self.package(position, node)))
    }

    fn repository(&self) -> Package {
        let report = self.report;
        let mut package = Package::new(self.repository_id(), report.name.clone(), "APPLICATION");
        package.version_info = report.ended.commit.clone();
        let verdict = report.verdict.as_ref().map(|verdict| format!("policy: {}", verdict.status.name()));
        let problems = report.files.iter().flat_map(|file| {
            file.problems.iter().map(move |problem| {
                let line = problem.line.map_or_else(String::new, |line| format!(":{line}"));
                format!("problem in {}{line}: {}", file.path, problem.message)
            })
        });
        let incomplete = (!report.ended.complete).then(|| format!("incomplete: {}", report.ended.outcome));
        let calls = report.calls.iter().map(|call| format!("API call at {}: {}", call.place(), call.request()));
        let sandbox = report.sandbox().map(|sandbox| sandbox.to_string());
        let comments = verdict.into_iter().chain(incomplete).chain(sandbox).chain(problems).chain(calls);
        package.annotations = comments.map(|comment| self.annotation(comment)).collect();
        package
    }

    fn package(&self, position: usize, node: &Node<'_>) -> Package {
        let found = node.package;
        let mut package = Package::new(self.package_id(position), found.name.clone(), "LIBRARY");
        package.version_info = found.version.clone().or_else(|| found.requirement.clone());
        package.source_info = Some(format!("named in {}", places(node)));
        let sums = hashes(&found.checksums).into_iter();
        package.checksums = sums
            .map(|(algorithm, value)| Checksum { algorithm: algorithm.replace('-', ""), checksum_value: value })
            .collect();
        package.external_refs = vec![ExternalRef::purl(&found.purl)];
        match found.license.as_deref().map(|license| (license, expression(license))) {
            Some((_, Some(expression))) => package.license_declared = expression,
            Some((license, None)) => package.license_comments = Some(format!("The package states: {license}")),
            None => {}
        }
        package.annotations = self.ruled(node, self.report.verdict.as_ref());
        package
    }

    fn ruled(&self, node: &Node<'_>, verdict: Option<&Verdict>) -> Vec<Annotation> {
        let (Some(ruling), Some(verdict)) = (node.ruling(), verdict) else { return Vec::new() };
        let categories: Vec<&str> = verdict.names(ruling).collect();
        let categories = if categories.is_empty() { String::new() } else { format!(" ({})", categories.join(", ")) };
        vec![self.annotation(format!("policy: {}{categories}", ruling.status.name()))]
    }

    fn annotation(&self, comment: String) -> Annotation {
        let annotation_date = self.moment.to_string();
        Annotation { annotation_date, annotation_type: "OTHER", annotator: creator(), comment }
    }

    fn relationships(&self) -> impl Iterator<Item = Relationship> {
        let repository = self.repository_id();
        let describes = Relationship::new(DOCUMENT.to_owned(), "DESCRIBES", repository.clone());
        // As the specification has it for what may be missing.
        let incomplete = (!self.report.ended.complete)
            .then(|| Relationship::new(repository, "DEPENDS_ON", "NOASSERTION".to_owned()));
        let positions = || self.graph.nodes.iter().enumerate();
        let roots = positions().filter(|(_, (purl, _))| self.graph.roots.contains(**purl));
        let roots = roots.map(|(position, (_, node))| self.root(position, node));
        let edges = positions().flat_map(move |(from, (purl, _))| {
            let targets = self.graph.edges.get(*purl).into_iter().flatten();
            targets.filter_map(move |to| {
                let to = self.positions.get(to)?;
                Some(Relationship::new(self.package_id(from), "DEPENDS_ON", self.package_id(*to)))
            })
        });
        std::iter::once(describes).chain(incomplete).chain(roots).chain(edges)
    }

    fn root(&self, position: usize, node: &Node<'_>) -> Relationship {
        let (repository, package) = (self.repository_id(), self.package_id(position));
        match node.scope() {
            Scope::Runtime => Relationship::new(repository, "DEPENDS_ON", package),
            Scope::Dev => Relationship::new(package, "DEV_DEPENDENCY_OF", repository),
            Scope::Optional => Relationship::new(package, "OPTIONAL_DEPENDENCY_OF", repository),
            Scope::Build => Relationship::new(package, "BUILD_DEPENDENCY_OF", repository),
            Scope::Test => Relationship::new(package, "TEST_DEPENDENCY_OF", repository),
            Scope::Peer => Relationship::new(package, "PROVIDED_DEPENDENCY_OF", repository),
        }
    }

    fn repository_id(&self) -> String {
        format!("SPDXRef-Repository-{}", self.at)
    }

    fn package_id(&self, position: usize) -> String {
        format!("SPDXRef-Package-{}-{position}", self.at)
    }
}

fn places(node: &Node<'_>) -> String {
    let place = |place: &super::graph::Place<'_>| {
        let line = place.package.line.map_or_else(String::new, |line| format!(":{line}"));
        format!("{}{line}", place.file.path)
    };
    node.places.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// An expression of licences on SPDX's list; others would need a text of their own.
fn expression(license: &str) -> Option<String> {
    let expression = Expression::parse_mode(license, ParseMode::STRICT).ok()?;
    let is_listed = expression.requirements().all(|found| found.req.license.id().is_some());
    is_listed.then(|| expression.to_string())
}

#[cfg(test)]
mod tests {
    use super::expression;

    #[test]
    fn only_listed_licences_are_declared() {
        assert_eq!(expression("MIT OR Apache-2.0").as_deref(), Some("MIT OR Apache-2.0"));
        for other in ["BSD", "LicenseRef-ours", "see LICENSE", "GPL-3.0", ""] {
            assert_eq!(expression(other), None, "{other}");
        }
    }
}
