//! The packages that a project file of MSBuild refers to.
//!
//! Format: NuGet's documentation of `PackageReference` and of central package management. Items of the
//! file itself are reported, each with the version that the files around it give. Where a condition or
//! a property leaves several versions open, each of them is.

use std::collections::{HashMap, HashSet};

use fumehood_contract::{ProblemKind, Relation, Scope};

use crate::dotnet::msbuild::{self, Found, Item, Project};
use crate::dotnet::{self, Wanted};
use crate::records::Records;
use crate::source::Source;

/// The files that may say something about another one's references.
pub(crate) const COMPANIONS: &[&str] =
    &["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Packages.props"];

/// The versions that are reported of one reference.
const VERSIONS_MAX: usize = 8;

/// Reports what the file refers to.
pub(crate) fn report(source: &Source<'_>, records: &mut Records) {
    let own = msbuild::read(source.text(), &mut |kind, offset, message| {
        records.problem(kind, Some(source.line_at(offset)), message);
    });
    let mut project = Project::new(source, own);
    let items = project.items().to_vec();
    let elsewhere = Elsewhere::of(&items, &mut project);
    let mut report = Report { source, records, elsewhere, seen: HashSet::new(), unversioned: Vec::new() };
    for (at, found) in items.iter().enumerate().filter(|(_, found)| found.is_own) {
        if let Some(item) = found.item() {
            report.item(at, item, &mut project);
        }
    }
    report.end();
}

/// What is said of a package in one item.
#[derive(Clone, Debug, Default)]
struct Said {
    /// Where it stands in the order of evaluation.
    at: usize,
    versions: Vec<String>,
    private: bool,
}

/// What other items say of a package, by its name for comparison.
#[derive(Default)]
struct Elsewhere {
    central: HashMap<String, Said>,
    updates: HashMap<String, Said>,
    /// Names that are included somewhere.
    included: HashSet<String>,
    removed: HashMap<String, usize>,
}

impl Elsewhere {
    fn of(items: &[Found], project: &mut Project<'_>) -> Self {
        let mut elsewhere = Self::default();
        for (at, found) in items.iter().enumerate() {
            let Some(item) = found.item() else { continue };
            match item.kind.as_str() {
                "packageversion" => {
                    let names = [item.field("include"), item.field("update")];
                    keep(&mut elsewhere.central, at, found, item, names.into_iter().flatten(), project);
                }
                "packagereference" => {
                    keep(&mut elsewhere.updates, at, found, item, item.field("update"), project);
                    elsewhere.included.extend(item.field("include").into_iter().flat_map(|text| names(text, project)));
                    if found.is_certain {
                        let removed = item.field("remove").into_iter().flat_map(|text| names(text, project));
                        elsewhere.removed.extend(removed.map(|name| (name, at)));
                    }
                }
                _ => {}
            }
        }
        elsewhere
    }
}

fn keep<'i>(
    known: &mut HashMap<String, Said>,
    at: usize,
    found: &Found,
    item: &Item,
    texts: impl IntoIterator<Item = &'i str>,
    project: &mut Project<'_>,
) {
    for text in texts {
        let versions = item.field("version").map(|version| project.expand(version)).unwrap_or_default();
        for name in names(text, project) {
            let said = known.entry(name).or_default();
            said.at = at;
            said.private |= is_private(item);
            // One that certainly holds, later than others, overrules them.
            if found.is_certain && !versions.is_empty() {
                said.versions.clear();
            }
            for version in &versions {
                if said.versions.len() < VERSIONS_MAX && !said.versions.contains(version) {
                    said.versions.push(version.clone());
                }
            }
        }
    }
}

/// The names in an `Include`, in the form for comparison.
fn names(text: &str, project: &mut Project<'_>) -> Vec<String> {
    listed(text, project).iter().map(|name| dotnet::normal(name)).collect()
}

