//! Writes `report.jsonl`, a line at a time: what was found before a trap or a kill is on disk then.

use std::io::{self, Write as _};
use std::path::Path;

use fumehood_contract::limits::{CALLS_PER_LINE_MAX, PACKAGES_PER_LINE_MAX, REPORT_LINE_BYTES_MAX};
use fumehood_contract::report::{FILE_NAME, FORMAT, FileRecord, Footer, Header};
use fumehood_contract::{ApiCall, CallsRecord, Package, Problem, ReportLine};

use crate::SCANNER;
use crate::new_file::NewFile;

/// An open report.
#[derive(Debug)]
pub struct ReportFile {
    file: NewFile,
    totals: Footer,
    buffer: Vec<u8>,
}

impl ReportFile {
    /// Makes the report in `folder`, with its header. There must be none yet.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let file = NewFile::create(folder, FILE_NAME)?;
        let totals = Footer::default();
        let mut report = Self { file, totals, buffer: Vec::new() };
        report.line(&ReportLine::Header(Header { format: FORMAT, scanner: SCANNER.to_owned() }))?;
        Ok(report)
    }

    /// Writes what one file held, in as many lines as it takes. `problems_counted` may be more than
    /// the problems that were kept.
    pub fn file(
        &mut self,
        path: &str,
        extractor: &str,
        packages: Vec<Package>,
        mut problems: Vec<Problem>,
        problems_counted: u64,
    ) -> io::Result<()> {
        self.totals.files += 1;
        self.totals.packages += packages.len() as u64;
        self.totals.problems += problems_counted;
        let record = |packages, problems| {
            ReportLine::File(FileRecord { path: path.to_owned(), extractor: extractor.to_owned(), packages, problems })
        };
        let mut line = Vec::new();
        let mut bytes = 0;
        for package in packages {
            bytes += size_estimate(&package);
            line.push(package);
            if line.len() >= PACKAGES_PER_LINE_MAX || bytes >= REPORT_LINE_BYTES_MAX / 4 {
                self.line(&record(std::mem::take(&mut line), std::mem::take(&mut problems)))?;
                bytes = 0;
            }
        }
        self.line(&record(line, problems))
    }

    /// Writes what one file talks to, in as many lines as it takes.
    pub fn calls(&mut self, path: &str, language: &str, calls: Vec<ApiCall>) -> io::Result<()> {
        self.totals.calls += calls.len() as u64;
        let mut calls = calls.into_iter().peekable();
        while calls.peek().is_some() {
            let calls = calls.by_ref().take(CALLS_PER_LINE_MAX).collect();
            let record = CallsRecord { path: path.to_owned(), language: language.to_owned(), calls };
            self.line(&ReportLine::Calls(record))?;
        }
        Ok(())
    }

    /// The totals so far.
    pub fn totals(&self) -> Footer {
        self.totals
    }

    /// Writes the footer: everything was read.
    pub fn finish(mut self) -> io::Result<Footer> {
        self.line(&ReportLine::Footer(self.totals))?;
        Ok(self.totals)
    }

    fn line(&mut self, line: &ReportLine) -> io::Result<()> {
        self.buffer.clear();
        serde_json::to_writer(&mut self.buffer, line).map_err(io::Error::other)?;
        self.buffer.push(b'\n');
        self.file.write_all(&self.buffer)
    }
}

/// About how many bytes the package takes in a line, before escapes.
fn size_estimate(package: &Package) -> usize {
    let optional = [&package.version, &package.requirement, &package.license, &package.source];
    let strings: usize = optional.into_iter().flatten().map(String::len).sum();
    let checksums: usize = package.checksums.iter().map(|sum| sum.len() + 3).sum();
    package.name.len() + package.purl.len() + strings + checksums + package.depends_on.len() * 7 + 64
}
