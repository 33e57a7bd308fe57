//! CycloneDX 1.6 JSON (ECMA-424): an SBOM of a job.
//!
//! One repository is the subject itself; several are components below the job, each with its packages
//! below it. A package that several files name is one component with several occurrences. Without a
//! timestamp and a serial number, which the format does not demand, the same tree gives the same bytes.

mod model;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use fumehood_contract::{Package, Relation, Scope};

use self::model::{
    Bom, Component, Composition, Dependency, Evidence, Hash, LicenseChoice, Metadata, Named, Occurrence, Property,
    Service, Tool, Tools,
};
use super::RepoReport;
use super::graph::{Graph, Node, Place};
use super::hash::hashes;
use crate::policy::{Ruling, Verdict};
use crate::text;

/// Writes one document for all repositories.
pub fn write(mut out: &mut dyn Write, reports: &[RepoReport]) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &bom(reports))?;
    out.write_all(b"\n")?;
    out.flush()
}

fn bom(reports: &[RepoReport]) -> Bom {
    let single = if let [report] = reports { Some(report) } else { None };
    let mut dependencies = Vec::new();
    let mut compositions = Vec::new();
    let mut services = Vec::new();
    let mut trees = Vec::new();
    for (index, report) in reports.iter().enumerate() {
        let prefix = if single.is_some() { String::new() } else { format!("{index}:") };
        let graph = Graph::new(report);
        let root = format!("{prefix}{ROOT}");
        dependencies.extend(self::dependencies(&graph, &prefix));
        let aggregate = if report.ended.complete { "complete" } else { "incomplete" };
        compositions.push(Composition { aggregate, assemblies: vec![root.clone()] });
        let verdict = report.verdict.as_ref();
        let components: Vec<_> = graph.nodes.iter().map(|(purl, node)| merged(&prefix, purl, node, verdict)).collect();
        services.extend(self::services(report, &prefix));
        trees.push((Component::application(&root, &report.name, properties(report)), components));
    }
    let (subject, components) = match single {
        Some(_) => trees.pop().unwrap_or_else(|| (Component::application(ROOT, "", Vec::new()), Vec::new())),
        None => {
            let nested = trees.into_iter().map(|(repository, components)| Component { components, ..repository });
            (Component::application("job", "job", Vec::new()), nested.collect())
        }
    };
    let scanner = Tool { kind: "application", name: "fumehood", version: env!("CARGO_PKG_VERSION") };
    Bom {
        bom_format: "CycloneDX",
        spec_version: "1.6",
        version: 1,
        metadata: Metadata { tools: Tools { components: vec![scanner] }, component: subject },
        components,
        services,
        dependencies,
        compositions,
    }
}

const ROOT: &str = "repository";

fn properties(report: &RepoReport) -> Vec<Property> {
    let mut properties = vec![Property::new("fumehood:outcome", &report.ended.outcome)];
    if let Some(sandbox) = report.sandbox() {
        properties.push(Property::new("fumehood:sandbox", &sandbox.to_string()));
    }
    for file in &report.files {
        for problem in &file.problems {
            let line = problem.line.map_or_else(String::new, |line| format!(":{line}"));
            properties.push(Property::new("fumehood:problem", &format!("{}{line}: {}", file.path, problem.message)));
        }
    }
    if let Some(verdict) = &report.verdict {
        properties.push(Property::new("fumehood:policy", verdict.status.name()));
    }
    let skips = report.listing.iter().flat_map(|listing| listing.skips());
    for (what, entries, _) in skips.filter(|(_, entries, incomplete)| *incomplete && entries.count > 0) {
        properties.push(Property::new("fumehood:skipped", &format!("{} × {what}", entries.count)));
    }
    properties
}

/// The dependencies of a repository, all references with a prefix.
fn dependencies(graph: &Graph<'_>, prefix: &str) -> Vec<Dependency> {
    let referred = |purls: &BTreeSet<&str>| purls.iter().map(|purl| format!("{prefix}{purl}")).collect();
    let first = Dependency { reference: format!("{prefix}{ROOT}"), depends_on: referred(&graph.roots) };
    let rest = graph
        .edges
        .iter()
        .map(|(from, to)| Dependency { reference: format!("{prefix}{from}"), depends_on: referred(to) });
    std::iter::once(first).chain(rest).collect()
}

