//! `pdm.lock`, the lockfile of PDM, lock versions 3 and 4.
//!
//! Format: `pdm.project.lockfile` and `pdm.formats` in PDM's source. A package with extras stands there
//! once more, with the name of the extras and what they need: both are one package here. Since 4.3
//! each package may say its groups; where it does not, `pyproject.toml` decides. Until 4.2 the files
//! stand in `[metadata.files]`.

use std::collections::HashMap;

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{Package, ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::graph::rank;
use crate::purl::{self, Ecosystem, normal_pypi_name};
use crate::python::locked::Locked;
use crate::python::package::located;
use crate::python::pep508;
use crate::python::pyproject::{self, scope_of_unknown};
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::toml_text::{self, Document, Named, Table, table, tables, text, texts};

/// The extractor of `pdm.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pdm-lock",
    ecosystem: "Python",
    files: &[Pattern::Name("pdm.lock")],
    companions: &["pyproject.toml"],
    extract,
};

/// The major versions that we know.
const MAJORS: [&str; 2] = ["3", "4"];

fn extract(source: &Source<'_>, records: &mut Records) {
    toml_text::read(source, records, |document, records| extract_from(document, source, records));
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    let metadata = table(&document.root, "metadata");
    if let Some(version) = metadata.and_then(|metadata| text(metadata, "lock_version"))
        && !version.split('.').next().is_some_and(|major| MAJORS.contains(&major))
    {
        let message = format!("lock version {version} is not among those known, 3.x and 4.x; not read");
        return records.problem(ProblemKind::Unsupported, source.line_of(version), &message);
    }
    let asked = pyproject::asked(source).unwrap_or_default();
    let files = metadata.and_then(|metadata| table(metadata, "files"));
    let mut lock = Lock { files, groups: asked.groups, ..Lock::default() };
    let named = document.packages(source, records);
    let entries: Vec<_> = named.iter().filter_map(|named| Some((named.table, lock.add(named, records)?))).collect();
    for (table, id) in entries {
        for need in texts(table, "dependencies").filter_map(|line| pep508::parse(line).ok()) {
            lock.locked.find(need.name, need.specifiers).into_iter().for_each(|to| records.depends(id, to));
        }
    }
    lock.locked.spread(&asked.roots, records);
    for (id, scope) in lock.scopes {
        if let Some(package) = records.get_mut(id) {
            package.scope = scope;
        }
    }
}

#[derive(Default)]
struct Lock<'t, 'a> {
    files: Option<&'t Table<'a>>,
    /// What the project's groups are for.
    groups: HashMap<String, Scope>,
    locked: Locked,
    /// By purl: the same package with and without extras.
    seen: HashMap<String, PackageId>,
    /// What the lockfile itself says.
    scopes: HashMap<PackageId, Scope>,
}

impl Lock<'_, '_> {
    fn add(&mut self, named: &Named<'_, '_>, records: &mut Records) -> Option<PackageId> {
        let Named { table, name, version, line } = *named;
        let package = package(name, version, table);
        if version.is_none() && package.source.is_none() {
            records.problem(ProblemKind::BadEntry, Some(line), &format!("package {name} has no version"));
            return None;
        }
        let scope = self.scope(table);
        let known = self.seen.get(&package.purl).copied();
        let id = match known {
            Some(id) => id,
            None => {
                let purl = package.purl.clone();
                let checksums = self.checksums(table, name, version);
                let id = records.package(Package { line: Some(line), checksums, ..package })?;
                self.seen.insert(purl, id);
                self.locked.insert(name, version, id);
                id
            }
        };
        if let Some(scope) = scope {
            let strongest = self.scopes.entry(id).or_insert(scope);
            if rank(scope) > rank(*strongest) {
                *strongest = scope;
            }
        }
        Some(id)
    }

    fn scope(&self, package: &Table<'_>) -> Option<Scope> {
        let scope = |group| match group {
            "default" => Scope::Runtime,
            group => self.groups.get(&normal_pypi_name(group)).copied().unwrap_or_else(|| scope_of_unknown(group)),
        };
        texts(package, "groups").chain(texts(package, "sections")).map(scope).max_by_key(|scope| rank(*scope))
    }

    fn checksums(&self, package: &Table<'_>, name: &str, version: Option<&str>) -> Vec<String> {
        let own = tables(package, "files");
        let version = version.unwrap_or("");
        let listed = self.files.into_iter().flat_map(|files| {
            let keys = [format!("{name} {version}"), format!("{} {version}", normal_pypi_name(name))];
            let key = keys.into_iter().find(|key| toml_text::get(files, key).is_some());
            key.into_iter().flat_map(|key| tables(files, &key).collect::<Vec<_>>())
        });
        let hashes = own.chain(listed).filter_map(|file| text(file, "hash"));
        hashes.take(CHECKSUMS_PER_PACKAGE_MAX).map(str::to_owned).collect()
    }
}

fn package(name: &str, version: Option<&str>, table: &Table<'_>) -> Package {
    for system in ["git", "hg", "svn", "bzr"] {
        let Some(url) = text(table, system) else { continue };
        let url = format!("{system}+{}", without_credentials(url));
        let commit = text(table, "revision").or_else(|| text(table, "ref"));
        let at = commit.map(|commit| format!("@{commit}")).unwrap_or_default();
        let place = format!("{url}{at}");
        let mut package = purl::with_qualifiers(Ecosystem::Pypi, name, version, &[("vcs_url", &place)]);
        package.source = Some(commit.map_or(url.clone(), |commit| format!("{url}#{commit}")));
        return package;
    }
    match text(table, "url").or_else(|| text(table, "path")) {
        Some(place) => located(name, version, place),
        None => purl::package(Ecosystem::Pypi, name, version),
    }
}
