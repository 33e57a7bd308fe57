//! `Podfile.lock`, the lockfile of CocoaPods.
//!
//! Format: `Pod::Lockfile` in CocoaPods-Core. `PODS` lists the pods and subspecs as `Name (version)`,
//! those with dependencies as mappings; `DEPENDENCIES` what the Podfile asks for. `SPEC CHECKSUMS` are
//! those of the podspecs, by pod. `CHECKOUT OPTIONS` say more exactly what `EXTERNAL SOURCES` say.

use std::collections::HashMap;

use fumehood_contract::{ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records, SHARED_BYTES_MAX};
use crate::source::Source;
use crate::vcs;
use crate::yaml::{self, Node};

/// The extractor of `Podfile.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "podfile-lock",
    ecosystem: "Swift and Apple",
    files: &[Pattern::Name("Podfile.lock")],
    companions: &[],
    extract,
};

/// What the file says of pods, by their names.
#[derive(Default)]
struct Facts<'y> {
    checksums: HashMap<&'y str, &'y str>,
    places: HashMap<&'y str, Place>,
}

#[derive(Default)]
struct Place {
    source: String,
    /// If it is a git repository.
    vcs_url: Option<String>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    yaml::read_mapping(source, records, |root, records| {
        let Some(pods) = root.get("PODS") else {
            let message = "it has no PODS: not a lockfile of CocoaPods";
            return records.problem(ProblemKind::Unparsable, Some(root.line()), message);
        };
        let facts = Facts::of(root);
        let mut ids: HashMap<&str, PackageId> = HashMap::new();
        let mut wants = Vec::new();
        for item in pods.items() {
            let (pod, dependencies) = parts(item);
            let Some((name, id)) = add(pod, item.line(), &facts, records) else { continue };
            ids.entry(name).or_insert(id);
            wants.extend(dependencies.into_iter().flat_map(Node::items).map(|wanted| (id, wanted)));
        }
        connect(&wants, &ids, records);
        let asked = root.get("DEPENDENCIES").into_iter().flat_map(Node::items).filter_map(Node::text);
        let roots: Vec<_> = asked.filter_map(|wanted| Some((*ids.get(name_of(wanted))?, Scope::Runtime))).collect();
        if !roots.is_empty() {
            graph::spread(records, &roots);
        }
    });
}

/// `Name (version)`, alone or as the key of what it needs.
fn parts<'y, 'a>(item: Node<'y, 'a>) -> (Option<&'y str>, Option<Node<'y, 'a>>) {
    match item.entries().next() {
        Some((pod, dependencies)) => (pod.text(), Some(dependencies)),
        None => (item.text(), None),
    }
}

fn add<'y>(pod: Option<&'y str>, line: u32, facts: &Facts<'y>, records: &mut Records) -> Option<(&'y str, PackageId)> {
    let written = pod.unwrap_or_default();
    let version = written.rsplit_once(" (").and_then(|(_, version)| version.strip_suffix(')'));
    // `HEAD based on 1.0` was no release.
    let version = version.filter(|version| !version.is_empty() && !version.contains([' ', '(', ')']));
    let name = name_of(written);
    if version.is_none() || name.is_empty() {
        let message = format!("the pod {written:?} is not of the form Name (version)");
        records.problem(ProblemKind::BadEntry, Some(line), &message);
    }
    if name.is_empty() {
        return None;
    }
    let root = name.split('/').next().unwrap_or(name);
    let place = facts.places.get(root);
    let mut package = match place.and_then(|place| place.vcs_url.as_ref()) {
        Some(vcs_url) => purl::with_qualifiers(Ecosystem::Cocoapods, name, version, &[("vcs_url", vcs_url)]),
        None => purl::package(Ecosystem::Cocoapods, name, version),
    };
    package.line = Some(line);
    package.source = place.map(|place| place.source.clone());
    package.checksums.extend(facts.checksums.get(root).map(|sum| format!("sha1:{}", sum.to_ascii_lowercase())));
    Some((name, records.package(package)?))
}

fn connect(wants: &[(PackageId, Node<'_, '_>)], ids: &HashMap<&str, PackageId>, records: &mut Records) {
    for (from, wanted) in wants {
        let Some(text) = wanted.text() else { continue };
        match ids.get(name_of(text)) {
            Some(to) => records.depends(*from, *to),
            None => {
                let message = format!("a pod needs {text}, which the file does not hold");
                records.problem(ProblemKind::BadEntry, Some(wanted.line()), &message);
            }
        }
    }
}

/// The name in `Name (= 1.0)`, ``Name (from `../name`)``, `Name/Subspec` and `Name`.
fn name_of(written: &str) -> &str {
    written.split_once(" (").map_or(written, |(name, _)| name).trim()
}

impl<'y> Facts<'y> {
    fn of(root: Node<'y, '_>) -> Self {
        let entries = |section| {
            let entries = root.get(section).into_iter().flat_map(Node::entries);
            entries.filter_map(|(key, value)| Some((key.text()?, value)))
        };
        let mut facts = Self::default();
        let sums = entries("SPEC CHECKSUMS").filter_map(|(pod, sum)| Some((pod, sum.text()?)));
        facts.checksums.extend(sums.filter(|(_, sum)| sum.len() <= SHARED_BYTES_MAX));
        for (repository, pods) in entries("SPEC REPOS") {
            for pod in pods.items().filter_map(Node::text) {
                facts.put(pod, Place { source: without_credentials(repository), vcs_url: None });
            }
        }
        for (pod, options) in entries("EXTERNAL SOURCES").chain(entries("CHECKOUT OPTIONS")) {
            if let Some(place) = place(options) {
                facts.put(pod, place);
            }
        }
        facts
    }

    /// Each of a pod's subspecs takes its place over.
    fn put(&mut self, pod: &'y str, place: Place) {
        if place.source.len() <= SHARED_BYTES_MAX {
            self.places.insert(pod, place);
        }
    }
}

/// What options like `:git` and `:path` say.
fn place(options: Node<'_, '_>) -> Option<Place> {
    if let Some(url) = options.text_at(":git") {
        let revision = [":commit", ":tag", ":branch"].into_iter().find_map(|key| options.text_at(key));
        let place = vcs::git(url, revision);
        return Some(Place { source: place.source, vcs_url: Some(place.vcs_url) });
    }
    let source = [":path", ":podspec", ":http"].into_iter().find_map(|key| options.text_at(key))?;
    Some(Place { source: without_credentials(source), vcs_url: None })
}
