//! `MODULE.bazel`, `WORKSPACE` and `BUILD` files of Bazel: its modules, and artefacts of Maven.
//!
//! Formats: <https://bazel.build/external/module> and the rules of rules_jvm_external. These are programs,
//! of which nothing is run: constants, sums of lists and of texts are followed, whatever else is computed
//! is left open. A module's version is the least that will do, as in `bazel_dep`; Bazel takes a newer one
//! where another module asks for it. An override says otherwise, and wins.

use std::borrow::Cow;
use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::maven::{Version, is_id};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;

mod starlark;

use starlark::{Call, Code, Item, Value};

/// The extractor of Bazel's files.
pub const EXTRACTOR: Extractor = Extractor {
    id: "bazel-module",
    ecosystem: "JVM",
    files: &[
        Pattern::Name("MODULE.bazel"),
        Pattern::Affixes("", ".MODULE.bazel"),
        Pattern::Name("WORKSPACE"),
        Pattern::Name("WORKSPACE.bazel"),
        Pattern::Name("WORKSPACE.bzlmod"),
        Pattern::Name("BUILD"),
        Pattern::Name("BUILD.bazel"),
    ],
    companions: &[],
    extract,
};

/// Rules that bring one artefact each, before there was `maven_install`.
const SINGLE: [&str; 4] =
    ["maven_jar", "jvm_maven_import_external", "scala_maven_import_external", "maven_import_external"];

fn extract(source: &Source<'_>, records: &mut Records) {
    let is_module = source.path().ends_with("MODULE.bazel");
    // Others call their files so too, and most of Bazel's own bring nothing from outside.
    if !is_module && !source.text().contains("maven") {
        return;
    }
    let (code, stop) = starlark::read(source.text());
    if let Some((offset, message)) = stop {
        records.problem(ProblemKind::Unparsable, Some(source.line_at(offset)), message);
    }
    let mut report = Report { source, records, extensions: extensions(&code) };
    let calls = code.calls();
    let overrides = if is_module { overrides(&calls) } else { HashMap::new() };
    for call in &calls {
        match call.name.as_str() {
            "bazel_dep" if is_module => report.module(call, &overrides),
            "maven_install" => report.install(call, Scope::Runtime),
            "maven.artifact" if !is_module => report.artifact(call, Scope::Runtime),
            name if SINGLE.contains(&name) => report.single(call),
            name => report.tag(name, call),
        }
    }
}

/// The names of Maven's extension of the module file, and what it is for.
fn extensions(code: &Code<'_>) -> HashMap<String, Scope> {
    let calls = code.calls();
    let uses = calls.iter().filter(|call| call.name == "use_extension");
    let uses = uses.filter(|call| call.text("extension_name", Some(1)).is_some_and(|name| name == "maven"));
    let scope = |call: &Call<'_, '_>| if call.is_true("dev_dependency") { Scope::Dev } else { Scope::Runtime };
    let named = uses.filter_map(|call| Some((call.target?.to_owned(), scope(call))));
    // A segment of a module file may leave its use to another.
    [("maven".to_owned(), Scope::Runtime)].into_iter().chain(named).collect()
}

/// What stands in for a module.
enum Override<'c> {
    Version(Cow<'c, str>),
    /// It comes from elsewhere.
    Place(Option<String>),
}

fn overrides<'c>(calls: &[Call<'c, '_>]) -> HashMap<String, Override<'c>> {
    let of = |call: &Call<'c, '_>| {
        let text = |name| call.text(name, None);
        let plain = |name| text(name).map(|url| without_credentials(&url));
        let found = match call.name.as_str() {
            "single_version_override" => Override::Version(text("version").filter(|version| !version.is_empty())?),
            "git_override" => {
                Override::Place(plain("remote").map(|url| match text("commit").or_else(|| text("tag")) {
                    Some(commit) => format!("git+{url}#{commit}"),
                    None => format!("git+{url}"),
                }))
            }
            "archive_override" => {
                let first = call.list("urls").into_iter().find_map(|item| match item {
                    Item::Text(url, _) => Some(without_credentials(&url)),
                    Item::Call(_) | Item::Open(_) => None,
                });
                Override::Place(first.or_else(|| plain("urls")).or_else(|| plain("url")))
            }
            "local_path_override" => Override::Place(plain("path")),
            _ => return None,
        };
        Some((call.text("module_name", Some(0))?.into_owned(), found))
    };
    calls.iter().filter_map(of).collect()
}

struct Report<'a, 'r> {
    source: &'a Source<'a>,
    records: &'r mut Records,
    extensions: HashMap<String, Scope>,
}

impl Report<'_, '_> {
    fn problem(&mut self, kind: ProblemKind, offset: usize, message: &str) {
        self.records.problem(kind, Some(self.source.line_at(offset)), message);
    }

    fn add(&mut self, mut package: Package, offset: usize, scope: Scope) {
        package.line = Some(self.source.line_at(offset));
        package.relation = Relation::Direct;
        package.scope = scope;
        self.records.package(package);
    }

