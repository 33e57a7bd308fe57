//! `rebar.lock`, the lockfile of Erlang's rebar3.
//!
//! Format: `rebar_config:consult_lock_file/1` in rebar3's source. `{Version, Locks}.` and a list of
//! attributes with the checksums; before version 1.1.0 the locks alone. A lock is `{Name, Origin,
//! Level}`, where level 0 is what the project asks for. `pkg_hash` has the inner checksums, over a
//! package's contents, `pkg_hash_ext` (since 1.2.0) those of the whole archives.

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::mix_lock::report;
use crate::extractors::mix_lock::terms::{self, Syntax, Term};
use crate::purl::{self, Ecosystem};
use crate::records::{Records, SHARED_BYTES_MAX};
use crate::source::Source;
use crate::vcs;

/// The extractor of `rebar.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "rebar-lock",
    ecosystem: "Erlang and Elixir",
    files: &[Pattern::Name("rebar.lock")],
    companions: &[],
    extract,
};

/// The major version that we know.
const MAJOR: &str = "1";

fn extract(source: &Source<'_>, records: &mut Records) {
    let (terms, broken) = terms::read(source.text(), Syntax::Erlang);
    report(broken, source, records);
    let mut groups = terms.iter().filter(|term| matches!(term, Term::Group('{' | '[', _)));
    let locks = match groups.next() {
        Some(Term::Group('{', items)) => {
            let version = items.first().and_then(Term::text).unwrap_or_default();
            if version.split('.').next() != Some(MAJOR) {
                let message = format!("version {version:?} is not one of {MAJOR}.x, which are known; not read");
                return records.problem(ProblemKind::Unsupported, source.line_of(version), &message);
            }
            items.get(1).map(Term::items).unwrap_or_default()
        }
        Some(list) => list.items(),
        None => return records.problem(ProblemKind::Unparsable, None, "it holds no list of locks"),
    };
    let checksums = checksums(groups.next());
    for lock in locks {
        add(lock, &checksums, source, records);
    }
}

/// By name; the outer ones where there are such.
fn checksums<'a>(attributes: Option<&Term<'a>>) -> HashMap<&'a str, &'a str> {
    let mut checksums = HashMap::new();
    let attributes = attributes.map(Term::items).unwrap_or_default();
    for wanted in ["pkg_hash", "pkg_hash_ext"] {
        let lists = attributes.iter().filter_map(|attribute| match attribute.items() {
            [Term::Word(name), list] if *name == wanted => Some(list.items()),
            _ => None,
        });
        checksums.extend(lists.flatten().filter_map(|pair| match pair.items() {
            [name, sum] => Some((name.text()?, sum.text().filter(|sum| sum.len() <= SHARED_BYTES_MAX)?)),
            _ => None,
        }));
    }
    checksums
}

fn add(lock: &Term<'_>, checksums: &HashMap<&str, &str>, source: &Source<'_>, records: &mut Records) {
    let (name, origin, level) = match lock.items() {
        [name, origin, Term::Word(level), ..] => (name.name(), origin.items(), Some(*level)),
        [name, origin, ..] => (name.name(), origin.items(), None),
        [name] => (name.name(), &[][..], None),
        [] => (lock.name(), &[][..], None),
    };
    let line = name.and_then(|name| source.line_of(name));
    let package = name.and_then(|name| package(name, origin, checksums));
    let Some(mut package) = package else {
        let name = name.unwrap_or("without a name");
        let message = format!("the lock {name} has no origin that is known");
        return records.problem(ProblemKind::BadEntry, line, &message);
    };
    package.line = line;
    package.relation = match level {
        Some("0") => Relation::Direct,
        Some(_) => Relation::Transitive,
        None => Relation::Unknown,
    };
    records.package(package);
}

fn package(name: &str, origin: &[Term<'_>], checksums: &HashMap<&str, &str>) -> Option<Package> {
    let text = |at: usize| origin.get(at).and_then(Term::text);
    match origin.first()?.name()? {
        "pkg" => {
            let mut package = purl::package(Ecosystem::Hex, text(1)?, Some(text(2)?));
            // Between the two forms of the file, the checksum stood with the version.
            let sum = checksums.get(name).copied().or_else(|| text(3));
            package.checksums.extend(sum.map(|sum| format!("sha256:{}", sum.to_ascii_lowercase())));
            Some(package)
        }
        "git" | "git_subdir" => {
            let revision = origin.get(2).and_then(|reference| reference.items().get(1)).and_then(Term::text);
            let place = vcs::git(text(1)?, revision.or_else(|| text(2)));
            let package = purl::with_qualifiers(Ecosystem::Hex, name, None, &[("vcs_url", &place.vcs_url)]);
            Some(Package { source: Some(place.source), ..package })
        }
        "hg" => {
            let package = purl::package(Ecosystem::Hex, name, None);
            Some(Package { source: Some(format!("hg+{}", text(1)?)), ..package })
        }
        _ => None,
    }
}
