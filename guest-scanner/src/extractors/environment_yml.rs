//! `environment.yml`, the environment file of conda, under that name or another that begins so.
//!
//! Format: conda's documentation, "Managing environments"; dependencies are `conda.models.match_spec`,
//! those below `pip:` lines of a requirements file. `name=1.2` means 1.2 and what it begins: it is
//! reported as version, as the format's reader does, with its requirement beside it.

mod document;

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::package::{from_place, from_requirement};
use crate::python::url::without_credentials;
use crate::python::{pep508, place, scope_of_file};
use crate::records::Records;
use crate::source::Source;
use document::{Document, Item};

/// The extractor of conda's environment files.
pub const EXTRACTOR: Extractor = Extractor {
    id: "environment-yml",
    ecosystem: "Conda",
    files: &[
        Pattern::Name("environment.yml"),
        Pattern::Name("environment.yaml"),
        Pattern::Affixes("environment", ".yml"),
        Pattern::Affixes("environment", ".yaml"),
    ],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut document = Document::default();
    if let Err((line, message)) = document::read(source.text(), &mut document) {
        records.problem(ProblemKind::Unparsable, line, &message);
    }
    if !document.has_dependencies {
        // Many programs keep settings in files of such names.
        return records.not_of_format();
    }
    for item in &document.dependencies {
        match item {
            Item::Spec(spec) => report(spec, from_spec(spec), "a conda package", source, records),
            Item::Pip(lines) => {
                for line in lines {
                    if let Some(found) = from_pip(line) {
                        report(line, found, "a requirement", source, records);
                    }
                }
            }
            Item::Other => records.problem(ProblemKind::BadEntry, None, "a dependency is neither a string nor pip's"),
        }
    }
}

fn report(text: &str, package: Option<Package>, what: &str, source: &Source<'_>, records: &mut Records) {
    let line = source.line_of(text);
    let Some(package) = package else {
        let message = format!("{}: not {what} with a name", without_credentials(text));
        return records.problem(ProblemKind::BadEntry, line, &message);
    };
    let scope = scope_of_file(source.path());
    records.package(Package { line, scope, relation: Relation::Direct, ..package });
}

/// `None` for options and folders, `Some(None)` for what names no package.
fn from_pip(line: &str) -> Option<Option<Package>> {
    let line = line.trim();
    let editable = ["-e ", "--editable ", "--editable="].iter().find_map(|option| line.strip_prefix(option));
    if editable.is_none() && line.starts_with('-') {
        return None;
    }
    let text = editable.unwrap_or(line).trim();
    let text = text.split_once(" --").map_or(text, |(before, _)| before);
    match (pep508::parse(text), place::place(text)) {
        (Ok(requirement), None) if editable.is_none() => Some(Some(from_requirement(&requirement))),
        (Ok(requirement), _) if requirement.url.is_some() => Some(Some(from_requirement(&requirement))),
        (_, Some(place)) if place::is_folder(place.url) => None,
        (_, Some(place)) => Some(from_place(&place)),
        (_, None) if editable.is_some() => None,
        (_, None) => Some(None),
    }
}

/// `channel::name`, then `=version=build`, ` version build`, a range, or `[version=…, build=…]`.
fn from_spec(spec: &str) -> Option<Package> {
    let (channel, spec) = match spec.split_once("::") {
        Some((channel, rest)) => (Some(channel.trim()), rest.trim()),
        None => (None, spec.trim()),
    };
    let end = spec.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_' | '.'));
    let (name, rest) = spec.split_at_checked(end.unwrap_or(spec.len()))?;
    if name.is_empty() {
        return None;
    }
    let constraint = Constraint::parse(rest.trim());
    let mut qualifiers = Vec::new();
    let build = constraint.build.filter(|build| is_exact(build));
    qualifiers.extend(build.map(|build| ("build", build)));
    qualifiers.extend(channel.map(|channel| ("channel", channel)));
    let version = constraint.version.filter(|version| is_exact(version));
    let mut package = purl::with_qualifiers(Ecosystem::Conda, &name.to_ascii_lowercase(), version, &qualifiers);
    if (version.is_none() || constraint.is_prefix) && !rest.trim().is_empty() {
        package.requirement = Some(rest.trim().to_owned());
    }
    package.source = channel.map(without_credentials);
    Some(package)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Constraint<'a> {
    version: Option<&'a str>,
    build: Option<&'a str>,
    /// Whether longer versions that begin so are meant too.
    is_prefix: bool,
}

impl<'a> Constraint<'a> {
    fn parse(text: &'a str) -> Self {
        if let Some(inside) = text.strip_prefix('[') {
            return Self::of_keys(inside);
        }
        let text = text.split_once('[').map_or(text, |(before, _)| before).trim();
        let (operator, rest) = match (text.strip_prefix("=="), text.strip_prefix('=')) {
            (Some(rest), _) => ("==", rest),
            (None, Some(rest)) => ("=", rest),
            (None, None) => ("", text),
        };
        let mut parts = rest.trim().splitn(2, |letter: char| letter == '=' || letter.is_whitespace());
        let version = parts.next().filter(|version| !version.is_empty());
        let build = parts.next().map(|build| build.trim_start_matches('=').trim()).filter(|build| !build.is_empty());
        Self { version, build, is_prefix: operator == "=" && build.is_none() }
    }

    fn of_keys(inside: &'a str) -> Self {
        let mut found = Self::default();
        for pair in inside.trim_end_matches(']').split(',') {
            let Some((key, value)) = pair.split_once('=') else { continue };
            let value = value.trim().trim_matches(['\'', '"']);
            match key.trim() {
                "version" => {
                    let exact = value.strip_prefix("==");
                    found.is_prefix = exact.is_none() && value.starts_with('=');
                    found.version = Some(exact.unwrap_or_else(|| value.trim_start_matches('=')));
                }
                "build" => found.build = Some(value),
                _ => {}
            }
        }
        found
    }
}

/// Versions and builds; not ranges, choices and patterns.
fn is_exact(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+' | '!'))
}

#[cfg(test)]
mod tests {
    use super::from_spec;

    #[test]
    fn specs_are_taken_apart() {
        for (spec, purl, requirement) in [
            ("a", "pkg:conda/a", None),
            ("a=1.0=b_0", "pkg:conda/a@1.0?build=b_0", None),
            ("a==1.0", "pkg:conda/a@1.0", None),
            ("a=1.0", "pkg:conda/a@1.0", Some("=1.0")),
            ("a 1.0 b_0", "pkg:conda/a@1.0?build=b_0", None),
            ("conda-forge::A == 1!2.0", "pkg:conda/a@1!2.0?channel=conda-forge", None),
            ("a=1.*=b_0", "pkg:conda/a?build=b_0", Some("=1.*=b_0")),
            ("a >=1,<2", "pkg:conda/a", Some(">=1,<2")),
            ("a 1.0|2.0", "pkg:conda/a", Some("1.0|2.0")),
            ("a[version='==1.0',build=b_0]", "pkg:conda/a@1.0?build=b_0", None),
            ("a[version='>=1.0']", "pkg:conda/a", Some("[version='>=1.0']")),
        ] {
            let package = from_spec(spec).unwrap();
            assert_eq!((package.purl.as_str(), package.requirement.as_deref()), (purl, requirement), "{spec}");
        }
        assert_eq!(from_spec("=1.0"), None);
    }
}
