//! The scan: every selected file is read, understood and reported, one after the other.

use std::path::Path;

use fumehood_contract::report::Footer;
use fumehood_contract::{ProblemKind, RepoState};

use crate::analyze::{Analysis, Sources};
use crate::calls::place::Places;
pub use crate::error::ScanError;
use crate::extractor::Extractor;
use crate::records::Records;
use crate::report_file::ReportFile;
use crate::select::Selector;
use crate::shards::Shards;
use crate::source::Source;
use crate::status_file::StatusFile;
use crate::tree::{ReadError, Tree};

/// Reads those of `paths` that an extractor claims from `tree`, and writes the report into
/// `status_folder`. What is wrong with a file is part of the report, never an error.
/// Where `places` says so, files are looked at for outbound calls as well, together with the other `shards`.
pub fn scan(
    paths: &[String],
    tree: &Tree,
    status_folder: &Path,
    mut status: StatusFile,
    places: Option<&Places>,
    shards: &dyn Shards,
) -> Result<Footer, ScanError> {
    let selector = Selector::new();
    let all = paths.iter().enumerate();
    let files: Vec<_> = all.filter_map(|(position, path)| Some((position, path, selector.extractor(path)?))).collect();
    let mut analysis = places.map(|places| Analysis::new(Sources { paths, places, selector: &selector, tree }));
    status.set_total(files.len() as u64);
    status.enter(RepoState::Scanning, None).map_err(ScanError::Status)?;
    let mut report = ReportFile::create(status_folder).map_err(ScanError::Report)?;
    for ((position, path, extractor), read) in files.into_iter().zip(1..) {
        let records = match &mut analysis {
            Some(analysis) => analysis.beside(position, path, || extract(path, extractor, tree)),
            None => extract(path, extractor, tree),
        };
        if records.are_none() {
            status.progress(read, path, report.totals().packages).map_err(ScanError::Status)?;
            continue;
        }
        let (packages, problems, counted) = records.finish();
        if let Some(first) = problems.first() {
            status.error(&format!("{path}: {}", first.message));
        }
        report.file(path, extractor.id, packages, problems, counted).map_err(ScanError::Report)?;
        status.progress(read, path, report.totals().packages).map_err(ScanError::Status)?;
    }
    if let Some(analysis) = analysis {
        analysis.finish(shards, status_folder, &mut report, &mut status)?;
    }
    let totals = report.finish().map_err(ScanError::Report)?;
    status.enter(RepoState::Completed, None).map_err(ScanError::Status)?;
    Ok(totals)
}

/// Helps the sandbox that scans: looks at some of the files for outbound calls.
pub fn help(
    paths: &[String],
    tree: &Tree,
    status_folder: &Path,
    places: Option<&Places>,
    shards: &dyn Shards,
) -> Result<(), ScanError> {
    let Some(places) = places else { return Ok(()) };
    let selector = Selector::new();
    Analysis::new(Sources { paths, places, selector: &selector, tree }).share(shards, status_folder)
}

/// What `extractor` finds in the file at `path`.
pub fn extract(path: &str, extractor: &Extractor, tree: &Tree) -> Records {
    let mut records = Records::default();
    if extractor.reads_raw() {
        (extractor.extract)(&Source::new(path, "", tree), &mut records);
        return records;
    }
    match tree.text(path) {
        Ok(text) => (extractor.extract)(&Source::new(path, &text, tree), &mut records),
        Err(error) => {
            let kind = match error {
                ReadError::TooLarge => ProblemKind::OverLimit,
                ReadError::NotFound | ReadError::NotText { .. } | ReadError::Io(_) => ProblemKind::Unreadable,
            };
            records.problem(kind, None, &format!("cannot be read: {error}"));
        }
    }
    records
}
