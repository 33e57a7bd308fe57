//! `Podfile`, the manifest of CocoaPods, read without running it.
//!
//! Format: the Podfile's syntax reference, and `Pod::Podfile::DSL`. A pod that several targets ask for
//! alike is one requirement. It is silent where the lockfile lies beside it.

use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::gemfile::is_version;
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::ruby::calls::{Call, Value, calls};
use crate::source::Source;
use crate::vcs;

/// The extractor of Podfiles.
pub const EXTRACTOR: Extractor = Extractor {
    id: "podfile",
    ecosystem: "Swift and Apple",
    files: &[Pattern::Name("Podfile")],
    companions: &["Podfile.lock"],
    extract,
};

/// A pod has some dozen subspecs.
const SUBSPECS_MAX: usize = 64;

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("Podfile.lock") {
        return;
    }
    let mut seen = HashSet::new();
    for call in calls(source.text(), &["pod"]).iter().filter(|call| call.method == "pod") {
        for package in pods(call, records) {
            if seen.insert((package.purl.clone(), package.requirement.clone(), package.scope)) {
                records.package(package);
            }
        }
    }
}

/// The pod of a call, or those of its subspecs that it lists.
fn pods(call: &Call<'_>, records: &mut Records) -> Vec<Package> {
    let line = Some(call.line);
    let (name, wanted) = match call.positional.split_first() {
        Some((Value::Text(name), wanted)) if is_name(name) => (name, wanted),
        _ => {
            records.problem(ProblemKind::BadEntry, line, "a pod's name does not stand here literally");
            return Vec::new();
        }
    };
    if wanted.iter().any(|value| value.name().is_none()) {
        let message = format!("what is wanted of {name} does not stand here literally");
        records.problem(ProblemKind::Unresolved, line, &message);
    }
    let subspecs: Vec<_> = call.option("subspecs").iter().filter_map(Value::text).take(SUBSPECS_MAX).collect();
    let names: Vec<String> = match subspecs.as_slice() {
        [] => vec![name.clone()],
        listed => listed.iter().map(|subspec| format!("{name}/{subspec}")).collect(),
    };
    names.iter().map(|name| Package { line, ..package(name, wanted, call) }).collect()
}

fn package(name: &str, wanted: &[Value], call: &Call<'_>) -> Package {
    let ranges: Vec<&str> = wanted.iter().filter_map(Value::text).collect();
    let version = match ranges.as_slice() {
        [single] => Some(single.trim_start_matches('=').trim()).filter(|version| is_version(version)),
        _ => None,
    };
    let git = call.text_of("git").map(|url| {
        let revision = ["commit", "tag", "branch"].iter().find_map(|name| call.text_of(name));
        vcs::git(url, revision)
    });
    let vcs_url = git.as_ref().map_or("", |place| &place.vcs_url);
    let package = purl::with_qualifiers(Ecosystem::Cocoapods, name, version, &[("vcs_url", vcs_url)]);
    let elsewhere = || ["path", "podspec", "http", "source"].iter().find_map(|name| call.text_of(name));
    Package {
        requirement: (version.is_none() && !ranges.is_empty()).then(|| ranges.join(", ")),
        source: git.map(|place| place.source).or_else(|| elsewhere().map(without_credentials)),
        scope: scope(call),
        relation: Relation::Direct,
        ..package
    }
}

/// What is only in builds for debugging is not shipped.
fn scope(call: &Call<'_>) -> Scope {
    let configurations = [call.option("configurations"), call.option("configuration")].concat();
    let is_debug = |value: &Value| value.name().is_some_and(|name| name.eq_ignore_ascii_case("debug"));
    if !configurations.is_empty() && configurations.iter().all(is_debug) { Scope::Dev } else { Scope::Runtime }
}

fn is_name(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.+/".contains(letter);
    !name.is_empty() && name.chars().all(is_plain) && !name.starts_with('/') && !name.ends_with('/')
}
