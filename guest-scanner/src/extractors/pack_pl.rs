//! `pack.pl`: a pack of SWI-Prolog and what it needs.
//!
//! Format: <https://www.swi-prolog.org/pldoc/man?section=pack-metadata>, a list of facts. Perl programs
//! are called so too: without a fact that begins with `name(` there is nothing to read.

use fumehood_contract::{Package, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::tokens::{Syntax, Token, Tokens};

/// The extractor of `pack.pl`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "pack-pl", ecosystem: "Prolog", files: &[Pattern::Name("pack.pl")], companions: &[], extract };

const PROLOG: Syntax =
    Syntax { line_comments: &["%"], block_comments: &[("/*", "*/")], quotes: &["'", "\""], in_words: "" };

fn extract(source: &Source<'_>, records: &mut Records) {
    let tokens = Tokens::read(source.text(), &PROLOG);
    let mut facts = Vec::new();
    let mut at = 0;
    while let (Some(token), Some(next)) = (tokens.get(at), tokens.get(at + 1)) {
        let begins = at == 0 || tokens.get(at - 1).is_some_and(|token| token.is('.'));
        match token.word().filter(|_| begins && next.is('(')) {
            Some(functor) => {
                let end = tokens.closing(at + 1);
                facts.push((functor, at + 2, end));
                at = end;
            }
            None => at += 1,
        }
    }
    let argument = |functor: &str| {
        let (_, at, _) = facts.iter().find(|(name, ..)| *name == functor)?;
        Some((tokens.get(*at)?.name()?, *at))
    };
    let Some((name, name_at)) = argument("name") else { return };
    let project = records.package(Package {
        line: tokens.line(name_at, source),
        relation: Relation::Project,
        license: argument("license").map(|(license, _)| license.to_owned()),
        source: argument("download").or_else(|| argument("home")).map(|(url, _)| url.to_owned()),
        ..purl::package(Ecosystem::Swiplpack, name, argument("version").map(|(version, _)| version))
    });
    for (_, at, end) in facts.iter().filter(|(functor, ..)| *functor == "requires") {
        require(&tokens, *at..*end, project, source, records);
    }
    tokens.note(source, records);
}

/// `name`, or `name >= '1.0'`. What is called `prolog` is Prolog itself.
fn require(
    tokens: &Tokens<'_>,
    range: std::ops::Range<usize>,
    project: Option<PackageId>,
    source: &Source<'_>,
    records: &mut Records,
) {
    let Some(name) = tokens.get(range.start).and_then(Token::name).filter(|name| *name != "prolog") else { return };
    let mut requirement = String::new();
    for at in range.start + 1..range.end {
        match tokens.get(at) {
            Some(Token::Sign(sign @ ('<' | '>' | '=' | '@' | ':'))) => requirement.push(*sign),
            Some(token) => requirement.push_str(token.name().unwrap_or_default()),
            None => {}
        }
    }
    let id = records.package(Package {
        line: tokens.line(range.start, source),
        relation: Relation::Direct,
        requirement: Some(requirement).filter(|requirement| !requirement.is_empty()),
        ..purl::package(Ecosystem::Swiplpack, name, None)
    });
    if let (Some(from), Some(to)) = (project, id) {
        records.depends(from, to);
    }
}
