//! The second stage: files are looked at for outbound calls.
//!
//! One after the other, or by several sandboxes at once, which share them in blocks: then each keeps what it saw, and
//! the first writes all of it in the order of the files, so that the report is the same however many there were. What
//! the first stage reads anyhow, to open a file costs more than to look at it, is looked at there.

use std::iter::Peekable;
use std::path::Path;
use std::vec;

use fumehood_contract::limits::CALLS_PER_REPOSITORY_MAX;
use fumehood_contract::{Problem, ProblemKind};

use crate::calls::place::Places;
use crate::calls::{Analyzer, Hinted, Language, SOURCE_BYTES_MAX};
use crate::error::ScanError;
use crate::part_file;
use crate::report_file::ReportFile;
use crate::seen::Seen;
use crate::select::Selector;
use crate::shards::{Shards, share};
use crate::status_file::StatusFile;
use crate::tree::{ReadError, Tree, decode};

/// What stands as extractor where a file could not be looked at.
const STAGE: &str = "api-calls";

/// Where files are, and which of them are looked at when.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) paths: &'a [String],
    pub(crate) places: &'a Places,
    pub(crate) selector: &'a Selector,
    pub(crate) tree: &'a Tree,
}

impl<'a> Sources<'a> {
    /// Whether a file is looked at as soon as its extractor has read it. Code that an extractor reads is rare.
    fn is_early(&self, path: &str) -> bool {
        Language::of(path).is_none() && self.selector.extractor(path).is_some()
    }

    /// Those that are looked at in their turn, with their positions among all.
    fn later(&self) -> Vec<(usize, &'a String)> {
        let all = self.paths.iter().enumerate();
        all.filter(|(_, path)| self.places.wants(path) && !self.is_early(path)).collect()
    }
}

/// The stage, with what was seen before it began.
pub(crate) struct Analysis<'a> {
    sources: Sources<'a>,
    analyzer: Analyzer,
    early: Kept,
    /// Files that were looked at early.
    looked: u64,
}

impl<'a> Analysis<'a> {
    pub(crate) fn new(sources: Sources<'a>) -> Self {
        Self { sources, analyzer: Analyzer::new(), early: Kept::default(), looked: 0 }
    }

    /// Has the file at `path` read by its extractor, and looks at it then if it is one of those.
    pub(crate) fn beside<T>(&mut self, position: usize, path: &str, extract: impl FnOnce() -> T) -> T {
        if self.early.is_full() || !self.sources.places.wants(path) || !self.sources.is_early(path) {
            return extract();
        }
        let tree = self.sources.tree;
        tree.remember(path, SOURCE_BYTES_MAX);
        let extracted = extract();
        self.looked += 1;
        if let Some(seen) = look_at(path, tree.remembered(path, SOURCE_BYTES_MAX), &self.analyzer) {
            self.early.add(position, seen);
        }
        extracted
    }

    /// Looks at the other files that could hold calls, together with others if there are any, and writes all that was
    /// seen.
    pub(crate) fn finish(
        self,
        shards: &dyn Shards,
        folder: &Path,
        report: &mut ReportFile,
        status: &mut StatusFile,
    ) -> Result<(), ScanError> {
        let files = self.sources.later();
        let (_, sandboxes) = shards.here();
        let total = self.looked + files.len() as u64;
        if total == 0 && sandboxes == 1 {
            return Ok(());
        }
        status.begin_analyzing(total).map_err(ScanError::Status)?;
        let early = self.early.calls;
        let mut writer = Writer::new(report, self.sources.paths, self.early);
        let mut kept = Kept::default();
        for (number, (position, path)) in share(&files, shards) {
            if let Some(seen) = look_at(path, self.sources.tree.bytes_within(path, SOURCE_BYTES_MAX), &self.analyzer) {
                if sandboxes == 1 {
                    writer.write(*position, seen)?;
                } else {
                    kept.add(*position, seen);
                }
            }
            let calls = if sandboxes == 1 { writer.report.totals().calls } else { (early + kept.calls) as u64 };
            let looked = self.looked + number as u64 + 1;
            status.analyzed(looked, path, calls).map_err(ScanError::Status)?;
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
            writer.write(position, seen)?;
        }
        writer.finish()?;
        status.set_calls(report.totals().calls);
        Ok(())
    }

    /// Looks at this one's share of the files, and leaves what was seen for the first sandbox.
    pub(crate) fn share(self, shards: &dyn Shards, folder: &Path) -> Result<(), ScanError> {
        let files = self.sources.later();
        let (number, _) = shards.here();
        let mut kept = Kept::default();
        for (_, (position, path)) in share(&files, shards) {
            if let Some(seen) = look_at(path, self.sources.tree.bytes_within(path, SOURCE_BYTES_MAX), &self.analyzer) {
                kept.add(*position, seen);
            }
            if kept.is_full() {
                break;
            }
        }
        part_file::write(folder, number, kept.seen).map_err(ScanError::Report)
    }
}

/// What was seen and is not written yet, by the positions of the files.
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
    paths: &'a [String],
    early: Peekable<vec::IntoIter<(usize, Seen)>>,
    room: usize,
}

impl<'a> Writer<'a> {
    fn new(report: &'a mut ReportFile, paths: &'a [String], early: Kept) -> Self {
        Self { report, paths, early: early.seen.into_iter().peekable(), room: CALLS_PER_REPOSITORY_MAX }
    }

    /// What was seen early of files before this one is written before it.
    fn write(&mut self, position: usize, seen: Seen) -> Result<(), ScanError> {
        while let Some((early, seen)) = self.early.next_if(|(early, _)| *early < position) {
            self.one(early, seen)?;
        }
        self.one(position, seen)
    }

    /// Writes the rest of what was seen early.
    fn finish(mut self) -> Result<(), ScanError> {
        while let Some((early, seen)) = self.early.next() {
            self.one(early, seen)?;
        }
        Ok(())
    }

    fn one(&mut self, position: usize, seen: Seen) -> Result<(), ScanError> {
        let Some(path) = self.paths.get(position).filter(|_| self.room > 0) else { return Ok(()) };
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
fn look_at(path: &str, read: Result<Vec<u8>, ReadError>, analyzer: &Analyzer) -> Option<Seen> {
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
