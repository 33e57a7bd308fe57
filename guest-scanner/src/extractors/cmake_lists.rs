//! `CMakeLists.txt` and `*.cmake`, what a project built with CMake takes from elsewhere.
//!
//! Format: CMake's manual (`cmake-language`, `find_package`, `FetchContent`, `ExternalProject`), and
//! CPM.cmake's README. What is found on the system is a requirement, with `EXACT` a version. What is
//! fetched has a version if a tag or commit says which. Nothing is executed: variables have the value
//! that `set` gives them in the same file, if it is one only.

use std::collections::HashMap;

use fumehood_contract::limits::FIELD_BYTES_MAX;
use fumehood_contract::{Package, ProblemKind, Relation, Scope};

use crate::extractor::{Extractor, Pattern};
use crate::purl::{self, Ecosystem};
use crate::records::Records;
use crate::source::Source;
use crate::vcs;

mod commands;

use commands::{Argument, Command};

/// The extractor of `CMakeLists.txt`.
pub const EXTRACTOR: Extractor = Extractor {
    id: "cmake-lists",
    ecosystem: "C and C++",
    files: &[Pattern::Name("CMakeLists.txt"), Pattern::Affixes("", ".cmake")],
    companions: &[],
    extract,
};

/// The bytes that the values of variables may have in one file, each time they are used.
const EXPANSION_BYTES_MAX: usize = 32 * 1024 * 1024;

fn extract(source: &Source<'_>, records: &mut Records) {
    let (commands, open) = commands::read(source.text());
    let mut variables = Variables { values: HashMap::new(), left: EXPANSION_BYTES_MAX };
    for command in &commands {
        let line = source.line_at(command.offset);
        let arguments = |variables: &mut Variables| -> Vec<String> {
            command.arguments.iter().map(|argument| variables.expand(argument)).collect()
        };
        let found = match command.name.to_ascii_lowercase().as_str() {
            "set" => {
                variables.set(command);
                continue;
            }
            "find_package" => find_package(&arguments(&mut variables)),
            "fetchcontent_declare" | "externalproject_add" => fetched(&arguments(&mut variables)),
            "cpmaddpackage" | "cpmfindpackage" | "cpmdeclarepackage" => cpm(&arguments(&mut variables)),
            _ => continue,
        };
        match found {
            Ok(package) => _ = records.package(Package { line: Some(line), relation: Relation::Direct, ..package }),
            Err(Missing::Nothing) => {}
            Err(Missing::Unknown(text)) => {
                let text = fumehood_contract::status::cut(&text, 80);
                let message = format!("{} takes {text}, which cannot be told", command.name);
                records.problem(ProblemKind::Unresolved, Some(line), &message);
            }
        }
    }
    if let Some(offset) = open {
        let message = "a command is not closed; the rest is not read";
        records.problem(ProblemKind::Unparsable, Some(source.line_at(offset)), message);
    }
}

/// Why a command gives no package.
enum Missing {
    /// It takes nothing from elsewhere.
    Nothing,
    /// A variable stands where the name is.
    Unknown(String),
}

struct Variables {
    /// `None` where there are several, or one that cannot be told.
    values: HashMap<String, Option<String>>,
    left: usize,
}

impl Variables {
    fn set(&mut self, command: &Command<'_>) {
        let [Argument { text: name, .. }, rest @ ..] = command.arguments.as_slice() else { return };
        // `CACHE` gives a default, `PARENT_SCOPE` sets it elsewhere.
        let value = match rest {
            [value] => Some(self.expand(value)),
            [value, Argument { text: "CACHE", .. }, ..] => Some(self.expand(value)),
            _ => None,
        };
        let value = value.filter(|value| !value.contains("${") && !value.contains("$ENV{"));
        match self.values.get_mut(*name) {
            Some(known) if *known != value => *known = None,
            Some(_) => {}
            None => _ = self.values.insert((*name).to_owned(), value),
        }
    }

    /// The text with the values of variables in their places; those that are not known stay.
    fn expand(&mut self, argument: &Argument<'_>) -> String {
        let text = argument.text;
        if argument.is_raw || !text.contains("${") {
            return text.to_owned();
        }
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            expanded.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                expanded.push_str("${");
                rest = after;
                break;
            };
            match self.values.get(name) {
                Some(Some(value)) => expanded.push_str(value),
                _ => expanded.extend(["${", name, "}"]),
            }
            rest = after;
            if expanded.len() > FIELD_BYTES_MAX || expanded.len() > self.left {
                return text.to_owned();
            }
        }
        expanded.push_str(rest);
        self.left = self.left.saturating_sub(expanded.len());
        expanded
    }
}

fn known(name: &str) -> Result<&str, Missing> {
    match name {
        "" => Err(Missing::Nothing),
        _ if name.contains("${") || name.contains("$ENV{") => Err(Missing::Unknown(name.to_owned())),
        _ => Ok(name),
    }
}

fn find_package(arguments: &[String]) -> Result<Package, Missing> {
    let [name, rest @ ..] = arguments else { return Err(Missing::Nothing) };
    let name = known(name)?;
    let version =
        rest.first().filter(|text| text.starts_with(|letter: char| letter.is_ascii_digit()) || text.contains("${"));
    let has = |word: &str| rest.iter().any(|text| text == word);
    let exact = version.filter(|version| has("EXACT") && !version.contains("${") && !version.contains("..."));
    let requirement = version.filter(|_| exact.is_none()).cloned();
    let scope = if has("REQUIRED") { Scope::Runtime } else { Scope::Optional };
    Ok(Package { requirement, scope, ..purl::package(Ecosystem::Generic, name, exact.map(String::as_str)) })
}

