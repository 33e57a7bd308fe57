//! The tokens, as their file has them now: one that is made or revoked while the service runs counts a second later.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use fumehood_contract::Timestamp;

use crate::log;
use crate::tenants::{StoredToken, Tokens};

/// How long a revoked token may still be taken.
const READ_AGAIN: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub(super) struct TokenFile {
    data: PathBuf,
    /// Whether it was begun without tokens: then only this machine reaches us, and needs none until there are some.
    began_open: bool,
    read: RwLock<Read>,
}

#[derive(Clone, Debug)]
struct Read {
    /// `None`: the file cannot be read.
    tokens: Option<Arc<Tokens>>,
    at: Instant,
    modified: Option<SystemTime>,
}

impl TokenFile {
    /// Of a data folder that holds these.
    pub(super) fn new(data: PathBuf, tokens: Tokens) -> Self {
        let began_open = tokens.all().is_empty();
        let read = RwLock::new(Read { tokens: Some(Arc::new(tokens)), at: Instant::now(), modified: None });
        Self { data, began_open, read }
    }

    /// Whether nobody needs a token. A file that cannot be read opens the door to nobody.
    pub(super) fn is_open(&self) -> bool {
        self.began_open && self.tokens().is_some_and(|tokens| tokens.all().is_empty())
    }

    /// What a token stands for, if it is worth anything.
    pub(super) fn check(&self, token: &str) -> Option<StoredToken> {
        self.tokens()?.check(token, Timestamp::now()).cloned()
    }

    /// Whether a token that was taken before, by its id, is still worth something; `None` is who needed none.
    pub(super) fn is_still_good(&self, id: Option<&str>) -> bool {
        match id {
            Some(id) => self.tokens().is_some_and(|tokens| tokens.is_fresh(id, Timestamp::now())),
            None => self.is_open(),
        }
    }

    fn tokens(&self) -> Option<Arc<Tokens>> {
        let known = self.read.read().unwrap_or_else(PoisonError::into_inner).clone();
        if known.at.elapsed() < READ_AGAIN { known.tokens } else { self.read_again() }
    }

    fn read_again(&self) -> Option<Arc<Tokens>> {
        let mut known = self.read.write().unwrap_or_else(PoisonError::into_inner);
        let modified = Tokens::modified(&self.data);
        if modified != known.modified || known.tokens.is_none() {
            known.tokens = Tokens::load(&self.data)
                .inspect_err(|error| log::say(&format!("nobody is let in: {error}")))
                .ok()
                .map(Arc::new);
            known.modified = modified;
        }
        known.at = Instant::now();
        known.tokens.clone()
    }
}
