//! `*.opam`, `opam` and `*.opam.locked`: an OCaml package and what it needs.
//!
//! Format: <https://opam.ocaml.org/doc/Manual.html#opam>. The package's name is the file's, or its
//! folder's where the file is called `opam`. A locked file beside has the exact versions of everything;
//! then the other says nothing but which of them are direct.

use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::path;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::tokens::{Syntax, Token, Tokens};

/// The extractor of opam files.
pub const EXTRACTOR: Extractor = Extractor {
    id: "opam",
    ecosystem: "OCaml",
    files: &[
        Pattern::Name("opam"),
        Pattern::Name("opam.locked"),
        Pattern::Affixes("", ".opam"),
        Pattern::Affixes("", ".opam.locked"),
    ],
    companions: &[],
    extract,
};

const OPAM: Syntax =
    Syntax { line_comments: &["#"], block_comments: &[("(*", "*)")], quotes: &["\"\"\"", "\""], in_words: "-" };

fn extract(source: &Source<'_>, records: &mut Records) {
    let tokens = Tokens::read(source.text(), &OPAM);
    let (folder, file) = path::split(source.path());
    let manifest = file.strip_suffix(".locked");
    let reader = Reader { tokens: &tokens, source };
    reader.add_project(folder, manifest.unwrap_or(file), records);
    let is_locked_elsewhere = manifest.is_none() && source.has_sibling(&format!("{file}.locked"));
    if !is_locked_elsewhere {
        let first = records.packages().len();
        reader.add_dependencies("depends", None, records);
        if manifest.is_none() {
            reader.add_dependencies("depopts", Some(Scope::Optional), records);
        }
        relate(
            first,
            manifest.and_then(|manifest| source.sibling(manifest)?.ok()).as_deref(),
            manifest.is_some(),
            records,
        );
    }
    tokens.note(source, records);
    if !tokens.list.is_empty() && reader.field("opam-version").is_none() {
        records.problem(ProblemKind::Unsupported, Some(1), "there is no opam-version");
    }
}

/// What the manifest names is direct; of a locked file without one nothing is known.
fn relate(first: usize, manifest: Option<&str>, is_locked: bool, records: &mut Records) {
    let tokens = manifest.map(|manifest| Tokens::read(manifest, &OPAM));
    let direct: Option<HashSet<&str>> =
        tokens.as_ref().map(|tokens| tokens.list.iter().filter_map(|(token, _)| token.text()).collect());
    for package in records.packages_mut().iter_mut().skip(first) {
        package.relation = match &direct {
            Some(direct) if direct.contains(package.name.as_str()) => Relation::Direct,
            Some(_) => Relation::Transitive,
            None if is_locked => Relation::Unknown,
            None => Relation::Direct,
        };
    }
}

struct Reader<'t, 's> {
    tokens: &'t Tokens<'t>,
    source: &'s Source<'s>,
}

