//! Reads a report, which somebody else may have written, as far as a difference needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use fumehood_contract::limits::FIELD_BYTES_MAX;
use fumehood_contract::status::cut;
use serde::Deserialize;

use crate::policy::{Status, without_version};
use crate::text;

/// A report; one of a million packages has about half of this.
const REPORT_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// What a difference needs of a report.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) repositories: BTreeMap<String, Repository>,
    /// Whether a policy judged it.
    pub(super) judged: bool,
}

/// What a difference needs of a repository.
#[derive(Debug, Default)]
pub(super) struct Repository {
    pub(super) complete: bool,
    /// By package URL without version.
    pub(super) packages: BTreeMap<String, Versions>,
    pub(super) restricted: BTreeMap<Restricted, Place>,
    /// The hosts that it talks to.
    pub(super) hosts: BTreeSet<String>,
}

/// A package in all its versions.
#[derive(Debug, Default)]
pub(super) struct Versions {
    pub(super) name: String,
    pub(super) versions: BTreeSet<String>,
}

/// Something restricted, whatever its version and its line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Restricted {
    pub(super) category: String,
    /// A package URL without version, or a method and a URL.
    pub(super) what: String,
}

/// Where it stands first.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) version: Option<String>,
    pub(super) file: String,
    pub(super) line: Option<u32>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoReport {
    #[error("cannot read the report {}: {source}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("the report {} has more than {REPORT_BYTES_MAX} bytes, which is the limit", path.display())]
    TooLarge { path: PathBuf },
    #[error("{} is no report ({why}); write one with: fumehood scan SOURCE --format json", path.display())]
    Other { path: PathBuf, why: String },
}

#[derive(Deserialize)]
struct Document {
    reports: Vec<ReportIn>,
}

#[derive(Deserialize)]
struct ReportIn {
    repo_name: String,
    complete: bool,
    #[serde(default)]
    files: Vec<FileIn>,
    policy: Option<PolicyIn>,
    #[serde(default)]
    api_calls: Vec<CallIn>,
}

#[derive(Deserialize)]
struct CallIn {
    host: Option<String>,
}

#[derive(Deserialize)]
struct FileIn {
    #[serde(default)]
    packages: Vec<PackageIn>,
}

#[derive(Deserialize)]
struct PackageIn {
    name: String,
    purl: String,
    version: Option<String>,
    requirement: Option<String>,
    relation: Option<Relation>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Relation {
    Project,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct PolicyIn {
    #[serde(default)]
    findings: Vec<FindingIn>,
}

#[derive(Deserialize)]
struct FindingIn {
    category: String,
    status: Status,
    name: Option<String>,
    version: Option<String>,
    purl: Option<String>,
    method: Option<String>,
    url: Option<String>,
    file: String,
    line: Option<u32>,
}

/// Reads the report in a file.
pub(super) fn report(path: &Path) -> Result<Report, NoReport> {
    let unreadable = |source| NoReport::Unreadable { path: path.to_owned(), source };
    let file = open(path).map_err(unreadable)?;
    parse(file).map_err(|bad| match bad {
        Bad::TooLarge => NoReport::TooLarge { path: path.to_owned() },
        Bad::Read(source) => unreadable(source),
        Bad::Other(why) => NoReport::Other { path: path.to_owned(), why },
    })
}

/// What is wrong with a report, wherever it comes from.
#[derive(Debug)]
pub(super) enum Bad {
    TooLarge,
    Read(io::Error),
    Other(String),
}

/// Reads a report from anywhere.
pub(super) fn parse(input: impl Read) -> Result<Report, Bad> {
    let mut bounded = BufReader::with_capacity(256 * 1024, input.take(REPORT_BYTES_MAX));
    let document: Result<Document, _> = serde_json::from_reader(&mut bounded);
    match document {
        Ok(document) => Ok(report_of(document)),
        Err(_) if bounded.get_ref().limit() == 0 => Err(Bad::TooLarge),
        Err(error) if error.is_io() => Err(Bad::Read(error.into())),
        Err(error) => Err(Bad::Other(fit(error.to_string()))),
    }
}

#[expect(clippy::disallowed_methods, reason = "a file that the user names")]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn report_of(document: Document) -> Report {
    let mut report = Report::default();
    for found in document.reports {
        report.judged |= found.policy.is_some();
        let repository = report
            .repositories
            .entry(fit(found.repo_name))
            .or_insert_with(|| Repository { complete: true, ..Repository::default() });
        repository.complete &= found.complete;
        found.files.into_iter().flat_map(|file| file.packages).for_each(|package| repository.package(package));
        repository.hosts.extend(found.api_calls.into_iter().filter_map(|call| call.host.map(fit)));
        found.policy.into_iter().flat_map(|policy| policy.findings).for_each(|finding| repository.finding(finding));
    }
    report
}

impl Repository {
    fn package(&mut self, package: PackageIn) {
        if package.relation == Some(Relation::Project) {
            return;
        }
        let known = self.packages.entry(identity(&package.purl)).or_default();
        if known.name.is_empty() {
            known.name = fit(package.name);
        }
        known.versions.insert(fit(package.version.or(package.requirement).unwrap_or_default()));
    }

    fn finding(&mut self, finding: FindingIn) {
        if finding.status != Status::Restricted {
            return;
        }
        let call = || format!("{} {}", finding.method.as_deref().unwrap_or("?"), finding.url.as_deref().unwrap_or("?"));
        let what = finding.purl.as_deref().map_or_else(call, identity);
        let key = Restricted { category: fit(finding.category), what: fit(what) };
        let name = finding.name.map_or_else(|| key.what.clone(), fit);
        let place = Place { name, version: finding.version.map(fit), file: fit(finding.file), line: finding.line };
        self.restricted.entry(key).or_insert(place);
    }
}

/// A package URL without version, qualifiers and subpath.
fn identity(purl: &str) -> String {
    fit(without_version(purl.split(['?', '#']).next().unwrap_or_default()).to_owned())
}

/// Short enough, and without what could steer a terminal.
fn fit(mut text: String) -> String {
    let length = cut(&text, FIELD_BYTES_MAX).len();
    text.truncate(length);
    text::clean_in_place(&mut text);
    text
}
