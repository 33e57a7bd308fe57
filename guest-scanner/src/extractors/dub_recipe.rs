//! `dub.json` and `dub.sdl`, the recipes of D packages.
//!
//! Format: dub's page on its recipes. Dependencies stand in the recipe itself, in its configurations,
//! build types and sub-packages. It is silent where `dub.selections.json` lies beside it.

use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::dub_selections::{JSON_MANIFEST, SDL, SDL_MANIFEST, base};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::tokens::{Token, Tokens};
use crate::yaml::{Node, Yaml};

/// The extractor of dub's recipes.
pub const EXTRACTOR: Extractor = Extractor {
    id: "dub-recipe",
    ecosystem: "D",
    files: &[Pattern::Name(JSON_MANIFEST), Pattern::Name(SDL_MANIFEST)],
    companions: &["dub.selections.json"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("dub.selections.json") {
        return;
    }
    let mut listing = Listing { own_name: String::new(), seen: HashSet::new(), records };
    if source.path().ends_with(SDL_MANIFEST) {
        read_sdl(source, &mut listing);
    } else {
        read_json(source, &mut listing);
    }
}

/// What a recipe says of a dependency.
#[derive(Default)]
struct Dependency<'a> {
    version: Option<&'a str>,
    path: Option<&'a str>,
    repository: Option<&'a str>,
    is_optional: bool,
}

struct Listing<'r> {
    /// Of the package whose recipe it is.
    own_name: String,
    seen: HashSet<(String, Option<String>)>,
    records: &'r mut Records,
}

impl Listing<'_> {
    fn add(&mut self, name: &str, line: Option<u32>, dependency: &Dependency<'_>) {
        let name = base(name);
        // `:part` is of the package itself.
        if name.is_empty() || name == self.own_name {
            return;
        }
        let wanted = dependency.version.map(str::trim).filter(|wanted| !wanted.is_empty());
        let version = wanted.map(|wanted| wanted.trim_start_matches("==").trim()).filter(|version| is_exact(version));
        let place = dependency.repository.map(without_credentials);
        let package = Package {
            line,
            requirement: wanted.filter(|_| version.is_none()).map(str::to_owned),
            source: place.or_else(|| dependency.path.map(|path| format!("path:{path}"))),
            scope: if dependency.is_optional { Scope::Optional } else { Scope::Runtime },
            relation: Relation::Direct,
            ..purl::package(Ecosystem::Dub, &name, version)
        };
        if self.seen.insert((package.purl.clone(), package.requirement.clone())) {
            self.records.package(package);
        }
    }
}

fn is_exact(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+'))
}

fn read_json(source: &Source<'_>, listing: &mut Listing<'_>) {
    // JSON is YAML, and what stands before an error is kept.
    let yaml = Yaml::read_noting(source.text(), listing.records);
    let Some(recipe) = yaml.documents().next().filter(|recipe| recipe.is_mapping()) else {
        if yaml.is_whole() {
            listing.records.problem(ProblemKind::Unparsable, Some(1), "no JSON object");
        }
        return;
    };
    listing.own_name = recipe.text_at("name").unwrap_or_default().to_owned();
    let lists = ["configurations", "subPackages"].iter().filter_map(|part| recipe.get(part)).flat_map(Node::items);
    let types = recipe.get("buildTypes").into_iter().flat_map(Node::entries).map(|(_, part)| part);
    for part in std::iter::once(recipe).chain(lists).chain(types) {
        for (name, said) in part.get("dependencies").into_iter().flat_map(Node::entries) {
            let dependency = Dependency {
                version: said.text().or_else(|| said.text_at("version")),
                path: said.text_at("path"),
                repository: said.text_at("repository"),
                is_optional: said.text_at("optional") == Some("true"),
            };
            let Some(text) = name.text() else { continue };
            listing.add(text, Some(name.line()), &dependency);
        }
    }
}

/// `dependency "name" version="~>1.0" optional=true`, wherever it stands; it ends with the line.
fn read_sdl(source: &Source<'_>, listing: &mut Listing<'_>) {
    let tokens = Tokens::read(source.text(), &SDL);
    tokens.note(source, listing.records);
    let mut pairs = tokens.list.iter().zip(tokens.list.iter().skip(1));
    let own_name = pairs.find(|((key, _), _)| key.word() == Some("name")).and_then(|(_, (name, _))| name.text());
    listing.own_name = own_name.unwrap_or_default().to_owned();
    for at in 0..tokens.list.len() {
        let is_word = tokens.get(at).and_then(Token::word) == Some("dependency");
        let Some(name) = tokens.get(at + 1).and_then(Token::text).filter(|_| is_word) else { continue };
        let mut dependency = Dependency::default();
        let mut next = at + 2;
        while let (Some(Token::Word(key)), Some(Token::Sign('='))) = (tokens.get(next), tokens.get(next + 1)) {
            let value = tokens.get(next + 2).and_then(Token::name);
            match *key {
                "version" => dependency.version = value,
                "path" => dependency.path = value,
                "repository" => dependency.repository = value,
                "optional" => dependency.is_optional = value == Some("true"),
                _ => {}
            }
            next += 3;
        }
        listing.add(name, tokens.line(at, source), &dependency);
    }
}
