//! `*.cabal`, the description of a Haskell package.
//!
//! Format: Cabal's documentation, "Package description". What `build-depends`, `setup-depends` and
//! `build-tool-depends` say is reported as requirements, each package with the strongest of the scopes
//! of the components that want it, unless a `cabal.project.freeze` has the versions.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::cabal_project_freeze::{Line, lines, list_items, on_one_line};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `*.cabal`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "cabal-file",
    ecosystem: "Haskell",
    files: &[Pattern::Affixes("", ".cabal")],
    companions: &["cabal.project.freeze", "cabal.project"],
    extract,
};

/// What the file asks for, and what it is itself.
#[derive(Default)]
struct Description<'a> {
    /// In the order of the file: where each is named, its requirement and its scope.
    wanted: Vec<(&'a str, String, Scope)>,
    /// The package, and its libraries that have names of their own.
    own: HashSet<String>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    if is_frozen(source) {
        return;
    }
    let description = read(source.text());
    let mut found = HashMap::new();
    for (name, requirement, scope) in description.wanted {
        if description.own.contains(&name.to_ascii_lowercase()) {
            continue;
        }
        let known = found.get(&(name, requirement.clone())).copied();
        if let Some(package) = known.and_then(|id| records.get_mut(id)) {
            package.scope = stronger(package.scope, scope);
            continue;
        }
        let mut package = purl::package(Ecosystem::Hackage, name, None);
        package.requirement = (!requirement.is_empty()).then(|| requirement.clone());
        package.line = source.line_of(name);
        package.scope = scope;
        package.relation = Relation::Direct;
        if let Some(id) = records.package(package) {
            found.insert((name, requirement), id);
        }
    }
}

/// Whether the lockfile lies beside it, or above, where the project that it is part of begins.
fn is_frozen(source: &Source<'_>) -> bool {
    let at = |folder: &str, name: &str| {
        source.tree().exists(&if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") })
    };
    source.has_sibling("cabal.project.freeze")
        || source.folders().skip(1).any(|folder| at(folder, "cabal.project.freeze") && at(folder, "cabal.project"))
}

fn read(text: &str) -> Description<'_> {
    let mut description = Description::default();
    let mut scope = Scope::Runtime;
    for line in lines(text) {
        match line {
            Line::Other { text, indent: 0 } => {
                let mut words = text.split(|letter: char| letter.is_whitespace() || letter == '{');
                let section = words.next().unwrap_or_default().to_ascii_lowercase();
                scope = scope_of_section(&section);
                if section == "library" {
                    description.own.extend(words.next().map(str::to_ascii_lowercase));
                }
            }
            Line::Other { .. } => {}
            Line::Field { name, value, indent } => {
                let scope = match name.to_ascii_lowercase().as_str() {
                    "name" if indent == 0 => {
                        description.own.insert(value.trim().to_ascii_lowercase());
                        continue;
                    }
                    "build-depends" => scope,
                    "setup-depends" | "build-tool-depends" => Scope::Build,
                    _ => continue,
                };
                let items = list_items(value).into_iter().filter_map(dependency);
                description.wanted.extend(items.map(|(name, requirement)| (name, requirement, scope)));
            }
        }
    }
    description
}

fn scope_of_section(section: &str) -> Scope {
    match section {
        "test-suite" => Scope::Test,
        "benchmark" => Scope::Dev,
        "custom-setup" => Scope::Build,
        _ => Scope::Runtime,
    }
}

/// `name range`, `name:library range` or `name:{library, library} range`.
fn dependency(item: &str) -> Option<(&str, String)> {
    let end = item.find(|letter: char| letter.is_whitespace() || "<>=^:{&|(".contains(letter));
    let (name, rest) = item.split_at_checked(end.unwrap_or(item.len()))?;
    let rest = match rest.strip_prefix(':') {
        Some(library) if library.starts_with('{') => library.split_once('}').map_or("", |(_, rest)| rest),
        Some(library) => {
            let end = library.find(|letter: char| letter.is_whitespace() || "<>=^&|(".contains(letter));
            end.and_then(|end| library.get(end..)).unwrap_or_default()
        }
        None => rest,
    };
    let is_name = name.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
    (is_name && !name.is_empty()).then(|| (name, on_one_line(rest)))
}

/// What is needed to run is shipped, whatever else wants it.
fn stronger(one: Scope, other: Scope) -> Scope {
    let order = [Scope::Runtime, Scope::Build, Scope::Test];
    order.into_iter().find(|scope| *scope == one || *scope == other).unwrap_or(one)
}
