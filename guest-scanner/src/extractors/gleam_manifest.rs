//! `manifest.toml`, the lockfile of a Gleam project.
//!
//! Format: `gleam_core::manifest` in the compiler's source. Packages are of `hex`, `git` or `local`,
//! and name the packages that they need; `[requirements]` has what the project asks for, of which
//! `gleam.toml` tells what is for development.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{ProblemKind, Scope};
use toml::de::DeTable;

use crate::extractor::{Extractor, Pattern};
use crate::extractors::gleam_toml::SECTIONS;
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::toml_text::{Document, Named, entries, items, table, text, texts};
use crate::vcs;

/// The extractor of `manifest.toml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "gleam-manifest",
    ecosystem: "Erlang and Elixir",
    files: &[Pattern::Name("manifest.toml")],
    companions: &["gleam.toml"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    // Others have files of that name too.
    if !source.has_sibling("gleam.toml") {
        return records.not_of_format();
    }
    let error = match DeTable::parse(source.text()) {
        Ok(root) => return extract_from(&Document::sound(root.into_inner()), source, records),
        Err(error) => error,
    };
    let line = error.span().map(|span| source.line_at(span.start));
    records.problem(ProblemKind::Unparsable, line, error.message());
    let mended = mend(source.text());
    if let Ok(root) = DeTable::parse(&mended) {
        extract_from(&Document::sound(root.into_inner()), source, records);
    }
}

/// The text without those of its lines that are wrong by themselves: Gleam writes each package, and
/// each requirement, on a line of its own. All places stay.
fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut is_in_list = false;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let is_sound = match (content, is_in_list) {
            ("packages = [", _) => true,
            ("]", true) => true,
            ("", _) => true,
            (item, true) => DeTable::parse(&format!("item = {}", item.trim_end_matches(','))).is_ok(),
            (entry, false) => DeTable::parse(entry).is_ok(),
        };
        is_in_list = content == "packages = [" || is_in_list && content != "]";
        if is_sound {
            mended.push_str(line);
        } else {
            mended
                .extend(line.chars().flat_map(|letter| {
                    std::iter::repeat_n(if letter == '\n' { '\n' } else { ' ' }, letter.len_utf8())
                }));
        }
    }
    mended
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    let named: Vec<_> =
        items(&document.root, "packages").filter_map(|value| document.named(value, source, records)).collect();
    let mut ids: HashMap<&str, PackageId> = HashMap::new();
    for named in &named {
        if let Some(id) = add(named, records) {
            ids.entry(named.name).or_insert(id);
        }
    }
    for named in &named {
        let Some(from) = ids.get(named.name) else { continue };
        for wanted in texts(named.table, "requirements") {
            match ids.get(wanted) {
                Some(to) => records.depends(*from, *to),
                None => {
                    let message = format!("{} depends on {wanted}, which the file does not hold", named.name);
                    records.problem(ProblemKind::BadEntry, Some(named.line), &message);
                }
            }
        }
    }
    let Some(asked) = table(&document.root, "requirements") else { return };
    let for_development = for_development(source);
    let scope = |name: &str| if for_development.contains(name) { Scope::Dev } else { Scope::Runtime };
    let roots: Vec<_> = entries(asked).filter_map(|(name, _)| Some((*ids.get(name)?, scope(name)))).collect();
    if !roots.is_empty() {
        graph::spread(records, &roots);
    }
}

fn add(named: &Named<'_, '_>, records: &mut Records) -> Option<PackageId> {
    let (table, name) = (named.table, named.name);
    let Some(version) = named.version else {
        records.problem(ProblemKind::BadEntry, Some(named.line), &format!("package {name} has no version"));
        return None;
    };
    let repository = text(table, "repo").map(|url| vcs::git(url, text(table, "commit")));
    let mut package = match &repository {
        Some(place) => {
            let vcs_url = ("vcs_url", place.vcs_url.as_str());
            purl::with_qualifiers(Ecosystem::Hex, name, Some(version), &[vcs_url])
        }
        None => purl::package(Ecosystem::Hex, name, Some(version)),
    };
    package.line = Some(named.line);
    let other = || text(table, "path").or_else(|| text(table, "source")).map(str::to_owned);
    package.source = repository.map(|place| place.source).or_else(other);
    package.checksums.extend(text(table, "outer_checksum").map(|sum| format!("sha256:{}", sum.to_ascii_lowercase())));
    records.package(package)
}

/// The names of what `gleam.toml` asks for to develop only.
fn for_development(source: &Source<'_>) -> HashSet<String> {
    let Some(Ok(manifest)) = source.sibling("gleam.toml") else { return HashSet::new() };
    let Ok(root) = DeTable::parse(&manifest) else { return HashSet::new() };
    let of = |wanted: Scope| {
        let sections = SECTIONS.into_iter().filter(move |(_, scope)| *scope == wanted);
        let tables = sections.filter_map(|(section, _)| table(root.get_ref(), section));
        tables.flat_map(|table| entries(table).map(|(name, _)| name.to_owned())).collect::<HashSet<_>>()
    };
    of(Scope::Dev).difference(&of(Scope::Runtime)).cloned().collect()
}
