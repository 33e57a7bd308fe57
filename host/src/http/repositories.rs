//! The repositories of a job, one by one and page by page.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use fumehood_contract::master::{Ended, Master};
use fumehood_contract::{RepoState, RepoStatus, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Reader;
use super::path::{JobId, RepoIndex};
use super::problem::{OfJob, Problem};
use super::scans::look_up;
use super::{App, off_thread};
use crate::jobs::live::read;
use crate::jobs::status_reader::{self, Reader as StatusReader};
use crate::jobs::store::JobStore;
use crate::service::Job;

/// One repository.
#[derive(Serialize, ToSchema)]
pub(super) struct Repository {
    /// The document that its scanner writes, checked.
    #[serde(flatten)]
    status: RepoStatus,
    /// How it ended, if it has: `completed`, `incomplete`, `out_of_fuel`, `killed`, …
    outcome: Option<String>,
    /// Why it failed, if it has.
    error: Option<String>,
    /// The commit that was scanned, if it was fetched.
    commit: Option<String>,
}

/// Some repositories.
#[derive(Serialize, ToSchema)]
pub(super) struct Page {
    /// In the order of the job.
    repositories: Vec<Short>,
    /// Put it into `after` for the next page; there is none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u32>,
}

/// A repository in short.
#[derive(Serialize, ToSchema)]
pub(super) struct Short {
    repo_index: u32,
    repo_name: String,
    status: RepoState,
    outcome: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// The last repository of the page before
    #[param(value_type = Option<i64>, minimum = 0, maximum = 4_294_967_295_i64)]
    after: Option<u32>,
    /// 1 to 1000, usually 100
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Only repositories in this state
    #[param(inline)]
    status: Option<RepoState>,
}

/// The repositories of a job
#[utoipa::path(get, path = "/scan/{job_id}/repositories", tag = "repositories", security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"), Part),
    responses(
        (status = 200, description = "A page of them", body = Page),
        OfJob,
    ))]
pub(super) async fn list(
    State(app): State<App>,
    Reader(tenant): Reader,
    JobId(id): JobId,
    query: Result<Query<Part>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(part) = query?;
    let limit = part.limit.unwrap_or(100);
    if !(1..=1000).contains(&limit) {
        return Err(Problem::Invalid("limit is 1 to 1000".to_owned()));
    }
    let page = match look_up(&app, &tenant, id).await? {
        Job::Running { live, .. } => {
            let live = read(&live);
            let state = |index: u32| crate::jobs::view::repo_state(&live.master, &live.statuses, index);
            page(&live.master, &part, limit, state)
        }
        Job::Ended(job) => {
            let none = std::collections::BTreeMap::new();
            page(&job.master, &part, limit, |index| crate::jobs::view::repo_state(&job.master, &none, index))
        }
    };
    Ok(Json(page).into_response())
}

fn page(master: &Master, part: &Part, limit: usize, state: impl Fn(u32) -> RepoState) -> Page {
    let first = part.after.map_or(0, |after| after.saturating_add(1) as usize);
    let named = (0u32..).zip(&master.repositories).skip(first);
    let mut found: Vec<_> = named
        .map(|(index, repository)| (index, repository, state(index)))
        .filter(|(_, _, state)| part.status.is_none_or(|wanted| wanted == *state))
        .take(limit + 1)
        .map(|(index, repository, status)| {
            let ended = master.ended.get(&index);
            Short {
                repo_index: index,
                repo_name: repository.name.clone(),
                status,
                outcome: ended.map(|ended| ended.outcome.clone()),
                error: ended.and_then(|ended| ended.error.clone()),
            }
        })
        .collect();
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| last.repo_index);
    Page { repositories: found, next }
}

/// How far a repository is
#[utoipa::path(get, path = "/scan/{job_id}/repositories/{repo_index}", tag = "repositories", security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"),
        ("repo_index" = String, Path, description = "Position in the job, from 0")),
    responses(
        (status = 200, description = "The repository", body = Repository),
        OfJob,
    ))]
pub(super) async fn show(
    State(app): State<App>,
    Reader(tenant): Reader,
    JobId(id): JobId,
    RepoIndex(index): RepoIndex,
) -> Result<Response, Problem> {
    let job = look_up(&app, &tenant, id).await?;
    let store = app.service.store(&tenant, id);
    let (name, live, ended, begun) = match &job {
        Job::Running { live, .. } => {
            let live = read(live);
            let status = live.statuses.get(&index).cloned();
            (name(&live.master, index)?, status, live.master.ended.get(&index).cloned(), live.master.started_at)
        }
        Job::Ended(job) => {
            (name(&job.master, index)?, None, job.master.ended.get(&index).cloned(), job.master.started_at)
        }
    };
    let status = match (&ended, live) {
        (None, Some(status)) => status,
        (None, None) => RepoStatus::new(index, &name, 0, 0, begun),
        (Some(ended), _) => {
            let ended = ended.clone();
            off_thread(move || final_status(&store, index, &name, &ended)).await?
        }
    };
    let (outcome, error, commit) =
        ended.map_or((None, None, None), |ended| (Some(ended.outcome), ended.error, ended.commit));
    Ok(Json(Repository { status, outcome, error, commit }).into_response())
}

/// What the worker wrote last, as far as it can be believed, with the end as we know it.
fn final_status(store: &JobStore, index: u32, name: &str, ended: &Ended) -> RepoStatus {
    let known = RepoStatus::new(index, name, ended.attempt, ended.pid, ended.started_at);
    let attempt = ended.attempt.max(1);
    let written = match store.kept_status(index, attempt) {
        Some(bytes) => status_reader::check(&bytes, &known).ok(),
        None => {
            StatusReader::open(&store.status_dir(index, attempt)).and_then(|reader| reader.read(&known)).ok().flatten()
        }
    };
    let mut status = written.unwrap_or(known);
    status.status = ended.state;
    status.completed_at = Some(ended.completed_at);
    status.last_update = status.last_update.max(Timestamp::from_unix_seconds(0)).min(ended.completed_at);
    status
}

fn name(master: &Master, index: u32) -> Result<String, Problem> {
    let found = master.repositories.get(index as usize);
    found.map(|repository| repository.name.clone()).ok_or(Problem::NotFound)
}
