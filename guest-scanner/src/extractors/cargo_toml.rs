//! `Cargo.toml`, the manifest of Rust packages: what they ask for, where no lockfile says more.
//!
//! Format: The Cargo Book, "The Manifest Format", "Specifying Dependencies" and "Workspaces". A bare
//! version (`"0.3"`) means `^0.3`; the readers of the format take the number for the version, so it is
//! reported as version, with the requirement beside it. Every other range is a requirement only.
//! The package itself is listed, as the readers do.

mod workspace;

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::toml_text::{self, Document, Table, Value, entries, flag, get, table, text};
use workspace::Workspace;

/// The extractor of `Cargo.toml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "cargo-toml",
    ecosystem: "Rust",
    files: &[Pattern::Name("Cargo.toml")],
    companions: &["Cargo.lock"],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    if !workspace::is_locked(source) {
        toml_text::read(source, records, |document, records| extract_from(document, source, records));
    }
}

fn extract_from(document: &Document<'_>, source: &Source<'_>, records: &mut Records) {
    let mut manifest = Manifest { document, source, workspace: Workspace::new(source) };
    manifest.project(records);
    let platforms = table(&document.root, "target").into_iter().flat_map(entries);
    let platforms = platforms.filter_map(|(_, platform)| platform.get_ref().as_table());
    let mut listed = Vec::new();
    for lists in std::iter::once(&document.root).chain(platforms) {
        for (key, scope) in SECTIONS {
            let list = table(lists, key).into_iter().flat_map(entries);
            listed.extend(list.map(|(name, value)| (name, value, *scope)));
        }
    }
    listed.sort_by_key(|(_, value, _)| value.span().start);
    for (name, value, scope) in listed {
        manifest.dependency(name, value, scope, records);
    }
}

const SECTIONS: &[(&str, Scope)] = &[
    ("dependencies", Scope::Runtime),
    ("build-dependencies", Scope::Build),
    ("build_dependencies", Scope::Build),
    ("dev-dependencies", Scope::Dev),
    ("dev_dependencies", Scope::Dev),
];

struct Manifest<'t, 'a> {
    document: &'t Document<'a>,
    source: &'t Source<'t>,
    workspace: Workspace<'t>,
}

impl Manifest<'_, '_> {
    fn project(&mut self, records: &mut Records) {
        let root = &self.document.root;
        let Some(project) = table(root, "package").or_else(|| table(root, "project")) else { return };
        let Some(name) = get(project, "name") else { return };
        let version = get(project, "version");
        let inherited =
            version.and_then(|version| version.get_ref().as_table()).is_some_and(|it| flag(it, "workspace"));
        let inherited = if inherited { self.workspace.version(root) } else { None };
        let place = version.map_or(name.span(), |version| {
            name.span().start.min(version.span().start)..name.span().end.max(version.span().end)
        });
        let version = version.and_then(|version| version.get_ref().as_str()).or(inherited.as_deref());
        let line = Some(self.source.line_at(name.span().start));
        let Some(name) = name.get_ref().as_str().filter(|_| self.document.intact(place)) else {
            return records.problem(ProblemKind::BadEntry, line, "the package's name is not to be read");
        };
        let package = purl::package(Ecosystem::Cargo, name, version);
        let license = text(project, "license").map(str::to_owned);
        records.package(Package { line, license, relation: Relation::Project, ..package });
    }

