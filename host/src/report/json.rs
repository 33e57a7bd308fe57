//! The document of the HTTP API, with each repository's report beside it.

use std::io::{self, Write};

use fumehood_contract::FileRecord;
use fumehood_contract::master::Ended;
use serde::Serialize;

use super::RepoReport;
use crate::jobs::view::ScanDocument;
use crate::source::Skips;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    scan: &'a ScanDocument,
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
    error: Option<&'a str>,
    /// What is wrong with the report itself.
    defect: Option<&'a str>,
    files_listed: u64,
    files_read: u64,
    dependencies_found: u64,
    skipped: Vec<Skipped<'a>>,
    files: &'a [FileRecord],
}

#[derive(Serialize)]
struct Skipped<'a> {
    what: &'a str,
    makes_incomplete: bool,
    #[serde(flatten)]
    entries: &'a Skips,
}

/// Writes the document, indented.
pub fn write(mut out: &mut dyn Write, scan: &ScanDocument, reports: &[RepoReport]) -> io::Result<()> {
    let document = Document { scan, reports: reports.iter().map(report).collect() };
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
        error: error.as_deref(),
        defect: report.defect.as_deref(),
        files_listed: report.listing.as_ref().map_or(0, |listing| listing.files),
        files_read: report.files.len() as u64,
        dependencies_found: report.package_count(),
        skipped: skipped
            .filter(|(_, entries, _)| entries.count > 0)
            .map(|(what, entries, makes_incomplete)| Skipped { what, makes_incomplete, entries })
            .collect(),
        files: &report.files,
    }
}
