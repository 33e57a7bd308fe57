//! Jobs: start, show, list, cancel, report.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fumehood_contract::Timestamp;
use fumehood_contract::master::{JobState, Master};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::App;
use super::auth::{Reader, Scanner};
use super::problem::Problem;
use crate::jobs::dispatcher::read;
use crate::jobs::view::{self, ScanDocument};
use crate::limits::HTTP_ANSWER;
use crate::report::{self, cyclonedx, json, table};
use crate::service::{Job, NotTaken, ScanRequest, is_over};

#[derive(Serialize)]
struct Accepted {
    job_id: String,
    status: JobState,
    status_url: String,
}

/// `POST /scan`: 202 at once; what the job is made of is found out behind that.
pub(super) async fn start(State(app): State<App>, Scanner(tenant): Scanner, body: Bytes) -> Result<Response, Problem> {
    let invalid = |why: String| Problem::Invalid(crate::text::clean(&why).into_owned());
    let request: ScanRequest = serde_json::from_slice(&body).map_err(|error| invalid(error.to_string()))?;
    let accepted = off_thread(move || {
        app.service.check(&request).map_err(|error| Problem::Invalid(error.to_string()))?;
        app.service.accept(&tenant, request).map_err(|error| match error {
            NotTaken::TooManyJobs(_) => Problem::TooMany(error.to_string()),
            NotTaken::Stopping | NotTaken::Store(_) => Problem::Unavailable(error.to_string()),
        })
    });
    let id = accepted.await??;
    let location = format!("/scan/{id}");
    let accepted = Accepted { job_id: id.to_string(), status: JobState::Initializing, status_url: location.clone() };
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(accepted)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wait {
    /// Seconds to wait for something new, at most [`HTTP_ANSWER`].
    wait: Option<u64>,
}

/// `GET /scan/{job_id}`: the ordered document. With `If-None-Match` 304 where nothing is new; with `?wait=` that
/// is waited for.
pub(super) async fn show(
    State(app): State<App>,
    Reader(tenant): Reader,
    Path(id): Path<String>,
    query: Result<Query<Wait>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(Wait { wait }) = query.map_err(|error| Problem::Invalid(error.body_text()))?;
    let id = job_id(&id)?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let end = tokio::time::Instant::now() + Duration::from_secs(wait.unwrap_or(0)).min(HTTP_ANSWER);
    loop {
        let job = look_up(&app, &tenant, id).await?;
        let (etag, document) = state(&job);
        let is_news = known.as_ref().is_none_or(|known| *known != etag);
        let version = match job {
            Job::Running { version, .. } if !is_news || (known.is_none() && wait.is_some()) => version,
            Job::Running { .. } | Job::Ended(_) if is_news => return Ok(answer(etag, &document)),
            Job::Running { .. } | Job::Ended(_) => return Ok(not_modified(etag)),
        };
        let mut version = version;
        version.mark_unchanged();
        // The sender is gone when the job is over: that is news, too.
        if tokio::time::timeout_at(end, version.changed()).await.is_err() {
            return Ok(if is_news { answer(etag, &document) } else { not_modified(etag) });
        }
        if known.is_none() {
            let job = look_up(&app, &tenant, id).await?;
            let (etag, document) = state(&job);
            return Ok(answer(etag, &document));
        }
    }
}

fn answer(etag: String, document: &ScanDocument) -> Response {
    ([(header::ETAG, etag), (header::CACHE_CONTROL, "no-cache".to_owned())], Json(document)).into_response()
}

fn not_modified(etag: String) -> Response {
    (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response()
}

fn state(job: &Job) -> (String, ScanDocument) {
    let now = Timestamp::now();
    match job {
        Job::Running { live, .. } => {
            let live = read(live);
            let mut master = live.master.clone();
            master.summary = view::summary(&master, &live.statuses);
            master.status = view::job_state(&master, &master.summary);
            (
                format!("\"{}-{}\"", master.started_at.unix_seconds(), live.version),
                view::document(&master, &live.statuses, now),
            )
        }
        Job::Ended(master) => {
            let ended = master.completed_at.unwrap_or(master.last_aggregation);
            (format!("\"{}-ended\"", ended.unix_seconds()), view::document(master, &BTreeMap::new(), now))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// The last job of the page before.
    after: Option<Uuid>,
    /// 1 to 100.
    limit: Option<usize>,
}

#[derive(Serialize)]
struct List {
    jobs: Vec<Summary>,
    /// For the next page; none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

#[derive(Serialize)]
struct Summary {
    job_id: String,
    group_url: String,
    status: JobState,
    total_repositories: u32,
    started_at: Timestamp,
    completed_at: Option<Timestamp>,
}

/// `GET /scan`: the tenant's jobs, newest first.
pub(super) async fn list(
    State(app): State<App>,
    Reader(tenant): Reader,
    query: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Page { after, limit }) = query.map_err(|error| Problem::Invalid(error.body_text()))?;
    let limit = limit.unwrap_or(20).clamp(1, 100);
    let masters = off_thread(move || app.service.jobs(&tenant, after, limit)).await?;
    let next = (masters.len() == limit).then(|| masters.last().map(|master| master.job_id.clone())).flatten();
    Ok(Json(List { jobs: masters.into_iter().map(summary).collect(), next }).into_response())
}

fn summary(master: Master) -> Summary {
    Summary {
        job_id: master.job_id,
        group_url: master.group_url,
        status: master.status,
        total_repositories: master.total_repositories,
        started_at: master.started_at,
        completed_at: master.completed_at,
    }
}

/// `DELETE /scan/{job_id}`: what runs is killed, what waits is cancelled.
pub(super) async fn cancel(
    State(app): State<App>,
    Scanner(tenant): Scanner,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = job_id(&id)?;
    if app.service.cancel(&tenant, id) {
        return Ok(StatusCode::ACCEPTED.into_response());
    }
    look_up(&app, &tenant, id).await?;
    Err(Problem::Conflict("it has ended already".to_owned()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Format {
    format: Option<String>,
}

/// `GET /scan/{job_id}/report`: of a job that has ended, in the formats of `scan`.
pub(super) async fn report(
    State(app): State<App>,
    Reader(tenant): Reader,
    Path(id): Path<String>,
    query: Result<Query<Format>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Format { format }) = query.map_err(|error| Problem::Invalid(error.body_text()))?;
    let id = job_id(&id)?;
    let Job::Ended(master) = look_up(&app, &tenant, id).await? else {
        return Err(Problem::Conflict("it has not ended; its report comes with its end".to_owned()));
    };
    if !is_over(master.status) {
        return Err(Problem::Conflict("it has not ended; its report comes with its end".to_owned()));
    }
    let store = app.service.store(&tenant, id);
    let kind = match format.as_deref() {
        None | Some("json") => "application/json",
        Some("cyclonedx") => "application/vnd.cyclonedx+json; version=1.6",
        Some("table") => "text/plain; charset=utf-8",
        Some(_) => return Err(Problem::Invalid("format is json, cyclonedx or table".to_owned())),
    };
    let written = off_thread(move || {
        let reports = report::of_job(&store, &master);
        let mut out = Vec::new();
        match format.as_deref() {
            Some("cyclonedx") => cyclonedx::write(&mut out, &reports),
            Some("table") => table::write(&mut out, &reports, false),
            Some(_) | None => {
                let document = view::document(&master, &BTreeMap::new(), Timestamp::now());
                json::write(&mut out, &document, &reports)
            }
        }
        .map(|()| out)
    });
    let body = written.await?.map_err(|error| Problem::Unavailable(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// An id that is no id is a job that is not there.
fn job_id(text: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text).map_err(|_| Problem::NotFound)
}

async fn look_up(app: &App, tenant: &crate::tenants::Tenant, id: Uuid) -> Result<Job, Problem> {
    let (app, tenant) = (app.clone(), tenant.clone());
    off_thread(move || app.service.job(&tenant, id)).await?.ok_or(Problem::NotFound)
}

/// Work that touches the disk, off the threads that serve others.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        let _entered = runtime.enter();
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::Unavailable("something of ours failed".to_owned()))
}