    fn dependency(&mut self, key: &str, value: &Value<'_>, scope: Scope, records: &mut Records) {
        let line = Some(self.source.line_at(value.span().start));
        if !self.document.intact(value.span()) {
            let message = format!("dependency {key} stands where the file is broken");
            return records.problem(ProblemKind::BadEntry, line, &message);
        }
        let wanted = match (value.get_ref().as_str(), value.get_ref().as_table()) {
            (Some(range), _) => Wanted { range: Some(range.to_owned()), ..Wanted::default() },
            (None, Some(table)) if flag(table, "workspace") => {
                let inherited = self.workspace.dependency(&self.document.root, key);
                let optional = flag(table, "optional");
                match inherited {
                    Some(inherited) => Wanted { optional, ..inherited },
                    None => {
                        let message = format!("dependency {key} is said to be the workspace's, which does not have it");
                        records.problem(ProblemKind::Unresolved, line, &message);
                        Wanted { optional, ..Wanted::default() }
                    }
                }
            }
            (None, Some(table)) => {
                if let Some(odd) = Wanted::odd_field(table) {
                    let message = format!("dependency {key}: {odd} is no string");
                    records.problem(ProblemKind::BadEntry, line, &message);
                }
                Wanted::of(table)
            }
            (None, None) => {
                let message = format!("dependency {key} is neither a version nor a table");
                return records.problem(ProblemKind::BadEntry, line, &message);
            }
        };
        let scope = if wanted.optional && scope.is_runtime() { Scope::Optional } else { scope };
        records.package(Package { line, scope, relation: Relation::Direct, ..wanted.package(key) });
    }
}

/// What a manifest says of a dependency.
#[derive(Clone, Debug, Default)]
struct Wanted {
    /// Its name in the registry, where the manifest calls it otherwise.
    name: Option<String>,
    range: Option<String>,
    git: Option<String>,
    reference: Option<String>,
    path: Option<String>,
    registry: Option<String>,
    optional: bool,
}

impl Wanted {
    const FIELDS: [&str; 7] = ["version", "git", "rev", "tag", "branch", "path", "package"];

    fn of(table: &Table<'_>) -> Self {
        let field = |key| text(table, key).map(str::to_owned);
        Self {
            name: field("package"),
            range: field("version"),
            git: field("git"),
            reference: ["rev", "tag", "branch"].into_iter().find_map(field),
            path: field("path"),
            registry: field("registry-index").or_else(|| field("registry")),
            optional: flag(table, "optional"),
        }
    }

    fn odd_field(table: &Table<'_>) -> Option<&'static str> {
        Self::FIELDS.into_iter().find(|key| get(table, key).is_some_and(|value| value.get_ref().as_str().is_none()))
    }

    fn package(&self, key: &str) -> Package {
        let name = self.name.as_deref().unwrap_or(key);
        if let Some(url) = &self.git {
            let place = format!("git+{}", without_credentials(url));
            let at = self.reference.as_ref().map(|reference| format!("@{reference}")).unwrap_or_default();
            let mut package =
                purl::with_qualifiers(Ecosystem::Cargo, name, None, &[("vcs_url", &format!("{place}{at}"))]);
            package.requirement = self.range.clone();
            let reference = self.reference.as_ref().map(|reference| format!("#{reference}")).unwrap_or_default();
            package.source = Some(format!("{place}{reference}"));
            return package;
        }
        let range = self.range.as_deref().map(str::trim);
        let pinned = range.and_then(|range| range.strip_prefix('=')).map(str::trim).filter(|it| is_version(it, 3));
        let version = pinned.or_else(|| range.filter(|range| is_version(range, 1)));
        let mut package = purl::package(Ecosystem::Cargo, name, version);
        package.requirement = range.filter(|range| pinned.is_none() && !range.is_empty()).map(str::to_owned);
        package.source = self.path.clone().or_else(|| self.registry.as_deref().map(without_credentials));
        package
    }
}

/// Whether it is a version of at least so many numbers, and not a range.
fn is_version(text: &str, numbers_min: usize) -> bool {
    let release = text.split(['-', '+']).next().unwrap_or("");
    let numbers = release.split('.').count();
    let rest = text.get(release.len()..).unwrap_or("");
    (numbers_min..=3).contains(&numbers)
        && release.split('.').all(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
        && rest.bytes().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'+' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn versions_are_told_from_ranges() {
        for version in ["0.3", "1", "1.2.3", "1.0.0-rc.1+x"] {
            assert!(is_version(version, 1), "{version}");
        }
        for range in ["", "*", "1.*", ">=1", "1.2.3.4", "1, 2", "^1", "a"] {
            assert!(!is_version(range, 1), "{range}");
        }
        assert!(!is_version("1.2", 3));
    }
}
