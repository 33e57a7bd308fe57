//! Which path goes where, and what a request may be.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use super::problem::Problem;
use super::{App, scans};
use crate::limits::{HTTP_ANSWER, HTTP_BODY_BYTES_MAX};

/// A route, for the router and for the tests that try each without a token and with a stranger's.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// In capitals.
    pub method: &'static str,
    /// With `{job_id}` for a job's id.
    pub path: &'static str,
    /// Whether it needs a token.
    pub is_open: bool,
}

/// Every route.
pub const ROUTES: &[Route] = &[
    Route { method: "POST", path: "/scan", is_open: false },
    Route { method: "GET", path: "/scan", is_open: false },
    Route { method: "GET", path: "/scan/{job_id}", is_open: false },
    Route { method: "DELETE", path: "/scan/{job_id}", is_open: false },
    Route { method: "GET", path: "/scan/{job_id}/report", is_open: false },
    Route { method: "GET", path: "/healthz", is_open: true },
    Route { method: "GET", path: "/readyz", is_open: true },
];

/// The whole API.
pub fn router(app: App) -> Router {
    let routes = ROUTES.iter().fold(Router::new(), |router, route| {
        let handler = match (route.method, route.path) {
            ("POST", "/scan") => post(scans::start),
            ("GET", "/scan") => get(scans::list),
            ("GET", "/scan/{job_id}") => get(scans::show),
            ("DELETE", "/scan/{job_id}") => delete(scans::cancel),
            ("GET", "/scan/{job_id}/report") => get(scans::report),
            ("GET", "/readyz") => get(ready),
            _ => get(healthy),
        };
        router.route(route.path, handler)
    });
    routes
        .fallback(async || Problem::NoRoute)
        .method_not_allowed_fallback(async || Problem::NoRoute)
        .layer(DefaultBodyLimit::max(HTTP_BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, HTTP_ANSWER + Duration::from_secs(5)))
        .layer(CatchPanicLayer::new())
        .with_state(app)
}

/// We live.
async fn healthy() -> &'static str {
    "ok\n"
}

/// We take jobs.
async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.service.is_stopping() {
        return Err(Problem::Unavailable("the service is stopping".to_owned()));
    }
    Ok("ok\n")
}
