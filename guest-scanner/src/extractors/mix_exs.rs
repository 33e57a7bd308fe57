//! `mix.exs`, the manifest of an Elixir project, read without running it.
//!
//! Format: `Mix.Tasks.Deps` in Elixir's documentation. The list that the function `deps` gives, or that
//! stands at `deps:`, as far as it is literal. It is silent where `mix.lock` lies beside it, or where
//! the option `lockfile` says; the applications of an umbrella are no dependencies.

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::mix_lock::manifest::{list, options, scope};
use crate::extractors::mix_lock::report;
use crate::extractors::mix_lock::terms::{self, Syntax, Term, option};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::vcs;

/// The extractor of `mix.exs`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "mix-exs",
    ecosystem: "Erlang and Elixir",
    files: &[Pattern::Name("mix.exs")],
    companions: &[LOCKFILE],
    extract,
};

const LOCKFILE: &str = "mix.lock";

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling(LOCKFILE) {
        return;
    }
    let (terms, broken) = terms::read(source.text(), Syntax::Elixir);
    let lockfile = terms.iter().find_map(|term| option(term.items(), "lockfile")).and_then(Term::text);
    if lockfile.is_some_and(|lockfile| source.has_sibling(lockfile)) {
        return;
    }
    report(broken, source, records);
    let Some(list) = list(&terms) else {
        if source.text().contains("deps") {
            let message = "the dependencies do not stand here literally";
            records.problem(ProblemKind::BadEntry, None, message);
        }
        return;
    };
    if !list.is_whole {
        let line =
            list.items.first().and_then(|term| term.items().first()?.name()).and_then(|name| source.line_of(name));
        let message = "the list of dependencies goes on with what is computed";
        records.problem(ProblemKind::BadEntry, line, message);
    }
    for term in list.items {
        add(term, source, records);
    }
}

/// `{:name, "~> 1.0", only: :test}`.
fn add(term: &Term<'_>, source: &Source<'_>, records: &mut Records) {
    let items = term.items();
    let options = options(term);
    if option(options, "in_umbrella") == Some(&Term::Word("true")) {
        return;
    }
    let Some(Term::Atom(name)) = items.first() else {
        return records.problem(ProblemKind::BadEntry, None, "a dependency's name does not stand here literally");
    };
    let line = source.line_of(name);
    let wanted = items.get(1).and_then(Term::text);
    let package = Package { line, scope: scope(options), relation: Relation::Direct, ..package(name, wanted, options) };
    if wanted.is_none() && matches!(items.get(1), Some(Term::Word(_) | Term::Atom(_))) {
        let message = format!("what is wanted of {name} does not stand here literally");
        records.problem(ProblemKind::Unresolved, line, &message);
    }
    records.package(package);
}

fn package(name: &str, wanted: Option<&str>, options: &[Term<'_>]) -> Package {
    let text = |key: &str| option(options, key).and_then(Term::text);
    let forge = || text("github").map(|path| format!("https://github.com/{path}.git"));
    if let Some(url) = text("git").map(str::to_owned).or_else(forge) {
        let revision = ["ref", "tag", "branch"].iter().find_map(|key| text(key));
        let place = vcs::git(&url, revision);
        let package = purl::with_qualifiers(Ecosystem::Hex, name, None, &[("vcs_url", &place.vcs_url)]);
        return Package { requirement: wanted.map(str::to_owned), source: Some(place.source), ..package };
    }
    let published = option(options, "hex").and_then(Term::name).unwrap_or(name);
    let organisation = option(options, "organization").and_then(Term::name);
    let full = organisation.map_or_else(|| published.to_owned(), |organisation| format!("{organisation}/{published}"));
    let version = wanted.and_then(exact);
    Package {
        requirement: wanted.filter(|_| version.is_none()).map(str::to_owned),
        source: text("path").map(str::to_owned),
        ..purl::package(Ecosystem::Hex, &full, version)
    }
}

/// The version that a requirement of Hex leaves no choice of: `1.0.0` and `== 1.0.0`.
pub(super) fn exact(wanted: &str) -> Option<&str> {
    let version = wanted.trim().strip_prefix("==").unwrap_or(wanted).trim();
    let is_exact = version.starts_with(|first: char| first.is_ascii_digit())
        && version.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '+'));
    is_exact.then_some(version)
}
