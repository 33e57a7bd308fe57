//! What is wrong, as RFC 9457 has it: `application/problem+json` with a stable code.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema as _, openapi};

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
    /// The tenant asks more often than it may; one more request after so many seconds.
    TooOften(u32),
    /// The disk is full.
    NoRoom(String),
    /// The key came with another request before.
    KeyReused(String),
    /// There is no such scanner for this tenant.
    NoScanner(String),
    /// The path has other methods.
    Method,
    /// Not JSON.
    MediaType,
    /// None of the media types that the client takes.
    NotAcceptable,
    /// The service has no tokens, and was asked under another name than this machine's.
    ForbiddenHost,
}

/// What every problem looks like: RFC 9457.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub(super) struct Document<'a> {
    /// `about:blank`: the code says it.
    #[serde(rename = "type")]
    kind: &'static str,
    /// For people; the same for every problem of this code.
    title: &'static str,
    /// The ordered document's word where a job is not there; otherwise the code of HTTP.
    status: Status,
    /// For programs; stable.
    code: &'static str,
    /// What is wrong here.
    detail: &'a str,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub(super) enum Status {
    /// `not_found`.
    Word(&'static str),
    /// HTTP's.
    Code(u16),
}

/// What everybody may be refused with, for the documentation of a route.
pub(super) struct OfAnybody;

/// What whoever names a job may be refused with.
pub(super) struct OfJob;

const ANYBODY: &[(u16, &str)] = &[
    (401, "No token, or one that is worth nothing"),
    (403, "The token may not do this"),
    (422, "The request makes no sense"),
    (429, "More than you may have; Retry-After says when to come again"),
];

impl IntoResponses for OfAnybody {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        ANYBODY.iter().map(|(status, what)| documented(*status, what)).collect()
    }
}

impl IntoResponses for OfJob {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let mut responses = OfAnybody::responses();
        responses.extend([documented(404, "There is none, or it is another's")]);
        responses
    }
}

fn documented(status: u16, what: &str) -> (String, RefOr<openapi::Response>) {
    let schema = RefOr::Ref(Ref::from_schema_name(Document::name()));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new().description(what).content("application/problem+json", content);
    (status.to_string(), response.build().into())
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
            Self::TooOften(_) => {
                (StatusCode::TOO_MANY_REQUESTS, "rate", "Too many requests", "wait as long as Retry-After says")
            }
            Self::NoRoom(why) => (StatusCode::INSUFFICIENT_STORAGE, "no_room", "The disk is full", why),
            Self::KeyReused(why) => (StatusCode::UNPROCESSABLE_ENTITY, "key_reused", "The key was used before", why),
            Self::NoScanner(why) => (StatusCode::UNPROCESSABLE_ENTITY, "no_scanner", "There is no such scanner", why),
            Self::Method => {
                (StatusCode::METHOD_NOT_ALLOWED, "method", "The path has other methods", "the header Allow names them")
            }
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", "Not JSON", "send application/json"),
            Self::NotAcceptable => {
                (StatusCode::NOT_ACCEPTABLE, "not_acceptable", "None of these formats", "see /docs for the formats")
            }
            Self::ForbiddenHost => {
                let detail = "without tokens it answers to localhost and loopback addresses only";
                (StatusCode::FORBIDDEN, "host", "The service has another name", detail)
            }
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
            Self::TooOften(seconds) => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds))),
            Self::NoRoom(_) => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("300"))),
            Self::Forbidden
            | Self::NotFound
            | Self::NoRoute
            | Self::Invalid(_)
            | Self::Conflict(_)
            | Self::KeyReused(_)
            | Self::NoScanner(_)
            | Self::Method
            | Self::MediaType
            | Self::NotAcceptable
            | Self::ForbiddenHost => {}
        }
        response
    }
}
