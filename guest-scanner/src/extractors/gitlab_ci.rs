//! `.gitlab-ci.yml`: the images, services, included projects and components of GitLab's pipelines.
//!
//! Format: <https://docs.gitlab.com/ci/yaml/>. Variables have the values that the file gives them.

use std::collections::HashMap;

use fumehood_contract::{ProblemKind, Scope};

use crate::expand::{Escape, expand};
use crate::extractor::{Extractor, Pattern};
use crate::listing::Listing;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of GitLab's pipelines.
pub const EXTRACTOR: Extractor = Extractor {
    id: "gitlab-ci",
    ecosystem: "CI",
    files: &[
        Pattern::Affixes("", ".gitlab-ci.yml"),
        Pattern::Affixes("", ".gitlab-ci.yaml"),
        Pattern::In(".gitlab/ci", ".yml"),
        Pattern::In(".gitlab/ci", ".yaml"),
    ],
    companions: &[],
    extract,
};

/// Keys at the top that are no jobs.
const NO_JOBS: [&str; 6] = ["include", "stages", "variables", "workflow", "spec", "services"];

type Variables<'y> = HashMap<&'y str, &'y str>;

fn extract(source: &Source<'_>, records: &mut Records) {
    let yaml = Yaml::read_noting(source.text(), records);
    let mut listing = Listing::new(Scope::Build);
    for document in yaml.documents() {
        if let Some(include) = document.get("include") {
            read_includes(include, &mut listing, records);
        }
        let global = variables(document);
        read_job(document, &global, &mut listing, records);
        // `default` is like a job here.
        for (key, job) in document.entries() {
            if job.is_mapping() && !key.text().is_some_and(|key| NO_JOBS.contains(&key)) {
                read_job(job, &global, &mut listing, records);
            }
        }
    }
}

/// `NAME: value`, or `NAME: {value: …, description: …}`.
fn variables<'y>(holder: Node<'y, '_>) -> Variables<'y> {
    let entries = holder.get("variables").into_iter().flat_map(Node::entries);
    entries.filter_map(|(name, value)| Some((name.text()?, value.text().or_else(|| value.text_at("value"))?))).collect()
}

fn read_job(job: Node<'_, '_>, global: &Variables<'_>, listing: &mut Listing, records: &mut Records) {
    let services = job.get("services").into_iter().flat_map(Node::items);
    let mut own = None;
    for image in job.get("image").into_iter().chain(services) {
        let named = if image.is_mapping() { image.get("name") } else { Some(image) };
        let Some((node, text)) = named.and_then(|node| Some((node, node.text()?))) else { continue };
        let own = own.get_or_insert_with(|| variables(job));
        let value = |name: &str| own.get(name).or_else(|| global.get(name)).copied();
        let partial = || {
            let (name, tag) = text.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'))?;
            Some(format!("{}:{tag}", expand(name, Escape::Double, value)?))
        };
        let expanded = expand(text, Escape::Double, value).or_else(partial);
        listing.image(expanded.as_deref().unwrap_or(text), node.line(), records);
    }
}

/// What lies in the repository itself, and GitLab's own templates, are no dependencies.
fn read_includes(include: Node<'_, '_>, listing: &mut Listing, records: &mut Records) {
    let single = include.is_mapping().then_some(include);
    for entry in single.into_iter().chain(include.items()) {
        if let Some((node, project)) = entry.get("project").and_then(|node| Some((node, node.text()?))) {
            let reference = entry.text_at("ref");
            add(project, reference, None, node.line(), listing, records);
        } else if let Some((node, component)) = entry.get("component").and_then(|node| Some((node, node.text()?))) {
            read_component(component, node.line(), listing, records);
        }
    }
}

/// `host/group/project/component@version`.
fn read_component(component: &str, line: u32, listing: &mut Listing, records: &mut Records) {
    let (place, version) =
        component.split_once('@').map_or((component, None), |(place, version)| (place, Some(version)));
    let parts = place.split_once('/').and_then(|(host, path)| {
        let (project, name) = path.rsplit_once('/')?;
        Some((host, project, name))
    });
    let Some((host, project, name)) = parts else {
        let message = format!("{component} names no component");
        return records.problem(ProblemKind::BadEntry, Some(line), &message);
    };
    add(project, version, Some((host, name)), line, listing, records);
}

fn add(
    project: &str,
    reference: Option<&str>,
    component: Option<(&str, &str)>,
    line: u32,
    listing: &mut Listing,
    records: &mut Records,
) {
    let project = project.trim_matches('/');
    if project.contains('$') {
        let message = format!("the project {project} cannot be known from the file");
        return records.problem(ProblemKind::Unresolved, Some(line), &message);
    }
    // `~latest` and `1.2` stand for whatever is the newest of those.
    let is_exact = |reference: &&str| !reference.contains(['$', '~']) && (component.is_none() || is_full(reference));
    let version = reference.filter(is_exact);
    let mut package = purl::package(Ecosystem::Gitlab, project, version);
    package.requirement = reference.filter(|_| version.is_none()).map(str::to_owned);
    if let Some((host, name)) = component {
        package.source = Some(format!("{host}/{project}/{name}"));
        if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)) && !package.purl.is_empty() {
            package.name = format!("{project}/{name}");
            package.purl = format!("{}#{name}", package.purl);
        }
    }
    listing.add(package, line, records);
}

/// Numbers with fewer than three parts are ranges; other names are tags, branches or commits.
fn is_full(reference: &str) -> bool {
    let is_numbers = reference.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    !is_numbers || reference.split('.').count() == 3
}