fn merged(prefix: &str, purl: &str, node: &Node<'_>, verdict: Option<&Verdict>) -> Component {
    let mut component = component(&format!("{prefix}{purl}"), node.package);
    let mut evidence = Evidence::default();
    for Place { file, package, .. } in &node.places {
        evidence.occurrences.push(Occurrence { location: file.path.clone(), line: package.line });
        component.scope = stronger(component.scope, scope(package.scope));
        let found_by = Property::new("fumehood:extractor", &file.extractor);
        if !component.properties.contains(&found_by) {
            component.properties.push(found_by);
        }
    }
    component.evidence = Some(evidence);
    component.properties.extend(ruled(node.ruling(), verdict));
    component
}

/// What the policy says of something.
fn ruled(ruling: Option<&Ruling>, verdict: Option<&Verdict>) -> Vec<Property> {
    let (Some(ruling), Some(verdict)) = (ruling, verdict) else { return Vec::new() };
    let status = Property::new("fumehood:policy", ruling.status.name());
    let categories = verdict.names(ruling).map(|name| Property::new("fumehood:category", name));
    std::iter::once(status).chain(categories).collect()
}

/// The hosts that a repository talks to.
fn services(report: &RepoReport, prefix: &str) -> Vec<Service> {
    let mut services: BTreeMap<&str, Service> = BTreeMap::new();
    for (call, ruling) in report.judged_calls() {
        let host = call.host.as_deref().unwrap_or("unknown");
        let service = services.entry(host).or_insert_with(|| Service::new(&format!("{prefix}service:{host}"), host));
        service.endpoints.insert(text::iri(&call.url));
        // What is not seen may still be there.
        service.authenticated = service.authenticated.or(call.authentication.as_ref().map(|_| true));
        let place = format!("{} at {}", call.request(), call.place());
        service.properties.push(Property::new("fumehood:call", &place));
        for property in ruled(ruling, report.verdict.as_ref()) {
            if !service.properties.contains(&property) {
                service.properties.push(property);
            }
        }
    }
    services.into_values().collect()
}

fn component(reference: &str, package: &Package) -> Component {
    let mut properties = Vec::new();
    if package.scope != Scope::Runtime {
        properties.push(Property::new("fumehood:scope", &format!("{:?}", package.scope).to_lowercase()));
    }
    if package.relation != Relation::Unknown {
        properties.push(Property::new("fumehood:relation", &format!("{:?}", package.relation).to_lowercase()));
    }
    if let Some(requirement) = &package.requirement {
        properties.push(Property::new("fumehood:requirement", requirement));
    }
    if let Some(source) = &package.source {
        properties.push(Property::new("fumehood:source", source));
    }
    Component {
        kind: if package.relation == Relation::Project { "application" } else { "library" },
        reference: reference.to_owned(),
        name: package.name.clone(),
        version: package.version.clone(),
        purl: Some(package.purl.clone()),
        scope: None,
        hashes: hashes(&package.checksums).into_iter().map(|(alg, content)| Hash { alg, content }).collect(),
        licenses: package.license.iter().map(|name| LicenseChoice { license: Named { name: name.clone() } }).collect(),
        evidence: None,
        properties,
        components: Vec::new(),
    }
}

/// The format's words for scopes, weakest first: what is not shipped is `excluded`.
fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Dev | Scope::Test | Scope::Build => "excluded",
        Scope::Optional => "optional",
        Scope::Runtime | Scope::Peer => "required",
    }
}

fn stronger(known: Option<&'static str>, new: &'static str) -> Option<&'static str> {
    let rank = |scope: &str| ["excluded", "optional", "required"].iter().position(|name| *name == scope);
    known.into_iter().chain([new]).max_by_key(|scope| rank(scope))
}
