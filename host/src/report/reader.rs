//! Reads `report.jsonl`, which a hostile scanner may have written.
//!
//! A line at a time, so that memory stays flat; every record is held against the limits of the
//! contract and cleaned of what could steer a terminal. The good lines before a bad one are kept.

use std::io::{self, BufRead, BufReader};

use fumehood_contract::limits::{
    CALL_WORD_BYTES_MAX, CALLS_PER_LINE_MAX, CALLS_PER_REPOSITORY_MAX, CHECKSUMS_PER_PACKAGE_MAX,
    EDGES_PER_PACKAGE_MAX, FIELD_BYTES_MAX, HOST_BYTES_MAX, MESSAGE_BYTES_MAX, PACKAGES_PER_FILE_MAX,
    PACKAGES_PER_LINE_MAX, PATH_BYTES_MAX, PROBLEMS_PER_FILE_MAX, PURL_BYTES_MAX, REPORT_LINE_BYTES_MAX, URL_BYTES_MAX,
};
use fumehood_contract::report::{FILE_NAME, FORMAT, Footer};
use fumehood_contract::{CallsRecord, FileRecord, Package, Problem, ReportLine};

use crate::jobs::outcome::ReportEnd;
use crate::jobs::status_reader::{Reader, Refused};
use crate::limits::{REPORT_BYTES_MAX, REPORT_PACKAGES_MAX};
use crate::text;

/// What a report turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its end.
    pub end: ReportEnd,
    /// What is wrong with it, if it is not whole.
    pub defect: Option<String>,
    /// What was counted while reading.
    pub counted: Footer,
}

/// What a report holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// What one file names.
    File(FileRecord),
    /// What one file, or a part of it, talks to.
    Calls(CallsRecord),
}

/// Reads the report in a status folder and hands each file's record to `take`; the records of a file
/// that needed several lines come as one.
pub fn read(folder: &Reader, take: &mut dyn FnMut(Held)) -> Reading {
    let file = match folder.open_plain(FILE_NAME, REPORT_BYTES_MAX) {
        Ok(Some(file)) => file,
        Ok(None) => return Reading::without_lines(ReportEnd::Missing, "there is no report"),
        Err(refused @ Refused::TooLarge { .. }) => {
            return Reading::without_lines(ReportEnd::TooLarge, &refused.to_string());
        }
        Err(refused) => return Reading::without_lines(ReportEnd::Violating, &refused.to_string()),
    };
    read_lines(BufReader::with_capacity(256 * 1024, file), take)
}

/// [`read`] on lines from anywhere.
pub fn read_lines(mut lines: impl BufRead, take: &mut dyn FnMut(Held)) -> Reading {
    let mut state = State { stage: Stage::Header, counted: Footer::default(), gaps: false, pending: None };
    let mut line = Vec::new();
    let mut number = 0u64;
    let defect = loop {
        number += 1;
        match next_line(&mut lines, &mut line) {
            Ok(true) => {}
            Ok(false) => break None,
            Err(error) => break Some(format!("line {number}: {error}")),
        }
        if let Err(why) = state.line(&line, take) {
            break Some(format!("line {number}: {why}"));
        }
    };
    // Of a file whose further lines are missing, edges may lead to packages that never came.
    if let Some(mut pending) = state.pending.take() {
        let count = pending.packages.len();
        pending.packages.iter_mut().for_each(|package| package.depends_on.retain(|to| (*to as usize) < count));
        take(Held::File(pending));
    }
    state.reading(defect)
}

