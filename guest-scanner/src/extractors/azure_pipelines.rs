//! `azure-pipelines.yml`: the tasks, images and repositories of Azure's pipelines.
//!
//! Format: <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/>. A step may lie in stages,
//! jobs, strategies and behind conditions that are keys, so all of the file is looked through. Tasks
//! have no package type of their own; their version is the first number of one.

use std::collections::HashSet;

use fumehood_contract::{ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::listing::Listing;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of Azure's pipelines.
pub const EXTRACTOR: Extractor = Extractor {
    id: "azure-pipelines",
    ecosystem: "CI",
    files: &[
        Pattern::Holding("azure-pipelines", ".yml"),
        Pattern::Holding("azure-pipelines", ".yaml"),
        Pattern::In(".azure-pipelines", ".yml"),
        Pattern::In(".azure-pipelines", ".yaml"),
        Pattern::In("azure-pipelines", ".yml"),
        Pattern::In("azure-pipelines", ".yaml"),
    ],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let yaml = Yaml::read_noting(source.text(), records);
    let mut listing = Listing::new(Scope::Build);
    for document in yaml.documents() {
        let mut aliases = HashSet::new();
        if let Some(resources) = document.get("resources") {
            read_resources(resources, &mut aliases, &mut listing, records);
        }
        read_below(document, &aliases, &mut listing, records);
    }
}

fn read_resources<'y>(
    resources: Node<'y, '_>,
    aliases: &mut HashSet<&'y str>,
    listing: &mut Listing,
    records: &mut Records,
) {
    for container in resources.get("containers").into_iter().flat_map(Node::items) {
        aliases.extend(container.text_at("container"));
        if let Some((node, image)) = container.get("image").and_then(|node| Some((node, node.text()?))) {
            listing.image(image, node.line(), records);
        }
    }
    for repository in resources.get("repositories").into_iter().flat_map(Node::items) {
        read_repository(repository, listing, records);
    }
}

/// `ref` is `refs/tags/…` or a commit where it is fixed; a branch is not.
fn read_repository(repository: Node<'_, '_>, listing: &mut Listing, records: &mut Records) {
    let Some((node, name)) = repository.get("name").and_then(|node| Some((node, node.text()?))) else { return };
    let ecosystem = match repository.text_at("type") {
        Some("github" | "githubenterprise") => Ecosystem::Github,
        Some(_) | None => Ecosystem::Generic,
    };
    let reference = repository.text_at("ref");
    let version = reference.and_then(|reference| {
        let is_commit = reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit());
        reference.strip_prefix("refs/tags/").or_else(|| is_commit.then_some(reference))
    });
    if name.contains("${{") {
        let message = format!("the repository {name} cannot be known from the file");
        return records.problem(ProblemKind::Unresolved, Some(node.line()), &message);
    }
    let mut package = purl::package(ecosystem, name, version.filter(|version| !version.contains("${{")));
    package.requirement = reference.filter(|_| package.version.is_none()).map(str::to_owned);
    listing.add(package, node.line(), records);
}

fn read_below(document: Node<'_, '_>, aliases: &HashSet<&str>, listing: &mut Listing, records: &mut Records) {
    let mut waiting = vec![document];
    while let Some(node) = waiting.pop() {
        let first = waiting.len();
        for (key, value) in node.entries() {
            match key.text() {
                // Read already; those have other keys of the same names.
                Some("resources" | "parameters" | "variables" | "inputs" | "env") => continue,
                Some("task") => read_task(value, listing, records),
                Some("container") => {
                    let named = if value.is_mapping() { value.get("image") } else { Some(value) };
                    if let Some((node, image)) = named.and_then(|node| Some((node, node.text()?)))
                        && !image.is_empty()
                        && !aliases.contains(image)
                    {
                        listing.image(image, node.line(), records);
                    }
                }
                Some(_) | None => {}
            }
            waiting.push(value);
        }
        waiting.extend(node.items());
        // In the order of the file, as the last is taken first.
        waiting.get_mut(first..).unwrap_or_default().reverse();
    }
}

fn read_task(node: Node<'_, '_>, listing: &mut Listing, records: &mut Records) {
    let Some(task) = node.text() else { return };
    let Some((name, version)) = task.split_once('@').filter(|(name, _)| !name.contains("${{")) else {
        let message = format!("{task} names no task and its version");
        return records.problem(ProblemKind::BadEntry, Some(node.line()), &message);
    };
    listing.add(purl::package(Ecosystem::Generic, name, Some(version.trim())), node.line(), records);
}
