//! The HTTP API. [`server`] accepts connections, [`routes`] says which path goes where and what it takes, [`auth`]
//! who asks, [`scans`] answers, [`problem`] says what is wrong.

mod auth;
mod problem;
pub mod routes;
mod scans;
pub mod server;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Instant, SystemTime};

use crate::service::Service;
use crate::tenants::Tokens;

/// What every request can reach.
#[derive(Clone, Debug)]
pub struct App {
    /// The jobs.
    pub service: Arc<Service>,
    /// Who may ask. `None`: whoever reaches us, which is only this machine.
    tokens: Option<Arc<TokenFile>>,
}

#[derive(Debug)]
struct TokenFile {
    data: PathBuf,
    read: RwLock<(Tokens, Instant, Option<SystemTime>)>,
}

/// How long a revoked token may still be taken.
const TOKENS_READ_AGAIN: std::time::Duration = std::time::Duration::from_secs(1);

impl App {
    /// With the tokens of the data folder, or without any.
    pub fn new(service: Arc<Service>, data: PathBuf, tokens: Option<Tokens>) -> Self {
        let file = |tokens| Arc::new(TokenFile { data, read: RwLock::new((tokens, Instant::now(), None)) });
        Self { service, tokens: tokens.map(file) }
    }
}

impl TokenFile {
    /// The tokens, read again if their file has changed.
    fn tokens(&self) -> Tokens {
        let fresh = {
            let known = self.read.read().unwrap_or_else(PoisonError::into_inner);
            (known.1.elapsed() < TOKENS_READ_AGAIN).then(|| known.0.clone())
        };
        fresh.unwrap_or_else(|| self.read_again())
    }

    fn read_again(&self) -> Tokens {
        let mut known = self.read.write().unwrap_or_else(PoisonError::into_inner);
        let modified = self.data.join("tokens.json").metadata().and_then(|data| data.modified()).ok();
        if modified != known.2 {
            // A file that cannot be read now opens the door to nobody new, and to nobody who was let out.
            known.0 = Tokens::load(&self.data).unwrap_or_default();
            known.2 = modified;
        }
        known.1 = Instant::now();
        known.0.clone()
    }
}
