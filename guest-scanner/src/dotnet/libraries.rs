//! `targets` and `libraries`, which `*.deps.json` and `project.assets.json` have in common.
//!
//! A target (a framework, perhaps with a runtime: `net8.0/linux-x64`) holds what is used there as
//! `Name/Version`, with the names of what each needs; `libraries` says what each of these is.

use std::collections::HashMap;

use fumehood_contract::{ProblemKind, Relation};

use crate::dotnet::{self, Wanted};
use crate::json_tree::Json;
use crate::lines::Lines;
use crate::records::{PackageId, Records};

/// The packages of such a file, by what they are called there.
#[derive(Debug, Default)]
pub(crate) struct Libraries {
    by_key: HashMap<String, PackageId>,
    pub(crate) projects: Vec<PackageId>,
}

impl Libraries {
    /// Adds all libraries and their edges to the records.
    pub(crate) fn read(root: &Json<'_>, project: Option<&str>, lines: &Lines, records: &mut Records) -> Self {
        let mut libraries = Self::default();
        for (key, library) in root.entries_of("libraries") {
            libraries.add(key, library, project, lines, records);
        }
        // A file that breaks off has no libraries, as they come last.
        if !root.get("libraries").is_some_and(Json::is_object) {
            for (_, target) in root.entries_of("targets") {
                for (key, library) in target.entries() {
                    libraries.add(key, library, project, lines, records);
                }
            }
        }
        for (_, target) in root.entries_of("targets") {
            libraries.connect(target, records);
        }
        libraries
    }

    /// The packages of a target by their names, in the form for comparison.
    pub(crate) fn of_target(&self, target: &Json<'_>) -> HashMap<String, PackageId> {
        let named = |key: &str| Some((dotnet::normal(split(key).0), *self.by_key.get(&dotnet::normal(key))?));
        target.entries().iter().filter_map(|(key, _)| named(key)).collect()
    }

    fn add(&mut self, key: &str, library: &Json<'_>, project: Option<&str>, lines: &Lines, records: &mut Records) {
        let line = lines.of(key);
        let (name, version) = split(key);
        let known = self.by_key.contains_key(&dotnet::normal(key));
        let kind = library.text("type").unwrap_or("package");
        // Assemblies that lie somewhere, which no registry knows: `reference`, `referenceassembly`.
        let is_project =
            kind.eq_ignore_ascii_case("project") || (library.get("type").is_none() && project == Some(name));
        let is_package = ["package", "runtimepack"].iter().any(|known| kind.eq_ignore_ascii_case(known));
        if known || !(is_project || is_package) {
            return;
        }
        let Some(version) = version else {
            let message = format!("the library {name} has no version; it is left out");
            return records.problem(ProblemKind::BadEntry, line, &message);
        };
        // A runtime that is shipped along is called after its package.
        let name = name.strip_prefix("runtimepack.").filter(|_| kind == "runtimepack").unwrap_or(name);
        let mut package = dotnet::package(name, &Wanted::Exact(version));
        package.line = line;
        package.checksums.extend(library.text("sha512").and_then(dotnet::checksum));
        if is_project {
            package.relation = Relation::Project;
            package.source = library.text("path").filter(|path| !path.is_empty()).map(str::to_owned);
        }
        let Some(id) = records.package(package) else { return };
        self.by_key.insert(dotnet::normal(key), id);
        if is_project {
            self.projects.push(id);
        }
    }

    fn connect(&self, target: &Json<'_>, records: &mut Records) {
        let by_name = self.of_target(target);
        for (key, used) in target.entries() {
            let Some(from) = self.by_key.get(&dotnet::normal(key)) else { continue };
            for (needed, version) in used.entries_of("dependencies") {
                let exact = version.as_text().map(|version| dotnet::normal(&format!("{needed}/{version}")));
                let exact = exact.and_then(|key| self.by_key.get(&key));
                if let Some(to) = by_name.get(&dotnet::normal(needed)).or(exact) {
                    records.depends(*from, *to);
                }
            }
        }
    }
}

/// `Name/Version`.
fn split(key: &str) -> (&str, Option<&str>) {
    key.split_once('/').map_or((key, None), |(name, version)| (name, Some(version).filter(|text| !text.is_empty())))
}
