//! `paket.dependencies`, the manifest of Paket.
//!
//! Format: Paket's documentation of `paket.dependencies`. One dependency a line, in groups; the first
//! group has the name `Main`. A bare version is that version, other requirements have operators.
//! Silent where `paket.lock` lies beside it.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::dotnet::{self, Wanted};
use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::vcs;

/// The extractor of `paket.dependencies`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "paket-dependencies",
    ecosystem: ".NET",
    files: &[Pattern::Name(FILE_NAME)],
    companions: &["paket.lock"],
    extract,
};

/// The file's name.
pub(super) const FILE_NAME: &str = "paket.dependencies";

/// The group of what stands before all groups.
pub(super) const MAIN: &str = "main";

/// A line that is understood.
pub(super) enum Line<'a> {
    Group(&'a str),
    Nuget {
        name: &'a str,
        rest: &'a str,
    },
    /// `github`, `gist`, `git` or `http`, and what comes behind.
    Source(&'a str, &'a str),
    /// A setting, or nothing.
    Other,
    Unknown,
}

impl<'a> Line<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') || text.starts_with("//") {
            return Self::Other;
        }
        let (word, rest) = text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim()));
        match word.to_ascii_lowercase().as_str() {
            "group" => Self::Group(rest),
            "nuget" | "clitool" => {
                let (name, rest) =
                    rest.split_once(char::is_whitespace).map_or((rest, ""), |(name, rest)| (name, rest.trim()));
                Self::Nuget { name, rest }
            }
            "github" => Self::Source("github", rest),
            "gist" => Self::Source("gist", rest),
            "git" => Self::Source("git", rest),
            "http" => Self::Source("http", rest),
            "source" | "cache" | "version" | "external_lock" | "references" => Self::Other,
            _ if word.ends_with(':') || rest.starts_with(':') => Self::Other,
            _ => Self::Unknown,
        }
    }
}

/// What a group is for, as far as its name says it.
pub(super) fn scope(group: &str) -> Scope {
    match group.to_ascii_lowercase().as_str() {
        "test" | "tests" | "testing" => Scope::Test,
        "build" => Scope::Build,
        "dev" | "development" => Scope::Dev,
        _ => Scope::Runtime,
    }
}

fn extract(source: &Source<'_>, records: &mut Records) {
    if source.has_sibling("paket.lock") {
        return;
    }
    let mut group = MAIN;
    for (text, line) in source.text().lines().zip(1..) {
        let package = match Line::of(text) {
            Line::Group(name) => {
                group = name;
                continue;
            }
            Line::Nuget { name, rest } => nuget(name, rest),
            Line::Source(kind, rest) => from_elsewhere(kind, rest),
            Line::Other => continue,
            Line::Unknown => {
                let message =
                    format!("the line begins with no word that is known: {}", fumehood_contract::status::cut(text, 80));
                records.problem(ProblemKind::BadEntry, Some(line), &message);
                continue;
            }
        };
        let scope = scope(group);
        records.package(Package { line: Some(line), relation: Relation::Direct, scope, ..package });
    }
}

fn nuget(name: &str, rest: &str) -> Package {
    let is_part = |word: &&str| word.starts_with(|letter: char| "<>=~!@*".contains(letter) || letter.is_ascii_digit());
    let parts: Vec<&str> = rest.split_whitespace().take_while(is_part).collect();
    // `==` may stand apart; `@` and `!` before an operator say how to choose.
    let text = parts.join(" ");
    let exact = text.strip_prefix("==").or_else(|| text.strip_prefix('=')).unwrap_or(&text).trim();
    match Wanted::of(exact) {
        Wanted::Exact(version) => dotnet::package(name, &Wanted::Exact(version)),
        Wanted::Range(_) => dotnet::package(name, &Wanted::Range(&text)),
        Wanted::Any => dotnet::package(name, &Wanted::Any),
    }
}

fn from_elsewhere(kind: &str, rest: &str) -> Package {
    let mut words = rest.split_whitespace();
    let first = words.next().unwrap_or_default();
    match kind {
        "github" => {
            let (repository, revision) =
                first.split_once(':').map_or((first, None), |(first, last)| (first, Some(last)));
            vcs::package(repository, &format!("https://github.com/{repository}"), revision)
        }
        "git" => {
            let name = first.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
            let requirement: Vec<&str> = words.take_while(|word| !word.ends_with(':')).collect();
            vcs::package(name.strip_suffix(".git").unwrap_or(name), first, Some(requirement.join(" ").as_str()))
        }
        _ => {
            // A gist, or a file somewhere; the name behind it says what it is called here.
            let name =
                words.next().unwrap_or_else(|| first.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
            Package { source: Some(first.to_owned()), ..purl::package(Ecosystem::Generic, name, None) }
        }
    }
}
