//! Who may ask the service for what: tenants, and the tokens that speak for them.
//!
//! Tokens lie hashed in `<data>/tokens.json`; the token itself is shown once, when it is made. A token is
//! `fh_<id>_<secret>`: the id finds the entry, the secret has 244 random bits, so a plain hash of it cannot be
//! turned back. Hashes are compared in constant time ([`blake3::Hash`] does that).

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use data_encoding::BASE32_NOPAD;
use fumehood_contract::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::store;

/// A tenant's name: it is a folder's name, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tenant(String);

/// A name that cannot be a tenant's.
#[derive(Debug, thiserror::Error)]
#[error("a tenant's name has 1 to 64 lower-case letters, digits and dashes, and begins with a letter")]
pub struct BadTenant;

impl TryFrom<String> for Tenant {
    type Error = BadTenant;

    fn try_from(name: String) -> Result<Self, BadTenant> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
        if begins && name.len() <= 64 && name.chars().all(fits) { Ok(Self(name)) } else { Err(BadTenant) }
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.0
    }
}

impl std::str::FromStr for Tenant {
    type Err = BadTenant;

    fn from_str(name: &str) -> Result<Self, BadTenant> {
        name.to_owned().try_into()
    }
}

impl std::fmt::Display for Tenant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tenant {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Start and cancel jobs.
    Scan,
    /// See jobs and reports.
    Read,
    /// See what the service counts, of all tenants.
    Admin,
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Scan => "scan",
            Self::Read => "read",
            Self::Admin => "admin",
        })
    }
}

/// A token as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredToken {
    /// Finds it; no secret.
    pub id: String,
    /// For whom it speaks.
    pub tenant: Tenant,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Option<Timestamp>,
    blake3: String,
}

impl StoredToken {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// All tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    tokens: Vec<StoredToken>,
}

/// The tokens cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", path.display())]
pub struct TokensError {
    /// Which file.
    pub path: std::path::PathBuf,
    /// Why.
    pub error: io::Error,
}

const FILE: &str = "tokens.json";

impl Tokens {
    /// Those in the data folder; none if there is no file.
    #[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
    pub fn load(data: &Path) -> Result<Self, TokensError> {
        let path = data.join(FILE);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| TokensError { path, error: error.into() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(TokensError { path, error }),
        }
    }

    /// When the file was last replaced; `None` if there is none.
    pub fn modified(data: &Path) -> Option<SystemTime> {
        data.join(FILE).metadata().and_then(|data| data.modified()).ok()
    }

    /// Changes the tokens of the data folder, alone: what two commands do at the same time is both done. It is on the
    /// disk when this returns.
    pub fn change<T>(data: &Path, change: impl FnOnce(&mut Self) -> T) -> Result<T, TokensError> {
        let path = data.join(FILE);
        let failed = |error| TokensError { path: path.clone(), error };
        let _alone = lock(data).map_err(failed)?;
        let mut tokens = Self::load(data)?;
        let changed = change(&mut tokens);
        write(data, &path, &tokens).map_err(failed)?;
        Ok(changed)
    }

    /// Makes a token and returns it; it cannot be had again.
    pub fn create(&mut self, tenant: Tenant, scopes: Vec<Scope>, lifetime: Option<Duration>) -> String {
        let (id, secret) = (random(5), random(32));
        let now = Timestamp::now();
        let expires_at = lifetime
            .map(|lifetime| Timestamp::from_unix_seconds(now.unix_seconds().saturating_add(lifetime.as_secs())));
        let blake3 = blake3::hash(secret.as_bytes()).to_hex().to_string();
        self.tokens.push(StoredToken { id: id.clone(), tenant, scopes, created_at: now, expires_at, blake3 });
        format!("fh_{id}_{secret}")
    }

    /// Removes a token and returns it; `None` if there is none of this id.
    pub fn revoke(&mut self, id: &str) -> Option<StoredToken> {
        let at = self.tokens.iter().position(|token| token.id == id)?;
        Some(self.tokens.remove(at))
    }

