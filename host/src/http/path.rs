//! What stands in a path. It is parsed and never used as text; what cannot be parsed is a job that is not there.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use uuid::Uuid;

use super::problem::Problem;

/// `{job_id}`.
pub(super) struct JobId(pub(super) Uuid);

/// `{repo_index}`: a position in a job.
pub(super) struct RepoIndex(pub(super) u32);

impl<S: Send + Sync> FromRequestParts<S> for JobId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parameter(parts, "job_id").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RepoIndex {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parameter(parts, "repo_index").await.map(Self)
    }
}

async fn parameter<T: FromStr>(parts: &mut Parts, name: &str) -> Result<T, Problem> {
    // Refused where it is not UTF-8.
    let parameters = RawPathParams::from_request_parts(parts, &()).await.map_err(|_| Problem::NotFound)?;
    let text = parameters.iter().find(|(found, _)| *found == name).map(|(_, text)| text);
    text.and_then(|text| text.parse().ok()).ok_or(Problem::NotFound)
}
