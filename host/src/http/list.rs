//! The list of a tenant's jobs.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use fumehood_contract::Timestamp;
use fumehood_contract::master::JobState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::auth::Reader;
use super::problem::{OfAnybody, Problem};
use crate::service::index::{Entry, Wanted};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Where the page before ended, as its `next` says
    after: Option<String>,
    /// 1 to 100, usually 20
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// Only jobs in this state
    #[param(inline)]
    status: Option<JobState>,
    /// Only jobs with this text in what was asked for
    group_url: Option<String>,
}

/// Some jobs.
#[derive(Serialize, ToSchema)]
pub(super) struct List {
    /// Newest first.
    jobs: Vec<Summary>,
    /// Put it into `after` for the next page; there is none on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A job in short.
#[derive(Serialize, ToSchema)]
pub(super) struct Summary {
    job_id: String,
    group_url: String,
    status: JobState,
    total_repositories: u32,
    started_at: Timestamp,
    completed_at: Option<Timestamp>,
}

/// Your jobs, newest first
#[utoipa::path(get, path = "/scan", tag = "jobs", security(("token" = [])), params(Page),
    responses(
        (status = 200, description = "A page of them", body = List),
        OfAnybody,
    ))]
pub(super) async fn list(
    State(app): State<App>,
    Reader(tenant): Reader,
    query: Result<Query<Page>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(Page { after, limit, status, group_url }) = query?;
    let limit = limit.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Problem::Invalid("limit is 1 to 100".to_owned()));
    }
    let bad = || Problem::Invalid("after is what next was in the answer before".to_owned());
    let after = after.map(|after| after.parse().map_err(|_| bad())).transpose()?;
    let wanted = Wanted { status, text: group_url, after };
    let mut found = app.service.jobs(&tenant, &wanted, limit + 1);
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| last.age().to_string());
    Ok(Json(List { jobs: found.into_iter().map(summary).collect(), next }).into_response())
}

fn summary(entry: Entry) -> Summary {
    Summary {
        job_id: entry.id.to_string(),
        group_url: entry.group_url,
        status: entry.status,
        total_repositories: entry.total_repositories,
        started_at: entry.started_at,
        completed_at: entry.completed_at,
    }
}
