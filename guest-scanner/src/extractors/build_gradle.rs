//! `build.gradle` and `build.gradle.kts`, the build scripts of Gradle.
//!
//! Format: <https://docs.gradle.org/current/userguide/declaring_dependencies.html>. They are programs, of
//! which nothing is run: dependencies are found where they are declared in the usual ways, and versions
//! where a constant, a property or a version catalog of the repository says them. What another plugin or
//! `buildSrc` adds is not seen. Beside a lockfile the script reports nothing: that one tells what
//! was chosen. Plugins are found by their markers, see the catalogs.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::gradle_lockfile::configuration::{Configuration, kind};
use crate::extractors::libs_versions_toml::catalog;
use crate::maven::{gradle_package, is_id};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

mod constants;
mod declarations;
mod environment;
mod expression;
mod script;

use constants::Constants;
use declarations::{Declared, Found, Named};
use environment::Environment;

/// The extractor of Gradle's build scripts.
pub const EXTRACTOR: Extractor = Extractor {
    id: "build-gradle",
    ecosystem: "JVM",
    files: &[Pattern::Name("build.gradle"), Pattern::Name("build.gradle.kts")],
    companions: &[
        "gradle.properties",
        "gradle.lockfile",
        "buildscript-gradle.lockfile",
        "settings.gradle",
        "settings.gradle.kts",
    ],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let is_kotlin = source.path().ends_with(".kts");
    let (script, stop) = script::read(source.text());
    if let Some((offset, message)) = stop {
        records.problem(ProblemKind::Unparsable, Some(source.line_at(offset)), message);
    }
    let locked = Locked::of(source);
    if locked.project && locked.build {
        return;
    }
    let environment = Environment::new(source, Constants::of_script(&script, is_kotlin));
    let found = declarations::find(&script, is_kotlin, &environment);
    Report { source, records, managed: &found.managed, locked }.write(&found);
}

/// The modules, `group:name`, that the build script beside `source` is seen to declare.
pub(in crate::extractors) fn declared_beside(source: &Source<'_>) -> HashSet<String> {
    let mut names = HashSet::new();
    for file in ["build.gradle.kts", "build.gradle"] {
        let (Some(Ok(text)), Ok(path)) = (source.sibling(file), source.resolve(file)) else { continue };
        let beside = Source::new(&path, &text, source.tree());
        let (script, is_kotlin) = (script::read(&text).0, file.ends_with(".kts"));
        let environment = Environment::new(&beside, Constants::of_script(&script, is_kotlin));
        for declared in declarations::find(&script, is_kotlin, &environment).declared {
            if let (Named::Module(module), false) = (declared.what, declared.is_build) {
                names.insert(format!("{}:{}", module.group, module.name));
            }
        }
    }
    names
}

/// What lockfiles beside the script tell.
struct Locked {
    project: bool,
    build: bool,
}

impl Locked {
    fn of(source: &Source<'_>) -> Self {
        let has = |name: &str| source.has_sibling(name);
        let old = ["runtimeClasspath", "compileClasspath", "releaseRuntimeClasspath"];
        Self {
            project: has("gradle.lockfile")
                || old.iter().any(|name| has(&format!("gradle/dependency-locks/{name}.lockfile"))),
            build: has("buildscript-gradle.lockfile"),
        }
    }
}

struct Report<'a, 'r> {
    source: &'a Source<'a>,
    records: &'r mut Records,
    managed: &'a HashMap<String, String>,
    locked: Locked,
}

impl Report<'_, '_> {
    fn write(mut self, found: &Found) {
        if found.is_over_limit {
            self.problem(ProblemKind::OverLimit, 0, "declares more than any real script; the rest is left out");
        }
        for declared in &found.declared {
            let is_locked = if declared.is_build { self.locked.build } else { self.locked.project };
            if !is_locked {
                self.declared(declared);
            }
        }
    }

    fn problem(&mut self, kind: ProblemKind, offset: usize, message: &str) {
        self.records.problem(kind, Some(self.source.line_at(offset)), message);
    }

    fn declared(&mut self, declared: &Declared) {
        let mut package = match &declared.what {
            Named::Plugin { id, version } => plugin(id, version.as_deref()),
            Named::Open(name) => {
                let message =
                    format!("what is declared here cannot be told: nothing in the repository says what {name} is");
                return self.problem(ProblemKind::Unresolved, declared.offset, &message);
            }
            Named::Computed => {
                let message = "what is declared here is computed, which is not done here";
                return self.problem(ProblemKind::Unresolved, declared.offset, message);
            }
            Named::Odd(text) => {
                let message = format!("{} is no coordinate of a module", fumehood_contract::status::cut(text, 80));
                return self.problem(ProblemKind::BadEntry, declared.offset, &message);
            }
            Named::Module(module) => {
                if !is_id(&module.group) || !is_id(&module.name) {
                    return self.odd_name(&format!("{}:{}", module.group, module.name), declared.offset);
                }
                let name = format!("{}:{}", module.group, module.name);
                let wanted = module.version.as_deref().or_else(|| self.managed.get(&name).map(String::as_str));
                let qualifiers = [
                    ("type", module.kind.as_deref().filter(|kind| *kind != "jar")),
                    ("classifier", module.classifier.as_deref()),
                ];
                let qualifiers =
                    qualifiers.into_iter().filter_map(|(key, value)| Some((key, value.filter(|text| is_id(text))?)));
                gradle_package(&name, wanted, &qualifiers.collect::<Vec<_>>())
            }
        };
        if let Some(requirement) = package.requirement.as_deref().filter(|text| text.contains("${")) {
            let message = format!("the version {requirement} of {} cannot be told from the repository", package.name);
            self.problem(ProblemKind::Unresolved, declared.offset, &message);
        }
        package.line = Some(self.source.line_at(declared.offset));
        package.relation = Relation::Direct;
        package.scope = declared.scope();
        self.records.package(package);
    }

    fn odd_name(&mut self, name: &str, offset: usize) {
        let name = fumehood_contract::status::cut(name, 80);
        if name.contains("${") {
            let message = format!("the name {name} cannot be told from the repository");
            return self.problem(ProblemKind::Unresolved, offset, &message);
        }
        self.problem(ProblemKind::BadEntry, offset, &format!("{name} cannot be the name of a module"));
    }
}

fn plugin(id: &str, version: Option<&str>) -> Package {
    let mut package = purl::package(Ecosystem::Maven, &catalog::marker(id), None);
    package.requirement = version.map(str::to_owned);
    package
}

impl Declared {
    fn scope(&self) -> Scope {
        if self.is_build {
            return Scope::Build;
        }
        let found = kind(&self.configuration);
        if self.is_test && matches!(found, Configuration::Other | Configuration::Runtime) {
            Scope::Test
        } else if self.configuration.starts_with("provided") {
            Scope::Build
        } else {
            // What is compiled against only is not shipped; the rest stands under other names.
            found.scope(true)
        }
    }
}
