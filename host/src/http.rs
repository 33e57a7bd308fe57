//! The HTTP API. [`server`] accepts connections, [`routes`] says which path goes where, [`notes`] is around every
//! request (its id, its measures, the audit log), [`auth`] says who asks and whether too often, [`path`], [`body`] and
//! [`etag`] read what is asked; then [`scans`], [`list`], [`repositories`], [`reports`], [`events`] and [`ops`] answer;
//! [`problem`] says what is wrong.

#![expect(unused_qualifications, reason = "utoipa's macro writes them")]

pub mod audit;
mod auth;
mod body;
mod docs;
mod etag;
mod events;
mod list;
mod notes;
mod ops;
mod path;
mod problem;
mod rate;
mod reports;
mod repositories;
pub mod routes;
mod scans;
pub mod server;
mod token_file;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;

use self::audit::Audit;
use self::problem::Problem;
use self::rate::Rates;
use self::token_file::TokenFile;
use self::waiting::Waiting;
use crate::metrics::Metrics;
use crate::service::Service;
use crate::tenants::Tokens;

/// What every request can reach.
#[derive(Clone, Debug)]
pub struct App {
    /// The jobs.
    pub service: Arc<Service>,
    tokens: Arc<TokenFile>,
    metrics: Arc<Metrics>,
    audit: Audit,
    rates: Arc<Rates>,
    waiting: Waiting,
    openapi: Arc<str>,
    docs: Arc<str>,
}

impl App {
    /// With the tokens of the data folder.
    pub fn new(service: Arc<Service>, data: PathBuf, tokens: Tokens, metrics: Arc<Metrics>, audit: Audit) -> Self {
        Self {
            service,
            tokens: Arc::new(TokenFile::new(data, tokens)),
            metrics,
            audit,
            rates: Arc::default(),
            waiting: Waiting::default(),
            openapi: "".into(),
            docs: "".into(),
        }
    }
}

/// Work that touches the disk, off the threads that serve others.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        let _entered = runtime.enter();
        work()
    };
    // What panicked has said so on standard error.
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::Internal)
}
