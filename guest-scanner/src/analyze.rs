//! The second stage: files are looked at for outbound calls.
//!
//! One after the other, or by several sandboxes at once, which share them in blocks: then each keeps what it saw, and
//! the first writes all of it in the order of the files, so that the report is the same however many there were.

use std::path::Path;

use fumehood_contract::limits::CALLS_PER_REPOSITORY_MAX;
use fumehood_contract::{Problem, ProblemKind};

use crate::calls::place::Places;
use crate::calls::{Analyzer, Hinted, Language, SOURCE_BYTES_MAX};
use crate::error::ScanError;
use crate::part_file;
use crate::report_file::ReportFile;
use crate::seen::Seen;
use crate::shards::{Shards, share};
use crate::status_file::StatusFile;
use crate::tree::{ReadError, Tree, decode};

/// What stands as extractor where a file could not be looked at.
const STAGE: &str = "api-calls";

/// Where files are, and which of them are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) paths: &'a [String],
    pub(crate) places: &'a Places,
    pub(crate) tree: &'a Tree,
}

impl Sources<'_> {
    fn files(&self) -> Vec<&String> {
        self.paths.iter().filter(|path| self.places.wants(path)).collect()
    }
}

/// Looks at those of the files that could hold calls, together with others if there are any, and writes all that was
/// seen.
pub(crate) fn analyze(
    sources: Sources<'_>,
    shards: &dyn Shards,
    folder: &Path,
    report: &mut ReportFile,
    status: &mut StatusFile,
) -> Result<(), ScanError> {
    let files = sources.files();
    let (_, sandboxes) = shards.here();
    if files.is_empty() && sandboxes == 1 {
        return Ok(());
    }
    status.begin_analyzing(files.len() as u64).map_err(ScanError::Status)?;
    let analyzer = Analyzer::new();
    let mut writer = Writer { report, room: CALLS_PER_REPOSITORY_MAX };
    let mut kept = Kept::default();
    for (position, path) in share(&files, shards) {
        if let Some(seen) = look_at(path, sources.tree, &analyzer) {
            if sandboxes == 1 {
                writer.write(path, seen)?;
            } else {
                kept.add(position, seen);
            }
        }
        let calls = writer.report.totals().calls + kept.calls as u64;
        status.analyzed(position as u64 + 1, path, calls).map_err(ScanError::Status)?;
        if writer.room == 0 || kept.is_full() {
            break;
        }
    }
    shards.wait();
    for number in 1..sandboxes {
        kept.seen.extend(part_file::take(folder, number).map_err(ScanError::Report)?);
    }
    kept.seen.sort_by_key(|(position, _)| *position);
    for (position, seen) in kept.seen {
        if let Some(path) = files.get(position).filter(|_| writer.room > 0) {
            writer.write(path, seen)?;
        }
    }
    status.set_calls(report.totals().calls);
    Ok(())
}

/// Looks at this one's share of the files, and leaves what was seen for the first sandbox.
pub(crate) fn analyze_share(sources: Sources<'_>, shards: &dyn Shards, folder: &Path) -> Result<(), ScanError> {
    let (files, analyzer) = (sources.files(), Analyzer::new());
    let (number, _) = shards.here();
    let mut kept = Kept::default();
    for (position, path) in share(&files, shards) {
        if let Some(seen) = look_at(path, sources.tree, &analyzer) {
            kept.add(position, seen);
        }
        if kept.is_full() {
            break;
        }
    }
    part_file::write(folder, number, kept.seen).map_err(ScanError::Report)
}

/// What one of several sandboxes has seen, by the positions of the files.
#[derive(Default)]
struct Kept {
    seen: Vec<(usize, Seen)>,
    calls: usize,
}

impl Kept {
    fn add(&mut self, position: usize, seen: Seen) {
        if let Seen::Calls { calls, .. } = &seen {
            self.calls += calls.len();
        }
        self.seen.push((position, seen));
    }

    /// What comes behind has no room in the report, wherever the others are.
    fn is_full(&self) -> bool {
        self.calls >= CALLS_PER_REPOSITORY_MAX
    }
}

/// Writes what was seen, file by file in their order, as long as there is room for calls.
struct Writer<'a> {
    report: &'a mut ReportFile,
    room: usize,
}

impl Writer<'_> {
    fn write(&mut self, path: &str, seen: Seen) -> Result<(), ScanError> {
        let problem = match seen {
            Seen::Problem(problem) => problem,
            Seen::Calls { language, mut calls } => {
                let is_too_much = calls.len() >= self.room;
                calls.truncate(self.room);
                self.room -= calls.len();
                self.report.calls(path, &language, calls).map_err(ScanError::Report)?;
                if !is_too_much {
                    return Ok(());
                }
                let most = CALLS_PER_REPOSITORY_MAX;
                let message = format!("{most} API calls were found up to here; the rest is not looked at");
                Problem { kind: ProblemKind::OverLimit, line: None, message }
            }
        };
        self.report.file(path, STAGE, Vec::new(), vec![problem], 1).map_err(ScanError::Report)
    }
}

/// Looks at one file. What is no text is no source.
fn look_at(path: &str, tree: &Tree, analyzer: &Analyzer) -> Option<Seen> {
    let read = tree.bytes_within(path, SOURCE_BYTES_MAX);
    let hinted = read.as_ref().map_or(Some(Hinted::Unknown), |bytes| analyzer.hints(path, bytes))?;
    let (kind, message) = match read.and_then(decode) {
        Ok(text) => {
            let found = analyzer.calls_hinted(path, &text, hinted).filter(|found| !found.calls.is_empty())?;
            return Some(Seen::Calls { language: found.language.to_owned(), calls: found.calls });
        }
        Err(ReadError::TooLarge) if Language::of(path).is_some() => {
            (ProblemKind::OverLimit, format!("larger than {SOURCE_BYTES_MAX} bytes: not looked at for API calls"))
        }
        Err(ReadError::Io(error)) => (ProblemKind::Unreadable, format!("cannot be looked at for API calls: {error}")),
        Err(ReadError::TooLarge | ReadError::NotText { .. } | ReadError::NotFound) => return None,
    };
    Some(Seen::Problem(Problem { kind, line: None, message }))
}
