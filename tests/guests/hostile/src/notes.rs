//! Files as an honest scanner would write them, for attacks that look honest.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use fumehood_contract::report::{FILE_NAME, FORMAT, FileRecord, Footer, Header};
use fumehood_contract::{Package, Problem, ProblemKind, RepoState, RepoStatus, ReportLine, Timestamp, atomic};

use crate::bindings::fumehood::scanner::types::Request;

/// A status in the words of `request`.
pub(crate) fn status(request: &Request, state: RepoState) -> RepoStatus {
    let started_at = Timestamp::parse(&request.started_at).unwrap_or(Timestamp::now());
    let mut status = RepoStatus::new(request.repo_index, &request.repo_name, request.attempt, request.pid, started_at);
    status.enter(state, None, Timestamp::now());
    status
}

/// Writes `status` as it is.
pub(crate) fn write_status(request: &Request, status: &RepoStatus) {
    let _refused = atomic::write_json(Path::new("/status"), &RepoStatus::file_name(request.repo_index), status);
}

/// Adds lines to the report.
pub(crate) fn report(lines: &[ReportLine]) {
    let Ok(mut file) = OpenOptions::new().create(true).append(true).open(Path::new("/status").join(FILE_NAME)) else {
        return;
    };
    for line in lines {
        let _refused = writeln!(file, "{}", serde_json::to_string(line).unwrap_or_default());
    }
}

/// The first line.
pub(crate) fn header() -> ReportLine {
    ReportLine::Header(Header { format: FORMAT, scanner: "hostile".to_owned() })
}

/// A file with one package of that name.
pub(crate) fn package(name: &str) -> ReportLine {
    let package = Package { name: name.to_owned(), purl: "pkg:generic/hostile".to_owned(), ..Package::default() };
    ReportLine::File(FileRecord {
        path: "attack".to_owned(),
        extractor: "hostile".to_owned(),
        packages: vec![package],
        problems: Vec::new(),
    })
}

/// A whole and honest-looking scan, with notes as problems that leave no gap.
pub(crate) fn whole_scan(request: &Request, notes: &[String]) {
    whole_report(notes);
    write_status(request, &status(request, RepoState::Completed));
}

/// A whole report, with notes as problems that leave no gap.
pub(crate) fn whole_report(notes: &[String]) {
    let problem = |note: &String| Problem { kind: ProblemKind::Unresolved, line: None, message: note.clone() };
    let record = FileRecord {
        path: "attack".to_owned(),
        extractor: "hostile".to_owned(),
        packages: Vec::new(),
        problems: notes.iter().map(problem).collect(),
    };
    let footer = Footer { files: 1, packages: 0, problems: notes.len() as u64, calls: 0 };
    report(&[header(), ReportLine::File(record), ReportLine::Footer(footer)]);
}

/// What became of an attempt, in a form that a test can hold against what must be.
pub(crate) fn note<T>(what: &str, result: std::io::Result<T>) -> String {
    match result {
        Ok(_) => format!("{what}: SUCCEEDED"),
        Err(error) => format!("{what}: refused ({:?})", error.kind()),
    }
}

/// Whether a file can be read.
pub(crate) fn note_read(path: &str) -> String {
    note(&format!("read {path}"), fs::read(path))
}
