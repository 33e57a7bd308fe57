//! `pixi.lock`, the lockfile of pixi, versions 4 to 6.
//!
//! Format: `rattler_lock` in rattler's source. The file lists the packages, of conda and of Python, and
//! for each environment and platform which of them are in it: only those that are somewhere together
//! can need each other. The same release for several platforms is a package of conda for each, as
//! their builds differ. Who asked for what `pixi.toml` or `pyproject.toml` says.

mod document;
mod manifest;

use std::collections::HashMap;

use fumehood_contract::limits::CHECKSUMS_PER_PACKAGE_MAX;
use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::purl::{self, Ecosystem, normal_pypi_name};
use crate::python::package::located;
use crate::python::pep508;
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
use document::{Document, Entry, Kind};

/// The extractor of `pixi.lock`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pixi-lock",
    ecosystem: "Conda",
    files: &[Pattern::Name("pixi.lock")],
    companions: &["pixi.toml", "pyproject.toml"],
    extract,
};

/// The versions that we know.
const VERSIONS: std::ops::RangeInclusive<u64> = 4..=6;

/// A package may be there for some dozen platforms; for more than so it is no real file.
const DOUBLES_MAX: usize = 32;

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut document = Document::default();
    let broken = document::read(source.text(), &mut document).err();
    if let Some((line, message)) = &broken {
        records.problem(ProblemKind::Unparsable, *line, message);
    }
    if !document.version.is_some_and(|version| VERSIONS.contains(&version)) {
        if broken.is_none() || document.version.is_some() {
            let message = "the version is not among those known, 4 to 6; not read";
            records.problem(ProblemKind::Unsupported, Some(1), message);
        }
        return;
    }
    let ids = add_all(&document, source, records);
    let found = Found::new(&document, &ids);
    for (entry, id) in document.entries.iter().zip(&ids) {
        if let Some(id) = *id {
            found.edges(entry, id, records);
        }
    }
    let roots: Vec<_> = manifest::roots(source)
        .into_iter()
        .flat_map(|root| found.named(root.kind, &root.name).map(move |(_, id)| (id, root.scope)).collect::<Vec<_>>())
        .collect();
    if !roots.is_empty() {
        graph::spread(records, &roots);
    }
}

fn add_all(document: &Document<'_>, source: &Source<'_>, records: &mut Records) -> Vec<Option<PackageId>> {
    // Wheels for several platforms are one package.
    let mut wheels: HashMap<String, PackageId> = HashMap::new();
    let mut add = |entry: &Entry<'_>| {
        let line = source.line_of(&entry.location);
        let Some(package) = package(entry) else {
            let message = format!("{}: the package has no name", without_credentials(&entry.location));
            records.problem(ProblemKind::BadEntry, line, &message);
            return None;
        };
        if entry.kind == Kind::Conda {
            return records.package(Package { line, ..package });
        }
        if let Some(id) = wheels.get(&package.purl)
            && let Some(known) = records.get_mut(*id)
        {
            known.checksums.extend(package.checksums);
            known.checksums.truncate(CHECKSUMS_PER_PACKAGE_MAX);
            return Some(*id);
        }
        let purl = package.purl.clone();
        let id = records.package(Package { line, ..package })?;
        wheels.insert(purl, id);
        Some(id)
    };
    document.entries.iter().map(&mut add).collect()
}

fn package(entry: &Entry<'_>) -> Option<Package> {
    let mut package = match entry.kind {
        Kind::Conda => conda_package(entry)?,
        Kind::Pypi => pypi_package(entry)?,
    };
    package.license = entry.license.as_deref().map(str::to_owned);
    let sums = [("sha256", &entry.sha256), ("md5", &entry.md5)];
    let sums = sums.into_iter().filter_map(|(algorithm, sum)| Some((algorithm, sum.as_deref()?)));
    package.checksums.extend(sums.map(|(algorithm, sum)| format!("{algorithm}:{}", sum.to_ascii_lowercase())));
    Some(package)
}

fn conda_package(entry: &Entry<'_>) -> Option<Package> {
    let file = Archive::of(&entry.location);
    let name = entry.name.as_deref().or(file.as_ref().map(|file| file.name))?;
    let version = entry.version.as_deref().or(file.as_ref().map(|file| file.version));
    let mut qualifiers = Vec::new();
    if let Some(file) = &file {
        qualifiers.extend([("build", file.build), ("type", file.ending)]);
        qualifiers.extend(file.channel.map(|channel| ("channel", channel)));
        qualifiers.extend(file.subdir.map(|subdir| ("subdir", subdir)));
    }
    let mut package = purl::with_qualifiers(Ecosystem::Conda, name, version, &qualifiers);
    package.source = Some(without_credentials(&entry.location));
    if file.is_none() && is_here(&entry.location) {
        package.relation = Relation::Project;
    }
    Some(package)
}

