//! Reports: read back what scanners wrote, and write what people and other tools read.

pub mod csv;
pub mod cyclonedx;
mod format;
mod graph;
mod hash;
pub mod html;
pub mod json;
pub mod junit;
mod lazy;
pub mod markdown;
pub mod reader;
pub mod sarif;
pub mod spdx;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;
mod words;

pub use self::format::{FinishedJob, Format};

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{BufReader, Read as _};

use fumehood_contract::master::{Ended, Master};
use fumehood_contract::{CallsRecord, FileRecord, Package};
use serde::Serialize;

use self::reader::{Held, Reading};
use crate::jobs::outcome::ReportEnd;
use crate::jobs::status_reader::Reader;
use crate::jobs::store::JobStore;
use crate::limits::REPORT_BYTES_MAX;
use crate::policy::{Call, Ruling, Verdict};
use crate::source::Listing;
use crate::worker::lockdown::Layer;

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
    /// What its code talks to, in the order of the files.
    pub calls: Vec<ApiCall>,
    /// What was wrong with the report itself, if anything.
    pub defect: Option<String>,
    /// What a policy says of it, if there is one.
    pub verdict: Option<Verdict>,
}

/// A place in the code that talks to another machine, as reports show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiCall {
    /// In capitals; none if the source does not tell.
    pub method: Option<String>,
    /// As far as the source tells it, variables as `{name}`, secrets masked.
    pub url: String,
    /// The URL's host, if it is known.
    pub host: Option<String>,
    /// The client that makes the call.
    pub library: Option<String>,
    /// `rest`, `graphql`, `grpc`, `websocket`.
    pub kind: String,
    /// How the caller says who it is; none if nothing of it is to be seen.
    pub authentication: Option<String>,
    /// Where it stands.
    pub file: String,
    /// From 1.
    pub line: Option<u32>,
}

/// What one repository's worker left, read and checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    files: Vec<FileRecord>,
    calls: Vec<ApiCall>,
    defect: Option<String>,
}

impl Found {
    /// Reads the report in a status folder; the reading says what it turned out to be.
    pub fn read(folder: &Reader) -> (Reading, Self) {
        let mut found = Self::default();
        let reading = reader::read(folder, &mut |held| found.add(held));
        found.defect.clone_from(&reading.defect);
        (reading, found)
    }

    fn add(&mut self, held: Held) {
        match held {
            Held::File(record) => self.files.push(record),
            Held::Calls(record) => self.calls.extend(ApiCall::of(record)),
        }
    }
}

/// Everything that the workers of a job left, repository by repository, in their order. What is in `found`, by the
/// positions of the repositories, is not read again.
pub fn of_job(store: &JobStore, master: &Master, mut found: BTreeMap<u32, Found>) -> Vec<RepoReport> {
    let named = (0u32..).zip(&master.repositories);
    named
        .filter_map(|(index, repository)| {
            let ended = master.ended.get(&index)?;
            Some(match found.remove(&index) {
                Some(found) => with(found, store, index, &repository.name, ended),
                None => of_repository(store, index, &repository.name, ended),
            })
        })
        .collect()
}

/// What one repository's worker left.
pub fn of_repository(store: &JobStore, index: u32, name: &str, ended: &Ended) -> RepoReport {
    let mut room = usize::MAX;
    of_repository_within(store, index, name, ended, &mut room)
}

/// The same, of which at most `room` packages, API calls and problems are kept, and taken from it. If there were more,
/// nothing is left of it.
pub fn of_repository_within(store: &JobStore, index: u32, name: &str, ended: &Ended, room: &mut usize) -> RepoReport {
    let attempt = ended.attempt.max(1);
    let mut found = Found::default();
    let take = &mut |held| {
        let entries = match &held {
            Held::File(record) => 1 + record.packages.len() + record.problems.len(),
            Held::Calls(record) => record.calls.len(),
        };
        *room = room.saturating_sub(entries);
        if *room > 0 {
            found.add(held);
        }
    };
    found.defect = read_report(store, index, attempt, take);
    with(found, store, index, name, ended)
}

fn with(found: Found, store: &JobStore, index: u32, name: &str, ended: &Ended) -> RepoReport {
    let Found { files, calls, defect } = found;
    let defect = defect.filter(|_| ended.attempt > 0);
    RepoReport {
        name: name.to_owned(),
        // Whatever it was: what is not there any more is not complete.
        ended: Ended { complete: ended.complete && defect.is_none(), ..ended.clone() },
        listing: store.listing(index, ended.attempt.max(1)),
        files,
        calls,
        defect,
        verdict: None,
    }
}

