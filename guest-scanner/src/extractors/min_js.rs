//! `*.min.js`: libraries of JavaScript that were copied into the repository.
//!
//! There is no format. By custom the file is called as the library is, with or without its version, and
//! begins with a comment that says both: `/*! jQuery v3.7.1 | (c) … */`. A file is reported if its own
//! name, or a comment at its beginning that begins with that name, says the version; it is taken for the
//! package of npm of that name.

use fumehood_contract::{Package, Relation};

use crate::extractor::{Extractor, Pattern};
use crate::path;
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;

/// The extractor of minified libraries.
pub const EXTRACTOR: Extractor = Extractor {
    id: "min-js",
    ecosystem: "JavaScript",
    files: &[Pattern::Raw(&Pattern::Affixes("", ".min.js"))],
    companions: &[],
    extract,
};

/// How much of a file is looked at, and how many lines of it.
const HEAD_BYTES_MAX: u64 = 4 * 1024;
const LINES_MAX: usize = 12;

/// What builds of a library are called beside its name.
const BUILDS: [&str; 9] = ["slim", "core", "bundle", "umd", "iife", "esm", "global", "prod", "production"];

/// What may stand between the name and the version.
const BETWEEN: [&str; 6] = ["javascript", "library", "js", "core", "version", "release"];

fn extract(source: &Source<'_>, records: &mut Records) {
    let file = path::name(source.path());
    let (name, version) = from_file(file.strip_suffix(".min.js").unwrap_or(file));
    let bytes = source.tree().head(source.path(), HEAD_BYTES_MAX).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let told = from_comment(&text, name);
    let line = told.map(|(_, line)| line);
    let Some(version) = told.map(|(version, _)| version).or(version).filter(|_| !name.is_empty()) else {
        return records.not_of_format();
    };
    let package = purl::package(Ecosystem::Npm, &name.to_ascii_lowercase(), Some(version));
    records.package(Package { line, relation: Relation::Direct, ..package });
}

/// `name`, `name-1.2.3`, `name.slim`.
fn from_file(stem: &str) -> (&str, Option<&str>) {
    let mut name = stem;
    while let Some((rest, build)) = name.rsplit_once(['.', '-'])
        && BUILDS.contains(&build)
    {
        name = rest;
    }
    let parts = name.match_indices(['-', '.', '@']).map(|(at, _)| at);
    let found = parts.filter_map(|at| {
        let (before, after) = name.split_at_checked(at)?;
        Some((before, version_at(after.get(1..)?).filter(|version| version.len() == after.len() - 1)?))
    });
    found.into_iter().next().map_or((name, None), |(name, version)| (name, Some(version)))
}

/// The version behind the library's name where a comment begins, and its line.
fn from_comment<'t>(text: &'t str, name: &str) -> Option<(&'t str, u32)> {
    if !text.trim_start().starts_with("/*") && !text.trim_start().starts_with("//") {
        return None;
    }
    let lines = text.lines().zip(1..).take(LINES_MAX);
    lines.filter_map(|(line, number)| Some((behind_name(line, name)?, number))).next()
}

/// Out of ` * jQuery JavaScript Library v3.7.1`: what may stand between is known.
fn behind_name<'t>(line: &'t str, name: &str) -> Option<&'t str> {
    let content = line.trim_start_matches(|letter: char| "/*! \t".contains(letter));
    let content = content.strip_prefix("@license").unwrap_or(content).trim_start();
    let mut rest = content.get(plain_length(content, name)?..)?;
    rest = rest.strip_prefix(".min").unwrap_or(rest);
    rest = rest.strip_prefix(".js").unwrap_or(rest);
    if rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
        return None;
    }
    let mut words = rest.split([' ', '\t', '@', '-', ',', '|', '(', ':']).filter(|word| !word.is_empty());
    // Another word may make it the name of another library: `jQuery UI`.
    words.find(|word| !BETWEEN.iter().any(|between| word.eq_ignore_ascii_case(between))).and_then(version_at)
}

/// How much of the text spells the name, whatever its case and its signs; `None` if it does not begin so.
fn plain_length(text: &str, name: &str) -> Option<usize> {
    let name = name.strip_suffix(".js").unwrap_or(name);
    let mut wanted = name.chars().filter(|letter| letter.is_alphanumeric()).peekable();
    wanted.peek()?;
    for (at, letter) in text.char_indices() {
        let Some(next) = wanted.peek() else { return Some(at) };
        if letter.is_alphanumeric() {
            if !letter.eq_ignore_ascii_case(next) {
                return None;
            }
            wanted.next();
        } else if !" -_.".contains(letter) {
            return None;
        }
    }
    wanted.peek().is_none().then_some(text.len())
}

/// `v1.2.3`, `1.2`, `1.2.3-beta.1` at the beginning of a text.
fn version_at(text: &str) -> Option<&str> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-.+".contains(letter);
    let version = text.get(..text.find(|letter| !is_part(letter)).unwrap_or(text.len()))?;
    let version = version.trim_end_matches(['.', '-', '+']);
    let mut numbers = version.split(['.', '-', '+']);
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    (is_number(numbers.next()) && is_number(numbers.next())).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::{behind_name, from_file};

    #[test]
    fn files_may_say_their_version() {
        assert_eq!(from_file("jquery-3.7.1"), ("jquery", Some("3.7.1")));
        assert_eq!(from_file("jquery-3.7.1.slim"), ("jquery", Some("3.7.1")));
        assert_eq!(from_file("chart.umd"), ("chart", None));
        assert_eq!(from_file("d3.v7"), ("d3.v7", None));
        assert_eq!(from_file("a-b@1.0.0-beta.2"), ("a-b", Some("1.0.0-beta.2")));
    }

    #[test]
    fn comments_may_say_it_behind_the_name() {
        let cases = [
            ("/*! jQuery v3.7.1 | (c) Someone */", "jquery", Some("3.7.1")),
            (" * Bootstrap v5.3.0 (https://host.example/)", "bootstrap", Some("5.3.0")),
            (" * Moment.js 2.29", "moment", Some("2.29")),
            (" * @license Angular Thing v17.0.1", "angular-thing", Some("17.0.1")),
            ("/* jQuery UI - v1.13.2 */", "jquery", None),
            (" * jQuery JavaScript Library v3.7.1", "jquery", Some("3.7.1")),
            ("/*! jQueryUI v1.13.2 */", "jquery", None),
            ("/*! needs jQuery v3.7.1 */", "jquery", None),
            ("/*! other 1.0.0 */", "", None),
        ];
        for (line, name, version) in cases {
            assert_eq!(behind_name(line, name), version, "{line}");
        }
    }
}
