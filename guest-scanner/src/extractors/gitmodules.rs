//! `.gitmodules`: the submodules of a git repository.
//!
//! Format: <https://git-scm.com/docs/gitmodules>. The commit of a submodule is not in any file, so there
//! are no versions.

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;

/// The extractor of `.gitmodules`.
pub const EXTRACTOR: Extractor =
    Extractor { id: "gitmodules", ecosystem: "Git", files: &[Pattern::Name(".gitmodules")], companions: &[], extract };

#[derive(Default)]
struct Submodule<'a> {
    name: &'a str,
    line: u32,
    url: Option<&'a str>,
    branch: Option<&'a str>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut current: Option<Submodule<'_>> = None;
    for (line, number) in source.text().lines().map(str::trim).zip(1_u32..) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = line.strip_prefix('[') {
            add(current.take(), records);
            current = section_name(section).map(|name| Submodule { name, line: number, ..Submodule::default() });
            if current.is_none() {
                records.problem(ProblemKind::BadEntry, Some(number), "a section that is not of a submodule");
            }
        } else if let (Some(submodule), Some((key, value))) = (&mut current, line.split_once('=')) {
            let value = Some(value.trim().trim_matches('"'));
            match key.trim().to_ascii_lowercase().as_str() {
                "url" => submodule.url = value,
                "branch" => submodule.branch = value,
                _ => {}
            }
        } else if current.is_none() {
            records.problem(ProblemKind::Unparsable, Some(number), "a line that is in no section");
        }
    }
    add(current, records);
}

/// `submodule "name"]`.
fn section_name(section: &str) -> Option<&str> {
    let name = section.strip_suffix(']')?.trim().strip_prefix("submodule")?.trim();
    Some(name.trim_matches('"'))
}

fn add(submodule: Option<Submodule<'_>>, records: &mut Records) {
    let Some(Submodule { name, line, url, branch }) = submodule else { return };
    let Some(url) = url.filter(|url| !url.is_empty()) else {
        let message = format!("the submodule {name} has no url");
        return records.problem(ProblemKind::BadEntry, Some(line), &message);
    };
    records.package(Package {
        requirement: branch.map(str::to_owned),
        line: Some(line),
        relation: Relation::Direct,
        source: Some(without_credentials(url)),
        ..repository(url)
    });
}

/// The package that a repository's URL stands for.
fn repository(url: &str) -> Package {
    let shown = without_credentials(url);
    let trimmed = shown.trim_end_matches('/');
    let trimmed = trimmed.strip_suffix(".git").unwrap_or(trimmed);
    let place = match trimmed.split_once("://") {
        Some((_, rest)) => rest.rsplit_once('@').map_or(rest, |(_, place)| place).to_owned(),
        // `git@host:path`
        None => trimmed.rsplit_once('@').map_or(trimmed, |(_, place)| place).replacen(':', "/", 1),
    };
    let (host, path) = place.split_once('/').unwrap_or(("", &place));
    let ecosystem = match host {
        "github.com" => Some(Ecosystem::Github),
        "gitlab.com" => Some(Ecosystem::Gitlab),
        _ => None,
    };
    if let Some(ecosystem) = ecosystem.filter(|_| path.contains('/')) {
        return purl::package(ecosystem, path, None);
    }
    // Without a host it is relative to the place of this repository, which no file tells.
    let name = place.rsplit('/').next().unwrap_or(&place);
    if host.is_empty() || host.starts_with('.') {
        return purl::package(Ecosystem::Generic, name, None);
    }
    purl::with_qualifiers(Ecosystem::Generic, name, None, &[("vcs_url", &format!("git+{shown}"))])
}
