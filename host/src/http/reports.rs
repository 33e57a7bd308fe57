//! Reports of a job or of one repository, in every format of `scan`.

use std::collections::BTreeMap;
use std::io;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use fumehood_contract::Timestamp;
use fumehood_contract::master::Master;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::auth::Reader;
use super::problem::{Document, OfJob, Problem};
use super::repositories::repo_index;
use super::scans::{job_id, look_up};
use super::{App, off_thread};
use crate::cli::Format;
use crate::jobs::store::JobStore;
use crate::jobs::view;
use crate::report::{self, RepoReport, cyclonedx, json, table};
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
        (status = 200, description = "The report", content(
            ("application/json"), ("application/vnd.cyclonedx+json"), ("text/plain"))),
        (status = 406, description = "None of these formats", body = Document,
            content_type = "application/problem+json"),
        (status = 409, description = "It has not ended", body = Document, content_type = "application/problem+json"),
        OfJob,
    ))]
pub(super) async fn of_job(
    State(app): State<App>,
    Reader(tenant): Reader,
    Path(id): Path<String>,
    query: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = format(&query?.0, &headers)?;
    let (store, master) = ended(&app, &tenant, job_id(&id)?).await?;
    write(format, move || (report::of_job(&store, &master), master)).await
}

/// The report of one repository of a job
#[utoipa::path(get, path = "/scan/{job_id}/repositories/{repo_index}/report", tag = "reports",
    security(("token" = [])),
    params(("job_id" = String, Path, description = "As it was given when the job was taken"),
        ("repo_index" = String, Path, description = "Position in the job, from 0"), Wish),
    responses(
        (status = 200, description = "The report", content(
            ("application/json"), ("application/vnd.cyclonedx+json"), ("text/plain"))),
        (status = 406, description = "None of these formats", body = Document,
            content_type = "application/problem+json"),
        (status = 409, description = "It has not ended", body = Document, content_type = "application/problem+json"),
        OfJob,
    ))]
pub(super) async fn of_repository(
    State(app): State<App>,
    Reader(tenant): Reader,
    Path((id, index)): Path<(String, String)>,
    query: Result<Query<Wish>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = format(&query?.0, &headers)?;
    let (id, index) = (job_id(&id)?, repo_index(&index)?);
    let job = look_up(&app, &tenant, id).await?;
    let master = match &job {
        Job::Running { live, .. } => crate::jobs::live::read(live).master.clone(),
        Job::Ended(job) => job.master.clone(),
    };
    let name = master.repositories.get(index as usize).map(|found| found.name.clone()).ok_or(Problem::NotFound)?;
    let unended = || Problem::Conflict("it has not ended; its report comes with its end".to_owned());
    let ended = master.ended.get(&index).cloned().ok_or_else(unended)?;
    let store = app.service.store(&tenant, id);
    write(format, move || (vec![report::of_repository(&store, index, &name, &ended)], master)).await
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

fn format(wish: &Wish, headers: &HeaderMap) -> Result<Format, Problem> {
    if let Some(name) = &wish.format {
        return <Format as clap::ValueEnum>::from_str(name, true)
            .map_err(|_| Problem::Invalid("there is no such format".to_owned()));
    }
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    let mut wanted = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    wanted.find_map(accepted).ok_or(Problem::NotAcceptable)
}

/// What to send to who takes this media type.
fn accepted(media_type: &str) -> Option<Format> {
    match media_type {
        "*/*" | "application/*" | "application/json" => Some(Format::Json),
        "application/vnd.cyclonedx+json" => Some(Format::Cyclonedx),
        "text/*" | "text/plain" => Some(Format::Table),
        _ => None,
    }
}

fn media_type(format: Format) -> &'static str {
    match format {
        Format::Json => "application/json",
        Format::Cyclonedx => "application/vnd.cyclonedx+json; version=1.6",
        Format::Table => "text/plain; charset=utf-8",
    }
}

async fn write(
    format: Format,
    read: impl FnOnce() -> (Vec<RepoReport>, Master) + Send + 'static,
) -> Result<Response, Problem> {
    let written = off_thread(move || {
        let (reports, master) = read();
        let mut out = Vec::new();
        written(&mut out, format, &reports, &master).map(|()| out)
    });
    let body = written.await?.map_err(|error| Problem::Unavailable(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, media_type(format))], body).into_response())
}

fn written(out: &mut Vec<u8>, format: Format, reports: &[RepoReport], master: &Master) -> io::Result<()> {
    match format {
        Format::Cyclonedx => cyclonedx::write(out, reports),
        Format::Table => table::write(out, reports, false),
        Format::Json => json::write(out, &view::document(master, &BTreeMap::new(), Timestamp::now()), reports),
    }
}
