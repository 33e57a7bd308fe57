//! `Gemfile`, and `gems.rb`, which is the same under Bundler's newer name, read without running it.
//!
//! Format: Bundler's page on the Gemfile, and `Bundler::Dsl`. A gem stands in the groups that its
//! option or the blocks around it name; in none of them it is needed to run. It is silent where a
//! lockfile lies beside it. What `gemspec` brings is reported by the gemspec itself.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::ruby::calls::{Call, Value, calls};
use crate::source::Source;
use crate::vcs;

/// The extractor of Gemfiles.
pub const EXTRACTOR: Extractor = Extractor {
    id: "gemfile",
    ecosystem: "Ruby",
    files: &[Pattern::Name("Gemfile"), Pattern::Name("gems.rb")],
    companions: &["Gemfile.lock", "gems.locked"],
    extract,
};

const METHODS: [&str; 8] = ["gem", "group", "git", "github", "path", "source", "eval_gemfile", "gemspec"];

/// The short forms of places, and the hosts that they stand for.
const FORGES: [(&str, &str); 3] =
    [("github", "https://github.com/"), ("gitlab", "https://gitlab.com/"), ("bitbucket", "https://bitbucket.org/")];

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("Gemfile.lock") || source.has_sibling("gems.locked") {
        return;
    }
    let calls = calls(source.text(), &METHODS);
    let mut seen = HashSet::new();
    for found in gems(&calls) {
        if let Some(package) = found.package(records)
            && seen.insert((package.purl.clone(), package.requirement.clone(), package.scope))
        {
            records.package(package);
        }
    }
    for call in calls.iter().filter(|call| call.method == "eval_gemfile") {
        records.problem(ProblemKind::BadEntry, Some(call.line), "what eval_gemfile brings is not read");
    }
}

/// What the gems of a Gemfile are for, by their names: what a lockfile does not say.
pub(super) fn scopes(text: &str) -> HashMap<String, Scope> {
    let mut scopes: HashMap<String, Scope> = HashMap::new();
    for found in gems(&calls(text, &METHODS)) {
        let Some(Value::Text(name)) = found.call.positional.first() else { continue };
        let scope = scopes.entry(name.clone()).or_insert_with(|| found.scope());
        if graph::rank(found.scope()) > graph::rank(*scope) {
            *scope = found.scope();
        }
    }
    scopes
}

/// A call of `gem`.
struct Gem<'c, 'a> {
    call: &'c Call<'a>,
    /// The call of a block around it that says where the gem is; else its own.
    from: &'c Call<'a>,
    /// What the groups around it are for.
    around: Option<Scope>,
}

fn gems<'c, 'a>(calls: &'c [Call<'a>]) -> Vec<Gem<'c, 'a>> {
    let mut found = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let around = blocks.last().copied().unwrap_or_default();
        if call.method == "gem" {
            let from = around.place.and_then(|at| calls.get(at)).unwrap_or(call);
            found.push(Gem { call, from, around: around.scope });
        }
        let inner = match call.method {
            "group" => Block { scope: Some(scope(&call.positional)), ..around },
            "git" | "github" | "path" => Block { place: Some(at), ..around },
            _ => around,
        };
        blocks.extend((call.closes..call.opens).map(|_| inner));
        blocks.truncate(blocks.len().saturating_sub(call.closes.saturating_sub(call.opens)));
    }
    found
}

/// What the blocks around a line say together.
#[derive(Clone, Copy, Default)]
struct Block {
    scope: Option<Scope>,
    /// The call that says where the gems are.
    place: Option<usize>,
}

impl Gem<'_, '_> {
    fn scope(&self) -> Scope {
        let own = [self.call.option("group"), self.call.option("groups")].concat();
        if own.is_empty() { self.around.unwrap_or_default() } else { scope(&own) }
    }

    fn package(&self, records: &mut Records) -> Option<Package> {
        let line = Some(self.call.line);
        let (name, wanted) = match self.call.positional.split_first() {
            Some((Value::Text(name), wanted)) if is_name(name) => (name, wanted),
            _ => {
                records.problem(ProblemKind::BadEntry, line, "a gem's name does not stand here literally");
                return None;
            }
        };
        if wanted.iter().any(|value| value.name().is_none()) {
            let message = format!("what is wanted of {name} does not stand here literally");
            records.problem(ProblemKind::Unresolved, line, &message);
        }
        let ranges: Vec<&str> = wanted.iter().filter_map(Value::text).collect();
        let version = match ranges.as_slice() {
            [single] => Some(single.trim_start_matches('=').trim()).filter(|version| is_version(version)),
            _ => None,
        };
        let place = place(self.call, false).or_else(|| place(self.from, true));
        let vcs_url = place.as_ref().and_then(|(_, vcs_url)| vcs_url.as_deref()).unwrap_or_default();
        let mut package = purl::with_qualifiers(Ecosystem::Gem, name, version, &[("vcs_url", vcs_url)]);
        package.source = place.map(|(source, _)| source);
        package.requirement = (version.is_none() && !ranges.is_empty()).then(|| ranges.join(", "));
        Some(Package { line, scope: self.scope(), relation: Relation::Direct, ..package })
    }
}

/// Where a call says that gems are, and the purl's `vcs_url` if that is a repository. A block says the
/// place itself by its first argument.
fn place(call: &Call<'_>, is_block: bool) -> Option<(String, Option<String>)> {
    let said = |name: &str| {
        let first = || call.positional.first().and_then(Value::text);
        if is_block && call.method == name { first() } else { call.text_of(name) }
    };
    let forge = || FORGES.iter().find_map(|(name, host)| Some(format!("{host}{}", repository(said(name)?))));
    if let Some(url) = said("git").map(str::to_owned).or_else(forge) {
        let revision = ["ref", "tag", "branch"].iter().find_map(|name| call.text_of(name));
        let place = vcs::git(&url, revision);
        return Some((place.source, Some(place.vcs_url)));
    }
    said("path").or_else(|| said("source")).map(|place| (without_credentials(place), None))
}

/// `rails` is short for `rails/rails`.
fn repository(text: &str) -> String {
    if text.contains('/') { text.to_owned() } else { format!("{text}/{text}") }
}

fn scope(groups: &[Value]) -> Scope {
    let names: Vec<&str> = groups.iter().filter_map(Value::name).collect();
    match names.as_slice() {
        ["test"] => Scope::Test,
        names if !names.is_empty() && names.iter().all(|name| matches!(*name, "development" | "test")) => Scope::Dev,
        _ => Scope::Runtime,
    }
}

pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}

pub(super) fn is_version(version: &str) -> bool {
    version.starts_with(|letter: char| letter.is_ascii_digit())
        && version.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'))
}
