//! `dub.selections.json`: the D packages that dub has chosen.
//!
//! Format: <https://dub.pm/dub-guide/recipe/#version-locking>. What the project asks for itself is in
//! `dub.json` or `dub.sdl` beside; what packages ask of each other is in no file.

use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::tokens::{Syntax, Token, Tokens};
use crate::yaml::{Node, Yaml};

/// The extractor of `dub.selections.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "dub-selections",
    ecosystem: "D",
    files: &[Pattern::Name("dub.selections.json")],
    companions: &[JSON_MANIFEST, SDL_MANIFEST],
    extract,
};

pub(super) const JSON_MANIFEST: &str = "dub.json";
pub(super) const SDL_MANIFEST: &str = "dub.sdl";

pub(super) const SDL: Syntax =
    Syntax { line_comments: &["//", "#", "--"], block_comments: &[("/*", "*/")], quotes: &["`", "\""], in_words: "-" };

fn extract(source: &Source<'_>, records: &mut Records) {
    // JSON is YAML, and what stands before an error is kept.
    let yaml = Yaml::read_noting(source.text(), records);
    let Some(selections) = yaml.documents().next().filter(|selections| selections.is_mapping()) else {
        if yaml.is_whole() {
            records.problem(ProblemKind::Unparsable, Some(1), "no JSON object");
        }
        return;
    };
    if selections.text_at("fileVersion").is_some_and(|version| version != "1") {
        let version = selections.text_at("fileVersion").unwrap_or_default();
        let message = format!("fileVersion {version} is not 1, the only one known; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    let direct = wanted(source);
    for (name, selected) in selections.get("versions").into_iter().flat_map(Node::entries) {
        let Some(text) = name.text() else { continue };
        let mut package = Package { line: Some(name.line()), ..package(text, selected) };
        if let Some(direct) = &direct {
            package.relation = if direct.contains(text) { Relation::Direct } else { Relation::Transitive };
        }
        records.package(package);
    }
}

/// `"1.2.3"`, `"~branch"`, or where it comes from with a version of its own.
fn package(name: &str, selected: Node<'_, '_>) -> Package {
    let wanted = selected.text().or_else(|| selected.text_at("version"));
    let version = wanted.filter(|wanted| !wanted.starts_with('~'));
    let place = selected.text_at("repository").map(without_credentials);
    let place = place.or_else(|| selected.text_at("path").map(|path| format!("path:{path}")));
    Package {
        requirement: wanted.filter(|_| version.is_none()).map(str::to_owned),
        source: place,
        ..purl::package(Ecosystem::Dub, name, version)
    }
}

/// The packages that the project's own recipe names; `None` without a recipe.
fn wanted(source: &Source<'_>) -> Option<HashSet<String>> {
    if let Some(Ok(manifest)) = source.sibling(JSON_MANIFEST) {
        let yaml = Yaml::read(&manifest);
        let mut found = HashSet::new();
        for recipe in yaml.documents() {
            let parts = ["configurations", "subPackages", "buildTypes"];
            let parts = parts.iter().filter_map(|part| recipe.get(part)).flat_map(Node::items);
            for part in parts.chain([recipe]) {
                let names = part.get("dependencies").into_iter().flat_map(Node::entries);
                found.extend(names.filter_map(|(name, _)| Some(base(name.text()?))));
            }
        }
        return Some(found);
    }
    let manifest = source.sibling(SDL_MANIFEST)?.ok()?;
    let tokens = Tokens::read(&manifest, &SDL);
    let names = tokens.list.iter().zip(tokens.list.iter().skip(1)).filter_map(|((word, _), (name, _))| {
        word.word().filter(|word| *word == "dependency")?;
        Token::text(name).map(base)
    });
    Some(names.collect())
}

/// A part of a package is chosen with the whole: `vibe-d:http`.
pub(super) fn base(name: &str) -> String {
    name.split(':').next().unwrap_or(name).to_owned()
}
