//! `Cargo.lock`, versions 1 to 4.
//!
//! Format: `cargo::core::resolver::encode` in Cargo's source documents it. A package without a
//! source is a member of the workspace or a path dependency of one. A dependency is written as
//! `name`, `name version` or `name version (source)`, whichever is the shortest that is unique.
//! Scopes are not in the file: Cargo.toml has them.

use std::collections::HashMap;

use fumehood_contract::{ProblemKind, Relation};
use serde::Deserialize;
use toml::Spanned;

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The extractor of `Cargo.lock`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "cargo-lock", ecosystem: "Rust", files: &[Pattern::Name("Cargo.lock")], companions: &[], extract };

/// The newest version that we know.
const VERSION_MAX: u64 = 4;

#[derive(Deserialize)]
struct Lockfile {
    version: Option<u64>,
    /// Before Cargo 0.18 the root package stood apart.
    root: Option<Entry>,
    #[serde(default)]
    package: Vec<Entry>,
    /// Version 1 keeps the checksums here: `checksum name version (source)`.
    #[serde(default)]
    metadata: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Entry {
    name: Spanned<String>,
    version: Option<String>,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let lockfile: Lockfile = match toml::from_str(source.text()) {
        Ok(lockfile) => lockfile,
        Err(error) => {
            let line = error.span().map(|span| source.line_at(span.start));
            return records.problem(ProblemKind::Unparsable, line, error.message());
        }
    };
    if let Some(version) = lockfile.version
        && version > VERSION_MAX
    {
        let message = format!("Cargo.lock version {version} is newer than {VERSION_MAX}, the newest known; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    let entries: Vec<Entry> = lockfile.root.into_iter().chain(lockfile.package).collect();
    let ids: Vec<_> = entries.iter().map(|entry| add(entry, &lockfile.metadata, source, records)).collect();
    connect(&entries, &ids, source, records);
}

fn add(
    entry: &Entry,
    metadata: &HashMap<String, String>,
    source: &Source<'_>,
    records: &mut Records,
) -> Option<PackageId> {
    let name = entry.name.get_ref();
    let line = Some(source.line_at(entry.name.span().start));
    let Some(version) = &entry.version else {
        records.problem(ProblemKind::BadEntry, line, &format!("package {name} has no version"));
        return None;
    };
    let mut package = match entry.source.as_deref().filter(|from| from.starts_with("git+")) {
        // Not the package of that name in the registry: the purl must say so.
        Some(from) => purl::with_qualifiers(Ecosystem::Cargo, name, Some(version), &[("vcs_url", from)]),
        None => purl::package(Ecosystem::Cargo, name, Some(version)),
    };
    package.line = line;
    if entry.source.is_none() {
        package.relation = Relation::Project;
    }
    let in_metadata = || {
        let from = entry.source.as_deref()?;
        metadata.get(&format!("checksum {name} {version} ({from})")).map(String::as_str)
    };
    let checksum = entry.checksum.as_deref().or_else(in_metadata).filter(|sum| *sum != "<none>");
    package.checksums.extend(checksum.map(|sum| format!("sha256:{sum}")));
    package.source = entry.source.clone();
    records.package(package)
}

fn connect(entries: &[Entry], ids: &[Option<PackageId>], source: &Source<'_>, records: &mut Records) {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        by_name.entry(entry.name.get_ref()).or_default().push(index);
    }
    for (entry, id) in entries.iter().zip(ids) {
        let Some(from) = *id else { continue };
        for dependency in &entry.dependencies {
            let Some(to) = find(dependency, entries, &by_name).and_then(|index| ids.get(index).copied()?) else {
                let line = source.line_at(entry.name.span().start);
                let message = format!("{} depends on {dependency}, which the file does not hold", entry.name.get_ref());
                records.problem(ProblemKind::BadEntry, Some(line), &message);
                continue;
            };
            records.depends(from, to);
            if entry.source.is_none()
                && let Some(package) = records.get_mut(to)
                && package.relation == Relation::Unknown
            {
                package.relation = Relation::Direct;
            }
        }
    }
    records.rest_is_transitive();
}

/// The entry that `dependency` means.
fn find(dependency: &str, entries: &[Entry], by_name: &HashMap<&str, Vec<usize>>) -> Option<usize> {
    let mut words = dependency.splitn(3, ' ');
    let candidates = by_name.get(words.next()?)?;
    let version = words.next();
    let from = words.next().map(|word| word.trim_start_matches('(').trim_end_matches(')'));
    candidates.iter().copied().find(|index| {
        entries.get(*index).is_some_and(|entry| {
            version.is_none_or(|wanted| entry.version.as_deref() == Some(wanted))
                && from.is_none_or(|wanted| entry.source.as_deref().map(without_commit) == Some(without_commit(wanted)))
        })
    })
}

/// A package's git source ends with the commit that was locked, a dependency's does not.
fn without_commit(source: &str) -> &str {
    source.split_once('#').map_or(source, |(url, _)| url)
}
