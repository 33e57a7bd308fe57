//! Which path goes where. The router and the OpenAPI document are made from the same list, so that no route lacks its
//! documentation, and the tests that try every route without a token read it there.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Schema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Problem;
use super::{App, docs, events, list, notes, ops, reports, repositories, scans};
use crate::limits::{HTTP_ANSWER, HTTP_BODY_BYTES_MAX};

/// The whole API.
pub fn router(mut app: App) -> Router {
    let (router, mut openapi) = documented().split_for_parts();
    open_answers(&mut openapi);
    // Serializing what was made of constants.
    app.openapi = openapi.to_pretty_json().unwrap_or_default().into();
    app.docs = docs::page(&serde_json::to_value(&openapi).unwrap_or_default()).into();
    router
        .fallback(async || Problem::NoRoute)
        .method_not_allowed_fallback(async || Problem::Method)
        .layer(DefaultBodyLimit::max(HTTP_BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, HTTP_ANSWER + Duration::from_secs(5)))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(app.clone(), notes::take))
        .with_state(app)
}

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(about())
        .routes(routes!(scans::start, list::list))
        .routes(routes!(scans::show, scans::cancel))
        .routes(routes!(scans::retry))
        .routes(routes!(reports::of_job))
        .routes(routes!(events::stream))
        .routes(routes!(events::socket))
        .routes(routes!(repositories::list))
        .routes(routes!(repositories::show))
        .routes(routes!(reports::of_repository))
        .routes(routes!(ops::healthy))
        .routes(routes!(ops::ready))
        .routes(routes!(ops::metrics))
        .routes(routes!(ops::openapi))
        .routes(routes!(ops::docs))
}

/// What we read, we read strictly; who reads our answers must be prepared for more fields than there are today.
fn open_answers(openapi: &mut OpenApi) {
    let schemas = openapi.components.iter_mut().flat_map(|components| &mut components.schemas);
    for (_, schema) in schemas.filter(|(name, _)| *name != "ScanRequest") {
        if let RefOr::T(Schema::Object(object)) = schema {
            object.additional_properties = None;
        }
    }
}

fn about() -> OpenApi {
    let mut openapi = OpenApi::default();
    "Fumehood".clone_into(&mut openapi.info.title);
    env!("CARGO_PKG_VERSION").clone_into(&mut openapi.info.version);
    openapi.info.description = Some(
        "Scans untrusted repositories for what they depend on. A job is asked for with POST /scan, which answers at \
         once; how far it is stands in GET /scan/{job_id}. Problems are documents of RFC 9457 with a stable code."
            .to_owned(),
    );
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let token = bearer.description(Some("Made with `fumehood token create`")).build();
    openapi.components.get_or_insert_default().security_schemes.insert("token".to_owned(), SecurityScheme::Http(token));
    openapi
}
