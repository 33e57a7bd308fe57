//! Who asks: a tenant and what its token may do. A handler gets at jobs only through one of these types.

use axum::extract::FromRequestParts;
use axum::http::{header, request::Parts};
use fumehood_contract::Timestamp;

use super::App;
use super::problem::Problem;
use crate::jobs::store::LOCAL_TENANT;
use crate::tenants::{Scope, Tenant};

/// A tenant that may see its jobs.
pub(super) struct Reader(pub(super) Tenant);

/// A tenant that may start and cancel jobs.
pub(super) struct Scanner(pub(super) Tenant);

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

fn tenant(parts: &Parts, app: &App, scope: Scope) -> Result<Tenant, Problem> {
    let Some(file) = &app.tokens else {
        // Without tokens only this machine reaches us, and there is one tenant.
        return LOCAL_TENANT.parse().map_err(|_| Problem::Unauthenticated);
    };
    let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| {
        let (kind, token) = value.split_once(' ')?;
        kind.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let tokens = file.tokens();
    let stored = token.and_then(|token| tokens.check(token, Timestamp::now())).ok_or(Problem::Unauthenticated)?;
    if stored.scopes.contains(&scope) { Ok(stored.tenant.clone()) } else { Err(Problem::Forbidden) }
}
