//! `gradle.lockfile`, the dependency locks of a Gradle project, and its older and lesser forms.
//!
//! Format: <https://docs.gradle.org/current/userguide/dependency_locking.html>. A line for each module,
//! `group:name:version=configuration,…`; the module that is called `empty` lists configurations that
//! hold nothing. `buildscript-gradle.lockfile` and `settings-gradle.lockfile` lock what the build itself
//! runs on. Before Gradle 7 each configuration had a file of its own in `gradle/dependency-locks`,
//! without the part behind `=`. Scopes follow from the names of the configurations, which are a
//! convention of Gradle's plugins. Who asked for a module is not in the file: what the build script beside
//! it is seen to declare is direct, of the rest nothing is known, since plugins declare modules too.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::extractors::build_gradle::declared_beside;
use crate::maven::is_id;
use crate::path;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

pub(crate) mod configuration;

use configuration::{Configuration, kind};

/// The extractor of `gradle.lockfile`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "gradle-lockfile",
    ecosystem: "JVM",
    files: &[
        Pattern::Name("gradle.lockfile"),
        Pattern::Name("buildscript-gradle.lockfile"),
        Pattern::Name("settings-gradle.lockfile"),
        Pattern::In("gradle/dependency-locks", ".lockfile"),
    ],
    companions: &["build.gradle", "build.gradle.kts"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let is_of_project = source.path().rsplit('/').next() == Some("gradle.lockfile");
    let declared = if is_of_project { declared_beside(source) } else { HashSet::new() };
    let scopes = Scopes::of(source);
    for line in source.text().lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (module, configurations) = content.split_once('=').unwrap_or((content, ""));
        if module.trim() == "empty" {
            continue;
        }
        let at = source.line_of(line);
        let parts: Vec<&str> = module.split(':').map(str::trim).collect();
        let (&[group, name, version], true) = (parts.as_slice(), scopes.is_single() || content.contains('=')) else {
            let message = format!("{} is not of the form group:name:version=configurations", shown(content));
            records.problem(ProblemKind::BadEntry, at, &message);
            continue;
        };
        if !is_id(group) || !is_id(name) || version.is_empty() {
            let message = format!("{} is no module with a version", shown(module));
            records.problem(ProblemKind::BadEntry, at, &message);
            continue;
        }
        let mut package = purl::package(Ecosystem::Maven, &format!("{group}:{name}"), Some(version));
        package.line = at;
        if declared.contains(&package.name) {
            package.relation = Relation::Direct;
        }
        package.scope = scopes.scope(configurations);
        records.package(package);
    }
}

fn shown(text: &str) -> &str {
    fumehood_contract::status::cut(text, 80)
}

/// What the configurations of one file mean.
enum Scopes<'a> {
    /// All modules of the file are of one scope.
    Single(Scope),
    Named {
        kinds: HashMap<&'a str, Configuration>,
        /// Whether some configuration is one to run with. Where none is locked, nothing follows from
        /// a module's not being in it.
        has_runtime: bool,
    },
}

impl<'a> Scopes<'a> {
    fn of(source: &Source<'a>) -> Self {
        let (folder, file) = path::split(source.path());
        if file == "buildscript-gradle.lockfile" || file == "settings-gradle.lockfile" {
            return Self::Single(Scope::Build);
        }
        if folder.ends_with("dependency-locks") && file != "gradle.lockfile" {
            let configuration = kind(file.trim_end_matches(".lockfile"));
            // The classpath to compile against says little without the one to run with beside it.
            let has_runtime = source.has_sibling("runtimeClasspath.lockfile");
            return Self::Single(configuration.scope(has_runtime));
        }
        let lines = source.text().lines().filter(|line| !line.trim_start().starts_with('#'));
        let lists = lines.filter_map(|line| Some(line.split_once('=')?.1));
        let kinds: HashMap<_, _> = lists.flat_map(names).map(|name| (name, kind(name))).collect();
        let has_runtime = kinds.values().any(|kind| *kind == Configuration::Runtime);
        Self::Named { kinds, has_runtime }
    }

    fn is_single(&self) -> bool {
        matches!(self, Self::Single(_))
    }

    /// The strongest scope of those that a module is in.
    fn scope(&self, configurations: &str) -> Scope {
        match self {
            Self::Single(scope) => *scope,
            Self::Named { kinds, has_runtime } => {
                let scopes = names(configurations).filter_map(|name| Some(kinds.get(name)?.scope(*has_runtime)));
                scopes
                    .min_by_key(|scope| {
                        [Scope::Runtime, Scope::Build, Scope::Test].iter().position(|of| of == scope).unwrap_or(3)
                    })
                    .unwrap_or_default()
            }
        }
    }
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty())
}
