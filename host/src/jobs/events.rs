//! What happened in a job of late, for clients that follow it. Bounded: who falls behind is told so and begins again
//! with the job as it is, so that no slow client costs memory.

use std::collections::VecDeque;

use fumehood_contract::master::{Ended, JobState, Summary};
use fumehood_contract::{RepoState, RepoStatus};
use serde::Serialize;

use super::view::Progress;
use crate::limits::EVENTS_KEPT;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The job's numbers changed.
    Job {
        /// Derived from the repositories.
        status: JobState,
        /// How many repositories are where.
        summary: Summary,
    },
    /// A repository went on or ended.
    Repository(Box<RepositoryEvent>),
}

/// What happened to a repository.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RepositoryEvent {
    /// Position in the job.
    pub repo_index: u32,
    /// Its name.
    pub repo_name: String,
    /// Its state.
    pub status: RepoState,
    /// How far it is.
    pub progress: Progress,
    /// How it ended, if it has: `completed`, `out_of_fuel`, `killed`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Why it failed, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Event {
    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Job { .. } => "job",
            Self::Repository(_) => "repository",
        }
    }

    /// A repository's status as an event.
    pub(super) fn progress(status: &RepoStatus) -> Self {
        Self::Repository(Box::new(RepositoryEvent {
            repo_index: status.repo_index,
            repo_name: status.repo_name.clone(),
            status: status.status,
            progress: super::view::progress(status),
            outcome: None,
            error: None,
        }))
    }

    /// A repository's end as an event.
    pub(super) fn ended(status: &RepoStatus, ended: &Ended) -> Self {
        let mut event = Self::progress(status);
        if let Self::Repository(event) = &mut event {
            event.outcome = Some(ended.outcome.clone());
            event.error.clone_from(&ended.error);
        }
        event
    }
}

/// The last [`EVENTS_KEPT`] events, numbered from 1.
#[derive(Debug, Default)]
pub struct Events {
    kept: VecDeque<Event>,
    count: u64,
}

impl Events {
    pub(super) fn push(&mut self, event: Event) {
        if self.kept.len() == EVENTS_KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(event);
        self.count += 1;
    }

    /// The number of the last event; 0 if there was none.
    pub fn last(&self) -> u64 {
        self.count
    }

    /// At most `max` events after number `seen`, with their numbers; `None` if some of them are not kept any more, or
    /// are yet to come.
    pub fn after(&self, seen: u64, max: usize) -> Option<Vec<(u64, Event)>> {
        let first = self.count - self.kept.len() as u64 + 1;
        if seen > self.count || seen + 1 < first {
            return None;
        }
        let skipped = usize::try_from(seen + 1 - first).unwrap_or(usize::MAX);
        Some((seen + 1..).zip(self.kept.iter().skip(skipped).take(max).cloned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event::Job { status: JobState::InProgress, summary: Summary::default() }
    }

    #[test]
    fn who_falls_behind_is_told() {
        let mut events = Events::default();
        assert_eq!(events.after(0, 10), Some(vec![]));
        assert_eq!(events.after(1, 10), None);
        for _ in 0..EVENTS_KEPT + 5 {
            events.push(event());
        }
        let last = events.last();
        assert_eq!(events.after(4, 1), None);
        assert_eq!(events.after(5, 1).map(|found| found[0].0), Some(6));
        assert_eq!(events.after(5, usize::MAX).map(|found| found.len()), Some(EVENTS_KEPT));
        assert_eq!(events.after(last, 1), Some(vec![]));
        assert_eq!(events.after(last + 1, 1), None);
    }
}
