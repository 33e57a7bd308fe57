//! `mise.toml`, the versions of tools and language runtimes for mise.
//!
//! Format: the mise documentation, pages `Configuration` and `Dev Tools`. `[tools]` has a version, a
//! list of them, or tables with one as their `version`, by the names of tools. Behind a backend's name
//! (`npm:`, `cargo:`) stands what another ecosystem calls so. Unlike asdf, mise takes `20` for the
//! newest 20 that there is.

use fumehood_contract::{Package, ProblemKind};

use super::poetry_lock::document::{self, Document, Value, entries, table, text};
use super::tool_versions::Wanted;
use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `mise.toml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "mise-toml",
    ecosystem: "Runtimes",
    files: &[
        Pattern::Name("mise.toml"),
        Pattern::Name(".mise.toml"),
        // Those of an environment, and of one's own.
        Pattern::Affixes("mise.", ".toml"),
        Pattern::Affixes(".mise.", ".toml"),
        Pattern::In("mise", "config.toml"),
        Pattern::In(".mise", "config.toml"),
        Pattern::In(".config/mise/conf.d", ".toml"),
    ],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    document::read(source, records, |document, records| add_tools(document, source, records));
}

fn add_tools(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    let mut tools: Vec<_> = table(&document.root, "tools").into_iter().flat_map(entries).collect();
    // The parser sorts them by their names.
    tools.sort_by_key(|(_, value)| value.span().start);
    for (tool, value) in tools {
        let line = Some(source.line_at(value.span().start));
        let versions = versions(value);
        if versions.is_empty() {
            records.problem(ProblemKind::BadEntry, line, &format!("{tool} has no version"));
        }
        for wanted in versions.into_iter().flatten() {
            if let Some(package) = package(tool, wanted) {
                records.package(Package { line, ..package });
            }
        }
    }
}

/// The versions of a tool; among them `None` for what is installed already, whatever that is.
fn versions<'t>(value: &'t Value<'_>) -> Vec<Option<Wanted<'t>>> {
    match value.get_ref().as_array() {
        Some(list) => list.iter().filter_map(version).collect(),
        None => version(value).into_iter().collect(),
    }
}

fn version<'t>(value: &'t Value<'_>) -> Option<Option<Wanted<'t>>> {
    let value = value.get_ref();
    if let Some(version) = value.as_str() {
        return Some(wanted(version));
    }
    let options = value.as_table()?;
    let version = text(options, "version").map(wanted);
    let prefix = || text(options, "prefix").map(Wanted::OneOf);
    let reference = || text(options, "ref").map(Wanted::Exact);
    let path = || text(options, "path").map(Wanted::At);
    version.or_else(|| prefix().or_else(reference).or_else(path).map(Some))
}

fn wanted(version: &str) -> Option<Wanted<'_>> {
    let wanted = Wanted::of(version)?;
    let is_prefix = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && version.bytes().filter(|byte| *byte == b'.').count() < 2;
    Some(if is_prefix { Wanted::OneOf(version) } else { wanted })
}

fn package(tool: &str, wanted: Wanted<'_>) -> Option<Package> {
    // The options of a backend stand behind its tool: `ubi:a/b[exe=c]`.
    let name = tool.split_once('[').map_or(tool, |(name, _)| name);
    let plain = wanted.package(name)?;
    let Some((ecosystem, inner)) = backend(name) else { return Some(plain) };
    let purl = purl::package(ecosystem, inner, plain.version.as_deref()).purl;
    (!purl.is_empty()).then(|| Package { name: inner.to_owned(), purl, ..plain })
}

/// The backends that install from a registry which has an ecosystem of its own.
fn backend(tool: &str) -> Option<(Ecosystem, &str)> {
    let (backend, name) = tool.split_once(':')?;
    let ecosystem = match backend {
        "cargo" => Ecosystem::Cargo,
        "dotnet" => Ecosystem::Nuget,
        "gem" => Ecosystem::Gem,
        "npm" => Ecosystem::Npm,
        "pipx" => Ecosystem::Pypi,
        "core" | "asdf" | "vfox" if !name.contains('/') => Ecosystem::Asdf,
        _ => return None,
    };
    // pipx and cargo take repositories too.
    let is_repository = name.contains("://") || ecosystem == Ecosystem::Pypi && name.contains('/');
    (!is_repository).then_some((ecosystem, name))
}
