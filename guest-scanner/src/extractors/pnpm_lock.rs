//! `pnpm-lock.yaml`, lockfile versions 5 to 9.
//!
//! Format: the packages under `lockfile/` in pnpm's repository; `@pnpm/dependency-path` defines the
//! keys of packages ([`path`]), `@pnpm/lockfile-types` the rest. Since version 9 what a package is
//! (`packages`) and what it was installed with (`snapshots`, one for each choice of peers) stand
//! apart. Since pnpm 11 there may be a document before the lockfile's own, with the packages that
//! pnpm itself needs: they are installed too, and reported as for development.

mod document;
mod emit;
mod path;

use fumehood_contract::ProblemKind;

use crate::extractor::{Extractor, Pattern};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `pnpm-lock.yaml`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "pnpm-lock",
    ecosystem: "JavaScript",
    files: &[Pattern::Name("pnpm-lock.yaml")],
    companions: &[],
    extract,
};

/// The versions that we know; 7 and 8 were those of prereleases of 9.
const MAJORS: [&str; 5] = ["5", "6", "7", "8", "9"];

/// pnpm writes two at most.
const DOCUMENTS_MAX: usize = 16;

fn extract(source: &Source<'_>, records: &mut Records) {
    let mut found = false;
    for (position, text) in documents(source.text()).filter(|text| !is_blank(text)).enumerate() {
        found = true;
        if position == DOCUMENTS_MAX {
            let message = format!("more than {DOCUMENTS_MAX} documents; the rest is left out");
            return records.problem(ProblemKind::OverLimit, source.line_of(text), &message);
        }
        extract_document(text, source, records);
    }
    if !found {
        records.problem(ProblemKind::Unparsable, None, "the file holds nothing");
    }
}

fn extract_document(text: &str, source: &Source<'_>, records: &mut Records) {
    let (document, error) = document::read(text);
    let version = document.version.as_deref();
    let line = version.and_then(|version| source.line_of(version));
    match version {
        Some(version) if !MAJORS.contains(&major(version)) => {
            let message = format!("lockfileVersion {version} is not among those known, 5 to 9; not read");
            return records.problem(ProblemKind::Unsupported, line, &message);
        }
        None if error.is_none() => {
            let message = "there is no lockfileVersion; not read";
            return records.problem(ProblemKind::Unsupported, source.line_of(text), message);
        }
        Some(_) | None => {}
    }
    emit::emit(&document, error.is_none(), source, records);
    if let Some(error) = error {
        let first = source.line_of(text).unwrap_or(1);
        let line = error.line.map(|line| line.saturating_add(first).saturating_sub(1));
        let message = format!("{}; what stands before is reported", error.message);
        records.problem(ProblemKind::Unparsable, line, &message);
    }
}

/// The parts of a YAML stream. Where `---` begins a line there is always a new document.
fn documents(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let body = text.strip_prefix("---").unwrap_or(text);
        let end = body.match_indices("\n---").map(|(at, _)| at + 1).find(|at| is_separator(body, *at));
        let (document, after) = match end {
            Some(at) => (body.get(..at)?, body.get(at..)),
            None => (body, None),
        };
        rest = after;
        Some(document)
    })
}

fn is_separator(text: &str, at: usize) -> bool {
    text.get(at + 3..).is_some_and(|after| after.is_empty() || after.starts_with([' ', '\t', '\r', '\n']))
}

fn is_blank(text: &str) -> bool {
    text.lines().all(|line| line.trim_start().is_empty() || line.trim_start().starts_with('#'))
}

fn major(version: &str) -> &str {
    version.split_once(['.', '-']).map_or(version, |(major, _)| major)
}

#[cfg(test)]
mod tests {
    use super::documents;

    #[test]
    fn documents_are_split_at_their_marks() {
        let split = |text| documents(text).map(str::trim).collect::<Vec<_>>();
        assert_eq!(split("a: 1\n"), ["a: 1"]);
        assert_eq!(split("---\na: 1\n---\nb: 2\n"), ["a: 1", "b: 2"]);
        assert_eq!(split("a: 1\n--- # two\nb: ----\n"), ["a: 1", "# two\nb: ----"]);
        assert_eq!(split("a: |\n  x\n----\n"), ["a: |\n  x\n----"]);
    }
}