    /// What a token stands for; `None` if it is unknown, wrong or expired.
    pub fn check(&self, token: &str, now: Timestamp) -> Option<&StoredToken> {
        let (id, secret) = token.strip_prefix("fh_")?.split_once('_')?;
        let stored = self.tokens.iter().find(|stored| stored.id == id)?;
        let known = blake3::Hash::from_hex(&stored.blake3).ok()?;
        let is_right = blake3::hash(secret.as_bytes()) == known;
        (is_right && stored.is_fresh(now)).then_some(stored)
    }

    /// Whether there is a token of this id that has not expired.
    pub fn is_fresh(&self, id: &str, now: Timestamp) -> bool {
        self.tokens.iter().any(|stored| stored.id == id && stored.is_fresh(now))
    }

    /// Every one, oldest first.
    pub fn all(&self) -> &[StoredToken] {
        &self.tokens
    }
}

/// So many random bytes, at most 32, in letters and digits.
fn random(bytes: usize) -> String {
    let (left, right) = (Uuid::new_v4(), Uuid::new_v4());
    let mut hasher = blake3::Hasher::new();
    // Two version 4 UUIDs have 244 random bits, from the system's generator.
    hasher.update(left.as_bytes()).update(right.as_bytes());
    let hash = hasher.finalize();
    BASE32_NOPAD.encode(hash.as_bytes().get(..bytes).unwrap_or_default()).to_ascii_lowercase()
}

/// Waits until nobody else changes the tokens; until this is dropped, nobody else does.
#[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
fn lock(data: &Path) -> io::Result<File> {
    use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data)?;
    let file = File::options().create(true).append(true).mode(0o600).open(data.join("tokens.lock"))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive)?;
    Ok(file)
}

#[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
fn write(data: &Path, path: &Path, tokens: &Tokens) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(data)?;
    serde_json::to_writer_pretty(&mut file, tokens)?;
    file.write_all(b"\n")?;
    store::give_to_owner(data, file.as_file())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(data)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e02_tokens_are_stored_hashed_and_end() {
        let data = tempfile::tempdir().unwrap();
        let token = Tokens::change(data.path(), |tokens| {
            tokens.create("acme".parse().unwrap(), vec![Scope::Read], Some(Duration::from_secs(60)))
        });
        let token = token.unwrap();
        let secret = token.rsplit('_').next().unwrap();
        let loaded = Tokens::load(data.path()).unwrap();
        assert!(!format!("{loaded:?}").contains(secret));
        let now = Timestamp::now();
        assert_eq!(loaded.check(&token, now).unwrap().tenant.as_str(), "acme");
        let later = Timestamp::from_unix_seconds(now.unix_seconds() + 61);
        assert!(loaded.check(&token, later).is_none());
        assert!(loaded.check(&format!("{token}x"), now).is_none());
        assert!(loaded.check("fh__", now).is_none());
        let mut revoked = loaded.clone();
        let id = loaded.all()[0].id.clone();
        assert!(loaded.is_fresh(&id, now) && !loaded.is_fresh(&id, later));
        assert!(revoked.revoke(&id).is_some() && revoked.revoke(&id).is_none() && !revoked.is_fresh(&id, now));
        assert!(revoked.check(&token, now).is_none());
    }

    #[test]
    fn what_two_commands_do_at_once_is_both_done() {
        let data = tempfile::tempdir().unwrap();
        let make = || {
            Tokens::change(data.path(), |tokens| tokens.create("acme".parse().unwrap(), vec![Scope::Read], None))
                .unwrap()
        };
        std::thread::scope(|scope| (0..20).for_each(|_| drop(scope.spawn(make))));
        assert_eq!(Tokens::load(data.path()).unwrap().all().len(), 20);
    }

    #[test]
    fn e03_a_tenant_is_a_plain_name() {
        for bad in ["", "../x", "a/b", "A", "1a", "a b", ".a"] {
            assert!(bad.parse::<Tenant>().is_err(), "{bad:?}");
        }
        assert!("acme-2".parse::<Tenant>().is_ok());
    }
}