impl Reading {
    pub(crate) fn without_lines(end: ReportEnd, defect: &str) -> Self {
        Self { end, defect: Some(defect.to_owned()), counted: Footer::default() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    Files,
    Closed,
}

struct State {
    stage: Stage,
    counted: Footer,
    gaps: bool,
    /// The last file; further lines of it may follow.
    pending: Option<FileRecord>,
}

impl State {
    fn line(&mut self, line: &[u8], take: &mut dyn FnMut(Held)) -> Result<(), String> {
        let line: ReportLine =
            serde_json::from_slice(line).map_err(|error| text::clean(&error.to_string()).into_owned())?;
        match (self.stage, line) {
            (Stage::Header, ReportLine::Header(header)) if header.format == FORMAT => {
                self.stage = Stage::Files;
                Ok(())
            }
            (Stage::Header, ReportLine::Header(header)) => Err(format!("format {} is not {FORMAT}", header.format)),
            (Stage::Files, ReportLine::File(record)) => self.file(record, take),
            (Stage::Files, ReportLine::Calls(record)) => self.calls(record, take),
            (Stage::Files, ReportLine::Footer(footer)) => {
                self.flush(take)?;
                self.footer(footer)
            }
            (Stage::Closed, _) => Err("something follows the footer".to_owned()),
            (Stage::Header, ReportLine::File(_) | ReportLine::Calls(_) | ReportLine::Footer(_))
            | (Stage::Files, ReportLine::Header(_)) => Err("the lines are not in their order".to_owned()),
        }
    }

    fn calls(&mut self, mut record: CallsRecord, take: &mut dyn FnMut(Held)) -> Result<(), String> {
        check_calls(&record)?;
        clean_calls(&mut record);
        self.flush(take)?;
        self.counted.calls += record.calls.len() as u64;
        if self.counted.calls > CALLS_PER_REPOSITORY_MAX as u64 {
            return Err(format!("more than {CALLS_PER_REPOSITORY_MAX} outbound calls"));
        }
        take(Held::Calls(record));
        Ok(())
    }

    fn file(&mut self, mut record: FileRecord, take: &mut dyn FnMut(Held)) -> Result<(), String> {
        check_record(&record)?;
        clean_record(&mut record);
        self.counted.packages += record.packages.len() as u64;
        self.counted.problems += record.problems.len() as u64;
        self.gaps |= record.problems.iter().any(|problem| problem.kind.makes_incomplete());
        if self.counted.packages > REPORT_PACKAGES_MAX {
            return Err(format!("more than {REPORT_PACKAGES_MAX} packages"));
        }
        let continued = self.pending.as_mut().filter(|pending| {
            pending.path == record.path && pending.extractor == record.extractor && !pending.packages.is_empty()
        });
        if let Some(pending) = continued {
            pending.packages.append(&mut record.packages);
            pending.problems.append(&mut record.problems);
            if pending.packages.len() > PACKAGES_PER_FILE_MAX {
                return Err(format!("{} has more than {PACKAGES_PER_FILE_MAX} packages", pending.path));
            }
            return Ok(());
        }
        self.counted.files += 1;
        self.flush(take)?;
        self.pending = Some(record);
        Ok(())
    }

    /// The last file is complete now: its edges must lead to packages of its own.
    fn flush(&mut self, take: &mut dyn FnMut(Held)) -> Result<(), String> {
        let Some(record) = self.pending.take() else { return Ok(()) };
        let count = record.packages.len();
        let astray = record.packages.iter().flat_map(|package| &package.depends_on).any(|to| *to as usize >= count);
        if astray {
            return Err(format!("an edge in {} leads to no package", record.path));
        }
        take(Held::File(record));
        Ok(())
    }

    fn footer(&mut self, footer: Footer) -> Result<(), String> {
        let agrees = footer.files == self.counted.files
            && footer.packages == self.counted.packages
            && footer.calls == self.counted.calls
            && footer.problems >= self.counted.problems;
        if !agrees {
            return Err("the footer's counts are not those of the lines".to_owned());
        }
        self.counted.problems = footer.problems;
        self.stage = Stage::Closed;
        Ok(())
    }

    fn reading(self, defect: Option<String>) -> Reading {
        let (end, defect) = match (defect, self.stage) {
            // A line without its newline at the end is a scanner that was stopped while it wrote.
            (Some(defect), Stage::Files) if defect.contains(UNFINISHED) => (ReportEnd::CutShort, Some(defect)),
            (Some(defect), _) => (ReportEnd::Violating, Some(defect)),
            (None, Stage::Closed) if self.gaps => (ReportEnd::WithGaps, None),
            (None, Stage::Closed) => (ReportEnd::Whole, None),
            (None, Stage::Header | Stage::Files) => {
                (ReportEnd::CutShort, Some("the report ends without its footer".to_owned()))
            }
        };
        Reading { end, defect, counted: self.counted }
    }
}

const UNFINISHED: &str = "the line is unfinished";

/// Reads a line into `line`, without its newline. `false` at the end.
fn next_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = io::Read::take(&mut *lines, REPORT_LINE_BYTES_MAX as u64).read_until(b'\n', line)?;
    if read == 0 {
        return Ok(false);
    }
    if line.pop() != Some(b'\n') {
        let why = if read >= REPORT_LINE_BYTES_MAX { "the line is too long" } else { UNFINISHED };
        return Err(io::Error::other(why));
    }
    Ok(true)
}

fn check_record(record: &FileRecord) -> Result<(), String> {
    within("path", record.path.len(), PATH_BYTES_MAX)?;
    within("extractor", record.extractor.len(), 64)?;
    within("packages", record.packages.len(), PACKAGES_PER_LINE_MAX)?;
    within("problems", record.problems.len(), PROBLEMS_PER_FILE_MAX)?;
    record.packages.iter().try_for_each(check_package)?;
    record.problems.iter().try_for_each(|problem| within("message", problem.message.len(), MESSAGE_BYTES_MAX))
}

fn check_package(package: &Package) -> Result<(), String> {
    let length = |field: &Option<String>| field.as_ref().map_or(0, String::len);
    within("name", package.name.len(), FIELD_BYTES_MAX)?;
    within("version", length(&package.version), FIELD_BYTES_MAX)?;
    within("requirement", length(&package.requirement), FIELD_BYTES_MAX)?;
    within("licence", length(&package.license), FIELD_BYTES_MAX)?;
    within("source", length(&package.source), FIELD_BYTES_MAX)?;
    within("purl", package.purl.len(), PURL_BYTES_MAX)?;
    within("edges", package.depends_on.len(), EDGES_PER_PACKAGE_MAX)?;
    within("checksums", package.checksums.len(), CHECKSUMS_PER_PACKAGE_MAX)?;
    package.checksums.iter().try_for_each(|sum| within("checksum", sum.len(), FIELD_BYTES_MAX))?;
    let is_purl =
        package.purl.strip_prefix("pkg:").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_graphic()));
    if package.name.is_empty() || !is_purl {
        return Err("a package without a name or a package URL".to_owned());
    }
    Ok(())
}