    fn module(&mut self, call: &Call<'_, '_>, overrides: &HashMap<String, Override<'_>>) {
        let name = call.text("name", Some(0)).filter(|name| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        });
        let Some(name) = name else {
            return self.problem(ProblemKind::BadEntry, call.offset, "a bazel_dep has no name of a module");
        };
        let version = call.argument("version", Some(1));
        if version == Some(Value::Open) {
            let message = format!("the version of {name} is computed, which is not done here");
            self.problem(ProblemKind::Unresolved, call.offset, &message);
        }
        let own = call.text("version", Some(1)).filter(|version| !version.is_empty());
        let mut package = match overrides.get(name.as_ref()) {
            Some(Override::Version(version)) => purl::package(Ecosystem::Bazel, &name, Some(version)),
            Some(Override::Place(_)) => purl::package(Ecosystem::Bazel, &name, None),
            None => purl::package(Ecosystem::Bazel, &name, own.as_deref()),
        };
        if let Some(Override::Place(place)) = overrides.get(name.as_ref()) {
            package.source.clone_from(place);
            package.requirement = own.map(Cow::into_owned);
        }
        let scope = if call.is_true("dev_dependency") { Scope::Dev } else { Scope::Runtime };
        self.add(package, call.offset, scope);
    }

    /// `maven.install(…)` and `maven.artifact(…)` of a module file.
    fn tag(&mut self, name: &str, call: &Call<'_, '_>) {
        let Some((extension, tag)) = name.split_once('.') else { return };
        let Some(scope) = self.extensions.get(extension).copied() else { return };
        match tag {
            "install" => self.install(call, scope),
            "artifact" => self.artifact(call, scope),
            _ => {}
        }
    }

    fn install(&mut self, call: &Call<'_, '_>, scope: Scope) {
        for item in call.list("artifacts").into_iter().chain(call.list("boms")) {
            match item {
                Item::Text(coordinate, offset) => self.coordinate(&coordinate, offset, scope),
                Item::Call(inner) if inner.name == "maven.artifact" => self.artifact(&inner, scope),
                Item::Call(inner) => self.open(inner.offset),
                Item::Open(offset) => self.open(offset),
            }
        }
    }

    fn open(&mut self, offset: usize) {
        self.problem(ProblemKind::Unresolved, offset, "artefacts are computed, which is not done here");
    }

    /// `maven_jar(artifact = "group:name:version")`.
    fn single(&mut self, call: &Call<'_, '_>) {
        match call.argument("artifact", None) {
            Some(Value::Text(coordinate)) => self.coordinate(&coordinate, call.offset, Scope::Runtime),
            Some(Value::Open | Value::True) => self.open(call.offset),
            None => {}
        }
    }

    /// `maven.artifact(group = …, artifact = …, version = …)`.
    fn artifact(&mut self, call: &Call<'_, '_>, scope: Scope) {
        let (Some(group), Some(name)) = (call.text("group", Some(0)), call.text("artifact", Some(1))) else {
            return self.open(call.offset);
        };
        if call.argument("version", Some(2)) == Some(Value::Open) {
            let message = format!("the version of {group}:{name} is computed, which is not done here");
            self.problem(ProblemKind::Unresolved, call.offset, &message);
        }
        let coordinate = Coordinate {
            group: &group,
            name: &name,
            version: call.text("version", Some(2)),
            kind: call.text("packaging", None),
            classifier: call.text("classifier", None),
        };
        let scope = if call.is_true("testonly") { Scope::Test } else { scope };
        self.maven(&coordinate, call.offset, scope);
    }

    /// `group:name:version`, with what kind of file it is before the version or behind an `@`.
    fn coordinate(&mut self, text: &str, offset: usize, scope: Scope) {
        let (plain, behind) = text.split_once('@').map_or((text, None), |(plain, kind)| (plain, Some(kind)));
        let parts: Vec<&str> = plain.split(':').collect();
        let (group, name, kind, classifier, version) = match parts.as_slice() {
            [group, name] => (group, name, None, None, None),
            [group, name, version] => (group, name, None, None, Some(version)),
            [group, name, kind, version] => (group, name, Some(kind), None, Some(version)),
            [group, name, kind, classifier, version] => (group, name, Some(kind), Some(classifier), Some(version)),
            _ => {
                let message = format!("{} is no coordinate of an artefact", fumehood_contract::status::cut(text, 80));
                return self.problem(ProblemKind::BadEntry, offset, &message);
            }
        };
        let coordinate = Coordinate {
            group,
            name,
            version: version.copied().map(Cow::Borrowed),
            kind: kind.copied().or(behind).map(Cow::Borrowed),
            classifier: classifier.copied().map(Cow::Borrowed),
        };
        self.maven(&coordinate, offset, scope);
    }

    fn maven(&mut self, found: &Coordinate<'_>, offset: usize, scope: Scope) {
        let name = format!("{}:{}", found.group, found.name);
        if !is_id(found.group) || !is_id(found.name) {
            let message = format!("{} cannot be the name of an artefact", fumehood_contract::status::cut(&name, 80));
            return self.problem(ProblemKind::BadEntry, offset, &message);
        }
        let wanted = found.version.as_deref().filter(|version| !version.is_empty());
        let exact = wanted.and_then(|text| match Version::of(text) {
            Version::Exact(exact) => Some(exact),
            Version::Range => None,
        });
        let kind = found.kind.as_deref().filter(|kind| *kind != "jar");
        let qualifiers = [("type", kind), ("classifier", found.classifier.as_deref())];
        let qualifiers =
            qualifiers.into_iter().filter_map(|(key, value)| Some((key, value.filter(|text| !text.is_empty())?)));
        let qualifiers: Vec<_> = qualifiers.collect();
        let mut package = purl::with_qualifiers(Ecosystem::Maven, &name, exact, &qualifiers);
        package.requirement = wanted.filter(|_| exact.is_none()).map(str::to_owned);
        self.add(package, offset, scope);
    }
}

struct Coordinate<'c> {
    group: &'c str,
    name: &'c str,
    version: Option<Cow<'c, str>>,
    kind: Option<Cow<'c, str>>,
    classifier: Option<Cow<'c, str>>,
}
