//! `deps.edn`, the manifest of the Clojure command line tools.
//!
//! Format: <https://clojure.org/reference/deps_edn>. There is no lockfile: the versions that the project
//! itself names are what is taken unless a library needs something newer. An alias is chosen by whoever
//! runs something: what it adds (or puts in the place of the rest) is reported with its version as a
//! requirement. `:override-deps` and `:default-deps` ask for nothing and are passed over.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::clojure::{self, is_library, scope_of};
use crate::edn::{self, Ref};
use crate::extractor::{Extractor, Pattern};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;

/// The extractor of `deps.edn`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "deps-edn", ecosystem: "Clojure", files: &[Pattern::Name("deps.edn")], companions: &[], extract };

/// What an alias may ask for.
const OF_ALIASES: [&str; 3] = [":extra-deps", ":replace-deps", ":deps"];

fn extract(source: &Source<'_>, records: &mut Records) {
    let (forms, stop) = edn::read(source.text());
    if let Some(stop) = stop {
        records.problem(ProblemKind::Unparsable, Some(source.line_at(stop.offset())), &stop.to_string());
    }
    let Some(root) = forms.top().next().filter(|form| form.map().is_some()) else {
        if stop.is_none() {
            records.problem(ProblemKind::Unparsable, Some(1), "the file holds no map");
        }
        return;
    };
    let mut report = Report { source, records };
    if let Some(dependencies) = root.get(":deps") {
        report.dependencies(dependencies, Scope::Runtime, true);
    }
    for (name, alias) in root.get(":aliases").and_then(Ref::map).into_iter().flatten() {
        let scope = scope_of(name.word().unwrap_or_default());
        for dependencies in OF_ALIASES.iter().filter_map(|key| alias.get(key)) {
            report.dependencies(dependencies, scope, false);
        }
    }
}

struct Report<'a, 'r> {
    source: &'a Source<'a>,
    records: &'r mut Records,
}

impl Report<'_, '_> {
    fn dependencies(&mut self, dependencies: Ref<'_, '_>, scope: Scope, is_certain: bool) {
        let Some(entries) = dependencies.map() else {
            let line = Some(self.source.line_at(dependencies.offset()));
            return self.records.problem(ProblemKind::BadEntry, line, "the dependencies are no map");
        };
        for (library, coordinate) in entries {
            let line = Some(self.source.line_at(library.offset()));
            let named = library.word().filter(|name| is_library(name));
            let Some((name, true)) = named.map(|name| (name, coordinate.map().is_some())) else {
                let message = format!("{} is no library with its coordinate", library.word().unwrap_or("an entry"));
                self.records.problem(ProblemKind::BadEntry, line, &message);
                continue;
            };
            let mut package = package(name, coordinate, is_certain);
            package.line = line;
            package.scope = scope;
            package.relation = Relation::Direct;
            self.records.package(package);
        }
    }
}

/// A library in a Maven repository, in a git repository, or in a folder.
fn package(name: &str, coordinate: Ref<'_, '_>, is_certain: bool) -> Package {
    let text = |keys: &[&str]| keys.iter().find_map(|key| coordinate.get(key)?.text());
    let (name, classifier) = name.split_once('$').map_or((name, None), |(name, rest)| (name, Some(rest)));
    if let Some(version) = text(&[":mvn/version"]) {
        let qualifiers = classifier.filter(|rest| !rest.is_empty()).map(|rest| ("classifier", rest));
        return clojure::package(name, Some(version), is_certain, qualifiers.as_slice());
    }
    let commit = text(&[":git/sha", ":sha"]);
    let url = text(&[":git/url"]).map(without_credentials).or_else(|| commit.and_then(|_| implied_url(name)));
    if let Some(url) = url {
        let place = commit.map_or_else(|| format!("git+{url}"), |commit| format!("git+{url}#{commit}"));
        let wanted = text(&[":git/tag", ":tag"]).or(commit);
        let mut package = clojure::package(name, wanted, false, &[("vcs_url", &place)]);
        package.source = Some(place);
        return package;
    }
    let mut package = clojure::package(name, commit, false, &[]);
    package.source = text(&[":local/root"]).map(str::to_owned);
    package
}

/// Where a library of a git host is, if its name is made of the owner's, as tools.deps guesses it.
fn implied_url(name: &str) -> Option<String> {
    let (group, repository) = name.split_once('/')?;
    let mut labels = group.splitn(3, '.');
    let (Some("io" | "com"), Some(host), Some(owner)) = (labels.next(), labels.next(), labels.next()) else {
        return None;
    };
    let host = match host {
        "github" | "gitlab" => format!("{host}.com"),
        "bitbucket" | "codeberg" => format!("{host}.org"),
        _ => return None,
    };
    Some(format!("https://{host}/{owner}/{repository}.git"))
}
