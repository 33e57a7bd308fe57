//! The whole program without its walls: lists, scans, reads the report with all checks and writes the document, in one
//! process and no sandbox. `unwalled DIR OUTPUT [--no-api-calls]` writes what `fumehood scan DIR --format cyclonedx
//! --output OUTPUT` writes. The yardstick for what process and sandbox cost; for trusted trees only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use fumehood::crew::Crew;
use fumehood::jobs::live;
use fumehood::jobs::status_reader::Reader;
use fumehood::jobs::store::JobStore;
use fumehood::report::{self, FinishedJob, Format, Found};
use fumehood::source::{self, ListOptions, Root};
use fumehood_contract::master::{Ended, Repository};
use fumehood_contract::{RepoState, RepoStatus, Timestamp};
use guest_scanner::calls::place::Places;
use guest_scanner::scan::scan;
use guest_scanner::select::Selector;
use guest_scanner::shards::Alone;
use guest_scanner::status_file::StatusFile;
use guest_scanner::tree::Tree;

/// Between two writes of the status, as of a scan that nobody watches.
const STATUS_INTERVAL: Duration = Duration::from_secs(30);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [tree, output, rest @ ..] = arguments.as_slice() else {
        anyhow::bail!("usage: unwalled DIR OUTPUT [--no-api-calls]");
    };
    let calls = !rest.iter().any(|argument| argument == "--no-api-calls");
    let tree = std::fs::canonicalize(tree).context("no such tree")?;
    let data = tempfile::tempdir()?;
    let store = JobStore::create(data.path(), "local")?;
    let status = store.begin_attempt(0, 1)?.status;
    let begun = Timestamp::now();
    let listing = scanned(&tree, &status, calls)?;
    store.write_listing(0, 1, &listing)?;
    let (_, found) = Found::read(&Reader::open(&status)?);
    written(&store, &tree, begun, found, Path::new(output))
}

/// Lists, selects and scans, as worker and guest do it.
fn scanned(tree: &Path, status: &Path, calls: bool) -> anyhow::Result<source::Listing> {
    let (paths, listing) = source::list(&Arc::new(Root::open(tree)?), ListOptions::default(), &Crew::default());
    let (selector, places) = (Selector::new(), calls.then(Places::default));
    let is_place = |path: &str| places.as_ref().is_some_and(|places| places.wants(path));
    let chosen: Vec<String> = paths.into_iter().filter(|path| selector.wants(path) || is_place(path)).collect();
    let begun = RepoStatus::new(0, "unwalled", 1, std::process::id(), Timestamp::now());
    let file = StatusFile::new(PathBuf::from(status), begun, STATUS_INTERVAL);
    scan(&chosen, &Tree::new(tree), status, file, places.as_ref(), &Alone::default())?;
    Ok(listing)
}

/// Ends the job and writes its document.
fn written(store: &JobStore, tree: &Path, begun: Timestamp, found: Found, output: &Path) -> anyhow::Result<()> {
    let name = tree.display().to_string();
    let job = live::begin(store, &name, vec![Repository { name: name.clone(), source: name.clone() }], None);
    let mut master = live::read(&job).master.clone();
    master.ended.insert(0, ended(begun));
    let reports = report::of_job(store, &master, BTreeMap::from([(0, found)]));
    let mut out = std::io::BufWriter::new(std::fs::File::create(output)?);
    let job = FinishedJob { master: &master, reports: &reports, moment: None };
    Format::Cyclonedx.write(&mut out, job, false).context("the document cannot be written")
}

fn ended(begun: Timestamp) -> Ended {
    Ended {
        state: RepoState::Completed,
        outcome: "completed".to_owned(),
        attempt: 1,
        pid: std::process::id(),
        started_at: begun,
        completed_at: Timestamp::now(),
        complete: true,
        commit: None,
        reused: false,
        peak_memory_bytes: None,
        sandbox_missing: None,
        exit: None,
        error: None,
        stderr: None,
    }
}
