//! `cabal.project.freeze`, the constraints that `cabal freeze` writes.
//!
//! Format: the `constraints` field of `cabal.project`, in Cabal's documentation. A constraint is a
//! package, perhaps with where it applies (`any.`, `setup.`, `name:setup.`), and a range of versions,
//! flags, or `installed` and its like. Flags are no packages.

mod fields;

use std::collections::HashSet;

use fumehood_contract::{ProblemKind, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

pub(crate) use fields::{Line, is_exact, lines, list_items, on_one_line};

/// The extractor of `cabal.project.freeze`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "cabal-project-freeze",
    ecosystem: "Haskell",
    files: &[Pattern::Name("cabal.project.freeze")],
    companions: &[],
    extract,
};

/// What may begin a line of a project file besides a field.
const SECTIONS: [&str; 8] = [
    "package",
    "source-repository-package",
    "program-options",
    "program-locations",
    "repository",
    "if",
    "elif",
    "else",
];

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut seen = HashSet::new();
    let mut is_any_field = false;
    for line in lines(source.text()) {
        match line {
            Line::Field { name, value, .. } => {
                is_any_field = true;
                if name.eq_ignore_ascii_case("constraints") {
                    for item in list_items(value) {
                        add(&on_one_line(item), source.line_of(item), &mut seen, records);
                    }
                }
            }
            Line::Other { text, indent: 0 } => {
                let word = text.split_whitespace().next().unwrap_or_default();
                if !SECTIONS.contains(&word) {
                    let message = format!("{text:?} is no field of a project");
                    records.problem(ProblemKind::BadEntry, source.line_of(text), &message);
                }
            }
            Line::Other { .. } => {}
        }
    }
    if !is_any_field {
        records.problem(ProblemKind::Unparsable, None, "it has no field");
    }
}

fn add(constraint: &str, line: Option<u32>, seen: &mut HashSet<String>, records: &mut Records) {
    let end = constraint.find(|letter: char| letter.is_whitespace() || "<>=^+&|(".contains(letter));
    let (package, rest) = constraint.split_at_checked(end.unwrap_or(constraint.len())).unwrap_or((constraint, ""));
    let rest = rest.trim();
    let (name, scope) = qualified(package);
    if name.is_empty() {
        let message = format!("the constraint {constraint:?} names no package");
        return records.problem(ProblemKind::BadEntry, line, &message);
    }
    if !rest.starts_with(['=', '<', '>', '^', '(']) {
        // Flags, or `installed`, `source`, `test`, `bench`.
        return;
    }
    let version = rest.strip_prefix("==").map(str::trim).filter(|version| is_exact(version));
    // `any.name` and `name` say it twice.
    if !seen.insert(format!("{name} {rest}")) {
        return;
    }
    let mut found = purl::package(Ecosystem::Hackage, name, version);
    found.requirement = version.is_none().then(|| rest.to_owned());
    found.line = line;
    found.scope = scope;
    records.package(found);
}

/// The package that is meant, without where the constraint applies.
fn qualified(package: &str) -> (&str, Scope) {
    if let Some((_, name)) = package.split_once(":setup.") {
        return (name, Scope::Build);
    }
    match package.split_once('.') {
        Some(("any", name)) => (name, Scope::Runtime),
        Some(("setup", name)) => (name, Scope::Build),
        Some(_) | None => (package, Scope::Runtime),
    }
}
