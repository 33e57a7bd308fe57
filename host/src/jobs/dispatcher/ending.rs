//! From a worker that is gone to how its repository ended: collects the evidence, has it judged, says
//! it in words.

use fumehood_contract::master::Ended;
use fumehood_contract::{RepoState, RepoStatus, Timestamp};

use crate::jobs::outcome::{Evidence, Exit, Outcome, ReportEnd, StatusEnd, classify, libc_signals};
use crate::jobs::reuse::Reuse;
use crate::jobs::status_reader::{Reader, Refused};
use crate::jobs::store::StoreError;
use crate::report::Found;
use crate::report::reader::{self, Reading};
use crate::source::Listing;
use crate::worker::lockdown::Layer;
use crate::worker::spec::{Spec, Verdict, VerdictKind};
use crate::worker::supervise::Gone;

/// How one repository ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) index: u32,
    pub(super) ended: Ended,
    pub(super) listing: Option<Listing>,
    /// What its worker found, if it was asked for.
    pub(super) found: Option<Found>,
    /// Whether it is our own fault, and another try may help.
    pub(super) may_retry: bool,
}

/// How a repository ends whose supervisor, or whose examination, panicked.
pub(super) fn lost(index: u32) -> Finished {
    let mut ended = never_begun(Timestamp::now());
    ended.state = Outcome::HostError.state();
    Outcome::HostError.name().clone_into(&mut ended.outcome);
    ended.error = Some("its supervisor failed, which is a bug in fumehood: please report it".to_owned());
    Finished { index, ended, listing: None, found: None, may_retry: false }
}

/// How a repository ends for which no worker could be started.
pub(super) fn not_begun(index: u32, attempt: u32, begun: Timestamp, outcome: Outcome, error: String) -> Finished {
    let mut ended = never_begun(begun);
    ended.state = outcome.state();
    outcome.name().clone_into(&mut ended.outcome);
    ended.attempt = attempt;
    ended.completed_at = Timestamp::now();
    ended.error = Some(error);
    Finished { index, ended, listing: None, found: None, may_retry: outcome.is_worth_a_retry() }
}

/// How a repository ends that has no folder on the disk.
pub(super) fn no_room(index: u32, attempt: u32, error: &StoreError) -> Finished {
    not_begun(index, attempt, Timestamp::now(), Outcome::HostError, error.to_string())
}

/// How a repository ends that was cancelled before a worker was started on it.
pub(super) fn never_begun(now: Timestamp) -> Ended {
    Ended {
        state: Outcome::Cancelled.state(),
        outcome: Outcome::Cancelled.name().to_owned(),
        attempt: 0,
        pid: 0,
        started_at: now,
        completed_at: now,
        complete: false,
        commit: None,
        reused: false,
        peak_memory_bytes: None,
        sandbox_missing: None,
        exit: None,
        error: None,
        stderr: None,
    }
}

/// Reads what the worker left and judges it. Puts an earlier scan's files in place where the worker was told that
/// there are some, and keeps the files of a scan that can be used again. What was found is kept if `keeps`.
pub(super) fn judge(spec: &Spec, mut gone: Gone, reuse: Option<&Reuse>, keeps: bool) -> Finished {
    let reused = put_in_place(spec, &mut gone, reuse);
    let files = Reader::open(&spec.status_dir);
    let (final_status, status, status_defect) = status_end(&files, spec, gone.pid);
    let (reading, found) = report_end(&files, keeps);
    let listing_is_complete = gone.told.listing.as_ref().is_some_and(Listing::is_complete);
    let has_gaps = reading.end == ReportEnd::Whole && !listing_is_complete;
    let report = if has_gaps { ReportEnd::WithGaps } else { reading.end };
    let verdict = gone.told.verdict.as_ref().map(|verdict| verdict.kind);
    let outcome = classify(&Evidence { stop: gone.stop, exit: gone.exit, verdict, report, status });
    let defects = [status_defect, reading.defect].into_iter().flatten().collect::<Vec<_>>().join("; ");
    let failed = outcome.state() != RepoState::Completed;
    if let (false, false, Some(reuse), Ok(files), Some(status)) = (failed, reused, reuse, &files, &final_status) {
        keep(spec, &gone, reuse, files, status);
    }
    Finished {
        index: spec.repo_index,
        ended: Ended {
            state: outcome.state(),
            outcome: outcome.name().to_owned(),
            attempt: spec.attempt,
            pid: gone.pid,
            started_at: spec.started_at,
            completed_at: Timestamp::now(),
            complete: outcome == Outcome::Completed,
            commit: gone.told.commit.clone(),
            reused,
            peak_memory_bytes: gone.told.peak_memory,
            sandbox_missing: gone.told.missing.as_deref().map(names),
            error: failed.then(|| explanation(outcome, &gone, &defects)),
            stderr: Some(gone.stderr_tail).filter(|tail| failed && !tail.is_empty()),
            exit: failed.then_some(gone.exit_text),
        },
        listing: gone.told.listing,
        found,
        may_retry: outcome.is_worth_a_retry(),
    }
}

