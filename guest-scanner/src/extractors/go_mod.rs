//! `go.mod`, all versions of the go directive, with the checksums of `go.sum` beside it.
//!
//! Format: <https://go.dev/ref/mod#go-mod-file>. A requirement marked `// indirect` came because of
//! another module. What is replaced by a module is reported as that module; what is replaced by a
//! folder is not what its version says, and is reported without one. `go.sum` keeps checksums of
//! whatever was ever looked at and tells nothing about use, with one exception: below go 1.17 (also
//! where the directive is missing: 1.16 is assumed), go.mod leaves out what is only needed by
//! others, and the checksums of whole modules (not those of their go.mod alone) are the only place
//! that names it. A `go.sum` without a `go.mod` is read the same way, one with it is not read again.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

pub(super) mod directives;
pub(super) mod sums;
pub(super) mod version;

use directives::{GoMod, Replacement, Requirement};
use sums::Sums;

/// The extractor of `go.mod`, and of a `go.sum` that stands alone.
pub const EXTRACTOR: Extractor = Extractor {
    id: "go-mod",
    ecosystem: "Go",
    files: &[Pattern::Name("go.mod"), Pattern::Name("go.sum")],
    companions: &["go.sum", "go.mod"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.path().ends_with("go.sum") {
        return lone_sums(source, records);
    }
    let go_mod = directives::read(source, records);
    // A broken go.sum is reported where it is read itself.
    let text = source.sibling("go.sum").and_then(Result::ok).unwrap_or_default();
    let sums = sums::read(&text, |_, _| {});
    Report { go_mod: &go_mod, sums: &sums, records, seen: HashMap::new() }.write();
}

/// Problems in a go.sum are always reported, its modules only where there is no go.mod.
fn lone_sums(source: &Source<'_>, records: &mut Records) {
    let sums = sums::read(source.text(), |line, message| records.problem(ProblemKind::BadEntry, Some(line), message));
    if source.sibling("go.mod").is_some() {
        return;
    }
    for module in sums.selected() {
        let mut package = purl::package(Ecosystem::Golang, module.path, Some(module.version));
        package.line = Some(module.line);
        package.checksums.push(module.sum.to_owned());
        records.package(package);
    }
}

struct Report<'a, 'r> {
    go_mod: &'a GoMod,
    sums: &'a Sums<'a>,
    records: &'r mut Records,
    /// By purl and source: two requirements may be replaced by the same module.
    seen: HashMap<(String, Option<String>), PackageId>,
}

impl Report<'_, '_> {
    fn write(mut self) {
        let go_mod = self.go_mod;
        let project = self.project();
        self.standard_library(project);
        let tools = go_mod.tool_modules();
        for requirement in &go_mod.requirements {
            self.requirement(requirement, tools.contains(requirement.path.as_str()), project);
        }
        if version::lists_only_direct(self.go_mod.go.as_ref().map(|(version, _)| version.as_str())) {
            self.rest_of_the_sums();
        }
    }

    fn project(&mut self) -> Option<PackageId> {
        let (path, line) = self.go_mod.module.as_ref()?;
        let mut package = purl::package(Ecosystem::Golang, path, None);
        package.line = Some(*line);
        package.relation = Relation::Project;
        self.records.package(package)
    }

    /// The go and toolchain directives are lower bounds; what is built with may be newer.
    fn standard_library(&mut self, project: Option<PackageId>) {
        let Some((version, line)) = self.go_mod.toolchain.as_ref().or(self.go_mod.go.as_ref()) else { return };
        let mut package = purl::package(Ecosystem::Golang, "stdlib", None);
        package.requirement = Some(format!(">={version}"));
        package.line = Some(*line);
        package.relation = Relation::Direct;
        self.add(package, project);
    }

    fn requirement(&mut self, requirement: &Requirement, is_tool: bool, project: Option<PackageId>) {
        let replacement = self.go_mod.replacement(&requirement.path, &requirement.version);
        let mut package = match replacement {
            Some(Replacement::Folder(folder)) => {
                let mut package = purl::package(Ecosystem::Golang, &requirement.path, None);
                package.requirement = Some(requirement.version.clone());
                package.source = Some(folder.clone());
                package
            }
            Some(Replacement::Module { path, version }) => self.module(path, version),
            None => self.module(&requirement.path, &requirement.version),
        };
        package.line = Some(requirement.line);
        // A module that only a tool directive needs is marked as indirect too, but it was asked for.
        package.relation = if requirement.indirect && !is_tool { Relation::Transitive } else { Relation::Direct };
        if requirement.indirect && is_tool {
            package.scope = Scope::Dev;
        }
        self.add(package, project);
    }

    fn module(&self, path: &str, version: &str) -> Package {
        if !version::is_exact(version) {
            let mut package = purl::package(Ecosystem::Golang, path, None);
            package.requirement = Some(version.to_owned());
            return package;
        }
        let mut package = purl::package(Ecosystem::Golang, path, Some(version));
        package.checksums.extend(self.sums.of(path, version).map(str::to_owned));
        package
    }

    fn rest_of_the_sums(&mut self) {
        let mut known: HashSet<&str> = self.go_mod.replaced_paths().collect();
        for requirement in &self.go_mod.requirements {
            known.insert(&requirement.path);
            if let Some(Replacement::Module { path, .. }) =
                self.go_mod.replacement(&requirement.path, &requirement.version)
            {
                known.insert(path);
            }
        }
        known.extend(self.go_mod.module.as_ref().map(|(path, _)| path.as_str()));
        for module in self.sums.selected() {
            if !known.contains(module.path) && !self.go_mod.is_excluded(module.path, module.version) {
                let mut package = self.module(module.path, module.version);
                package.relation = Relation::Transitive;
                self.add(package, None);
            }
        }
    }

    /// Adds the package, once, and the edge from the project if it asked for it.
    fn add(&mut self, package: Package, project: Option<PackageId>) {
        let key = (package.purl.clone(), package.source.clone());
        let direct = package.relation == Relation::Direct;
        let id = match self.seen.get(&key) {
            Some(id) => *id,
            None => {
                let Some(id) = self.records.package(package) else { return };
                self.seen.insert(key, id);
                id
            }
        };
        if direct && let Some(project) = project {
            self.records.depends(project, id);
        }
        if direct && let Some(known) = self.records.get_mut(id) {
            known.relation = Relation::Direct;
        }
    }
}
