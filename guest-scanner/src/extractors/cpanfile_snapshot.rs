//! `cpanfile.snapshot`: the Perl distributions that Carton has chosen.
//!
//! Format: `Carton::Snapshot` in Carton's source. A distribution provides modules and requires modules;
//! `cpanfile` beside it says which are asked for and when.

pub(super) mod cpanfile;

use std::collections::HashMap;

use fumehood_contract::{Package, ProblemKind};

use crate::extractor::{Extractor, Pattern};
use crate::graph;
use crate::purl::{self, Ecosystem};
use crate::records::{PackageId, Records};
use crate::source::Source;

/// The extractor of `cpanfile.snapshot`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "cpanfile-snapshot",
    ecosystem: "Perl",
    files: &[Pattern::Name("cpanfile.snapshot")],
    companions: &[MANIFEST],
    extract,
};

const MANIFEST: &str = "cpanfile";

#[derive(Default)]
struct Distribution<'a> {
    full_name: &'a str,
    line: u32,
    path: Option<&'a str>,
    provides: Vec<&'a str>,
    requires: Vec<&'a str>,
}

fn extract(source: &Source<'_>, records: &mut Records) {
    let text = source.text();
    let version = text.lines().next().and_then(|line| line.strip_prefix("# carton snapshot format: version "));
    if let Some(version) = version
        && version.trim() != "1.0"
    {
        let message = format!("version {} is not 1.0, the only one known; not read", version.trim());
        return records.problem(ProblemKind::Unsupported, Some(1), &message);
    }
    let distributions = read(text, records);
    let ids: Vec<_> = distributions.iter().map(|distribution| add(distribution, records)).collect();
    let mut providers: HashMap<&str, PackageId> = HashMap::new();
    for (distribution, id) in distributions.iter().zip(&ids) {
        providers.extend(distribution.provides.iter().filter_map(|module| Some((*module, (*id)?))));
    }
    for (distribution, id) in distributions.iter().zip(&ids) {
        // A module that nobody provides comes with Perl.
        for to in distribution.requires.iter().filter_map(|module| providers.get(module)) {
            if let Some(from) = id {
                records.depends(*from, *to);
            }
        }
    }
    if let Some(Ok(manifest)) = source.sibling(MANIFEST) {
        let wants = cpanfile::read(&cpanfile::tokens(&manifest));
        let roots: Vec<_> =
            wants.iter().filter_map(|want| Some((*providers.get(want.module.as_str())?, want.scope))).collect();
        graph::spread(records, &roots);
    }
}

/// The depth of the indentation says what a line is.
fn read<'a>(text: &'a str, records: &mut Records) -> Vec<Distribution<'a>> {
    let mut found: Vec<Distribution<'a>> = Vec::new();
    let mut section = "";
    for (line, number) in text.lines().zip(1_u32..) {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') || content == "DISTRIBUTIONS" {
            continue;
        }
        let indentation = line.len() - line.trim_start().len();
        match (indentation, found.last_mut()) {
            (2, _) => {
                section = "";
                found.push(Distribution { full_name: content, line: number, ..Distribution::default() });
            }
            (4, Some(current)) => match content.split_once(':') {
                Some(("pathname", path)) => current.path = Some(path.trim()),
                Some((name, "")) => section = name,
                Some(_) | None => records.problem(ProblemKind::BadEntry, Some(number), "a line without meaning"),
            },
            (6, Some(current)) => {
                let module = content.split_whitespace().next().unwrap_or(content);
                match section {
                    "provides" => current.provides.push(module),
                    "requirements" => current.requires.push(module),
                    _ => {}
                }
            }
            (_, _) => records.problem(ProblemKind::Unparsable, Some(number), "a line that belongs to nothing"),
        }
    }
    found
}

fn add(distribution: &Distribution<'_>, records: &mut Records) -> Option<PackageId> {
    let line = Some(distribution.line);
    // The author's folder is `A/AU/AUTHOR`.
    let author = distribution.path.and_then(|path| path.split('/').nth(2).filter(|_| path.split('/').count() > 3));
    let Some(author) = author else {
        let message = format!("the distribution {} has no path with an author", distribution.full_name);
        records.problem(ProblemKind::BadEntry, line, &message);
        return None;
    };
    let (name, version) = name_and_version(distribution.full_name);
    let package = purl::package(Ecosystem::Cpan, &format!("{author}/{name}"), version);
    records.package(Package { line, source: distribution.path.map(str::to_owned), ..package })
}

/// `Some-Name-1.23` or `Some-Name-v1.2.3`: the version follows the last dash that a digit follows.
fn name_and_version(full_name: &str) -> (&str, Option<&str>) {
    let is_version =
        |text: &str| text.strip_prefix('v').unwrap_or(text).starts_with(|first: char| first.is_ascii_digit());
    let mut dashes = full_name.rmatch_indices('-').map(|(at, _)| at);
    let found = dashes.find(|at| full_name.get(at + 1..).is_some_and(is_version));
    match found.and_then(|at| Some((full_name.get(..at)?, full_name.get(at + 1..)?))) {
        Some((name, version)) => (name, Some(version)),
        None => (full_name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::name_and_version;

    #[test]
    fn versions_follow_the_last_dash_before_a_digit() {
        assert_eq!(name_and_version("HTTP-Tiny-0.088"), ("HTTP-Tiny", Some("0.088")));
        assert_eq!(name_and_version("Perl-v5-v1.2.3-TRIAL"), ("Perl-v5", Some("v1.2.3-TRIAL")));
        assert_eq!(name_and_version("Plain"), ("Plain", None));
    }
}
