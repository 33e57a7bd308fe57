//! Jobs: start, show, list, cancel, retry.

use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use fumehood_contract::master::JobState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::auth::{Reader, Scanner};
use super::body::JsonBody;
use super::etag::Known;
use super::notes::Notes;
use super::path::JobId;
use super::problem::{Document, OfAnybody, OfJob, Problem};
use super::{App, off_thread};
use crate::jobs::live::read;
use crate::jobs::view::ScanDocument;
use crate::limits::{HTTP_ANSWER, IDEMPOTENCY_KEY_BYTES_MAX};
use crate::service::index::Repeat;
use crate::service::{BadRequest, Job, NotTaken, ScanRequest};
use crate::tenants::Tenant;

/// A job that was taken.
#[derive(Serialize, ToSchema)]
pub(super) struct Taken {
    /// Its id.
    job_id: String,
    /// Nothing was begun yet.
    status: JobState,
    /// Where it says how far it is.
    status_url: String,
}

/// Start a job
///
/// Answers at once; which repositories a group has is found out behind that. With an `Idempotency-Key` the same
/// request may be sent again: it starts one job. A `scanner` that is not for you is refused with the code `no_scanner`.
#[utoipa::path(post, path = "/scan", tag = "jobs", security(("token" = [])),
    request_body = ScanRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Names this request, at most 255 bytes")),
    responses(
        (status = 202, description = "It was taken; Location says where it is", body = Taken),
        (status = 409, description = "The first request with this key is being taken",
            body = Document, content_type = "application/problem+json"),
        (status = 408, description = "The body did not arrive in time", body = Document,
            content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Document,
            content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = Document, content_type = "application/problem+json"),
        (status = 507, description = "The disk is full", body = Document, content_type = "application/problem+json"),
        OfAnybody,
    ))]
pub(super) async fn start(
    State(app): State<App>,
    Scanner(tenant): Scanner,
    Extension(notes): Extension<Notes>,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let invalid = |why: String| Problem::Invalid(crate::text::clean(&why).into_owned());
    let request: ScanRequest = serde_json::from_slice(&body).map_err(|error| invalid(error.to_string()))?;
    let repeat = repeat(&headers, &body)?;
    let accepted = off_thread(move || {
        app.service.check(&tenant, &request).map_err(|error| {
            let is_scanner = matches!(error, BadRequest::Scanner);
            if is_scanner { Problem::NoScanner(error.to_string()) } else { invalid(error.to_string()) }
        })?;
        app.service.accept(&tenant, request, repeat).map_err(Problem::from)
    });
    let accepted = accepted.await??;
    notes.set_job(accepted.id);
    let location = format!("/scan/{}", accepted.id);
    let taken = Taken { job_id: accepted.id.to_string(), status: JobState::Initializing, status_url: location.clone() };
    let mut response = (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(taken)).into_response();
    if accepted.is_repeated {
        response.headers_mut().insert("idempotency-replayed", header::HeaderValue::from_static("true"));
    }
    Ok(response)
}

fn repeat(headers: &HeaderMap, body: &[u8]) -> Result<Option<Repeat>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| (1..=IDEMPOTENCY_KEY_BYTES_MAX).contains(&key.len()));
    let bad = || Problem::Invalid(format!("Idempotency-Key must be 1 to {IDEMPOTENCY_KEY_BYTES_MAX} visible letters"));
    key.map(|key| Some(Repeat::new(key, body))).ok_or_else(bad)
}

impl From<NotTaken> for Problem {
    fn from(why: NotTaken) -> Self {
        let text = why.to_string();
        match why {
            NotTaken::TooManyJobs(_) | NotTaken::TooManyRepositories(..) | NotTaken::TooMuchStored(_) => {
                Self::TooMany(text)
            }
            NotTaken::DiskFull => Self::NoRoom(text),
            NotTaken::Store(error) => {
                // Where it is stored is nothing for clients.
                crate::log::say(&format!("a job is not taken: {error}"));
                Self::NoRoom("the job cannot be stored; try again later".to_owned())
            }
            NotTaken::Stopping => Self::Unavailable(text),
            NotTaken::NoScanner => Self::NoScanner(text),
            NotTaken::KeyReused => Self::KeyReused(text),
            NotTaken::KeyInUse => Self::Conflict(text),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wait {
    /// Seconds to wait for something new, at most 60
    wait: Option<u64>,
}

/// How far a job is
///
/// With `If-None-Match` 304 where nothing is new; with `?wait=` that is waited for, unless too many of yours wait
/// already.
#[utoipa::path(get, path = "/scan/{job_id}", tag = "jobs", security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"), Wait,
        ("If-None-Match" = Option<String>, Header, description = "The ETag of the answer before")),
    responses(
        (status = 200, description = "The job", body = ScanDocument),
        (status = 304, description = "Nothing is new"),
        OfJob,
    ))]
