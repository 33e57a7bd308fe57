//! Around every request: its id, who made it, what is counted and written down of it, and the headers that every
//! answer has.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use fumehood_contract::Timestamp;
use uuid::Uuid;

use super::App;
use super::audit::Record;
use super::rate::Rate;
use crate::tenants::Tenant;

/// Who is at the other end of the connection: a client, or a proxy before us.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// What is found out about a request while it is answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(Arc<Mutex<Noted>>);

#[derive(Clone, Debug, Default)]
struct Noted {
    tenant: Option<Tenant>,
    token: Option<String>,
    job: Option<Uuid>,
    rate: Option<Rate>,
}

impl Notes {
    pub(super) fn set_tenant(&self, tenant: &Tenant) {
        self.lock().tenant = Some(tenant.clone());
    }

    pub(super) fn set_token(&self, id: &str) {
        self.lock().token = Some(id.to_owned());
    }

    /// The id of the token that was shown; `None` where none is needed.
    pub(super) fn token(&self) -> Option<String> {
        self.lock().token.clone()
    }

    pub(super) fn set_rate(&self, rate: Rate) {
        self.lock().rate = Some(rate);
    }

    /// The job that a request made.
    pub(super) fn set_job(&self, id: Uuid) {
        self.lock().job = Some(id);
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The middleware.
pub(super) async fn take(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let notes = Notes::default();
    let id = request_id(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned());
    let remote = request.extensions().get::<Peer>().map(|Peer(address)| *address);
    request.extensions_mut().insert(notes.clone());
    let mut response = next.run(request).await;
    let noted = notes.lock().clone();
    let status = response.status();
    add_headers(response.headers_mut(), &id, noted.rate);
    let (route, method) = (route.unwrap_or_else(|| OTHER.to_owned()), known_method(&method));
    app.metrics.request(method, &route, status.as_u16(), begun.elapsed());
    if is_audited(method, &route, status) {
        let in_path = path.split('/').nth(2).and_then(|id| Uuid::try_parse(id).ok());
        let record = Record {
            at: Timestamp::now(),
            request_id: Some(id),
            remote,
            tenant: noted.tenant.map(String::from),
            token: noted.token,
            method: method.to_owned(),
            route,
            job_id: noted.job.or(in_path),
            status: Some(status.as_u16()),
            left_out: 0,
        };
        if is_refusal(status) { app.audit.write_refusal(record).await } else { app.audit.write(record).await }
    }
    response
}

/// Paths and methods that we do not know would be labels of the client's making, and as many as it likes.
const OTHER: &str = "other";

fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => OTHER,
    }
}

/// What changes something, what hands out reports, and what was refused.
fn is_audited(method: &str, route: &str, status: StatusCode) -> bool {
    let may_change = matches!(method, "POST" | "DELETE") && route != OTHER;
    may_change || status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN || route.ends_with("/report")
}

/// Whether it was turned away at the door, which costs a client nothing.
fn is_refusal(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS)
}

/// The client's own id, if it can stand in a log, or a fresh one.
fn request_id(headers: &HeaderMap) -> String {
    let theirs = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    let fits = |id: &&str| {
        (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    theirs.filter(fits).map_or_else(|| Uuid::new_v4().to_string(), str::to_owned)
}

fn add_headers(headers: &mut HeaderMap, id: &str, rate: Option<Rate>) {
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(REQUEST_ID, id);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(rate) = rate {
        // draft-ietf-httpapi-ratelimit-headers, and the names that came before it.
        let policy = format!("\"requests\";q={};w={}", rate.burst, rate.window_seconds);
        set(HeaderName::from_static("ratelimit-policy"), &policy);
        let left = format!("\"requests\";r={};t={}", rate.remaining, rate.full_after_seconds);
        set(HeaderName::from_static("ratelimit"), &left);
        set(HeaderName::from_static("x-ratelimit-limit"), &rate.burst.to_string());
        set(HeaderName::from_static("x-ratelimit-remaining"), &rate.remaining.to_string());
        set(HeaderName::from_static("x-ratelimit-reset"), &rate.full_after_seconds.to_string());
    }
}
