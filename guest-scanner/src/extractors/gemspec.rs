//! `*.gemspec`, the manifest of a Ruby gem, read without running it.
//!
//! Format: `Gem::Specification` in RubyGems' documentation. The gem itself is listed, and what it asks
//! for. Only what stands in the file literally is known; a version that is a constant is looked for in
//! the file that the gemspec requires for it (`lib/…/version.rb`).

mod statements;

use std::collections::HashSet;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::gemfile::{is_name, is_version};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::ruby;
use crate::source::Source;
use statements::Statement;

/// The extractor of gemspecs.
pub const EXTRACTOR: Extractor = Extractor {
    id: "gemspec",
    ecosystem: "Ruby",
    files: &[Pattern::Affixes("", ".gemspec")],
    companions: &["Gemfile.lock", "gems.locked", "version.rb"],
    extract,
};

/// The largest gemspec that is read.
const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The largest file that is read for a version.
const VERSION_FILE_BYTES_MAX: u64 = 64 * 1024;

/// The files that are read for a version.
const VERSION_FILES_MAX: usize = 4;

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("Gemfile.lock") || source.has_sibling("gems.locked") {
        return;
    }
    if source.text().len() > FILE_BYTES_MAX {
        let message = format!("larger than {} MiB; not read", FILE_BYTES_MAX / 1024 / 1024);
        return records.problem(ProblemKind::OverLimit, None, &message);
    }
    let mut gem = Gem::default();
    let mut needs = Vec::new();
    for statement in statements::statements(source.text()) {
        match statement.method {
            "name" => gem.name = gem.name.or_else(|| Some((statement.literals.first()?.clone(), statement.line))),
            "version" => gem.version = gem.version.or_else(|| statement.literals.first().cloned()),
            "license" | "licenses" if gem.license.is_none() => {
                gem.license = (!statement.literals.is_empty()).then(|| statement.literals.join(" OR "));
            }
            "add_dependency" | "add_runtime_dependency" => needs.push((statement, Scope::Runtime)),
            "add_development_dependency" => needs.push((statement, Scope::Dev)),
            "require" | "require_relative" | "expand_path" => {
                gem.version_files.extend(version_file(&statement));
            }
            _ => {}
        }
    }
    gem.report(source, records);
    // Generated gemspecs say everything again for older versions of RubyGems.
    let mut seen = HashSet::new();
    for (statement, scope) in needs {
        if seen.insert((statement.literals.clone(), scope)) {
            need(&statement, scope, records);
        }
    }
}

#[derive(Default)]
struct Gem {
    name: Option<(String, u32)>,
    version: Option<String>,
    license: Option<String>,
    version_files: Vec<String>,
}

impl Gem {
    fn report(self, source: &Source<'_>, records: &mut Records) {
        let Some((name, line)) = self.name.filter(|(name, _)| is_name(name)) else {
            let message = "the gem's name does not stand here literally";
            return records.problem(ProblemKind::BadEntry, None, message);
        };
        let literal = self.version.filter(|version| is_version(version));
        let mut files = self.version_files.iter().take(VERSION_FILES_MAX);
        let version = literal.or_else(|| files.find_map(|file| version_in(file, source)));
        if version.is_none() {
            let message = format!("the version of {name} does not stand here literally");
            records.problem(ProblemKind::Unresolved, Some(line), &message);
        }
        let package = purl::package(Ecosystem::Gem, &name, version.as_deref());
        let (relation, license) = (Relation::Project, self.license);
        records.package(Package { line: Some(line), relation, license, ..package });
    }
}

fn need(statement: &Statement<'_>, scope: Scope, records: &mut Records) {
    let line = Some(statement.line);
    let Some((name, ranges)) = statement.literals.split_first().filter(|(name, _)| is_name(name)) else {
        return records.problem(ProblemKind::BadEntry, line, "a gem's name does not stand here literally");
    };
    let version = match ranges {
        [single] => Some(single.trim_start_matches('=').trim()).filter(|version| is_version(version)),
        _ => None,
    };
    let mut package = purl::package(Ecosystem::Gem, name, version);
    package.requirement = (version.is_none() && !ranges.is_empty()).then(|| ranges.join(", "));
    records.package(Package { line, scope, relation: Relation::Direct, ..package });
}

/// `require_relative "lib/shop/version"`, `require "shop/version"` below `lib`, or
/// `File.expand_path("../lib/shop/version", __FILE__)`, where `..` leads out of the gemspec itself.
fn version_file(statement: &Statement<'_>) -> Option<String> {
    let named = statement.literals.first()?;
    let stem = named.strip_suffix(".rb").unwrap_or(named);
    stem.ends_with("version").then(|| match statement.method {
        "require" if !stem.starts_with("./") && !stem.starts_with("lib/") => format!("lib/{stem}.rb"),
        "expand_path" => format!("{}.rb", stem.strip_prefix("../").unwrap_or(stem)),
        _ => format!("{stem}.rb"),
    })
}

/// The first `VERSION = "…"` of the file.
fn version_in(file: &str, source: &Source<'_>) -> Option<String> {
    let path = source.resolve(file).ok()?;
    let text = source.tree().text_within(&path, VERSION_FILE_BYTES_MAX).ok()?;
    text.lines().find_map(|line| {
        let value = line.trim().strip_prefix("VERSION")?.trim_start().strip_prefix('=')?;
        ruby::literals(value).into_iter().next().filter(|version| is_version(version))
    })
}
