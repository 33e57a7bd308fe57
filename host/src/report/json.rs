//! The document of the HTTP API, with each repository's report beside it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use fumehood_contract::FileRecord;
use fumehood_contract::master::Ended;
use serde::Serialize;

use super::{RepoReport, SandboxHeld};
use crate::jobs::view::ScanDocument;
use crate::policy::{CategoryCount, CategoryStatus, Counts, Finding, Rollup, Ruling, Status, Verdict};
use crate::source::Skips;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    scan: &'a ScanDocument,
    /// What the policy says of all repositories; none without a policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Rollup>,
    reports: Vec<Report<'a>>,
}

#[derive(Serialize)]
struct Report<'a> {
    repo_name: &'a str,
    /// Whether it says all that the repository holds.
    complete: bool,
    outcome: &'a str,
    /// The commit that was scanned, if it was fetched.
    commit: Option<&'a str>,
    /// Whether an earlier scan of it was used again.
    reused: bool,
    /// The most memory that the worker had in use.
    peak_memory_bytes: Option<u64>,
    /// The layers of the sandbox around the scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    sandbox: Option<SandboxHeld>,
    error: Option<&'a str>,
    /// What is wrong with the report itself.
    defect: Option<&'a str>,
    files_listed: u64,
    files_read: u64,
    dependencies_found: u64,
    skipped: Vec<Skipped<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Judged<'a>>,
    files: &'a [FileRecord],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    api_calls: Vec<CallFound<'a>>,
}

#[derive(Serialize)]
struct Skipped<'a> {
    what: &'a str,
    makes_incomplete: bool,
    #[serde(flatten)]
    entries: &'a Skips,
}

/// What the policy says of one repository.
#[derive(Serialize)]
struct Judged<'a> {
    status: Status,
    counts: Counts,
    /// Those of which something was found.
    categories: Vec<CategoryFound<'a>>,
    findings: &'a [Finding],
    /// Every dependency once, by package URL, with its worst place.
    dependencies: BTreeMap<&'a str, Ruled<'a>>,
}

#[derive(Serialize)]
struct CategoryFound<'a> {
    name: &'a str,
    status: CategoryStatus,
    #[serde(flatten)]
    found: CategoryCount,
}

#[derive(Serialize)]
struct CallFound<'a> {
    method: Option<&'a str>,
    url: &'a str,
    host: Option<&'a str>,
    library: Option<&'a str>,
    kind: &'a str,
    authentication: Option<&'a str>,
    file: &'a str,
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Ruled<'a>>,
}

#[derive(Serialize)]
struct Ruled<'a> {
    status: Status,
    categories: Vec<&'a str>,
}

/// Writes the document, indented.
pub fn write(mut out: &mut dyn Write, scan: &ScanDocument, reports: &[RepoReport]) -> io::Result<()> {
    let document = Document { scan, policy: Rollup::of(reports), reports: reports.iter().map(report).collect() };
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")?;
    out.flush()
}

fn report(report: &RepoReport) -> Report<'_> {
    let Ended { complete, outcome, commit, reused, peak_memory_bytes, error, .. } = &report.ended;
    let skipped = report.listing.iter().flat_map(|listing| listing.skips());
    Report {
        repo_name: &report.name,
        complete: *complete,
        outcome,
        commit: commit.as_deref(),
        reused: *reused,
        peak_memory_bytes: *peak_memory_bytes,
        sandbox: report.sandbox(),
        error: error.as_deref(),
        defect: report.defect.as_deref(),
        files_listed: report.listing.as_ref().map_or(0, |listing| listing.files),
        files_read: report.files.len() as u64,
        dependencies_found: report.package_count(),
        skipped: skipped
            .filter(|(_, entries, _)| entries.count > 0)
            .map(|(what, entries, makes_incomplete)| Skipped { what, makes_incomplete, entries })
            .collect(),
        policy: report.verdict.as_ref().map(|verdict| judged(report, verdict)),
        files: &report.files,
        api_calls: calls(report),
    }
}

fn calls(report: &RepoReport) -> Vec<CallFound<'_>> {
    let found = report.judged_calls().map(|(call, ruling)| CallFound {
        method: call.method.as_deref(),
        url: &call.url,
        host: call.host.as_deref(),
        library: call.library.as_deref(),
        kind: &call.kind,
        authentication: call.authentication.as_deref(),
        file: &call.file,
        line: call.line,
        policy: ruling.zip(report.verdict.as_ref()).map(|(ruling, verdict)| ruled(ruling, verdict)),
    });
    found.collect()
}

fn ruled<'a>(ruling: &Ruling, verdict: &'a Verdict) -> Ruled<'a> {
    Ruled { status: ruling.status, categories: verdict.names(ruling).collect() }
}

fn judged<'a>(report: &'a RepoReport, verdict: &'a Verdict) -> Judged<'a> {
    let mut dependencies: BTreeMap<&str, Ruled<'_>> = BTreeMap::new();
    for (_, package, ruling) in report.judged_packages() {
        let Some(ruling) = ruling else { continue };
        if dependencies.get(package.purl.as_str()).is_none_or(|known| known.status < ruling.status) {
            dependencies.insert(&package.purl, ruled(ruling, verdict));
        }
    }
    let found = verdict.categories.iter().zip(&verdict.found);
    let found = found.filter(|(_, found)| **found != CategoryCount::default());
    Judged {
        status: verdict.status,
        counts: verdict.counts,
        categories: found
            .map(|(info, found)| CategoryFound { name: &info.name, status: info.status, found: *found })
            .collect(),
        findings: &verdict.findings,
        dependencies,
    }
}
