//! `conanfile.txt`, the manifest of a project that takes packages from Conan.
//!
//! Format: Conan's documentation of `conanfile.txt`. Sections in brackets; a line of a section of
//! requirements is a reference, in Conan 1 perhaps with words such as `override` behind it. Silent
//! where a lockfile lies beside it.

use fumehood_contract::{ProblemKind, Relation, Scope};

use crate::conan::Reference;
use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `conanfile.txt`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "conanfile-txt",
    ecosystem: "C and C++",
    files: &[Pattern::Name("conanfile.txt")],
    companions: &[LOCKFILE],
    extract,
};

/// What says more than a manifest.
pub(super) const LOCKFILE: &str = "conan.lock";

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling(LOCKFILE) {
        return;
    }
    let mut scope = None;
    for (text, line) in source.text().lines().zip(1..) {
        let text = text.trim();
        // A `#` begins a comment, and inside a reference its revision.
        let text = text.split_once(" #").map_or(text, |(text, _)| text.trim_end());
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(section) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            scope = match section {
                "requires" => Some(Scope::Runtime),
                "build_requires" | "tool_requires" => Some(Scope::Build),
                "test_requires" => Some(Scope::Test),
                _ => None,
            };
        } else if let Some(scope) = scope {
            report(text, scope, Some(line), records);
        }
    }
}

/// Reports one requirement, as a manifest has it.
pub(super) fn report(text: &str, scope: Scope, line: Option<u32>, records: &mut Records) {
    let end = match text.find('[') {
        Some(open) => text.get(open..).and_then(|rest| rest.find(']')).map_or(text.len(), |close| open + close),
        None => 0,
    };
    // Behind the reference, but not inside a range.
    let words = text.get(end..).and_then(|rest| rest.find([' ', '\t', ','])).map_or(text.len(), |at| end + at);
    let Some(reference) = text.get(..words).and_then(Reference::of) else {
        let text = fumehood_contract::status::cut(text, 80);
        return records.problem(
            ProblemKind::BadEntry,
            line,
            &format!("{text} does not name a package and its version"),
        );
    };
    let mut package = reference.package(&[]);
    package.line = line;
    package.scope = scope;
    package.relation = Relation::Direct;
    records.package(package);
}
