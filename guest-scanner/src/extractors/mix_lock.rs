//! `mix.lock`, the lockfile of Elixir's Mix.
//!
//! Format: `Mix.Dep.Lock` in Elixir's source, and `Hex.Utils.lock/1` in Hex's. A map from the names of
//! applications to tuples: `{:hex, package, version, inner checksum, build tools, dependencies,
//! repository, outer checksum}`, of which older files have only the first, `{:git, url, commit,
//! options}` or `{:path, folder, …}`. `mix.exs` beside it, read without running it, tells what the
//! project itself asks for.

pub(super) mod manifest;
pub(crate) mod terms;

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind};

use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::vcs;
use terms::{Broken, Syntax, Term, option};

/// The extractor of `mix.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "mix-lock",
    ecosystem: "Erlang and Elixir",
    files: &[Pattern::Name("mix.lock")],
    companions: &["mix.exs"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let (terms, broken) = terms::read(source.text(), Syntax::Elixir);
    report(broken, source, records);
    let Some(map) = terms.iter().find(|term| matches!(term, Term::Group('{' | '[', _))) else {
        return records.problem(ProblemKind::Unparsable, None, "it holds no map of packages");
    };
    let mut ids: HashMap<&str, PackageId> = HashMap::new();
    let mut wants = Vec::new();
    for (name, entry) in entries(map.items(), source, records) {
        let Some(id) = add(name, entry, source, records) else { continue };
        ids.entry(name).or_insert(id);
        wants.extend(dependencies(entry).map(|wanted| (id, wanted)));
    }
    // Optional dependencies that nobody else wants are not there.
    for (from, to) in wants.into_iter().filter_map(|(from, wanted)| Some((from, *ids.get(wanted)?))) {
        records.depends(from, to);
    }
    if let Some(asked) = manifest::asked(source) {
        let roots: Vec<_> = ids.iter().filter_map(|(name, id)| Some((*id, *asked.get(*name)?))).collect();
        if !roots.is_empty() {
            graph::spread(records, &roots);
        }
    }
}

/// Records where the file breaks.
pub(crate) fn report(broken: Option<Broken<'_>>, source: &Source<'_>, records: &mut Records) {
    if let Some(broken) = broken {
        let kind = if broken.is_limit { ProblemKind::OverLimit } else { ProblemKind::Unparsable };
        let message = format!("{}; what stands before is reported", broken.message);
        records.problem(kind, source.line_of(broken.rest), &message);
    }
}

/// Names with their tuples; what is neither is a problem.
fn entries<'t, 'a>(
    items: &'t [Term<'a>],
    source: &Source<'_>,
    records: &mut Records,
) -> Vec<(&'a str, &'t [Term<'a>])> {
    let mut entries = Vec::new();
    let mut name = None;
    for item in items {
        match (item, name) {
            (Term::Key(text) | Term::Text(text) | Term::Atom(text), None) => name = Some(*text),
            (Term::Group(_, entry), Some(text)) => {
                entries.push((text, entry.as_slice()));
                name = None;
            }
            (Term::Word(text) | Term::Key(text) | Term::Text(text) | Term::Atom(text), _) => {
                let message = format!("{text:?} stands where a package is expected");
                records.problem(ProblemKind::BadEntry, source.line_of(text), &message);
                name = None;
            }
            (Term::Group(..), None) => records.problem(ProblemKind::BadEntry, None, "a package has no name"),
        }
    }
    entries
}

fn add(name: &str, entry: &[Term<'_>], source: &Source<'_>, records: &mut Records) -> Option<PackageId> {
    let line = source.line_of(name);
    let kind = entry.first().and_then(Term::name);
    let package = match kind {
        Some("hex" | "package") => hex(name, entry),
        Some("git") => entry.get(1).and_then(Term::text).map(|url| git(name, url, entry)),
        Some("path") => entry.get(1).and_then(Term::text).map(|folder| {
            let package = purl::package(Ecosystem::Hex, name, None);
            Package { source: Some(folder.to_owned()), ..package }
        }),
        Some(_) | None => None,
    };
    let Some(mut package) = package else {
        let kind = kind.unwrap_or("nothing");
        let message = format!("package {name} is of {kind} and has too little, or what is not known");
        records.problem(ProblemKind::BadEntry, line, &message);
        return None;
    };
    package.line = line;
    records.package(package)
}

fn hex(name: &str, entry: &[Term<'_>]) -> Option<Package> {
    let text = |at: usize| entry.get(at).and_then(Term::text).filter(|text| !text.is_empty());
    // `{:package, version}` was the first form.
    let is_first_form = entry.first().and_then(Term::name) == Some("package");
    let version = text(if is_first_form { 1 } else { 2 })?;
    let published = entry.get(1).and_then(Term::name).filter(|_| !is_first_form).unwrap_or(name);
    let repository = text(6);
    // `hexpm:organisation` is where an organisation keeps what only it may see.
    let organisation = repository.and_then(|repository| repository.split_once(':')).map(|(_, name)| name);
    let full = organisation.map_or_else(|| published.to_owned(), |organisation| format!("{organisation}/{published}"));
    let mut package = purl::package(Ecosystem::Hex, &full, Some(version));
    package.source = repository.map(str::to_owned);
    // The inner checksum is of the contents; the outer one, since Hex 0.20, of the whole archive.
    package.checksums.extend(text(7).or_else(|| text(3)).map(|sum| format!("sha256:{}", sum.to_ascii_lowercase())));
    Some(package)
}

fn git(name: &str, url: &str, entry: &[Term<'_>]) -> Package {
    let place = vcs::git(url, entry.get(2).and_then(Term::text));
    let package = purl::with_qualifiers(Ecosystem::Hex, name, None, &[("vcs_url", &place.vcs_url)]);
    Package { source: Some(place.source), ..package }
}

/// The names of the applications that it cannot do without.
fn dependencies<'a>(entry: &[Term<'a>]) -> impl Iterator<Item = &'a str> {
    let list = entry.get(5).map(Term::items).unwrap_or_default();
    list.iter().filter_map(|dependency| {
        let [name, .., options] = dependency.items() else { return None };
        let is_optional = option(options.items(), "optional") == Some(&Term::Word("true"));
        name.name().filter(|_| !is_optional)
    })
}