fn check_calls(record: &CallsRecord) -> Result<(), String> {
    within("path", record.path.len(), PATH_BYTES_MAX)?;
    within("language", record.language.len(), CALL_WORD_BYTES_MAX)?;
    within("calls", record.calls.len(), CALLS_PER_LINE_MAX)?;
    record.calls.iter().try_for_each(|call| {
        let length = |field: &Option<String>| field.as_ref().map_or(0, String::len);
        within("method", length(&call.method), CALL_WORD_BYTES_MAX)?;
        within("library", length(&call.library), CALL_WORD_BYTES_MAX)?;
        within("host", length(&call.host), HOST_BYTES_MAX)?;
        within("url", call.url.len(), URL_BYTES_MAX)
    })
}

fn clean_calls(record: &mut CallsRecord) {
    text::clean_in_place(&mut record.path);
    text::clean_in_place(&mut record.language);
    for call in &mut record.calls {
        text::clean_in_place(&mut call.url);
        [&mut call.method, &mut call.library, &mut call.host].into_iter().flatten().for_each(text::clean_in_place);
    }
}

fn within(what: &str, found: usize, allowed: usize) -> Result<(), String> {
    if found <= allowed { Ok(()) } else { Err(format!("{what}: {found} is over the limit of {allowed}")) }
}

fn clean_record(record: &mut FileRecord) {
    text::clean_in_place(&mut record.path);
    text::clean_in_place(&mut record.extractor);
    for Problem { message, .. } in &mut record.problems {
        text::clean_in_place(message);
    }
    for package in &mut record.packages {
        text::clean_in_place(&mut package.name);
        let optional = [&mut package.version, &mut package.requirement, &mut package.license, &mut package.source];
        optional.into_iter().flatten().for_each(text::clean_in_place);
        package.checksums.iter_mut().for_each(text::clean_in_place);
    }
}

#[cfg(test)]
mod tests;
