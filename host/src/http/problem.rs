//! What is wrong, as RFC 9457 has it: `application/problem+json` with a stable code.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Everything that a request can be answered with instead of what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// No token, or one that is worth nothing.
    Unauthenticated,
    /// The token may not do this.
    Forbidden,
    /// There is none, or it is another's; nobody can tell which.
    NotFound,
    /// No such path or method.
    NoRoute,
    /// The request makes no sense.
    Invalid(String),
    /// The tenant has as much as it may have.
    TooMany(String),
    /// We cannot, at the moment.
    Unavailable(String),
    /// It has not ended, or has.
    Conflict(String),
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    /// The ordered document's word where a job is not there; otherwise the code of HTTP.
    status: Status,
    code: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Status {
    Word(&'static str),
    Code(u16),
}

impl Problem {
    fn parts(&self) -> (StatusCode, &'static str, &'static str, &str) {
        match self {
            Self::Unauthenticated => {
                (StatusCode::UNAUTHORIZED, "unauthenticated", "A token is needed", "send it as Authorization: Bearer")
            }
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "The token may not do this", "it has other scopes"),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "not_found", "There is no such job", "it never was, or it was removed")
            }
            Self::NoRoute => (StatusCode::NOT_FOUND, "no_route", "There is nothing here", "see the documentation"),
            Self::Invalid(why) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request makes no sense", why),
            Self::TooMany(why) => (StatusCode::TOO_MANY_REQUESTS, "quota", "That is as much as you may have", why),
            Self::Unavailable(why) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not at the moment", why),
            Self::Conflict(why) => (StatusCode::CONFLICT, "conflict", "It is not in the state for that", why),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title, detail) = self.parts();
        let word = if self == Self::NotFound { Status::Word("not_found") } else { Status::Code(status.as_u16()) };
        let document = Document { kind: "about:blank", title, status: word, code, detail };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self {
            Self::Unauthenticated => drop(headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::TooMany(_) | Self::Unavailable(_) => {
                drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10")));
            }
            Self::Forbidden | Self::NotFound | Self::NoRoute | Self::Invalid(_) | Self::Conflict(_) => {}
        }
        response
    }
}
