//! `rebar.config`, the manifest of a project of Erlang's rebar3.
//!
//! Format: rebar3's page on dependencies. Terms, of which `{deps, […]}` counts, also in profiles, and the
//! plugins of the build. `rebar.config.script` is a program and is not run. What the lockfile holds, it
//! says: beside it, only profiles and plugins are reported, which it does not hold.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::mix_exs::exact;
use crate::extractors::mix_lock::report;
use crate::extractors::mix_lock::terms::{self, Syntax, Term};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::vcs;

/// The extractor of `rebar.config`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "rebar-config",
    ecosystem: "Erlang and Elixir",
    files: &[Pattern::Name("rebar.config")],
    companions: &["rebar.lock"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let (terms, broken) = terms::read(source.text(), Syntax::Erlang);
    report(broken, source, records);
    let is_locked = source.has_sibling("rebar.lock");
    for (name, value) in settings(&terms) {
        match name {
            "deps" if !is_locked => add_all(value, Scope::Runtime, source, records),
            "plugins" | "project_plugins" => add_all(value, Scope::Build, source, records),
            "profiles" => {
                for (profile, inner) in settings(value.items()) {
                    let scope = if profile == "test" { Scope::Test } else { Scope::Dev };
                    for (_, value) in settings(inner.items()).filter(|(name, _)| *name == "deps") {
                        add_all(value, scope, source, records);
                    }
                }
            }
            _ => {}
        }
    }
}

/// `{name, value}`.
fn settings<'t, 'a>(terms: &'t [Term<'a>]) -> impl Iterator<Item = (&'a str, &'t Term<'a>)> {
    terms.iter().filter_map(|term| match term {
        Term::Group('{', items) => match items.as_slice() {
            [Term::Word(name), value] => Some((*name, value)),
            _ => None,
        },
        Term::Group(..) | Term::Text(_) | Term::Atom(_) | Term::Key(_) | Term::Word(_) => None,
    })
}

fn add_all(list: &Term<'_>, scope: Scope, source: &Source<'_>, records: &mut Records) {
    for term in list.items() {
        // `name` alone, or `{name, …}`.
        let items = if matches!(term, Term::Group(..)) { term.items() } else { std::slice::from_ref(term) };
        let name = items.first().and_then(Term::name).filter(|name| !name.is_empty());
        let Some(name) = name else {
            records.problem(ProblemKind::BadEntry, None, "a dependency has no name");
            continue;
        };
        let line = source.line_of(name);
        match package(name, items.get(1..).unwrap_or_default()) {
            Some(package) => {
                records.package(Package { line, scope, relation: Relation::Direct, ..package });
            }
            None => {
                let message = format!("the dependency {name} has an origin that is not known");
                records.problem(ProblemKind::BadEntry, line, &message);
            }
        }
    }
}

/// `"1.0.0"`, `{pkg, other}`, `{git, "url", {tag, "1.0"}}`, or a version and one of these.
fn package(name: &str, said: &[Term<'_>]) -> Option<Package> {
    let wanted = said.first().and_then(Term::text);
    let origin = said.iter().map(Term::items).find(|items| !items.is_empty()).unwrap_or_default();
    let text = |at: usize| origin.get(at).and_then(Term::text);
    let kind = origin.first().and_then(Term::name);
    let requirement = wanted.map(str::to_owned);
    match kind {
        None | Some("pkg") => {
            let published = origin.get(1).and_then(Term::name).unwrap_or(name);
            let version = wanted.and_then(exact);
            let requirement = requirement.filter(|_| version.is_none());
            Some(Package { requirement, ..purl::package(Ecosystem::Hex, published, version) })
        }
        Some("git" | "git_subdir") => {
            let revision = origin.get(2).and_then(|reference| reference.items().get(1)).and_then(Term::text);
            let place = vcs::git(text(1)?, revision.or_else(|| text(2)));
            let package = purl::with_qualifiers(Ecosystem::Hex, name, None, &[("vcs_url", &place.vcs_url)]);
            Some(Package { requirement, source: Some(place.source), ..package })
        }
        Some("hg") => {
            let package = purl::package(Ecosystem::Hex, name, None);
            Some(Package { requirement, source: Some(format!("hg+{}", text(1)?)), ..package })
        }
        Some(_) => None,
    }
}
