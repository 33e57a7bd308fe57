//! `elm.json`: the exact versions of an Elm application, or the ranges of an Elm package.
//!
//! Format: <https://github.com/elm/compiler/tree/master/docs/elm.json>.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::yaml::{Node, Yaml};

/// The extractor of `elm.json`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "elm-json", ecosystem: "Elm", files: &[Pattern::Name("elm.json")], companions: &[], extract };

const SECTIONS: [(&str, Scope); 2] = [("dependencies", Scope::Runtime), ("test-dependencies", Scope::Test)];

fn extract(source: &Source<'_>, records: &mut Records) {
    // JSON is YAML, and what stands before an error is kept.
    let yaml = Yaml::read_noting(source.text(), records);
    let Some(manifest) = yaml.documents().next().filter(|manifest| manifest.is_mapping()) else {
        if yaml.is_whole() {
            records.problem(ProblemKind::Unparsable, Some(1), "no JSON object");
        }
        return;
    };
    match manifest.text_at("type") {
        Some("application") => {
            for (section, scope) in SECTIONS {
                let Some(section) = manifest.get(section) else { continue };
                add_all(section.get("direct"), scope, Relation::Direct, records);
                add_all(section.get("indirect"), scope, Relation::Transitive, records);
            }
        }
        Some("package") => {
            add_project(manifest, records);
            for (section, scope) in SECTIONS {
                add_all(manifest.get(section), scope, Relation::Direct, records);
            }
        }
        Some(other) => {
            let message = format!("type {other} is neither application nor package; not read");
            records.problem(ProblemKind::Unsupported, Some(1), &message);
        }
        None if yaml.is_whole() => records.problem(ProblemKind::Unsupported, Some(1), "there is no type; not read"),
        None => {}
    }
}

fn add_project(manifest: Node<'_, '_>, records: &mut Records) {
    let Some(name) = manifest.get("name") else { return };
    let package = purl::package(Ecosystem::Elm, name.text().unwrap_or_default(), manifest.text_at("version"));
    records.package(Package {
        line: Some(name.line()),
        relation: Relation::Project,
        license: manifest.text_at("license").map(str::to_owned),
        ..package
    });
}

fn add_all(section: Option<Node<'_, '_>>, scope: Scope, relation: Relation, records: &mut Records) {
    for (name, wanted) in section.into_iter().flat_map(Node::entries) {
        let Some((text, wanted)) = name.text().zip(wanted.text().filter(|wanted| wanted.contains('.'))) else {
            let message = "a dependency without a version";
            records.problem(ProblemKind::BadEntry, Some(name.line()), message);
            continue;
        };
        // `1.0.0 <= v < 2.0.0` is a range.
        let version = Some(wanted).filter(|wanted| !wanted.contains(['<', ' ']));
        let mut package = purl::package(Ecosystem::Elm, text, version);
        package.requirement = version.is_none().then(|| wanted.to_owned());
        records.package(Package { line: Some(name.line()), scope, relation, ..package });
    }
}