/// Whether an earlier scan's files were put in place. If they should have been and could not be, the worker
/// has said nothing that counts: another try scans.
fn put_in_place(spec: &Spec, gone: &mut Gone, reuse: Option<&Reuse>) -> bool {
    if !gone.told.verdict.as_ref().is_some_and(|verdict| verdict.kind == VerdictKind::Known) {
        return false;
    }
    let taken = reuse.zip(gone.told.advertised.as_ref()).and_then(|(reuse, object)| {
        // Another process may have removed the entry in this moment.
        reuse.take(&Reuse::key(spec, object), spec, gone.pid).ok()
    });
    match taken {
        Some(entry) => {
            gone.told.commit = entry.commit;
            gone.told.listing = Some(entry.listing);
            true
        }
        None => {
            let gone_by = "the earlier scan of this commit is gone; try again";
            gone.told.verdict = Some(Verdict::new(VerdictKind::HostError, gone_by));
            false
        }
    }
}

/// Keeps a scan for the next time. If that does not work, the next time scans again.
fn keep(spec: &Spec, gone: &Gone, reuse: &Reuse, files: &Reader, status: &RepoStatus) {
    if let (Some(object), Some(listing)) = (&gone.told.advertised, &gone.told.listing) {
        let entry = (gone.told.commit.clone(), listing.clone());
        let _again = reuse.keep(&Reuse::key(spec, object), files, status, entry);
    }
}

fn status_end(
    files: &Result<Reader, Refused>,
    spec: &Spec,
    pid: u32,
) -> (Option<RepoStatus>, StatusEnd, Option<String>) {
    let Ok(files) = files else { return (None, StatusEnd::Other, None) };
    let known = RepoStatus::new(spec.repo_index, &spec.repo_name, spec.attempt, pid, spec.started_at);
    match files.read(&known) {
        Ok(Some(status)) if status.status == RepoState::Completed => (Some(status), StatusEnd::Completed, None),
        Ok(status) => (status, StatusEnd::Other, None),
        Err(refused) => (None, StatusEnd::Violating, Some(refused.to_string())),
    }
}

fn report_end(files: &Result<Reader, Refused>, keeps: bool) -> (Reading, Option<Found>) {
    match files {
        Ok(files) if keeps => {
            let (reading, found) = Found::read(files);
            (reading, Some(found))
        }
        Ok(files) => (reader::read(files, &mut |_| {}), None),
        Err(refused) => (Reading::without_lines(ReportEnd::Missing, &refused.to_string()), None),
    }
}

/// The layers by name, each once, whatever a worker said.
fn names(missing: &[Layer]) -> Vec<String> {
    let all = Layer::SYSTEM.into_iter().chain(Layer::GUEST);
    all.filter(|layer| missing.contains(layer)).map(|layer| layer.name().to_owned()).collect()
}

/// What happened and what to do, for people.
fn explanation(outcome: Outcome, gone: &Gone, defects: &str) -> String {
    let said = gone.told.verdict.as_ref().map(|verdict| verdict.message.as_str()).filter(|message| !message.is_empty());
    match outcome {
        Outcome::Completed | Outcome::Incomplete => String::new(),
        Outcome::TimedOut => "it took longer than it may; see --timeout".to_owned(),
        Outcome::Stale => "its worker gave no sign of life and was killed; try again".to_owned(),
        Outcome::Cancelled => "cancelled".to_owned(),
        Outcome::Killed(signal) => {
            format!("its worker was killed by signal {signal} ({}); try again", signal_hint(signal))
        }
        Outcome::SandboxViolation => "its worker was killed for a forbidden system call".to_owned(),
        Outcome::TooLarge => said.map_or_else(
            || format!("it, or its report, is larger than we take {defects}").trim_end().to_owned(),
            str::to_owned,
        ),
        Outcome::ProtocolViolation => {
            let why = if defects.is_empty() { "its status file does not say that it completed" } else { defects };
            format!("the scanner broke the contract: {}", said.unwrap_or(why))
        }
        Outcome::FetchFailed
        | Outcome::OutOfFuel
        | Outcome::OutOfMemory
        | Outcome::StackOverflow
        | Outcome::Trapped => said.unwrap_or("the worker did not say why").to_owned(),
        Outcome::HostError => said.map_or_else(|| silent(gone), str::to_owned),
    }
}

fn silent(gone: &Gone) -> String {
    match gone.exit {
        Exit::NotStarted => format!("its worker could not be started: {}", gone.stderr_tail),
        Exit::Code(_) | Exit::Signal(_) => {
            format!("its worker ended without saying why ({}); its standard error may tell", gone.exit_text)
        }
    }
}

fn signal_hint(signal: i32) -> &'static str {
    match signal {
        libc_signals::SIGKILL => "by hand, or by the kernel for want of memory",
        libc_signals::SIGTERM => "somebody asked it to end",
        _ => "it crashed",
    }
}
