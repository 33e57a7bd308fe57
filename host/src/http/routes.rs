//! Which path goes where. The router and the OpenAPI document are made from the same list, so that no route lacks its
//! documentation, and the tests that try every route without a token read it there.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{Object, Type};
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
    document_headers(&mut openapi);
    // Serializing what was made of constants.
    app.openapi = openapi.to_pretty_json().unwrap_or_default().into();
    app.docs = docs::page(&serde_json::to_value(&openapi).unwrap_or_default()).into();
    router
        .fallback(async || Problem::NoRoute)
        .method_not_allowed_fallback(async || Problem::Method)
        .layer(DefaultBodyLimit::max(HTTP_BODY_BYTES_MAX))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(|_| Problem::Internal.into_response()))
        .layer(middleware::from_fn_with_state(app.clone(), notes::take))
        .with_state(app)
}

/// Longer than any answer should take that does not follow a job.
const ANSWER_MAX: Duration = HTTP_ANSWER.saturating_add(Duration::from_secs(5));

async fn in_time(request: Request, next: Next) -> Response {
    let late = || Problem::Unavailable("it took too long; try again later".to_owned()).into_response();
    tokio::time::timeout(ANSWER_MAX, next.run(request)).await.unwrap_or_else(|_| late())
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

/// What [`notes`] adds to every answer.
fn document_headers(openapi: &mut OpenApi) {
    let text =
        |what: &str| HeaderBuilder::new().schema(Object::with_type(Type::String)).description(Some(what)).build();
    let always = [("x-request-id", text("The request's id: the client's own, if it sent one that can stand in a log"))];
    let with_token = [
        ("ratelimit-policy", text("How many requests the tenant may make at once, and in how many seconds again")),
        ("ratelimit", text("How many are left, and when there are all again")),
    ];
    for item in openapi.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let is_locked = operation.security.is_some();
            for (status, response) in &mut operation.responses.responses {
                let RefOr::T(response) = response else { continue };
                let counted = with_token.iter().filter(|_| is_locked && status != "401");
                response
                    .headers
                    .extend(always.iter().chain(counted).map(|(name, header)| ((*name).to_owned(), header.clone())));
            }
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
