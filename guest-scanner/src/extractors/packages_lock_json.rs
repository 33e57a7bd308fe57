//! `packages.lock.json`, the lockfile of NuGet, versions 1 and 2.
//!
//! Format: NuGet's documentation of repeatable package restore, and `PackagesLockFileFormat` in its
//! source. A file may also be called `packages.<project>.lock.json`. Each framework (and each pair of
//! framework and runtime, which holds only what differs) has its own list; what several of them have
//! is reported once. Projects that the project refers to stand in it without a version.

use std::collections::HashMap;

use fumehood_contract::{ProblemKind, Relation};

use crate::dotnet::{self, Wanted};
use crate::extractor::{Extractor, Pattern};
use crate::json_tree::{self, Json};
use crate::jsonc;
use crate::lines::Lines;
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The extractor of `packages.lock.json`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "packages-lock-json",
    ecosystem: ".NET",
    files: &[Pattern::Name("packages.lock.json"), Pattern::Affixes("packages.", ".lock.json")],
    companions: &[],
    extract,
};

/// The newest version that we know.
const VERSION_MAX: u64 = 2;

fn extract(source: &Source<'_>, records: &mut Records) {
    let text = jsonc::plain(source.text());
    let (root, lines) = json_tree::read(&text, records);
    if let Some(version) = root.get("version").and_then(Json::as_number)
        && version > VERSION_MAX
    {
        let message = format!("version {version} is newer than {VERSION_MAX}, the newest known; not read");
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    let frameworks = root.entries_of("dependencies");
    let mut known = HashMap::new();
    let mut ids: HashMap<&str, Framework> = HashMap::new();
    for (framework, entries) in frameworks {
        let own = ids.entry(framework).or_default();
        for (name, entry) in entries.entries() {
            own.extend(add(name, entry, &lines, &mut known, records).map(|id| (dotnet::normal(name), id)));
        }
    }
    for (framework, entries) in frameworks {
        let own = ids.get(framework.as_ref());
        let base = framework.split_once('/').and_then(|(base, _)| ids.get(base));
        connect(entries, own, base, records);
    }
}

/// The packages of a framework by their names, in the form for comparison.
type Framework = HashMap<String, PackageId>;

fn add(
    name: &str,
    entry: &Json<'_>,
    lines: &Lines,
    known: &mut HashMap<(String, Option<String>), PackageId>,
    records: &mut Records,
) -> Option<PackageId> {
    let line = lines.of(name);
    let relation = match entry.text("type").unwrap_or_default().to_ascii_lowercase().as_str() {
        "direct" => Relation::Direct,
        "transitive" | "centraltransitive" => Relation::Transitive,
        "project" => Relation::Project,
        _ => Relation::Unknown,
    };
    let version = entry.text("resolved").filter(|version| !version.is_empty());
    if version.is_none() && relation != Relation::Project {
        records.problem(ProblemKind::BadEntry, line, &format!("package {name} has no resolved version"));
        return None;
    }
    let key = (dotnet::normal(name), version.map(str::to_owned));
    if let Some(id) = known.get(&key) {
        let package = records.get_mut(*id)?;
        if relation == Relation::Direct {
            package.relation = relation;
        }
        return Some(*id);
    }
    let mut package = dotnet::package(name, &version.map_or(Wanted::Any, Wanted::Exact));
    package.line = line;
    package.relation = relation;
    package.checksums.extend(entry.text("contentHash").and_then(dotnet::checksum));
    let id = records.package(package)?;
    known.insert(key, id);
    Some(id)
}

/// What is needed and not in the file comes with the framework itself.
fn connect(entries: &Json<'_>, own: Option<&Framework>, base: Option<&Framework>, records: &mut Records) {
    let find = |name: &str| {
        let name = dotnet::normal(name);
        own.and_then(|own| own.get(&name)).or_else(|| base?.get(&name)).copied()
    };
    for (name, entry) in entries.entries() {
        let Some(from) = find(name) else { continue };
        for (needed, _) in entry.entries_of("dependencies") {
            if let Some(to) = find(needed) {
                records.depends(from, to);
            }
        }
    }
}
