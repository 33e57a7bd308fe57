//! Around every request: its id, who made it, what is counted and written down of it, and the headers that every
//! answer has.

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
    request.extensions_mut().insert(notes.clone());
    let mut response = next.run(request).await;
    let noted = notes.lock().clone();
    let status = response.status();
    add_headers(response.headers_mut(), &id, noted.rate);
    // Paths and methods that we do not know would be labels of the client's making.
    let route = route.unwrap_or_else(|| "other".to_owned());
    let known_method = if status == StatusCode::METHOD_NOT_ALLOWED { "other" } else { method.as_str() };
    app.metrics.request(known_method, &route, status.as_u16(), begun.elapsed());
    if is_audited(&method, &route, status) {
        let in_path = path.split('/').nth(2).and_then(|id| Uuid::try_parse(id).ok());
        let record = Record {
            at: Timestamp::now(),
            request_id: id,
            tenant: noted.tenant.map(String::from),
            token: noted.token,
            method: method.to_string(),
            route,
            job_id: noted.job.or(in_path),
            status: status.as_u16(),
        };
        app.audit.write(record).await;
    }
    response
}

/// What changes something, what hands out reports, and what was refused.
fn is_audited(method: &Method, route: &str, status: StatusCode) -> bool {
    let is_refused = status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN;
    let is_reading = *method == Method::GET || *method == Method::HEAD;
    (!is_reading && route != "other") || is_refused || route.ends_with("/report")
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
        let policy = format!("\"requests\";q={};w={}", rate.burst, rate.full_after_seconds.max(1));
        set(HeaderName::from_static("ratelimit-policy"), &policy);
        let left = format!("\"requests\";r={};t={}", rate.remaining, rate.full_after_seconds);
        set(HeaderName::from_static("ratelimit"), &left);
        set(HeaderName::from_static("x-ratelimit-limit"), &rate.burst.to_string());
        set(HeaderName::from_static("x-ratelimit-remaining"), &rate.remaining.to_string());
        set(HeaderName::from_static("x-ratelimit-reset"), &rate.full_after_seconds.to_string());
    }
}