/// A list is separated by semicolons.
fn listed(text: &str, project: &mut Project<'_>) -> Vec<String> {
    let texts = project.expand(text);
    let names = texts.iter().flat_map(|text| text.split(';')).map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn is_private(item: &Item) -> bool {
    let private = item.field("privateassets").unwrap_or_default();
    private.split(';').any(|assets| assets.trim().eq_ignore_ascii_case("all"))
}

struct Report<'a, 'r> {
    source: &'a Source<'a>,
    records: &'r mut Records,
    elsewhere: Elsewhere,
    seen: HashSet<(String, String)>,
    unversioned: Vec<String>,
}

impl Report<'_, '_> {
    fn item(&mut self, at: usize, item: &Item, project: &mut Project<'_>) {
        let (relation, scope) = match item.kind.as_str() {
            "packagereference" if is_private(item) => (Relation::Direct, Scope::Dev),
            "packagereference" => (Relation::Direct, Scope::Runtime),
            // Every project below gets it, for its own development.
            "globalpackagereference" => (Relation::Direct, Scope::Dev),
            "dotnetclitoolreference" => (Relation::Direct, Scope::Build),
            // Fetched while building, into a folder of its own.
            "packagedownload" => (Relation::Direct, Scope::Build),
            // Whether a project takes it is said by the projects.
            "packageversion" => (Relation::Unknown, Scope::Runtime),
            _ => return,
        };
        let line = Some(self.source.line_at(item.offset));
        let is_update = item.field("include").is_none();
        let Some(text) = item.field("include").or_else(|| item.field("update")) else { return };
        let own = item.field("versionoverride").or_else(|| item.field("version"));
        let own = own.map(|version| project.expand(version)).unwrap_or_default();
        for name in listed(text, project) {
            let key = dotnet::normal(&name);
            // Without an include the SDK has one: FSharp.Core for example. Elsewhere it is for projects.
            if is_update && (own.is_empty() || self.elsewhere.included.contains(&key)) {
                continue;
            }
            if self.elsewhere.removed.get(&key).is_some_and(|removed| *removed > at) && relation == Relation::Direct {
                continue;
            }
            if !is_name(&name) {
                let message = format!("{} cannot be the name of a package", fumehood_contract::status::cut(&name, 80));
                let is_open = name.contains(['$', '@', '%']);
                let kind = if is_open { ProblemKind::Unresolved } else { ProblemKind::BadEntry };
                self.records.problem(kind, line, &message);
                continue;
            }
            let update =
                self.elsewhere.updates.get(&key).filter(|said| said.at > at && item.kind == "packagereference");
            let scope = if update.is_some_and(|said| said.private) { Scope::Dev } else { scope };
            let versions = [
                update.map(|said| said.versions.clone()),
                Some(own.clone()),
                self.elsewhere.central.get(&key).map(|said| said.versions.clone()),
            ];
            let versions = versions.into_iter().flatten().find(|versions| !versions.is_empty()).unwrap_or_default();
            self.add(&name, key, &versions, &item.kind, (line, relation, scope));
        }
    }

    fn add(
        &mut self,
        name: &str,
        key: String,
        versions: &[String],
        kind: &str,
        (line, relation, scope): (Option<u32>, Relation, Scope),
    ) {
        if versions.is_empty() {
            self.unversioned.push(name.to_owned());
        }
        let none = [String::new()];
        for version in if versions.is_empty() { &none } else { versions } {
            if !self.seen.insert((key.clone(), version.clone())) {
                continue;
            }
            if version.contains("$(") {
                let message = format!("the version {version} of {name} cannot be told in the repository");
                self.records.problem(ProblemKind::Unresolved, line, &message);
            }
            // What is downloaded may be several versions, which the notation does not tell.
            let wanted = match Wanted::of(version) {
                Wanted::Exact(_) if kind == "packagedownload" => Wanted::Range(version.trim()),
                wanted @ (Wanted::Exact(_) | Wanted::Range(_) | Wanted::Any) => wanted,
            };
            let mut package = dotnet::package(name, &wanted);
            package.line = line;
            package.relation = relation;
            package.scope = scope;
            self.records.package(package);
        }
    }

    fn end(self) {
        let Some(first) = self.unversioned.first() else { return };
        let names = match self.unversioned.len() - 1 {
            0 => first.clone(),
            more => format!("{first} and {more} more"),
        };
        let message = format!("no version is given for {names} in the repository");
        self.records.problem(ProblemKind::Unresolved, Some(1), &message);
    }
}

/// As NuGet has it.
fn is_name(name: &str) -> bool {
    name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-'))
}
