//! For those who run the service, and for those who get to know it.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::App;
use super::auth::Admin;
use super::problem::{Document, OfAnybody, Problem};

/// Whether the service lives
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, description = "It does", body = str)))]
pub(super) async fn healthy() -> &'static str {
    "ok\n"
}

/// Whether the service takes jobs
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, description = "It does", body = str),
    (status = 503, description = "It is stopping", body = Document, content_type = "application/problem+json"),
    (status = 507, description = "The disk is full", body = Document, content_type = "application/problem+json"),
))]
pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    app.service.has_room()?;
    Ok("ok\n")
}

/// What the service counts, for Prometheus; needs a token with the scope admin
#[utoipa::path(get, path = "/metrics", tag = "operation", security(("token" = [])), responses(
    (status = 200, description = "OpenMetrics 1.0.0", body = str,
        content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        OfAnybody,
    ))]
pub(super) async fn metrics(State(app): State<App>, _: Admin) -> Response {
    let text = app.metrics.text(app.service.load());
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response()
}

/// This API, for programs
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses(
    (status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = Object)))]
pub(super) async fn openapi(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], app.openapi.to_string()).into_response()
}

/// This API, for people
#[utoipa::path(get, path = "/docs", tag = "operation", responses(
    (status = 200, description = "A page that needs nothing from anywhere else", content_type = "text/html", body = str)))]
pub(super) async fn docs(State(app): State<App>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, super::docs::POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, app.docs.to_string()).into_response()
}
