//! Reports: read back what scanners wrote, and write what people and other tools read.

pub mod cyclonedx;
pub mod json;
pub mod reader;
pub mod table;

use std::io::{BufReader, Read as _};

use fumehood_contract::master::{Ended, Master};
use fumehood_contract::{FileRecord, Package};

use crate::jobs::status_reader::Reader;
use crate::jobs::store::JobStore;
use crate::limits::REPORT_BYTES_MAX;
use crate::source::Listing;

/// One repository of a finished job, with all that is known about it.
#[derive(Clone, Debug)]
pub struct RepoReport {
    /// For people.
    pub name: String,
    /// How it ended.
    pub ended: Ended,
    /// What was listed and passed over; none if the worker did not come so far.
    pub listing: Option<Listing>,
    /// What the scanner found, file by file.
    pub files: Vec<FileRecord>,
    /// What was wrong with the report itself, if anything.
    pub defect: Option<String>,
}

/// Everything that the workers of a job left, repository by repository, in their order.
pub fn of_job(store: &JobStore, master: &Master) -> Vec<RepoReport> {
    let named = (0u32..).zip(&master.repositories);
    named
        .filter_map(|(index, repository)| {
            Some(of_repository(store, index, &repository.name, master.ended.get(&index)?))
        })
        .collect()
}

/// What one repository's worker left.
pub fn of_repository(store: &JobStore, index: u32, name: &str, ended: &Ended) -> RepoReport {
    let attempt = ended.attempt.max(1);
    let mut files = Vec::new();
    let take = &mut |record| files.push(record);
    let reading = match store.kept_report(index, attempt) {
        Some(kept) => Ok(reader::read_lines(BufReader::new(kept.take(REPORT_BYTES_MAX)), take)),
        None => Reader::open(&store.status_dir(index, attempt)).map(|folder| reader::read(&folder, take)),
    };
    RepoReport {
        name: name.to_owned(),
        ended: ended.clone(),
        listing: store.listing(index, attempt),
        files,
        defect: reading.ok().and_then(|reading| reading.defect),
    }
}

impl RepoReport {
    /// All packages with the files that name them. Positions in `depends_on` are relative to the file.
    pub fn packages(&self) -> impl Iterator<Item = (&FileRecord, &Package)> {
        self.files.iter().flat_map(|file| file.packages.iter().map(move |package| (file, package)))
    }

    /// How many packages there are.
    pub fn package_count(&self) -> u64 {
        self.files.iter().map(|file| file.packages.len() as u64).sum()
    }

    /// How many problems there are.
    pub fn problem_count(&self) -> u64 {
        self.files.iter().map(|file| file.problems.len() as u64).sum()
    }
}
