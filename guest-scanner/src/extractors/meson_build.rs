//! `meson.build` and `*.wrap`, what a project built with Meson takes from elsewhere.
//!
//! Format: Meson's reference manual (`dependency`), and its documentation of wraps. A build file names
//! what the system or a wrap has to provide, with ranges of versions; a wrap in `subprojects` says
//! where the sources of one project come from. Nothing is executed.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::path;
use crate::purl::{self, Ecosystem};
use crate::python::tokens::{Kind, Token, tokens};
use crate::records::Records;
use crate::source::Source;
use crate::vcs;

/// The extractor of `meson.build`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "meson-build",
    ecosystem: "C and C++",
    files: &[Pattern::Name("meson.build"), Pattern::In("subprojects", ".wrap")],
    companions: &[],
    extract,
};

fn extract(source: &Source<'_>, records: &mut Records) {
    let file = path::name(source.path());
    match file.strip_suffix(".wrap") {
        Some(name) => wrap(name, source, records),
        None => build(source, records),
    }
}

fn build(source: &Source<'_>, records: &mut Records) {
    let (tokens, open) = tokens(source.text());
    if let Some(offset) = open {
        let message = "a string is not closed; what stands around it may be missing";
        records.problem(ProblemKind::Unparsable, Some(source.line_at(offset)), message);
    }
    let mut rest = tokens.as_slice();
    let mut before = None;
    while let [token, after @ ..] = rest {
        rest = after;
        // `meson.override_dependency` and `x.dependency` are something else.
        if token.kind == Kind::Name("dependency")
            && before != Some(&Kind::Sign('.'))
            && let [bracket, Token { kind: Kind::Text { content: name, .. }, offset }, arguments @ ..] = after
            && bracket.kind == Kind::Sign('(')
        {
            let call = Call::of(arguments);
            if !name.is_empty() {
                records.package(Package { line: Some(source.line_at(*offset)), ..call.package(name) });
            }
        }
        before = Some(&token.kind);
    }
}

/// The tokens of one call that are looked at.
const TOKENS_MAX: usize = 200;

/// The arguments that matter.
#[derive(Default)]
struct Call<'a> {
    versions: Vec<&'a str>,
    is_optional: bool,
    is_native: bool,
}

impl<'a> Call<'a> {
    /// Reads up to the bracket that closes the call. Those that do not end must not cost the whole file.
    fn of(arguments: &'a [Token<'a>]) -> Self {
        let mut call = Self::default();
        let mut depth = 1_usize;
        let mut keyword = "";
        let mut rest = arguments.get(..TOKENS_MAX).unwrap_or(arguments);
        while let [token, after @ ..] = rest {
            match (&token.kind, after) {
                (Kind::Sign('(' | '[' | '{'), _) => depth += 1,
                (Kind::Sign(')' | ']' | '}'), _) => depth -= 1,
                (Kind::Sign(','), _) if depth == 1 => keyword = "",
                (Kind::Name(word), [Token { kind: Kind::Sign(':'), .. }, ..]) if depth == 1 => keyword = word,
                (Kind::Name("false"), _) if keyword == "required" => call.is_optional = true,
                // An option of the project decides.
                (Kind::Name("get_option"), _) if keyword == "required" => call.is_optional = true,
                (Kind::Name("true"), _) if keyword == "native" => call.is_native = true,
                (Kind::Text { content: version, .. }, _) if keyword == "version" && is_requirement(version) => {
                    call.versions.push(version)
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
            rest = after;
        }
        call
    }

    fn package(&self, name: &str) -> Package {
        let exact = match self.versions.as_slice() {
            [one] => one.trim().strip_prefix('=').map(|version| version.trim_start_matches('=').trim()),
            _ => None,
        };
        let exact = exact.filter(|version| version.starts_with(|letter: char| letter.is_ascii_digit()));
        let requirement = (exact.is_none() && !self.versions.is_empty()).then(|| self.versions.join(", "));
        let scope = match self {
            Self { is_native: true, .. } => Scope::Build,
            Self { is_optional: true, .. } => Scope::Optional,
            _ => Scope::Runtime,
        };
        Package { requirement, scope, relation: Relation::Direct, ..purl::package(Ecosystem::Generic, name, exact) }
    }
}

/// The fields of a wrap: its kind is the first section.
#[derive(Default)]
struct Wrap<'a> {
    kind: &'a str,
    directory: &'a str,
    url: &'a str,
    revision: &'a str,
    source_url: &'a str,
    source_hash: &'a str,
    wrapdb_version: &'a str,
    line: u32,
}

