//! `pom.xml` and `*.pom`: the direct dependencies of a Maven project.
//!
//! Format: <https://maven.apache.org/ref/current/maven-model/maven.html>, model versions 4.0.0 and
//! 4.1.0; what is inherited, managed and imported follows Maven's model builder, as far as the
//! repository itself has it: nothing is fetched. A version that a remote parent or import would tell
//! is missing. Of the profiles, those that are active by default count; which others are depends on
//! who builds. Reported are the project itself and its dependencies, with those it inherits (at the
//! line of `parent`), not what its plugins need: that is no part of what is built.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::maven::{Version, is_id};
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

mod management;
mod model;
mod properties;
mod read;
mod repository;

use management::{Key, Managed, Management, key};
use model::{Dependency, Pom};
use properties::{Open, Properties};
use repository::{End, Lineage, Located, Repository};

/// The extractor of `pom.xml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pom-xml",
    ecosystem: "JVM",
    files: &[Pattern::Name("pom.xml"), Pattern::Affixes("", ".pom")],
    companions: &[],
    extract,
};

/// A type or classifier: they are parts of a file's name.
const QUALIFIER_BYTES_MAX: usize = 255;

fn extract(source: &Source<'_>, records: &mut Records) {
    let own = Rc::new(read::read(source.text(), &mut |kind, offset, message| {
        records.problem(kind, Some(source.line_at(offset)), message);
    }));
    let mut repository = Repository::new(source.tree());
    let lineage = repository.lineage(Located { path: source.path().to_owned(), pom: Rc::clone(&own) });
    let poms = lineage.poms();
    let mut properties = Properties::new(&poms);
    let management = Management::of(&lineage, &mut properties, &mut repository);
    let parent_line = own.parent.as_ref().map(|parent| source.line_at(parent.offset));
    let mut report =
        Report { source, records, properties, management, parent_line, project: None, unmanaged: Vec::new() };
    report.project(&poms);
    report.dependencies(&poms);
    report.end(&lineage);
}

struct Report<'a, 'r> {
    source: &'a Source<'a>,
    records: &'r mut Records,
    properties: Properties<'a>,
    management: Management,
    parent_line: Option<u32>,
    project: Option<PackageId>,
    /// Dependencies whose version stands nowhere in the repository.
    unmanaged: Vec<String>,
}

impl Report<'_, '_> {
    /// The project's own artefact, if all that names it is known.
    fn project(&mut self, poms: &[&Pom]) {
        let Some(own) = poms.first() else { return };
        let line = self.source.line_at(own.offset);
        let mut part = |field| self.properties.of_project(field).and_then(Result::ok);
        let (Some(group), Some(artifact), Some(kind)) = (part("groupId"), part("artifactId"), part("packaging")) else {
            return;
        };
        let raw = poms.iter().find_map(|pom| pom.version()).map(str::to_owned);
        let (Some(raw), true) = (raw, is_id(&group) && is_id(&artifact)) else { return };
        let resolved = self.properties.resolve(&raw);
        let name = format!("{group}:{artifact}");
        let mut package = self.versioned(&name, Some((raw, resolved)), &kind, "", line);
        package.line = Some(line);
        package.relation = Relation::Project;
        let licenses = poms.iter().map(|pom| &pom.licenses).find(|licenses| !licenses.is_empty());
        package.license = licenses.map(|licenses| licenses.join(" OR ")).filter(|text| !text.is_empty());
        self.project = self.records.package(package);
    }

    /// Its own and those of its parents. Of two that are known by the same key, the nearer pom's
    /// counts, and in one pom the later.
    fn dependencies(&mut self, poms: &[&Pom]) {
        let mut known: HashSet<Key> = HashSet::new();
        for (pom, is_own) in poms.iter().zip(std::iter::once(true).chain(std::iter::repeat(false))) {
            let named: Vec<_> =
                pom.main.dependencies.iter().filter_map(|found| Some((self.named(found, is_own)?, found))).collect();
            let last: HashMap<&Key, usize> = named.iter().enumerate().map(|(index, (key, _))| (key, index)).collect();
            for (index, (key, dependency)) in named.iter().enumerate() {
                if last.get(key) == Some(&index) && !known.contains(key) {
                    self.dependency(key, dependency, is_own);
                }
            }
            known.extend(named.into_iter().map(|(key, _)| key));
        }
    }

    fn line(&self, dependency: &Dependency, is_own: bool) -> Option<u32> {
        if is_own { Some(self.source.line_at(dependency.offset)) } else { self.parent_line }
    }

    /// What it is known by. `None`, with a problem, if that cannot be told.
    fn named(&mut self, dependency: &Dependency, is_own: bool) -> Option<Key> {
        let line = self.line(dependency, is_own);
        let id = &dependency.id;
        let message = match key(dependency, &mut self.properties) {
            Ok(key) if is_id(&key.0) && is_id(&key.1) => return Some(key),
            Ok(_) if id.group_id.is_none() || id.artifact_id.is_none() => {
                format!("the dependency {id} has no groupId or no artifactId")
            }
            Ok(key) => format!("{}:{} cannot be the name of an artefact", key.0, key.1),
            Err(open) => format!("the name of the dependency {id} cannot be told: {open}"),
        };
        // What is wrong with a parent's is said where the parent is read.
        if is_own {
            self.records.problem(ProblemKind::BadEntry, line, &message);
        }
        None
    }