/// Reads a report, compressed or not, and says what is wrong with it.
fn read_report(store: &JobStore, index: u32, attempt: u32, take: &mut dyn FnMut(Held)) -> Option<String> {
    let kept = |take: &mut dyn FnMut(Held)| {
        let kept = store.kept_report(index, attempt)?;
        Some(reader::read_lines(BufReader::new(kept.take(REPORT_BYTES_MAX)), take))
    };
    if let Some(reading) = kept(take) {
        return reading.defect;
    }
    let plain = match Reader::open(&store.status_dir(index, attempt)) {
        Ok(folder) => reader::read(&folder, take),
        Err(_) => Reading::without_lines(ReportEnd::Missing, "there is no report"),
    };
    // It may have been compressed between the two looks.
    let again = if plain.end == ReportEnd::Missing { kept(take) } else { None };
    again.unwrap_or(plain).defect
}

impl ApiCall {
    /// The calls of a record of the scanner's, checked.
    fn of(record: CallsRecord) -> impl Iterator<Item = Self> {
        let CallsRecord { path, calls, .. } = record;
        calls.into_iter().map(move |call| Self {
            method: call.method,
            url: call.url,
            host: call.host,
            library: call.library,
            kind: word(call.kind).unwrap_or_default(),
            authentication: word(call.authentication).filter(|word| word != "none"),
            file: path.clone(),
            line: Some(call.line),
        })
    }

    /// What a policy looks at.
    pub fn as_policy_sees_it(&self) -> Call<'_> {
        let (method, host) = (self.method.as_deref(), self.host.as_deref());
        Call { method, url: &self.url, host, file: &self.file, line: self.line }
    }

    /// `POST https://api.example.com/v1`.
    pub fn request(&self) -> String {
        self.method.as_ref().map_or_else(|| self.url.clone(), |method| format!("{method} {}", self.url))
    }

    /// `src/client.py:7`.
    pub fn place(&self) -> String {
        self.line.map_or_else(|| self.file.clone(), |line| format!("{}:{line}", self.file))
    }
}

/// How a value of a closed set is written.
fn word(value: impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned))
}

/// The layers of the sandbox by name, as reports show them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SandboxHeld {
    /// These held.
    pub in_force: Vec<&'static str>,
    /// These did not.
    pub missing: Vec<&'static str>,
}

/// What stood around the scans of a job, each different answer once.
fn sandboxes(reports: &[RepoReport]) -> BTreeSet<SandboxHeld> {
    reports.iter().filter_map(RepoReport::sandbox).collect()
}

impl SandboxHeld {
    /// In few words: how many layers held, and which did not.
    fn summary(&self) -> String {
        let (held, all) = (self.in_force.len(), self.in_force.len() + self.missing.len());
        let is_optional = |name: &&str| Layer::SYSTEM.iter().any(|layer| layer.name() == *name && layer.is_optional());
        let missing = self
            .missing
            .iter()
            .map(|name| if is_optional(name) { format!("{name} (optional)") } else { name.to_uppercase() });
        match missing.collect::<Vec<_>>().join(", ") {
            missing if missing.is_empty() => format!("sandbox: all {all} layers"),
            missing => format!("sandbox: {held} of {all} layers, without {missing}"),
        }
    }
}

impl fmt::Display for SandboxHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sandbox: {}", self.in_force.join(", "))?;
        if self.missing.is_empty() { Ok(()) } else { write!(f, "; without {}", self.missing.join(", ")) }
    }
}

impl RepoReport {
    /// All packages with the files that name them. Positions in `depends_on` are relative to the file.
    pub fn packages(&self) -> impl Iterator<Item = (&FileRecord, &Package)> {
        self.files.iter().flat_map(|file| file.packages.iter().map(move |package| (file, package)))
    }

    /// All packages with the files that name them, and what the policy says of each.
    pub fn judged_packages(&self) -> impl Iterator<Item = (&FileRecord, &Package, Option<&Ruling>)> {
        self.files.iter().enumerate().flat_map(move |(at, file)| {
            let ruling = move |position| self.verdict.as_ref()?.package(at, position);
            file.packages.iter().enumerate().map(move |(position, package)| (file, package, ruling(position)))
        })
    }

    /// The API calls, and what the policy says of each.
    pub fn judged_calls(&self) -> impl Iterator<Item = (&ApiCall, Option<&Ruling>)> {
        let ruling = |at: usize| self.verdict.as_ref()?.call(at);
        self.calls.iter().enumerate().map(move |(at, call)| (call, ruling(at)))
    }

    /// Which layers of the sandbox stood around the scan, and which did not; none if nobody can tell.
    pub fn sandbox(&self) -> Option<SandboxHeld> {
        let missing = self.ended.sandbox_missing.as_ref()?;
        let all = Layer::SYSTEM.into_iter().chain(Layer::GUEST).map(Layer::name);
        let (missing, in_force) = all.partition(|name| missing.iter().any(|missing| missing == name));
        Some(SandboxHeld { in_force, missing })
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

#[cfg(test)]
mod tests;
