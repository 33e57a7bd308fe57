//! Follows a job of a service to its end and shows it.

use std::io::{self, BufRead, BufReader, IsTerminal as _, Read as _};
use std::thread;
use std::time::Duration;

use anyhow::bail;
use fumehood_contract::{RepoState, RepoStatus, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use super::connection::Connection;
use crate::progress::Progress;
use crate::text::clean;

/// One event cannot be longer: a snapshot of 100,000 repositories has about 20 MiB.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Times that a broken stream is taken up again, without anything new in between.
const RETRIES: u32 = 5;

#[derive(Deserialize)]
struct Snapshot {
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    total_repositories: usize,
    completed: usize,
    failed: usize,
    cancelled: usize,
}

#[derive(Deserialize)]
struct Page {
    repositories: Vec<Name>,
    next: Option<u32>,
}

#[derive(Deserialize)]
struct Name {
    repo_name: String,
}

#[derive(Deserialize)]
struct Repository {
    repo_index: u32,
    repo_name: String,
    status: RepoState,
    progress: Moved,
    outcome: Option<String>,
}

#[derive(Deserialize)]
struct Moved {
    total_files: Option<u64>,
    current_file: Option<u64>,
    current_file_name: Option<String>,
    message: Option<String>,
}

/// Returns when the job has ended.
pub(super) fn to_its_end(service: &Connection, id: &Uuid, quiet: bool) -> anyhow::Result<()> {
    let mut shown = Shown { service, id, quiet, progress: None };
    let (mut last, mut failures) = (None, 0);
    loop {
        let before = last.clone();
        match stream(service, id, &mut last, &mut shown) {
            Ok(true) => break,
            Ok(false) => {}
            Err(error) if failures >= RETRIES => return Err(error),
            Err(_) => {}
        }
        failures = if last == before { failures + 1 } else { 0 };
        if failures > RETRIES {
            bail!("the service sends no events of job {id}; it goes on, see GET /scan/{id}");
        }
        thread::sleep(Duration::from_secs(u64::from(failures)));
    }
    if let Some(progress) = &shown.progress {
        progress.clear();
    }
    Ok(())
}

/// Reads one stream of events (the standard of Server-Sent Events: lines, an empty one ends an event). True when the
/// job has ended.
fn stream(service: &Connection, id: &Uuid, last: &mut Option<String>, shown: &mut Shown<'_>) -> anyhow::Result<bool> {
    let mut lines = BufReader::new(service.events(&format!("/scan/{id}/events"), last.as_deref())?);
    let (mut name, mut data, mut event_id) = (String::new(), String::new(), None);
    loop {
        let mut line = String::new();
        if lines.by_ref().take(LINE_BYTES_MAX).read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let line = line.trim_end();
        match line.split_once(':').map(|(field, value)| (field, value.strip_prefix(' ').unwrap_or(value))) {
            Some(("event", value)) => value.clone_into(&mut name),
            Some(("data", value)) => value.clone_into(&mut data),
            Some(("id", value)) => event_id = Some(value.to_owned()),
            Some(_) => {}
            None if line.is_empty() && !name.is_empty() => {
                if shown.event(&name, &data)? {
                    return Ok(true);
                }
                *last = event_id.take();
                name.clear();
            }
            None => {}
        }
    }
}

struct Shown<'a> {
    service: &'a Connection,
    id: &'a Uuid,
    quiet: bool,
    progress: Option<Progress>,
}

impl Shown<'_> {
    /// True when it was the last one.
    fn event(&mut self, name: &str, data: &str) -> anyhow::Result<bool> {
        match name {
            "end" => return Ok(true),
            "snapshot" => {
                let Snapshot { summary } = serde_json::from_str(data)?;
                if summary.total_repositories > 0 && self.progress.is_none() {
                    self.begin(summary.completed + summary.failed + summary.cancelled)?;
                }
            }
            "repository" => {
                if self.progress.is_none() {
                    self.begin(0)?;
                }
                self.repository(serde_json::from_str(data)?);
            }
            // What a newer service tells more.
            _ => {}
        }
        Ok(false)
    }

    fn begin(&mut self, ended: usize) -> anyhow::Result<()> {
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let from = after.map_or_else(String::new, |after: u32| format!("&after={after}"));
            let page: Page = self.service.get_json(&format!("/scan/{}/repositories?limit=1000{from}", self.id))?;
            names.extend(page.repositories.iter().map(|repository| clean(&repository.repo_name).into_owned()));
            after = page.next;
            if after.is_none() || names.len() >= crate::limits::REPOSITORIES_MAX {
                break;
            }
        }
        let watched = io::stderr().is_terminal() && !self.quiet;
        let mut progress = Progress::new(names, watched, self.quiet);
        progress.had_ended(ended);
        self.progress = Some(progress);
        Ok(())
    }

    fn repository(&mut self, repository: Repository) {
        let Some(progress) = &mut self.progress else { return };
        if let Some(outcome) = &repository.outcome {
            return progress.ended(repository.repo_index, &clean(outcome));
        }
        let Moved { total_files, current_file, current_file_name, message } = repository.progress;
        let cleaned = |text: Option<String>| text.map(|text| clean(&text).into_owned());
        let mut status = RepoStatus::new(repository.repo_index, &clean(&repository.repo_name), 1, 0, Timestamp::now());
        status.status = repository.status;
        status.total_files = total_files.unwrap_or(0);
        status.current_file = current_file.unwrap_or(0);
        status.current_filename = cleaned(current_file_name);
        status.message = cleaned(message);
        progress.moved(&status);
    }
}
