//! Who asks: a tenant and what its token may do, and whether it asks too often. A handler gets at jobs only through
//! one of these types.

use std::net::IpAddr;
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};

use super::App;
use super::notes::Notes;
use super::problem::Problem;
use crate::jobs::store::LOCAL_TENANT;
use crate::tenants::{Scope, Tenant};

/// A tenant that may see its jobs.
pub(super) struct Reader(pub(super) Tenant);

/// A tenant that may start and cancel jobs.
pub(super) struct Scanner(pub(super) Tenant);

/// Somebody who may see what the service counts.
pub(super) struct Admin;

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        tenant(parts, app, Scope::Read).map(Self)
    }
}

impl FromRequestParts<App> for Scanner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        tenant(parts, app, Scope::Scan).map(Self)
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        tenant(parts, app, Scope::Admin).map(|_| Self)
    }
}

fn tenant(parts: &Parts, app: &App, scope: Scope) -> Result<Tenant, Problem> {
    let notes = parts.extensions.get::<Notes>().cloned().unwrap_or_default();
    let (tenant, may) = who(parts, app, scope, &notes)?;
    notes.set_tenant(&tenant);
    let rate = app.rates.take(&tenant, app.service.rules().quotas(&tenant), Instant::now());
    notes.set_rate(rate);
    match rate.retry_after_seconds {
        Some(seconds) => Err(Problem::TooOften(seconds)),
        None if may => Ok(tenant),
        None => Err(Problem::Forbidden(scope)),
    }
}

/// The tenant, and whether its token has the scope.
fn who(parts: &Parts, app: &App, scope: Scope, notes: &Notes) -> Result<(Tenant, bool), Problem> {
    if app.tokens.is_open() {
        // Only this machine reaches us. A browser on it can be led to us by any page, under a name of its own or by
        // a WebSocket.
        return if is_loopback(parts) && is_of_loopback(parts) {
            Ok((LOCAL_TENANT.parse().map_err(|_| Problem::Unauthenticated)?, true))
        } else {
            Err(Problem::ForbiddenHost)
        };
    }
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| {
        let (kind, token) = value.split_once(' ')?;
        kind.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let stored = token.and_then(|token| app.tokens.check(token)).ok_or(Problem::Unauthenticated)?;
    notes.set_token(&stored.id);
    Ok((stored.tenant, stored.scopes.contains(&scope)))
}

/// Whether the `Host` is this machine's loopback, by address or as `localhost`.
fn is_loopback(parts: &Parts) -> bool {
    parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(names_loopback)
}

/// Whether a page that asks, if it is one, is from this machine.
fn is_of_loopback(parts: &Parts) -> bool {
    let Some(origin) = parts.headers.get(header::ORIGIN) else { return true };
    origin.to_str().ok().and_then(|origin| origin.split_once("://")).is_some_and(|(_, host)| names_loopback(host))
}

fn names_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