pub(super) async fn show(
    State(app): State<App>,
    Reader(tenant): Reader,
    JobId(id): JobId,
    query: Result<Query<Wait>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Query(Wait { wait }) = query?;
    let known = Known::of(&headers);
    let mut job = look_up(&app, &tenant, id).await?;
    let waiter = wait.and_then(|_| app.waiting.begin(&tenant));
    let seconds = wait.filter(|_| waiter.is_some()).unwrap_or(0);
    let end = tokio::time::Instant::now() + Duration::from_secs(seconds).min(HTTP_ANSWER);
    let seen = known.clone().or_else(|| wait.map(|_| Known::one(&state(&job).0)));
    loop {
        let (etag, body) = state(&job);
        if !seen.as_ref().is_some_and(|seen| seen.has(&etag)) {
            return Ok(answer(etag, body));
        }
        let Job::Running { mut version, .. } = job else { break };
        version.mark_unchanged();
        // Between the look and the mark something may have happened.
        let missed = matches!(&look_up(&app, &tenant, id).await?, fresh if state(fresh).0 != etag);
        // The sender is gone when the job is over: that is news, too.
        if !missed && tokio::time::timeout_at(end, version.changed()).await.is_err() {
            break;
        }
        job = look_up(&app, &tenant, id).await?;
    }
    let (etag, body) = state(&look_up(&app, &tenant, id).await?);
    if known.is_some_and(|known| known.has(&etag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    Ok(answer(etag, body))
}

fn answer(etag: String, body: std::sync::Arc<[u8]>) -> Response {
    let headers = [
        (header::ETAG, etag),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
        (header::CONTENT_TYPE, "application/json".to_owned()),
    ];
    (headers, Body::from(Bytes::from_owner(body))).into_response()
}

/// The ETag and the document.
fn state(job: &Job) -> (String, std::sync::Arc<[u8]>) {
    match job {
        Job::Running { live, .. } => {
            let rendered = read(live).rendered();
            (rendered.etag, rendered.body)
        }
        Job::Ended(job) => (job.etag.clone(), std::sync::Arc::clone(&job.body)),
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Removal {
    /// Remove a job that has ended, with its reports
    #[serde(default)]
    remove: bool,
}

/// Cancel a job, or remove one that has ended
#[utoipa::path(delete, path = "/scan/{job_id}", tag = "jobs", security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"), Removal),
    responses(
        (status = 202, description = "What runs is being killed, what waits is cancelled"),
        (status = 204, description = "It was removed"),
        (status = 409, description = "It has ended already, or not yet", body = Document,
            content_type = "application/problem+json"),
        OfJob,
    ))]
pub(super) async fn cancel(
    State(app): State<App>,
    Scanner(tenant): Scanner,
    JobId(id): JobId,
    query: Result<Query<Removal>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Removal { remove }) = query?;
    look_up(&app, &tenant, id).await?;
    if !remove {
        let is_running = app.service.cancel(&tenant, id);
        let ended = || Problem::Conflict("it has ended already; ?remove=true removes it".to_owned());
        return if is_running { Ok(StatusCode::ACCEPTED.into_response()) } else { Err(ended()) };
    }
    match off_thread(move || app.service.remove(&tenant, id)).await? {
        Ok(true) => Ok(StatusCode::NO_CONTENT.into_response()),
        Ok(false) => Err(Problem::Conflict("it has not ended; cancel it first".to_owned())),
        Err(error) => {
            crate::log::say(&format!("job {id} cannot be removed: {error}"));
            Err(Problem::Internal)
        }
    }
}

/// What is tried again.
#[derive(Serialize, ToSchema)]
pub(super) struct Again {
    /// How many repositories.
    repositories: usize,
}

/// Scan again what failed, timed out or was cancelled
#[utoipa::path(post, path = "/scan/{job_id}/retry", tag = "jobs", security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken")),
    responses(
        (status = 202, description = "The job goes on", body = Again),
        (status = 409, description = "It has not ended, or nothing failed", body = Document,
            content_type = "application/problem+json"),
        (status = 507, description = "The disk is full", body = Document, content_type = "application/problem+json"),
        OfJob,
    ))]
pub(super) async fn retry(
    State(app): State<App>,
    Scanner(tenant): Scanner,
    JobId(id): JobId,
) -> Result<Response, Problem> {
    look_up(&app, &tenant, id).await?;
    match off_thread(move || app.service.retry(&tenant, id)).await? {
        None => Err(Problem::Conflict("it has not ended, or is being changed in this moment".to_owned())),
        Some(Ok(0)) => Err(Problem::Conflict("every repository of it was scanned".to_owned())),
        Some(Ok(repositories)) => Ok((StatusCode::ACCEPTED, Json(Again { repositories })).into_response()),
        Some(Err(why)) => Err(why.into()),
    }
}

/// A job that runs is in memory; others are on the disk, and that is not for the threads that serve others.
pub(super) async fn look_up(app: &App, tenant: &Tenant, id: Uuid) -> Result<Job, Problem> {
    if let Some(job) = app.service.job_in_memory(tenant, id) {
        return Ok(job);
    }
    let (app, tenant) = (app.clone(), tenant.clone());
    off_thread(move || app.service.job(&tenant, id)).await?.ok_or(Problem::NotFound)
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::Invalid(crate::text::clean(&rejection.body_text()).into_owned())
    }
}
