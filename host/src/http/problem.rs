//! What is wrong, as RFC 9457 has it: `application/problem+json` with a stable code.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema as _, openapi};

use crate::tenants::Scope;

/// Everything that a request can be answered with instead of what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// No token, or one that is worth nothing.
    Unauthenticated,
    /// The token may not do this: it lacks this scope.
    Forbidden(Scope),
    /// There is none, or it is another's; nobody can tell which.
    NotFound,
    /// No such path.
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
    /// The body is larger than any may be.
    TooLarge,
    /// The body did not arrive in time.
    Timeout,
    /// None of the media types that the client takes.
    NotAcceptable,
    /// The report is larger than one document may be.
    ReportTooLarge(String),
    /// The service has no tokens, and was asked under another name than this machine's.
    ForbiddenHost,
    /// A bug of ours.
    Internal,
}

/// What sort of problem it is: stable, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProblemCode)]
pub(super) enum Code {
    Unauthenticated,
    Forbidden,
    Host,
    NotFound,
    NoRoute,
    Method,
    NotAcceptable,
    Timeout,
    Conflict,
    TooLarge,
    MediaType,
    Invalid,
    KeyReused,
    NoScanner,
    ReportTooLarge,
    Quota,
    Rate,
    Internal,
    Unavailable,
    NoRoom,
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
    code: Code,
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
    (500, "A bug of ours"),
    (503, "The service is stopping, or busy; Retry-After says when to come again"),
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

impl Code {
    /// Every one, by HTTP's code.
    pub(super) const ALL: &[Self] = &[
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Host,
        Self::NotFound,
        Self::NoRoute,
        Self::Method,
        Self::NotAcceptable,
        Self::Timeout,
        Self::Conflict,
        Self::TooLarge,
        Self::MediaType,
        Self::Invalid,
        Self::KeyReused,
        Self::NoScanner,
        Self::ReportTooLarge,
        Self::Quota,
        Self::Rate,
        Self::Internal,
        Self::Unavailable,
        Self::NoRoom,
    ];

    /// HTTP's code and the title.
    pub(super) fn about(self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "A token is needed"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "The token may not do this"),
            Self::Host => (StatusCode::FORBIDDEN, "The service has another name"),
            Self::NotFound => (StatusCode::NOT_FOUND, "There is no such job"),
            Self::NoRoute => (StatusCode::NOT_FOUND, "There is nothing here"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "The path has other methods"),
            Self::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, "None of these formats"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time"),
            Self::Conflict => (StatusCode::CONFLICT, "It is not in the state for that"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Not JSON"),
            Self::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, "The request makes no sense"),
            Self::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "The key was used before"),
            Self::NoScanner => (StatusCode::UNPROCESSABLE_ENTITY, "There is no such scanner"),
            Self::ReportTooLarge => (StatusCode::UNPROCESSABLE_ENTITY, "The report is too large for one document"),
            Self::Quota => (StatusCode::TOO_MANY_REQUESTS, "That is as much as you may have"),
            Self::Rate => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Something of ours failed"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Not at the moment"),
            Self::NoRoom => (StatusCode::INSUFFICIENT_STORAGE, "The disk is full"),
        }
    }

    /// As it is written.
    pub(super) fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Seconds after which it is worth asking again, if it may be.
    fn retry_after(self) -> Option<u32> {
        match self {
            Self::Quota | Self::Unavailable => Some(10),
            Self::NoRoom => Some(300),
            Self::Rate
            | Self::Unauthenticated
            | Self::Forbidden
            | Self::Host
            | Self::NotFound
            | Self::NoRoute
            | Self::Method
            | Self::NotAcceptable
            | Self::Timeout
            | Self::Conflict
            | Self::TooLarge
            | Self::MediaType
            | Self::Invalid
            | Self::KeyReused
            | Self::NoScanner
            | Self::ReportTooLarge
            | Self::Internal => None,
        }
    }
}

impl Problem {
    fn parts(&self) -> (Code, &str) {
        match self {
            Self::Unauthenticated => (Code::Unauthenticated, "send it as Authorization: Bearer"),
            Self::Forbidden(Scope::Scan) => (Code::Forbidden, "it lacks the scope scan"),
            Self::Forbidden(Scope::Read) => (Code::Forbidden, "it lacks the scope read"),
            Self::Forbidden(Scope::Admin) => (Code::Forbidden, "it lacks the scope admin"),
            Self::NotFound => (Code::NotFound, "it never was, or it was removed"),
            Self::NoRoute => (Code::NoRoute, "see the documentation at /docs"),
            Self::Invalid(why) => (Code::Invalid, why),
            Self::TooMany(why) => (Code::Quota, why),
            Self::Unavailable(why) => (Code::Unavailable, why),
            Self::Conflict(why) => (Code::Conflict, why),
            Self::TooOften(_) => (Code::Rate, "wait as long as Retry-After says"),
            Self::NoRoom(why) => (Code::NoRoom, why),
            Self::KeyReused(why) => (Code::KeyReused, why),
            Self::NoScanner(why) => (Code::NoScanner, why),
            Self::Method => (Code::Method, "the header Allow names them"),
            Self::MediaType => (Code::MediaType, "send application/json"),
            Self::TooLarge => (Code::TooLarge, "send 16 MiB at most"),
            Self::Timeout => (Code::Timeout, "send it faster, or less of it"),
            Self::NotAcceptable => (Code::NotAcceptable, "see /docs for the formats"),
            Self::ReportTooLarge(why) => (Code::ReportTooLarge, why),
            Self::ForbiddenHost => (Code::Host, "without tokens it answers to localhost and loopback addresses only"),
            Self::Internal => (Code::Internal, "its operator finds more in the log; try again"),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, detail) = self.parts();
        let (status, title) = code.about();
        let word = if code == Code::NotFound { Status::Word("not_found") } else { Status::Code(status.as_u16()) };
        let document = Document { kind: "about:blank", title, status: word, code, detail };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if code == Code::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let seconds = if let Self::TooOften(seconds) = self { Some(seconds) } else { code.retry_after() };
        if let Some(seconds) = seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new code must be added to the list, too.
    #[test]
    fn every_code_is_documented() {
        let documented = serde_json::to_value(<Code as utoipa::PartialSchema>::schema()).unwrap();
        let listed: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(documented["enum"], serde_json::json!(listed));
        let statuses: Vec<_> = Code::ALL.iter().map(|code| code.about().0.as_u16()).collect();
        assert!(statuses.is_sorted(), "{statuses:?}");
    }
}
