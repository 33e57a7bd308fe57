//! `.tool-versions`, the versions of tools and language runtimes for asdf and mise.
//!
//! Format: the asdf documentation, page `Configuration`. A line has a tool and its versions, of which
//! the first that is installed is used; `#` begins a comment.

use fumehood_contract::{Package, ProblemKind, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of `.tool-versions`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "tool-versions",
    ecosystem: "Runtimes",
    files: &[Pattern::Name(".tool-versions")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    for line in source.text().lines() {
        let content = line.split_once('#').map_or(line, |(content, _)| content);
        let mut words = content.split_whitespace();
        let Some(tool) = words.next() else { continue };
        let place = source.line_of(tool);
        let mut versions = words.peekable();
        if versions.peek().is_none() {
            records.problem(ProblemKind::BadEntry, place, &format!("{tool} has no version"));
        }
        for version in versions {
            if let Some(package) = Wanted::of(version).and_then(|wanted| wanted.package(tool)) {
                records.package(Package { line: place, ..package });
            }
        }
    }
}

/// What stands where a version may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted<'a> {
    /// A version, a commit, or a tag.
    Exact(&'a str),
    /// One of several: `latest:3`.
    OneOf(&'a str),
    /// A folder where it is installed.
    At(&'a str),
}

impl<'a> Wanted<'a> {
    /// asdf's way: what is not one of its words, and has a number, is a version. `None` for what is installed already,
    /// whatever that is.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (word, rest) = text.split_once([':', '/']).unwrap_or((text, ""));
        match word {
            "system" => None,
            "path" => Some(Self::At(rest)),
            "latest" | "lts" | "prefix" => Some(Self::OneOf(text)),
            word if word.starts_with("sub-") => Some(Self::OneOf(text)),
            "ref" => Some(Self::Exact(text)),
            // `stable` is no version, and what it means changes.
            _ if !text.contains(|letter: char| letter.is_ascii_digit()) => Some(Self::OneOf(text)),
            _ => Some(Self::Exact(text)),
        }
    }

    /// The tool's package; `None` if it has no name.
    pub(super) fn package(self, tool: &str) -> Option<Package> {
        let package = match self {
            Self::Exact(version) => purl::package(Ecosystem::Asdf, tool, Some(version)),
            Self::OneOf(range) => {
                Package { requirement: Some(range.to_owned()), ..purl::package(Ecosystem::Asdf, tool, None) }
            }
            Self::At(path) => Package { source: Some(path.to_owned()), ..purl::package(Ecosystem::Asdf, tool, None) },
        };
        (!package.purl.is_empty()).then_some(Package { relation: Relation::Direct, ..package })
    }
}
