//! `vcpkg.json`, the manifest of a project that takes ports from vcpkg.
//!
//! Format: vcpkg's documentation of its manifest. Versions are chosen by a baseline (a commit of the
//! registry, here or in `vcpkg-configuration.json`), which is the requirement of what states nothing
//! else; `version>=` raises it, and an override fixes one version for all that need the port.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::json_tree::{self, Json};
use crate::jsonc;
use crate::lines::Lines;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `vcpkg.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "vcpkg-json",
    ecosystem: "C and C++",
    files: &[Pattern::Name("vcpkg.json")],
    companions: &[CONFIGURATION],
    extract,
};

const CONFIGURATION: &str = "vcpkg-configuration.json";

fn extract(source: &Source<'_>, records: &mut Records) {
    let text = jsonc::plain(source.text());
    let (root, lines) = json_tree::read(&text, records);
    let mut manifest = Manifest {
        own: root.text("name").unwrap_or_default(),
        overrides: overrides(&root),
        baseline: root.text("builtin-baseline").map(str::to_owned).or_else(|| configured(source)),
        seen: HashSet::new(),
        lines,
    };
    for dependency in root.items_of("dependencies") {
        manifest.add(dependency, Scope::Runtime, records);
    }
    for (_, feature) in root.entries_of("features") {
        for dependency in feature.items_of("dependencies") {
            manifest.add(dependency, Scope::Optional, records);
        }
    }
    manifest.rest(&root, records);
}

/// The baseline that the file beside it has for the default registry.
fn configured(source: &Source<'_>) -> Option<String> {
    let text = source.sibling(CONFIGURATION)?.ok()?;
    let text = jsonc::plain(&text);
    let (root, _) = json_tree::read(&text, &mut Records::default());
    root.get("default-registry")?.text("baseline").map(str::to_owned)
}

/// Names with the versions that are fixed for them, and the revision of the port.
fn overrides<'j>(root: &'j Json<'_>) -> HashMap<&'j str, (String, String)> {
    let fixed = |item: &'j Json<'_>| {
        let version =
            ["version", "version-semver", "version-date", "version-string"].iter().find_map(|key| item.text(key))?;
        let (version, port) = version.split_once('#').unwrap_or((version, ""));
        let port =
            item.get("port-version").and_then(Json::as_number).map_or_else(|| port.to_owned(), |port| port.to_string());
        Some((item.text("name")?, (version.to_owned(), port)))
    };
    root.items_of("overrides").iter().filter_map(fixed).collect()
}

struct Manifest<'j> {
    own: &'j str,
    overrides: HashMap<&'j str, (String, String)>,
    baseline: Option<String>,
    seen: HashSet<String>,
    lines: Lines,
}

impl Manifest<'_> {
    /// A dependency is a name, or an object.
    fn add(&mut self, dependency: &Json<'_>, scope: Scope, records: &mut Records) {
        let Some(name) = dependency.as_text().or_else(|| dependency.text("name")) else {
            return records.problem(ProblemKind::BadEntry, None, "a dependency has no name; it is left out");
        };
        // A feature may ask for others of the same project.
        if name == self.own || !self.seen.insert(name.to_owned()) {
            return;
        }
        let is_host = matches!(dependency.get("host"), Some(Json::Truth(true)));
        let least = dependency.text("version>=").map(|version| format!(">={version}"));
        let package = match self.overrides.get(name) {
            Some((version, port)) => fixed(name, version, port),
            None => {
                let requirement = least.or_else(|| self.baseline.as_ref().map(|commit| format!("baseline {commit}")));
                Package { requirement, ..purl::package(Ecosystem::Vcpkg, name, None) }
            }
        };
        let line = self.lines.of(name);
        let scope = if is_host { Scope::Build } else { scope };
        records.package(Package { line, scope, relation: Relation::Direct, ..package });
    }

    /// Overrides of what only others need, if they do.
    fn rest(&self, root: &Json<'_>, records: &mut Records) {
        for item in root.items_of("overrides") {
            let Some(name) = item.text("name").filter(|name| !self.seen.contains(*name)) else { continue };
            let Some((version, port)) = self.overrides.get(name) else { continue };
            records.package(Package { line: self.lines.of(name), ..fixed(name, version, port) });
        }
    }
}

fn fixed(name: &str, version: &str, port: &str) -> Package {
    let port = Some(("port_version", port)).filter(|(_, port)| !port.is_empty() && *port != "0");
    purl::with_qualifiers(Ecosystem::Vcpkg, name, Some(version), port.as_slice())
}
