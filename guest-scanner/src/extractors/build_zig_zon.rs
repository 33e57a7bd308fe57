//! `build.zig.zon`: the packages that a Zig project fetches.
//!
//! Format: `doc/build.zig.zon.md` in Zig's source. There is no package type for Zig: what comes from
//! GitHub is named as a repository there, everything else generically with its URL. Since Zig 0.14 a
//! hash begins with the name and version of what it stands for.

use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::python::url::without_credentials;
use crate::records::Records;
use crate::source::Source;
use crate::tokens::{Syntax, Token, Tokens};

/// The extractor of `build.zig.zon`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "build-zig-zon",
    ecosystem: "Zig",
    files: &[Pattern::Name("build.zig.zon")],
    companions: &[],
    extract,
};

const ZON: Syntax = Syntax { line_comments: &["//"], block_comments: &[], quotes: &["\""], in_words: "" };

/// The size and digest at the end of a hash, in Base64.
const HASH_TAIL: usize = 44;

fn extract(source: &Source<'_>, records: &mut Records) {
    let tokens = Tokens::read(source.text(), &ZON);
    for (name, body) in entries(&tokens, 0..tokens.list.len(), "dependencies") {
        let line = tokens.line(name, source);
        let name = tokens.get(name).and_then(Token::name).unwrap_or_default();
        if body.end >= tokens.list.len() {
            records.problem(ProblemKind::BadEntry, line, &format!("the dependency {name} never ends"));
            continue;
        }
        let value = |field| field_value(&tokens, body.clone(), field);
        let text = |field| value(field).and_then(Token::text);
        let Some(url) = text("url") else {
            // What lies in the repository itself is no dependency.
            if text("path").is_none() {
                records.problem(
                    ProblemKind::BadEntry,
                    line,
                    &format!("the dependency {name} has neither url nor path"),
                );
            }
            continue;
        };
        let is_lazy = value("lazy").and_then(Token::word) == Some("true");
        records.package(Package {
            line,
            relation: Relation::Direct,
            scope: if is_lazy { Scope::Optional } else { Scope::Runtime },
            source: Some(without_credentials(url)),
            checksums: text("hash").map(checksum).into_iter().collect(),
            ..package(name, url, text("hash"))
        });
    }
    tokens.note(source, records);
    if !tokens.list.is_empty() && !tokens.list.iter().any(|(token, _)| token.is('{')) {
        records.problem(ProblemKind::Unparsable, Some(1), "no structure at all");
    }
}

/// The fields of `.section = .{ … }`: where the name of each stands, and what its own braces hold.
fn entries(tokens: &Tokens<'_>, range: std::ops::Range<usize>, section: &str) -> Vec<(usize, std::ops::Range<usize>)> {
    let opens = |at: usize| {
        tokens.get(at + 1).is_some_and(|token| token.is('='))
            && tokens.get(at + 2).is_some_and(|token| token.is('.'))
            && tokens.get(at + 3).is_some_and(|token| token.is('{'))
    };
    let is_section = |at: &usize| tokens.get(*at).and_then(Token::word) == Some(section) && opens(*at);
    let Some(start) = range.clone().find(is_section) else { return Vec::new() };
    let end = tokens.closing(start + 3);
    let mut found = Vec::new();
    let mut at = start + 4;
    while at < end {
        if tokens.get(at).and_then(Token::name).is_some() && opens(at) {
            let body = at + 4..tokens.closing(at + 3);
            found.push((at, body.clone()));
            at = body.end;
        }
        at += 1;
    }
    found
}

fn field_value<'t>(tokens: &'t Tokens<'t>, body: std::ops::Range<usize>, field: &str) -> Option<&'t Token<'t>> {
    let at = body.into_iter().find(|at| {
        tokens.get(*at).and_then(Token::word) == Some(field) && tokens.get(at + 1).is_some_and(|token| token.is('='))
    })?;
    tokens.get(at + 2)
}

fn package(name: &str, url: &str, hash: Option<&str>) -> Package {
    if let Some((repository, reference)) = github(url) {
        return purl::package(Ecosystem::Github, repository, reference);
    }
    let (own, version) = hash.and_then(name_and_version).map_or((name, None), |(own, version)| (own, Some(version)));
    let shown = without_credentials(url);
    let key = if shown.starts_with("git+") { "vcs_url" } else { "download_url" };
    purl::with_qualifiers(Ecosystem::Generic, own, version, &[(key, &shown)])
}

/// Owner and name of the repository, and the tag or commit.
fn github(url: &str) -> Option<(&str, Option<&str>)> {
    let rest = url.strip_prefix("git+").unwrap_or(url).strip_prefix("https://github.com/")?;
    let end = rest.match_indices(['/', '?', '#']).nth(1).map_or(rest.len(), |(at, _)| at);
    let end = rest.find(['?', '#']).map_or(end, |at| at.min(end));
    let (repository, after) = rest.split_at_checked(end)?;
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    repository.split_once('/').filter(|(owner, name)| !owner.is_empty() && !name.is_empty())?;
    if let Some((_, commit)) = after.split_once('#') {
        return Some((repository, Some(commit)));
    }
    if let Some((_, reference)) = after.split_once("?ref=") {
        return Some((repository, Some(reference)));
    }
    let archive = after.strip_prefix("/archive/").map(|archive| archive.strip_prefix("refs/tags/").unwrap_or(archive));
    let release = after.strip_prefix("/releases/download/").and_then(|release| release.split('/').next());
    let stem =
        |file| [".tar.gz", ".tar.xz", ".tar.zst", ".tgz", ".zip"].iter().find_map(|end| str::strip_suffix(file, end));
    Some((repository, archive.and_then(stem).or(release)))
}

/// `name-1.2.3-…`. What has no manifest has no name and version: `N-V-…`.
fn name_and_version(hash: &str) -> Option<(&str, &str)> {
    let (name, version) = hash.get(..hash.len().checked_sub(HASH_TAIL + 1)?)?.split_once('-')?;
    (!name.is_empty() && version.starts_with(|first: char| first.is_ascii_digit())).then_some((name, version))
}

/// Before Zig 0.14 it was a multihash: `1220` stands for SHA-256.
fn checksum(hash: &str) -> String {
    let sha256 = hash.strip_prefix("1220").filter(|hex| hex.len() == 64);
    sha256.map_or_else(|| hash.to_owned(), |hex| format!("sha256:{hex}"))
}

#[cfg(test)]
mod tests {
    use super::{github, name_and_version};

    #[test]
    fn urls_of_github_name_repository_and_reference() {
        for (url, found) in [
            ("https://github.com/a/b/archive/refs/tags/v1.tar.gz", Some(("a/b", Some("v1")))),
            ("https://github.com/a/b/archive/00ff.tar.gz", Some(("a/b", Some("00ff")))),
            ("git+https://github.com/a/b.git?ref=v1#00ff", Some(("a/b", Some("00ff")))),
            ("git+https://github.com/a/b#00ff", Some(("a/b", Some("00ff")))),
            ("https://github.com/a/b/releases/download/v2/c.tar.gz", Some(("a/b", Some("v2")))),
            ("https://files.example/a/b", None),
        ] {
            assert_eq!(github(url), found, "{url}");
        }
    }

    #[test]
    fn hashes_begin_with_name_and_version() {
        let tail = "A".repeat(44);
        assert_eq!(name_and_version(&format!("zap-0.9.1-dev-{tail}")), Some(("zap", "0.9.1-dev")));
        assert_eq!(name_and_version(&format!("N-V-{}", "_".repeat(44))), None);
        assert_eq!(name_and_version("1220ff"), None);
    }
}
