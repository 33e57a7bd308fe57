//! `Chart.yaml` and `Chart.lock` of Helm, and `requirements.yaml` of Helm 2.
//!
//! Format: <https://helm.sh/docs/topics/charts/>. `Chart.yaml` has the chart itself and the ranges of
//! what it needs; where a `Chart.lock` lies beside it, that has the versions instead.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::path;
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of Helm's charts.
pub const EXTRACTOR: Extractor = Extractor {
    id: "helm-chart",
    ecosystem: "Infrastructure",
    files: &[Pattern::Name(MANIFEST), Pattern::Name(LOCK), Pattern::Name("requirements.yaml")],
    companions: &[],
    extract,
};

const MANIFEST: &str = "Chart.yaml";
const LOCK: &str = "Chart.lock";

fn extract(source: &Source<'_>, records: &mut Records) {
    let yaml = Yaml::read_noting(source.text(), records);
    let file = path::name(source.path());
    let is_locked_elsewhere = file != LOCK && source.has_sibling(LOCK);
    for chart in yaml.documents() {
        if file == MANIFEST {
            add_project(chart, records);
        }
        if is_locked_elsewhere {
            continue;
        }
        for dependency in chart.get("dependencies").into_iter().flat_map(Node::items) {
            add_dependency(dependency, file == LOCK, records);
        }
    }
}

fn add_project(chart: Node<'_, '_>, records: &mut Records) {
    let Some((node, name)) = chart.get("name").and_then(|node| Some((node, node.text()?))) else { return };
    let version = chart.text_at("version").filter(|version| is_plain(version) && is_plain(name));
    let mut package = purl::package(Ecosystem::Helm, name, version);
    package.line = Some(node.line());
    package.relation = Relation::Project;
    // A chart's licence is an annotation that Artifact Hub has defined.
    let annotations = chart.get("annotations");
    package.license =
        annotations.and_then(|annotations| annotations.text_at("artifacthub.io/license")).map(str::to_owned);
    // A template of a chart has placeholders for names.
    if is_plain(name) {
        records.package(package);
    }
}

fn add_dependency(dependency: Node<'_, '_>, is_locked: bool, records: &mut Records) {
    let Some((node, name)) = dependency.get("name").and_then(|node| Some((node, node.text()?))) else {
        let message = "a dependency has no name";
        return records.problem(ProblemKind::BadEntry, Some(dependency.line()), message);
    };
    let wanted = dependency.text_at("version").filter(|version| !version.is_empty());
    let version = wanted.filter(|version| is_locked || is_exact(version));
    let mut package = Package {
        requirement: wanted.filter(|_| version.is_none()).map(str::to_owned),
        line: Some(node.line()),
        relation: Relation::Direct,
        source: dependency.text_at("repository").filter(|place| !place.is_empty()).map(without_credentials),
        ..purl::package(Ecosystem::Helm, name, version)
    };
    // Those with a condition may be switched off.
    if dependency.get("condition").is_some() || dependency.get("tags").is_some() {
        package.scope = Scope::Optional;
    }
    records.package(package);
}

/// Three numbers make an exact version, everything shorter is a range.
fn is_exact(version: &str) -> bool {
    let version = version.strip_prefix('v').unwrap_or(version);
    let numbers = version.split(['-', '+']).next().unwrap_or(version);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    numbers.split('.').count() == 3 && numbers.split('.').all(is_number) && !version.contains([' ', '|', ',', '*'])
}

fn is_plain(text: &str) -> bool {
    !text.contains(['{', '<', '$'])
}
