//! `composer.lock` of Composer 1 and 2.
//!
//! Format: `Composer\Package\Locker`. What the project asks for stands in `composer.json`. Names
//! without a vendor (`php`, `ext-json`, `composer-runtime-api`) are the platform, not packages; a name
//! that no package has may be one that a package provides or replaces.

pub(in crate::extractors) mod lenient;

use std::collections::{HashMap, HashSet};

use fumehood_contract::{Package, ProblemKind, Scope};
use serde::Deserialize;

use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::json::{Entries, MaybeText};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
use lenient::{Lenient, Packages};

/// The extractor of `composer.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "composer-lock",
    ecosystem: "PHP",
    files: &[Pattern::Name("composer.lock")],
    companions: &["composer.json"],
    extract,
};

/// The packages that may stand in for one name: more implement some of the customary interfaces, but
/// not in one project.
const PROVIDERS_MAX: usize = 64;

/// PHP writes an empty object as `[]`: such a field is read as if it were not there.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry<'a> {
    #[serde(borrow)]
    name: MaybeText<'a>,
    #[serde(borrow)]
    version: MaybeText<'a>,
    #[serde(borrow)]
    source: Lenient<Place<'a>>,
    #[serde(borrow)]
    dist: Lenient<Place<'a>>,
    #[serde(borrow)]
    require: Lenient<Entries<'a, MaybeText<'a>>>,
    #[serde(borrow)]
    provide: Lenient<Entries<'a, MaybeText<'a>>>,
    #[serde(borrow)]
    replace: Lenient<Entries<'a, MaybeText<'a>>>,
    #[serde(borrow)]
    license: Lenient<Licenses<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Place<'a> {
    #[serde(borrow, rename = "type")]
    kind: MaybeText<'a>,
    #[serde(borrow)]
    url: MaybeText<'a>,
    #[serde(borrow)]
    reference: MaybeText<'a>,
    #[serde(borrow)]
    shasum: MaybeText<'a>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Licenses<'a> {
    One(#[serde(borrow)] crate::json::Text<'a>),
    AnyOf(#[serde(borrow)] Vec<MaybeText<'a>>),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest<'a> {
    #[serde(borrow)]
    require: Lenient<Entries<'a, MaybeText<'a>>>,
    #[serde(borrow, rename = "require-dev")]
    require_dev: Lenient<Entries<'a, MaybeText<'a>>>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut packages = Packages::default();
    if let Err(error) = lenient::read(source.text(), &mut packages) {
        let line = u32::try_from(error.line()).ok();
        records.problem(ProblemKind::Unparsable, line, &error.to_string());
    } else if !packages.listed {
        records.problem(ProblemKind::Unparsable, Some(1), "it has no list of packages");
    }
    let all = packages.runtime.iter().map(|entry| (entry, Scope::Runtime));
    let all: Vec<_> = all.chain(packages.dev.iter().map(|entry| (entry, Scope::Dev))).collect();
    let numbered = all.iter().zip(1..);
    let ids: Vec<_> =
        numbered.map(|((entry, scope), number)| add(entry.as_ref(), number, *scope, source, records)).collect();
    let known: Vec<(&Entry<'_>, PackageId)> =
        all.iter().zip(ids).filter_map(|((entry, _), id)| Some((entry.as_ref()?, id?))).collect();
    let names = Names::of(&known);
    for (entry, id) in &known {
        for name in entry.require.0.iter().flat_map(Entries::keys) {
            names.find(name).into_iter().for_each(|to| records.depends(*id, to));
        }
    }
    relate(&names, source, records);
}

fn add(
    entry: Option<&Entry<'_>>,
    number: usize,
    scope: Scope,
    source: &Source<'_>,
    records: &mut Records,
) -> Option<PackageId> {
    let name = entry.and_then(|entry| entry.name.as_str());
    let line = name.and_then(|name| source.line_of(name));
    let (Some(entry), Some(name)) = (entry, name) else {
        records.problem(ProblemKind::BadEntry, line, &format!("package number {number} of the file has no name"));
        return None;
    };
    let Some(version) = entry.version.as_str() else {
        records.problem(ProblemKind::BadEntry, line, &format!("package {name} has no version"));
        return None;
    };
    let mut package = purl::package(Ecosystem::Composer, name, Some(version));
    package.scope = scope;
    package.line = line;
    package.license = entry.license.0.as_ref().and_then(license);
    place(entry, &mut package);
    records.package(package)
}

/// Several licences are a choice: so Composer documents its `license`.
fn license(licenses: &Licenses<'_>) -> Option<String> {
    let joined = match licenses {
        Licenses::One(license) => license.as_str().to_owned(),
        Licenses::AnyOf(list) => list.iter().filter_map(MaybeText::as_str).collect::<Vec<_>>().join(" OR "),
    };
    (!joined.is_empty()).then_some(joined)
}

fn place(entry: &Entry<'_>, package: &mut Package) {
    if let Some(sum) = entry.dist.0.as_ref().and_then(|dist| dist.shasum.as_str()).filter(|sum| !sum.is_empty()) {
        package.checksums.push(format!("sha1:{}", sum.to_ascii_lowercase()));
    }
    let url = |place: &Place<'_>| place.url.as_str().filter(|url| !url.is_empty()).map(without_credentials);
    let repository = entry.source.0.as_ref().and_then(|place| {
        let url = url(place)?;
        let kind = place.kind.as_str().unwrap_or("git");
        let reference = place.reference.as_str().map(|commit| format!("#{commit}")).unwrap_or_default();
        Some(if kind == "path" { url } else { format!("{kind}+{url}{reference}") })
    });
    package.source = repository.or_else(|| entry.dist.0.as_ref().and_then(url));
}

/// Which packages a name means.
#[derive(Default)]
struct Names {
    own: HashMap<String, PackageId>,
    provided: HashMap<String, Vec<PackageId>>,
}

impl Names {
    fn of(entries: &[(&Entry<'_>, PackageId)]) -> Self {
        let mut names = Self::default();
        for (entry, id) in entries {
            let name = entry.name.as_str().unwrap_or_default();
            names.own.insert(name.to_ascii_lowercase(), *id);
            let stands_for = [&entry.provide, &entry.replace].into_iter().filter_map(|list| list.0.as_ref());
            for name in stands_for.flat_map(Entries::keys) {
                let providers = names.provided.entry(name.to_ascii_lowercase()).or_default();
                if providers.len() < PROVIDERS_MAX {
                    providers.push(*id);
                }
            }
        }
        names
    }

    /// None for the platform, and for what the project itself provides.
    fn find(&self, name: &str) -> Vec<PackageId> {
        if !name.contains('/') {
            return Vec::new();
        }
        let name = name.to_ascii_lowercase();
        self.own.get(&name).map_or_else(|| self.provided.get(&name).cloned().unwrap_or_default(), |id| vec![*id])
    }
}

/// With the manifest's help. The lockfile knows its development packages by itself.
fn relate(names: &Names, source: &Source<'_>, records: &mut Records) {
    let Some(Ok(text)) = source.sibling("composer.json") else { return };
    let Ok(manifest) = serde_json::from_str::<Manifest<'_>>(&text) else { return };
    let lists = [(&manifest.require, Scope::Runtime), (&manifest.require_dev, Scope::Dev)];
    let mut roots: HashSet<(PackageId, Scope)> = HashSet::new();
    for (list, scope) in lists {
        let names = list.0.iter().flat_map(Entries::keys).flat_map(|name| names.find(name));
        roots.extend(names.map(|id| (id, scope)));
    }
    if roots.is_empty() {
        return;
    }
    let before: Vec<Scope> = records.packages().iter().map(|package| package.scope).collect();
    graph::spread(records, &roots.into_iter().collect::<Vec<_>>());
    for (package, scope) in records.packages_mut().iter_mut().zip(before) {
        package.scope = scope;
    }
}
