//! `renv.lock`, the lockfile of R's renv.
//!
//! Format: renv's vignette "Lockfiles". Until renv 1.0 `Requirements` name what a package needs; since
//! 1.1 the fields of its DESCRIPTION do. `Repository` tells which repository a package was installed
//! from: mirrors and builds of CRAN have names of their own. What is from elsewhere (Bioconductor, a
//! git repository, a folder, or nobody knows) is not the package of that version in CRAN, so its purl
//! has no version.

mod document;

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::{PackageId, Records};
use crate::source::Source;
use crate::vcs;
use document::Entry;

/// The extractor of `renv.lock`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "renv-lock", ecosystem: "R", files: &[Pattern::Name("renv.lock")], companions: &[], extract };

fn extract(source: &Source<'_>, records: &mut Records) {
    let (document, error) = document::read(source.text());
    if let Some(error) = error {
        records.problem(ProblemKind::Unparsable, u32::try_from(error.line()).ok(), &error.to_string());
    } else if !document.is_listed {
        records.problem(ProblemKind::Unparsable, Some(1), "it has no packages");
    }
    let mut ids: HashMap<&str, PackageId> = HashMap::new();
    let mut wants = Vec::new();
    for entry in &document.packages {
        let Some(id) = add(entry, source, records) else { continue };
        ids.entry(entry.key.as_str()).or_insert(id);
        wants.extend(entry.wants.iter().map(|wanted| (id, name_of(wanted))));
    }
    // R itself and what comes with it are not in the file.
    for (from, to) in wants.into_iter().filter_map(|(from, wanted)| Some((from, *ids.get(wanted)?))) {
        records.depends(from, to);
    }
}

/// The name in `name (>= 1.0)`.
fn name_of(wanted: &str) -> &str {
    wanted.split(['(', ' ', '\n', '\t']).next().unwrap_or(wanted)
}

fn add(entry: &Entry<'_>, source: &Source<'_>, records: &mut Records) -> Option<PackageId> {
    let name = entry.name.as_deref().unwrap_or(entry.key.as_str());
    let line = source.line_of(entry.key.as_str());
    let Some(version) = entry.version.as_deref() else {
        records.problem(ProblemKind::BadEntry, line, &format!("package {name} has no version"));
        return None;
    };
    let mut package = place(name, version, entry);
    package.line = line;
    package.checksums.extend(entry.hash.as_ref().map(|hash| format!("md5:{}", hash.to_ascii_lowercase())));
    records.package(package)
}

fn place(name: &str, version: &str, entry: &Entry<'_>) -> Package {
    let repository = entry.repository.as_deref();
    let origin = entry.source.as_deref().unwrap_or_default();
    let is_of_cran = repository.is_some_and(|repository| !repository.starts_with("Bioconductor"))
        && matches!(origin, "Repository" | "CRAN" | "");
    if is_of_cran {
        let package = purl::package(Ecosystem::Cran, name, Some(version));
        return Package { source: repository.map(without_credentials), ..package };
    }
    let git = entry.git_url().map(|url| vcs::git(&url, entry.commit.as_deref()));
    let package = match &git {
        Some(place) => purl::with_qualifiers(Ecosystem::Cran, name, None, &[("vcs_url", &place.vcs_url)]),
        None => purl::package(Ecosystem::Cran, name, None),
    };
    let kind = || entry.source.as_deref().filter(|kind| *kind != "Repository");
    let other = || repository.or(entry.url.as_deref()).or_else(kind).map(without_credentials);
    Package { version: Some(version.to_owned()), source: git.map(|place| place.source).or_else(other), ..package }
}
