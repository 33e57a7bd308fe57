//! Reports of a job or of one repository, in every format of `scan`, judged by the tenant's policy.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use fumehood_contract::master::Master;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::auth::Reader;
use super::path::{JobId, RepoIndex};
use super::problem::{Document, OfJob, Problem};
use super::scans::look_up;
use super::{App, off_thread};
use crate::jobs::fair::Place;
use crate::jobs::store::JobStore;
use crate::limits::REPORT_ENTRIES_MAX;
use crate::policy::{Date, Policy};
use crate::report::{self, FinishedJob, Format, RepoReport};
use crate::service::Job;
use crate::tenants::Tenant;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wish {
    /// The format's name; without it the header Accept decides, and without that it is json
    format: Option<String>,
}

/// The report of a job that has ended
#[utoipa::path(get, path = "/scan/{job_id}/report", tag = "reports", security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"), Wish),
    responses(
        (status = 200, description = "The report",
            headers(("fumehood-verdict" = Option<String>, description = "What the tenant's policy says of all of it")),
            content(
            ("application/json"), ("application/vnd.cyclonedx+json"), ("application/spdx+json"),
            ("application/sarif+json"), ("application/xml"), ("text/plain"), ("text/markdown"), ("text/csv"),
            ("text/html"))),
        (status = 406, description = "None of these formats", body = Document,
            content_type = "application/problem+json"),
        (status = 409, description = "It has not ended", body = Document, content_type = "application/problem+json"),
        OfJob,
    ))]
pub(super) async fn of_job(
    State(app): State<App>,
    Reader(tenant): Reader,
    JobId(id): JobId,
    query: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = format(&query?.0, &headers)?;
    let (store, master) = ended(&app, &tenant, id).await?;
    let place = app.service.report_place(&tenant).await;
    let read = move |room: &mut usize| {
        let named = (0u32..).zip(&master.repositories);
        let ended = named.filter_map(|(index, repository)| Some((index, repository, master.ended.get(&index)?)));
        let mut reports = Vec::new();
        for (index, repository, ended) in ended {
            reports.push(report::of_repository_within(&store, index, &repository.name, ended, room));
            if *room == 0 {
                break;
            }
        }
        (reports, master)
    };
    write(format, policy(&app, &tenant), place, read).await
}

/// The report of one repository of a job
#[utoipa::path(get, path = "/scan/{job_id}/repositories/{repo_index}/report", tag = "reports",
    security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"),
        ("repo_index" = String, Path, description = "Position in the job, from 0"), Wish),
    responses(
        (status = 200, description = "The report",
            headers(("fumehood-verdict" = Option<String>, description = "What the tenant's policy says of all of it")),
            content(
            ("application/json"), ("application/vnd.cyclonedx+json"), ("application/spdx+json"),
            ("application/sarif+json"), ("application/xml"), ("text/plain"), ("text/markdown"), ("text/csv"),
            ("text/html"))),
        (status = 406, description = "None of these formats", body = Document,
            content_type = "application/problem+json"),
        (status = 409, description = "It has not ended", body = Document, content_type = "application/problem+json"),
        OfJob,
    ))]
pub(super) async fn of_repository(
    State(app): State<App>,
    Reader(tenant): Reader,
    JobId(id): JobId,
    RepoIndex(index): RepoIndex,
    query: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = format(&query?.0, &headers)?;
    let job = look_up(&app, &tenant, id).await?;
    let master = match &job {
        Job::Running { live, .. } => crate::jobs::live::read(live).master.clone(),
        Job::Ended(job) => job.master.clone(),
    };
    let name = master.repositories.get(index as usize).map(|found| found.name.clone()).ok_or(Problem::NotFound)?;
    let unended = || Problem::Conflict("it has not ended; its report comes with its end".to_owned());
    let ended = master.ended.get(&index).cloned().ok_or_else(unended)?;
    let store = app.service.store(&tenant, id);
    let place = app.service.report_place(&tenant).await;
    let read = move |room: &mut usize| (vec![report::of_repository_within(&store, index, &name, &ended, room)], master);
    write(format, policy(&app, &tenant), place, read).await
}

/// A job that has ended, with its folder.
async fn ended(app: &App, tenant: &Tenant, id: Uuid) -> Result<(JobStore, Master), Problem> {
    match look_up(app, tenant, id).await? {
        Job::Ended(job) if job.master.completed_at.is_some() => Ok((app.service.store(tenant, id), job.master.clone())),
        Job::Ended(_) | Job::Running { .. } => {
            Err(Problem::Conflict("it has not ended; its report comes with its end".to_owned()))
        }
    }
}

fn policy(app: &App, tenant: &Tenant) -> Option<Arc<Policy>> {
    app.service.rules().of(tenant).policy.clone()
}

fn format(wish: &Wish, headers: &HeaderMap) -> Result<Format, Problem> {
    if let Some(name) = &wish.format {
        return Format::named(name).ok_or_else(|| {
            let names: Vec<_> = Format::all().iter().map(|format| format.name()).collect();
            Problem::Invalid(format!("format is one of {}", names.join(", ")))
        });
    }
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    let mut wanted = accept.split(',').map(plain);
    wanted.find_map(accepted).ok_or(Problem::NotAcceptable)
}

/// What to send to who takes this media type.
fn accepted(media_type: &str) -> Option<Format> {
    match media_type {
        "*/*" | "application/*" => Some(Format::Json),
        "text/*" => Some(Format::Table),
        exact => Format::all().iter().copied().find(|format| plain(format.media_type()) == exact),
    }
}

/// A media type without its parameters.
fn plain(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// A page may run its own script and do nothing else: not even as this service's.
const PAGE_POLICY: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; \
                           style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// Says what the policy says of all that is in the report: `allowed`, `cannot_determine` or `restricted`.
const VERDICT: HeaderName = HeaderName::from_static("fumehood-verdict");

fn too_large() -> Problem {
    let most = REPORT_ENTRIES_MAX;
    Problem::ReportTooLarge(format!("one document has at most {most} entries; ask for the repositories one by one"))
}

/// Reads reports and writes them; `read` takes from the room that there is for entries.
async fn write(
    format: Format,
    policy: Option<Arc<Policy>>,
    place: Place,
    read: impl FnOnce(&mut usize) -> (Vec<RepoReport>, Master) + Send + 'static,
) -> Result<Response, Problem> {
    let written = off_thread(move || {
        // Held until the work is done, even if the client has gone away.
        let _place = place;
        let mut room = REPORT_ENTRIES_MAX;
        let (mut reports, master) = read(&mut room);
        if room == 0 {
            return Err(too_large());
        }
        if let Some(policy) = &policy {
            policy.judge(&mut reports, Date::today());
        }
        let verdict = reports.iter().filter_map(|report| Some(report.verdict.as_ref()?.status)).max();
        let mut out = Vec::new();
        let job = FinishedJob { master: &master, reports: &reports, moment: None };
        format.write(&mut out, job, false).map_err(|error| {
            crate::log::say(&format!("a report cannot be written: {error}"));
            Problem::Internal
        })?;
        Ok((out, verdict))
    });
    let (body, verdict) = written.await??;
    let mut response = ([(header::CONTENT_TYPE, format.media_type())], body).into_response();
    if let Some(verdict) = verdict {
        response.headers_mut().insert(VERDICT, HeaderValue::from_static(verdict.name()));
    }
    if format == Format::Html {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_POLICY));
    }
    Ok(response)
}
