//! `Package.swift`, the manifest of a Swift package, read without running it.
//!
//! Format: `PackageDescription` in SwiftPM's documentation. Every `.package(…)` whose place is a string
//! without an expression in it. It is silent where `Package.resolved` lies beside it.

use std::borrow::Cow;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::tokens::{Syntax, Token, Tokens};
use crate::vcs;

/// The extractor of `Package.swift`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "package-swift",
    ecosystem: "Swift and Apple",
    files: &[Pattern::Name("Package.swift")],
    companions: &["Package.resolved"],
    extract,
};

const SWIFT: Syntax =
    Syntax { line_comments: &["//"], block_comments: &[("/*", "*/")], quotes: &["\"\"\"", "\""], in_words: "" };

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("Package.resolved") {
        return;
    }
    let tokens = Tokens::read(source.text(), &SWIFT);
    tokens.note(source, records);
    let mut at = 0;
    while at < tokens.list.len() {
        let is = |place: usize, sign: char| tokens.get(place).is_some_and(|token| token.is(sign));
        let is_call = is(at, '.') && tokens.get(at + 1).and_then(Token::word) == Some("package") && is(at + 2, '(');
        if !is_call {
            at += 1;
            continue;
        }
        // What is within is passed over: nothing is looked at twice.
        let end = tokens.closing(at + 2);
        add(&Call::read(&tokens, at + 3, end), tokens.line(at, source), source, records);
        at = end;
    }
}

/// The arguments of `.package(…)`.
#[derive(Default)]
struct Call<'a> {
    /// The label of the place: `url`, `id` or `path`.
    kind: Option<&'a str>,
    /// `None`, if it is no plain string.
    place: Option<&'a str>,
    exact: Option<&'a str>,
    revision: Option<&'a str>,
    branch: Option<&'a str>,
    /// Where what is wanted stands in the text.
    wanted: Option<(usize, usize)>,
}

impl<'a> Call<'a> {
    fn read(tokens: &Tokens<'a>, from: usize, end: usize) -> Self {
        let mut call = Self::default();
        let mut at = from;
        while at < end {
            let word = match tokens.get(at) {
                Some(Token::Word(word)) => *word,
                Some(Token::Text(_) | Token::Sign(_)) | None => {
                    at += 1;
                    continue;
                }
            };
            // `exact: "1"` or `.exact("1")`.
            let follows = tokens.get(at + 1).is_some_and(|token| token.is(':') || token.is('('));
            let value = tokens.get(at + 2).filter(|_| follows && at + 2 < end).and_then(literal);
            match word {
                "url" | "id" | "path" if follows && call.kind.is_none() => {
                    (call.kind, call.place) = (Some(word), value);
                    let offset = |place: usize| tokens.list.get(place).map(|(_, offset)| *offset);
                    // Behind the comma that follows.
                    call.wanted = offset(at + 4).filter(|_| at + 4 < end).zip(offset(end));
                }
                "exact" => call.exact = value,
                "revision" => call.revision = value,
                "branch" => call.branch = value,
                _ => {}
            }
            at += 1;
        }
        call
    }
}

/// A string without escapes, which expressions begin with.
fn literal<'a>(token: &Token<'a>) -> Option<&'a str> {
    match token {
        Token::Text(Cow::Borrowed(text)) => Some(text),
        Token::Text(Cow::Owned(_)) | Token::Word(_) | Token::Sign(_) => None,
    }
}

fn add(call: &Call<'_>, line: Option<u32>, source: &Source<'_>, records: &mut Records) {
    let Some(mut package) = package(call) else {
        let message = "where a package is does not stand here literally";
        return records.problem(ProblemKind::BadEntry, line, message);
    };
    if package.version.is_none() && call.revision.is_none() {
        let wanted = call.wanted.and_then(|(from, to)| source.text().get(from..to)).unwrap_or_default();
        let wanted = wanted.split_whitespace().collect::<Vec<_>>().join(" ");
        package.requirement = Some(wanted.trim_end_matches(',').to_owned()).filter(|wanted| !wanted.is_empty());
    }
    records.package(Package { line, relation: Relation::Direct, ..package });
}

fn package(call: &Call<'_>) -> Option<Package> {
    let written = call.place?;
    let last = written.trim_end_matches('/').rsplit('/').next().unwrap_or(written);
    match call.kind? {
        "id" => {
            let (scope, name) = written.split_once('.')?;
            Some(purl::package(Ecosystem::Swift, &format!("{scope}/{name}"), call.exact))
        }
        "url" => {
            let place = vcs::git(written, call.revision.or(call.branch));
            let vcs_url = ("vcs_url", place.vcs_url.as_str());
            let package = match vcs::host_and_path(written) {
                Some(name) => {
                    let qualifiers: &[_] = if call.revision.is_some() { &[vcs_url] } else { &[] };
                    purl::with_qualifiers(Ecosystem::Swift, &name, call.exact, qualifiers)
                }
                None => purl::package(Ecosystem::Generic, last.strip_suffix(".git").unwrap_or(last), call.exact),
            };
            Some(Package { source: Some(place.source), ..package })
        }
        // A package of the same repository, or of the machine.
        _ => Some(Package {
            source: Some(without_credentials(written)),
            ..purl::package(Ecosystem::Generic, last, None)
        }),
    }
}