impl<'t> Reader<'t, '_> {
    /// Where the value of a field at the top begins.
    fn field(&self, name: &str) -> Option<usize> {
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            if token.is('{') || token.is('[') {
                at = self.tokens.closing(at);
            } else if token.word() == Some(name) && self.tokens.get(at + 1).is_some_and(|token| token.is(':')) {
                return Some(at + 2);
            }
            at += 1;
        }
        None
    }

    /// The tokens of a field's value: a list's content, or a single thing with what is in braces behind.
    fn value(&self, name: &str) -> std::ops::Range<usize> {
        let Some(at) = self.field(name) else { return 0..0 };
        if self.tokens.get(at).is_some_and(|token| token.is('[')) {
            return at + 1..self.tokens.closing(at);
        }
        let has_braces = self.tokens.get(at + 1).is_some_and(|token| token.is('{'));
        at..if has_braces { self.tokens.closing(at + 1) } else { at + 1 }
    }

    fn texts(&self, name: &str) -> Vec<&'t str> {
        self.value(name).filter_map(|at| self.tokens.get(at)?.text()).collect()
    }

    fn add_project(&self, folder: &str, file: &str, records: &mut Records) {
        let folder = folder.rsplit('/').next().unwrap_or(folder);
        let from_path = match file.strip_suffix(".opam") {
            Some(name) => Some((name, None)),
            // In a package repository the folder is `name.version`.
            None => Some(folder.split_once('.').map_or((folder, None), |(name, version)| (name, Some(version)))),
        };
        let from_path = from_path.filter(|(name, _)| !name.is_empty());
        let name = self.texts("name").first().copied().or(from_path.map(|(name, _)| name));
        let version = self.texts("version").first().copied().or(from_path.and_then(|(_, version)| version));
        let Some(name) = name.filter(|_| self.field("opam-version").is_some()) else { return };
        let license = self.texts("license").join(" AND ");
        records.package(Package {
            line: self.field("name").and_then(|at| self.tokens.line(at, self.source)).or(Some(1)),
            relation: Relation::Project,
            license: Some(license).filter(|license| !license.is_empty()),
            ..purl::package(Ecosystem::Opam, name, version)
        });
    }

    fn add_dependencies(&self, field: &str, scope: Option<Scope>, records: &mut Records) {
        let mut range = self.value(field);
        while let Some(at) = range.next() {
            let Some(name) = self.tokens.get(at).and_then(Token::text) else { continue };
            let mut filter = Filter::default();
            if self.tokens.get(at + 1).is_some_and(|token| token.is('{')) {
                let end = self.tokens.closing(at + 1);
                filter = self.filter(at + 2..end);
                range.start = end.min(range.end);
            }
            records.package(Package {
                line: self.tokens.line(at, self.source),
                scope: scope.unwrap_or(filter.scope),
                requirement: filter.requirement(),
                ..purl::package(Ecosystem::Opam, name, filter.version())
            });
        }
    }

    /// What stands in braces behind a name: constraints of the version, and when it is needed.
    fn filter(&self, range: std::ops::Range<usize>) -> Filter<'t> {
        let mut filter = Filter::default();
        let mut operator = String::new();
        let mut variable = None;
        for at in range {
            match self.tokens.get(at) {
                Some(Token::Sign(sign @ ('<' | '>' | '=' | '!'))) => operator.push(*sign),
                Some(Token::Sign('|')) => filter.has_choice = true,
                Some(Token::Sign(_)) | None => {}
                // `version` is the package's own.
                Some(token @ (Token::Text(_) | Token::Word(_))) if !operator.is_empty() && operator != "!" => {
                    let value = token.name().unwrap_or_default();
                    match variable.take() {
                        // `os = "linux"`.
                        Some(_) => filter.scope = Scope::Optional,
                        None => filter.constraints.push((std::mem::take(&mut operator), value, token.text().is_some())),
                    }
                    operator.clear();
                }
                Some(Token::Word(word)) => {
                    operator.clear();
                    variable = self
                        .tokens
                        .get(at + 1)
                        .filter(|next| next.is('=') || next.is('!') || next.is('<') || next.is('>'));
                    match *word {
                        "with-test" => filter.scope = Scope::Test,
                        "build" if filter.scope == Scope::Runtime => filter.scope = Scope::Build,
                        "with-doc" | "with-dev-setup" | "dev" if filter.scope == Scope::Runtime => {
                            filter.scope = Scope::Dev;
                        }
                        _ => {}
                    }
                }
                Some(Token::Text(_)) => operator.clear(),
            }
        }
        filter
    }
}

#[derive(Default)]
struct Filter<'t> {
    scope: Scope,
    /// Operator, value, and whether the value is a string.
    constraints: Vec<(String, &'t str, bool)>,
    has_choice: bool,
}

impl Filter<'_> {
    fn version(&self) -> Option<&str> {
        match self.constraints.as_slice() {
            [(operator, version, true)] if operator == "=" => Some(version),
            _ => None,
        }
    }

    fn requirement(&self) -> Option<String> {
        if self.version().is_some() || self.constraints.is_empty() {
            return None;
        }
        let parts: Vec<_> = self.constraints.iter().map(|(operator, value, _)| format!("{operator} {value}")).collect();
        Some(parts.join(if self.has_choice { " | " } else { " & " }))
    }
}
