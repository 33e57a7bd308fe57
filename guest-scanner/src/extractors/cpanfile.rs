//! `cpanfile`, the manifest of a Perl project, read without running it.
//!
//! Format: `cpanfile.pod` in the source of Module::CPANfile. It asks for modules. Purls of the type `cpan`
//! name distributions with their authors, which only an index of CPAN knows: these are of the type
//! `generic`. It is silent where `cpanfile.snapshot` lies beside it.

use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::cpanfile_snapshot::cpanfile;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `cpanfile`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "cpanfile",
    ecosystem: "Perl",
    files: &[Pattern::Name("cpanfile")],
    companions: &["cpanfile.snapshot"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("cpanfile.snapshot") {
        return;
    }
    let tokens = cpanfile::tokens(source.text());
    tokens.note(source, records);
    let mut seen = HashSet::new();
    for want in cpanfile::read(&tokens) {
        // The language itself.
        if want.module == "perl" {
            continue;
        }
        let line = Some(source.line_at(want.offset));
        if !is_module(&want.module) {
            records.problem(ProblemKind::BadEntry, line, "a module's name does not stand here literally");
            continue;
        }
        let version = want.requirement.as_deref().and_then(exact);
        let package = Package {
            line,
            scope: want.scope,
            relation: Relation::Direct,
            requirement: want.requirement.clone().filter(|_| version.is_none()),
            name: want.module.clone(),
            ..purl::package(Ecosystem::Generic, &format!("perl/{}", want.module), version)
        };
        if seen.insert((package.purl.clone(), package.requirement.clone(), package.scope)) {
            records.package(package);
        }
    }
}

/// A bare version is a least one; only `==` leaves no choice.
fn exact(wanted: &str) -> Option<&str> {
    let version = wanted.strip_prefix("==")?.trim();
    let is_exact = !version.is_empty()
        && version.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-'));
    is_exact.then_some(version)
}

fn is_module(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    name.split("::").all(is_part)
}
