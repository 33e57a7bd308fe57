//! The second stage: files are looked at for outbound calls, one after the other.

use fumehood_contract::limits::CALLS_PER_REPOSITORY_MAX;
use fumehood_contract::{Problem, ProblemKind};

use crate::calls::place::Places;
use crate::calls::{Analyzer, Language, SOURCE_BYTES_MAX};
use crate::report_file::ReportFile;
use crate::scan::ScanError;
use crate::status_file::StatusFile;
use crate::tree::{ReadError, Tree, decode};

/// What stands as extractor where a file could not be looked at.
const STAGE: &str = "api-calls";

/// Looks at those of `paths` that could hold calls.
pub(crate) fn analyze(
    paths: &[String],
    places: &Places,
    tree: &Tree,
    report: &mut ReportFile,
    status: &mut StatusFile,
) -> Result<(), ScanError> {
    let files: Vec<_> = paths.iter().filter(|path| places.wants(path)).collect();
    if files.is_empty() {
        return Ok(());
    }
    status.begin_analyzing(files.len() as u64).map_err(ScanError::Status)?;
    let analyzer = Analyzer::new();
    let mut room = CALLS_PER_REPOSITORY_MAX;
    for (path, read) in files.into_iter().zip(1..) {
        if let Some(problem) = look_at(path, tree, &analyzer, &mut room, report)? {
            report.file(path, STAGE, Vec::new(), vec![problem], 1).map_err(ScanError::Report)?;
        }
        status.analyzed(read, path, report.totals().calls).map_err(ScanError::Status)?;
        if room == 0 {
            break;
        }
    }
    Ok(())
}

/// Looks at one file. What is no text is no source.
fn look_at(
    path: &str,
    tree: &Tree,
    analyzer: &Analyzer,
    room: &mut usize,
    report: &mut ReportFile,
) -> Result<Option<Problem>, ScanError> {
    let read = tree.bytes_within(path, SOURCE_BYTES_MAX);
    if read.as_ref().is_ok_and(|bytes| !analyzer.may_hold(path, bytes)) {
        return Ok(None);
    }
    let text = match read.and_then(decode) {
        Ok(text) => text,
        Err(ReadError::TooLarge) if Language::of(path).is_some() => {
            let message = format!("larger than {SOURCE_BYTES_MAX} bytes: not looked at for API calls");
            return Ok(Some(Problem { kind: ProblemKind::OverLimit, line: None, message }));
        }
        Err(ReadError::Io(error)) => {
            let message = format!("cannot be looked at for API calls: {error}");
            return Ok(Some(Problem { kind: ProblemKind::Unreadable, line: None, message }));
        }
        Err(ReadError::TooLarge | ReadError::NotText { .. } | ReadError::NotFound) => return Ok(None),
    };
    let Some(found) = analyzer.calls(path, &text) else { return Ok(None) };
    let mut calls = found.calls;
    let is_too_much = calls.len() >= *room;
    calls.truncate(*room);
    *room -= calls.len();
    report.calls(path, found.language, calls).map_err(ScanError::Report)?;
    Ok(is_too_much.then(|| {
        let message = format!("{CALLS_PER_REPOSITORY_MAX} API calls were found up to here; the rest is not looked at");
        Problem { kind: ProblemKind::OverLimit, line: None, message }
    }))
}