fn pypi_package(entry: &Entry<'_>) -> Option<Package> {
    let location = entry.location.as_ref();
    let wheel = crate::python::place::wheel(location);
    let name = entry.name.as_deref().or(wheel.map(|(name, _)| name)).filter(|name| pep508::is_name(name))?;
    let version = entry.version.as_deref().or(wheel.map(|(_, version)| version));
    // An archive of the index is what anyone gets by this name; another place has to be told.
    if location.starts_with("http://") || location.starts_with("https://") {
        let mut package = purl::package(Ecosystem::Pypi, name, version);
        package.source = Some(without_credentials(location));
        return Some(package);
    }
    let mut package = located(name, version, location);
    if is_here(location) {
        package.relation = Relation::Project;
    }
    Some(package)
}

fn is_here(location: &str) -> bool {
    matches!(location, "." | "./")
}

/// `…/channel/subdir/name-version-build.conda`
struct Archive<'a> {
    name: &'a str,
    version: &'a str,
    build: &'a str,
    ending: &'static str,
    channel: Option<&'a str>,
    subdir: Option<&'a str>,
}

impl<'a> Archive<'a> {
    fn of(location: &'a str) -> Option<Self> {
        let location = location.split(['?', '#']).next()?;
        let (stem, ending) = ["conda", "tar.bz2"]
            .into_iter()
            .find_map(|ending| Some((location.strip_suffix(ending)?.strip_suffix('.')?, ending)))?;
        let mut folders = stem.rsplit('/');
        let mut parts = folders.next()?.rsplitn(3, '-');
        let (build, version, name) = (parts.next()?, parts.next()?, parts.next()?);
        let subdir = folders.next();
        let channel = folders.next().filter(|channel| !channel.is_empty());
        Some(Self { name, version, build, ending, channel, subdir })
    }
}

/// The packages, to be found by their names.
struct Found<'t, 'a> {
    document: &'t Document<'a>,
    by_name: HashMap<(Kind, String), Vec<(usize, PackageId)>>,
}

impl<'t, 'a> Found<'t, 'a> {
    fn new(document: &'t Document<'a>, ids: &[Option<PackageId>]) -> Self {
        let mut by_name: HashMap<(Kind, String), Vec<(usize, PackageId)>> = HashMap::new();
        for ((index, entry), id) in document.entries.iter().enumerate().zip(ids) {
            let file = Archive::of(&entry.location);
            let wheel = crate::python::place::wheel(&entry.location).map(|(name, _)| name);
            let name = entry.name.as_deref().or(file.map(|file| file.name)).or(wheel);
            if let (Some(id), Some(name)) = (*id, name) {
                let known = by_name.entry((entry.kind, normal_pypi_name(name))).or_default();
                if known.len() < DOUBLES_MAX {
                    known.push((index, id));
                }
            }
        }
        Self { document, by_name }
    }

    fn named(&self, kind: Kind, name: &str) -> impl Iterator<Item = (usize, PackageId)> {
        self.by_name.get(&(kind, normal_pypi_name(name))).into_iter().flatten().copied()
    }

    fn edges(&self, entry: &Entry<'_>, id: PackageId, records: &mut Records) {
        let meets = |index: usize| self.document.entries.get(index).is_some_and(|other| entry.meets(other));
        for need in &entry.needs {
            let name = match entry.kind {
                Kind::Conda => need.split([' ', '[', '=', '<', '>', '!']).next().unwrap_or(""),
                Kind::Pypi => match pep508::parse(need) {
                    // What an extra brings is there only if somebody wants the extra.
                    Ok(requirement) if !need.contains("extra ==") => requirement.name,
                    Ok(_) | Err(_) => continue,
                },
            };
            let own: Vec<_> = self.named(entry.kind, name).filter(|(index, _)| meets(*index)).collect();
            own.iter().for_each(|(_, to)| records.depends(id, *to));
            if own.is_empty() && entry.kind == Kind::Pypi {
                // pixi takes what conda has already.
                let conda = self.named(Kind::Conda, name).filter(|(index, _)| meets(*index));
                conda.for_each(|(_, to)| records.depends(id, to));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Archive;

    #[test]
    fn archives_tell_their_names() {
        let file = Archive::of("https://conda.example/forge/linux-64/_x86-64-level-1.0-h_0.tar.bz2").unwrap();
        assert_eq!((file.name, file.version, file.build), ("_x86-64-level", "1.0", "h_0"));
        assert_eq!((file.channel, file.subdir, file.ending), (Some("forge"), Some("linux-64"), "tar.bz2"));
        assert!(Archive::of("./local").is_none());
    }
}
