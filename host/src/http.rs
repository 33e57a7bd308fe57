//! The HTTP API. [`server`] accepts connections, [`routes`] says which path goes where, [`notes`] is around every
//! request (its id, its measures, the audit log), [`auth`] says who asks and whether too often; then [`scans`],
//! [`list`], [`repositories`], [`reports`], [`events`] and [`ops`] answer; [`problem`] says what is wrong.

#![expect(unused_qualifications, reason = "utoipa's macro writes them")]

pub mod audit;
mod auth;
mod docs;
mod events;
mod list;
mod notes;
mod ops;
mod problem;
mod rate;
mod reports;
mod repositories;
pub mod routes;
mod scans;
pub mod server;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Semaphore;

use self::audit::Audit;
use self::problem::Problem;
use self::rate::Rates;
use crate::limits::FOLLOWERS_MAX;
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
    followers: Arc<Semaphore>,
    openapi: Arc<str>,
    docs: Arc<str>,
}

/// The tokens, as their file has them now.
#[derive(Debug)]
struct TokenFile {
    data: PathBuf,
    /// Whether it was begun without tokens: then only this machine reaches us, and needs none until there are some.
    is_open: bool,
    read: RwLock<Read>,
}

#[derive(Debug)]
struct Read {
    tokens: Arc<Tokens>,
    at: Instant,
    modified: Option<SystemTime>,
}

/// How long a revoked token may still be taken.
const TOKENS_READ_AGAIN: Duration = Duration::from_secs(1);

impl App {
    /// With the tokens of the data folder.
    pub fn new(service: Arc<Service>, data: PathBuf, tokens: Tokens, metrics: Arc<Metrics>, audit: Audit) -> Self {
        let is_open = tokens.all().is_empty();
        let read = RwLock::new(Read { tokens: Arc::new(tokens), at: Instant::now(), modified: None });
        Self {
            service,
            tokens: Arc::new(TokenFile { data, is_open, read }),
            metrics,
            audit,
            rates: Arc::default(),
            followers: Arc::new(Semaphore::new(FOLLOWERS_MAX)),
            openapi: "".into(),
            docs: "".into(),
        }
    }
}

impl TokenFile {
    /// The tokens, read again if their file has changed.
    fn tokens(&self) -> Arc<Tokens> {
        let fresh = {
            let known = self.read.read().unwrap_or_else(PoisonError::into_inner);
            (known.at.elapsed() < TOKENS_READ_AGAIN).then(|| Arc::clone(&known.tokens))
        };
        fresh.unwrap_or_else(|| self.read_again())
    }

    fn read_again(&self) -> Arc<Tokens> {
        let mut known = self.read.write().unwrap_or_else(PoisonError::into_inner);
        let modified = self.data.join("tokens.json").metadata().and_then(|data| data.modified()).ok();
        if modified != known.modified {
            // A file that cannot be read now opens the door to nobody new, and to nobody who was let out.
            known.tokens = Arc::new(Tokens::load(&self.data).unwrap_or_default());
            known.modified = modified;
        }
        known.at = Instant::now();
        Arc::clone(&known.tokens)
    }
}

/// Work that touches the disk, off the threads that serve others.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        let _entered = runtime.enter();
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| Problem::Unavailable("something of ours failed".to_owned()))
}