/// The word behind a keyword.
fn behind<'a>(arguments: &'a [String], keyword: &str) -> Option<&'a str> {
    let mut words = arguments.iter().skip_while(|word| *word != keyword);
    words.next()?;
    words.next().map(String::as_str).filter(|word| !word.is_empty())
}

/// `FetchContent_Declare` and `ExternalProject_Add`.
fn fetched(arguments: &[String]) -> Result<Package, Missing> {
    let [name, rest @ ..] = arguments else { return Err(Missing::Nothing) };
    let name = known(name)?;
    if let Some(url) = behind(rest, "GIT_REPOSITORY") {
        return Ok(vcs::package(name, url, behind(rest, "GIT_TAG")));
    }
    behind(rest, "URL").map(|url| archive(name, url, None, rest)).ok_or(Missing::Nothing)
}

fn archive(name: &str, url: &str, version: Option<&str>, arguments: &[String]) -> Package {
    // `SHA256=…`, and the older way to say MD5.
    let hash = behind(arguments, "URL_HASH").and_then(|hash| hash.split_once('='));
    let hash = hash.or_else(|| Some(("md5", behind(arguments, "URL_MD5")?)));
    let hash = hash.filter(|(_, sum)| !sum.contains('$'));
    let checksum = hash.map(|(kind, sum)| format!("{}:{}", kind.to_ascii_lowercase(), sum.to_ascii_lowercase()));
    let is_plain = !url.contains('$') && url.contains("://");
    let from = Some(("download_url", url)).filter(|_| is_plain);
    let package = purl::with_qualifiers(Ecosystem::Generic, name, version, from.as_slice());
    Package { source: Some(url.to_owned()), checksums: checksum.into_iter().collect(), ..package }
}

/// `CPMAddPackage("gh:owner/name@1.2.3")`, or with keywords.
fn cpm(arguments: &[String]) -> Result<Package, Missing> {
    let [first, rest @ ..] = arguments else { return Err(Missing::Nothing) };
    if rest.is_empty() || first.contains([':', '/']) || first == "URI" {
        return cpm_uri(if first == "URI" { rest.first().ok_or(Missing::Nothing)? } else { first });
    }
    let hosts = [
        ("GITHUB_REPOSITORY", "https://github.com/"),
        ("GITLAB_REPOSITORY", "https://gitlab.com/"),
        ("BITBUCKET_REPOSITORY", "https://bitbucket.org/"),
        ("GIT_REPOSITORY", ""),
    ];
    let url = hosts.iter().find_map(|(keyword, host)| Some(format!("{host}{}", behind(arguments, keyword)?)));
    let version = behind(arguments, "VERSION").filter(|version| !version.contains('$'));
    let last = url.as_deref().and_then(|url| url.rsplit('/').next()).map(|last| last.trim_end_matches(".git"));
    let name = known(behind(arguments, "NAME").or(last).unwrap_or_default())?;
    if let Some(url) = &url {
        let tag =
            behind(arguments, "GIT_TAG").map(str::to_owned).or_else(|| version.map(|version| format!("v{version}")));
        return Ok(vcs::package(name, url, tag.as_deref()));
    }
    if let Some(url) = behind(arguments, "URL") {
        return Ok(archive(name, url, version, arguments));
    }
    // From the system, or from what is declared elsewhere.
    let requirement = behind(arguments, "VERSION").map(str::to_owned);
    Ok(Package { requirement, ..purl::package(Ecosystem::Generic, name, None) })
}

/// The short form: a repository, then `@version`, which means the tag `vVERSION`, or `#tag`.
fn cpm_uri(uri: &str) -> Result<Package, Missing> {
    let uri = known(uri)?;
    let (place, tag) = match (uri.rsplit_once('#'), uri.rsplit_once('@')) {
        (Some((place, tag)), _) => (place.rsplit_once('@').map_or(place, |(place, _)| place), Some(tag.to_owned())),
        (None, Some((place, version))) if !version.contains(['/', ':']) => (place, Some(format!("v{version}"))),
        (None, _) => (uri, None),
    };
    let name = place.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default().trim_end_matches(".git");
    let url = match place.split_once(':') {
        Some(("gh", path)) => format!("https://github.com/{path}"),
        Some(("gl", path)) => format!("https://gitlab.com/{path}"),
        Some(("bb", path)) => format!("https://bitbucket.org/{path}"),
        _ => place.to_owned(),
    };
    let endings = [".zip", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2"];
    match endings.iter().find_map(|ending| name.strip_suffix(ending)) {
        // `name-1.0.zip`
        Some(stem) => {
            let name = stem.rsplit_once('-').filter(|(_, last)| is_number(last)).map_or(stem, |(name, _)| name);
            Ok(archive(name, place, tag.as_deref().and_then(|tag| tag.strip_prefix('v')), &[]))
        }
        None => Ok(vcs::package(name, &url, tag.as_deref())),
    }
}

fn is_number(text: &str) -> bool {
    text.trim_start_matches('v').starts_with(|letter: char| letter.is_ascii_digit())
}
