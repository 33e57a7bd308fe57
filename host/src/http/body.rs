//! The body of a request: JSON, of bounded size, in time.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;

use super::App;
use super::problem::Problem;
use crate::limits::HTTP_BODY;

/// The bytes, which were said to be JSON.
pub(super) struct JsonBody(pub(super) Bytes);

impl FromRequest<App> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::MediaType);
        }
        match tokio::time::timeout(HTTP_BODY, Bytes::from_request(request, app)).await {
            Ok(Ok(bytes)) => Ok(Self(bytes)),
            Ok(Err(rejected)) if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Problem::TooLarge),
            // Its client sent no whole body, and is hardly there to be told.
            Ok(Err(rejected)) => Err(Problem::Invalid(format!("the body: {}", rejected.into_response().status()))),
            Err(_) => Err(Problem::Timeout),
        }
    }
}

/// A page of another origin can send forms and text to us in its reader's name, but no JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
