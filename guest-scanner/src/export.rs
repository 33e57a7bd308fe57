//! The component's exports: `scanner.wit` on the outside, [`crate::scan`] on the inside.

use std::path::{Path, PathBuf};
use std::time::Duration;

use fumehood_contract::{RepoState, RepoStatus, Timestamp};

use crate::calls::place::Places;
use crate::extractor::Extractor;
use crate::extractors::EXTRACTORS;
use crate::scan::{ScanError, help, scan};
use crate::select::Selector;
use crate::shards::Shards;
use crate::status_file::StatusFile;
use crate::tree::Tree;
use bindings::fumehood::scanner::shards;
use bindings::fumehood::scanner::types::{Calls, Failure, Format, Request, Summary};

#[expect(unsafe_code, clippy::all, clippy::restriction, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({ path: "../wit/scanner.wit", world: "scanner" });
    use super::Scanner;
    export!(Scanner);
}

/// What the component exports.
struct Scanner;

impl bindings::Guest for Scanner {
    fn formats() -> Vec<Format> {
        let format = |extractor: &Extractor| Format {
            id: extractor.id.to_owned(),
            ecosystem: extractor.ecosystem.to_owned(),
            files: extractor.files.iter().map(ToString::to_string).collect(),
        };
        EXTRACTORS.iter().map(format).collect()
    }

    fn select(paths: Vec<String>, calls: Calls) -> Vec<u32> {
        let (selector, places) = (Selector::new(), places(calls));
        let is_place = |path: &str| places.as_ref().is_some_and(|places| places.wants(path));
        let wanted = paths.iter().zip(0..).filter(|(path, _)| selector.wants(path) || is_place(path));
        wanted.map(|(_, index)| index).collect()
    }

    fn scan(request: Request) -> Result<Summary, Failure> {
        let (status_folder, tree) = (Path::new("/status"), Tree::new("/repo"));
        let started_at = Timestamp::parse(&request.started_at)
            .ok_or_else(|| Failure::Request(format!("started-at is no RFC 3339 time: {}", request.started_at)))?;
        let paths: Vec<String> = request.files.into_iter().map(|file| file.path).collect();
        let places = places(request.calls);
        if shards::here().number > 0 {
            help(&paths, &tree, status_folder, places.as_ref(), &Sandboxes).map_err(failure)?;
            return Ok(Summary { files_read: 0, packages: 0, api_calls: 0, problems: 0 });
        }
        let mut status =
            RepoStatus::new(request.repo_index, &request.repo_name, request.attempt, request.pid, started_at);
        status.status = RepoState::Starting;
        let interval = Duration::from_millis(u64::from(request.status_interval_ms));
        let status_file = StatusFile::new(PathBuf::from(status_folder), status, interval);
        let totals = scan(&paths, &tree, status_folder, status_file, places.as_ref(), &Sandboxes).map_err(failure)?;
        Ok(Summary {
            files_read: totals.files,
            packages: totals.packages,
            api_calls: totals.calls,
            problems: totals.problems,
        })
    }
}

/// The other sandboxes of this repository, by way of the host.
struct Sandboxes;

impl Shards for Sandboxes {
    fn here(&self) -> (u32, u32) {
        let place = shards::here();
        (place.number, place.of)
    }

    fn take(&self) -> u32 {
        shards::take()
    }

    fn wait(&self) {
        shards::wait();
    }
}

fn failure(error: ScanError) -> Failure {
    match error {
        ScanError::Status(_) => Failure::Status(error.to_string()),
        ScanError::Report(_) => Failure::Report(error.to_string()),
    }
}

fn places(calls: Calls) -> Option<Places> {
    match calls {
        Calls::Off => None,
        Calls::Usual => Some(Places::default()),
        Calls::Excluding(patterns) => Some(Places::new(patterns.iter().map(String::as_str))),
    }
}