    fn dependency(&mut self, key: &Key, dependency: &Dependency, is_own: bool) {
        let line = self.line(dependency, is_own);
        let (group, artifact, kind, classifier) = key;
        let name = format!("{group}:{artifact}");
        let managed = self.management.get(key).cloned();
        let own = dependency.id.version.as_ref().map(|raw| (raw.clone(), self.properties.resolve(raw)));
        let version = own.or_else(|| managed.as_ref()?.version.clone());
        if version.is_none() {
            self.unmanaged.push(name.clone());
        }
        let mut package = self.versioned(&name, version, kind, classifier, line.unwrap_or(1));
        package.line = line;
        package.relation = Relation::Direct;
        package.scope = self.scope(dependency, managed.as_ref());
        package.source = dependency.system_path.clone();
        let Some(id) = self.records.package(package) else { return };
        if let Some(project) = self.project {
            self.records.depends(project, id);
        }
    }

    fn versioned(
        &mut self,
        name: &str,
        version: Option<(String, Result<String, Open>)>,
        kind: &str,
        classifier: &str,
        line: u32,
    ) -> Package {
        let mut problem = |open: &Open, what: &str, raw: &str| {
            let message = format!("the {what} {raw} of {name} cannot be told: {open}");
            self.records.problem(open.kind(), Some(line), &message);
        };
        let (exact, requirement) = match version {
            None => (None, None),
            Some((_, Ok(resolved))) => match Version::of(&resolved) {
                Version::Exact(exact) => (Some(exact.to_owned()), None),
                Version::Range => (None, Some(resolved).filter(|range| !range.is_empty())),
            },
            Some((raw, Err(open))) => {
                problem(&open, "version", &raw);
                (None, Some(raw))
            }
        };
        let (kind, classifier) = artefact(kind, classifier);
        let mut qualifiers = Vec::new();
        for (key, value) in [("type", kind), ("classifier", classifier)] {
            // `${os.detected.classifier}`: the version holds all the same.
            if value.contains("${") {
                problem(&Open::Unknown(value.trim_matches(['$', '{', '}']).to_owned()), key, value);
            } else if value.len() > QUALIFIER_BYTES_MAX {
                problem(&Open::TooLong, key, fumehood_contract::status::cut(value, 80));
            } else if !value.is_empty() {
                qualifiers.push((key, value));
            }
        }
        let mut package = purl::with_qualifiers(Ecosystem::Maven, name, exact.as_deref(), &qualifiers);
        package.requirement = requirement;
        package
    }

    fn scope(&mut self, dependency: &Dependency, managed: Option<&Managed>) -> Scope {
        let mut own = |text: &Option<String>| text.as_ref().and_then(|text| self.properties.resolve(text).ok());
        let optional = own(&dependency.optional).is_some_and(|optional| optional == "true");
        let scope = own(&dependency.scope).or_else(|| managed?.scope.clone());
        match scope.as_deref() {
            Some("test") => Scope::Test,
            // Whoever runs it brings it along; it is there to compile against.
            Some("provided" | "system") => Scope::Build,
            _ if optional => Scope::Optional,
            _ => Scope::Runtime,
        }
    }

    /// What concerns the pom as a whole.
    fn end(&mut self, lineage: &Lineage) {
        let line = self.parent_line.or(Some(1));
        let missing = lineage.missing().into_iter().chain(&self.management.missing);
        let elsewhere: Vec<String> = missing.map(ToString::to_string).collect();
        match &lineage.end {
            End::Root | End::Remote(_) => {}
            End::Outside(parent) => {
                let message = format!("the path of the parent {parent} leads out of the repository");
                self.records.problem(ProblemKind::OutsideRoot, line, &message);
            }
            End::OverLimit(parent) => {
                let message = format!("the parent {parent} is too large, or one parent too many");
                self.records.problem(ProblemKind::OverLimit, line, &message);
            }
            End::Circle => self.records.problem(ProblemKind::BadEntry, line, "the pom is its own ancestor"),
        }
        if self.management.is_over_limit() {
            let message = "manages more dependencies than are looked at; versions may be missing";
            self.records.problem(ProblemKind::OverLimit, line, message);
        }
        if let Some(first) = self.unmanaged.first() {
            let names = match self.unmanaged.len() - 1 {
                0 => first.clone(),
                more => format!("{first} and {more} more"),
            };
            let by = match (elsewhere.first(), elsewhere.len()) {
                (None, _) => "nothing manages it".to_owned(),
                (Some(pom), 1) => format!("{pom} may say it, which is not in the repository"),
                (Some(pom), more) => format!("{pom} or {} more may say it, which are not in the repository", more - 1),
            };
            let message = format!("no version is given for {names}: {by}");
            self.records.problem(ProblemKind::Unresolved, line, &message);
        }
    }
}

/// The file's type and classifier for a `type` or `packaging`, as Maven's artefact handlers have them.
/// A type of `jar` is not said: it is the purl's default.
fn artefact<'a>(kind: &'a str, classifier: &'a str) -> (&'a str, &'a str) {
    let default = |name: &'a str| if classifier.is_empty() { name } else { classifier };
    match kind {
        "jar" | "bundle" | "maven-plugin" | "eclipse-plugin" | "ejb" => ("", classifier),
        "test-jar" => ("", default("tests")),
        "ejb-client" => ("", default("client")),
        "java-source" => ("", default("sources")),
        "javadoc" => ("", default("javadoc")),
        other => (other, classifier),
    }
}