fn wrap(name: &str, source: &Source<'_>, records: &mut Records) {
    let Some(wrap) = read(source, records) else {
        return records.problem(ProblemKind::Unparsable, Some(1), "has no section that says what kind of wrap it is");
    };
    let package = match wrap.kind {
        // Of what is taken from a repository nothing else says the version.
        "wrap-git" if !wrap.url.is_empty() => vcs::package(name, wrap.url, Some(wrap.revision)),
        "wrap-hg" | "wrap-svn" => {
            let source = Some(wrap.url.to_owned()).filter(|url| !url.is_empty());
            let requirement = Some(wrap.revision.to_owned()).filter(|revision| !revision.is_empty());
            Package { source, requirement, ..purl::package(Ecosystem::Generic, name, None) }
        }
        "wrap-file" => file(name, &wrap),
        // It leads to another wrap of the repository, which is read itself.
        "wrap-redirect" => return,
        kind => {
            let message = format!("a wrap of the kind {kind} is not known, or says no url");
            return records.problem(ProblemKind::BadEntry, Some(wrap.line), &message);
        }
    };
    records.package(Package { line: Some(wrap.line), relation: Relation::Direct, ..package });
}

fn read<'a>(source: &Source<'a>, records: &mut Records) -> Option<Wrap<'a>> {
    let mut wrap: Option<Wrap<'a>> = None;
    let mut is_open = false;
    for (text, line) in source.text().lines().zip(1..) {
        let text = text.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_open = wrap.is_none() && section.starts_with("wrap-");
            if is_open {
                wrap = Some(Wrap { kind: section, line, ..Wrap::default() });
            }
            continue;
        }
        let Some((key, value)) = text.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
            records.problem(ProblemKind::BadEntry, Some(line), "the line is neither a section nor a field");
            continue;
        };
        let Some(wrap) = wrap.as_mut().filter(|_| is_open) else { continue };
        match key {
            "directory" => wrap.directory = value,
            "url" => wrap.url = value,
            "revision" => wrap.revision = value,
            "source_url" => wrap.source_url = value,
            "source_hash" => wrap.source_hash = value,
            "wrapdb_version" => wrap.wrapdb_version = value,
            _ => {}
        }
    }
    wrap
}

fn file(name: &str, wrap: &Wrap<'_>) -> Package {
    // The folder inside the archive is called after both, the database's version has its own revision.
    let in_directory = wrap.directory.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
    let in_directory = in_directory.and_then(|_| wrap.directory.get(name.len()..)?.strip_prefix(['-', '_']));
    let in_database = wrap.wrapdb_version.rsplit_once('-').map(|(version, _)| version);
    let begins = |version: &&str| version.trim_start_matches('v').starts_with(|letter: char| letter.is_ascii_digit());
    let version = in_database.filter(begins).or_else(|| in_directory.filter(begins));
    let checksum = (!wrap.source_hash.is_empty()).then(|| format!("sha256:{}", wrap.source_hash.to_ascii_lowercase()));
    let place = Some(wrap.source_url).filter(|url| !url.is_empty());
    Package {
        checksums: checksum.into_iter().collect(),
        source: place.map(str::to_owned),
        ..purl::package(Ecosystem::Generic, name, version)
    }
}

fn is_requirement(text: &str) -> bool {
    text.trim().starts_with(|letter: char| "<>=!".contains(letter) || letter.is_ascii_digit())
}
