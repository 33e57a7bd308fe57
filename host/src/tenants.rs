//! Who may ask the service for what: tenants, and the tokens that speak for them.
//!
//! Tokens lie hashed in `<data>/tokens.json`; the token itself is shown once, when it is made. A token is
//! `fh_<id>_<secret>`: the id finds the entry, the secret has 244 random bits, so a plain hash of it cannot be
//! turned back. Hashes are compared in constant time ([`blake3::Hash`] does that).

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use data_encoding::BASE32_NOPAD;
use fumehood_contract::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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

    /// Replaces the file, which is on the disk when this returns.
    pub fn save(&self, data: &Path) -> Result<(), TokensError> {
        let path = data.join(FILE);
        write(data, &path, self).map_err(|error| TokensError { path, error })
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

    /// Removes a token; false if there is none of this id.
    pub fn revoke(&mut self, id: &str) -> bool {
        let before = self.tokens.len();
        self.tokens.retain(|token| token.id != id);
        self.tokens.len() < before
    }

    /// What a token stands for; `None` if it is unknown, wrong or expired.
    pub fn check(&self, token: &str, now: Timestamp) -> Option<&StoredToken> {
        let (id, secret) = token.strip_prefix("fh_")?.split_once('_')?;
        let stored = self.tokens.iter().find(|stored| stored.id == id)?;
        let known = blake3::Hash::from_hex(&stored.blake3).ok()?;
        let is_right = blake3::hash(secret.as_bytes()) == known;
        let is_fresh = stored.expires_at.is_none_or(|end| now < end);
        (is_right && is_fresh).then_some(stored)
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

#[expect(clippy::disallowed_methods, reason = "a file that we alone write")]
fn write(data: &Path, path: &Path, tokens: &Tokens) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(data)?;
    let mut file = tempfile::NamedTempFile::new_in(data)?;
    serde_json::to_writer_pretty(&mut file, tokens)?;
    file.write_all(b"\n")?;
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
        let mut tokens = Tokens::default();
        let token = tokens.create("acme".parse().unwrap(), vec![Scope::Read], Some(Duration::from_secs(60)));
        tokens.save(data.path()).unwrap();
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
        assert!(revoked.revoke(&loaded.all()[0].id.clone()));
        assert!(revoked.check(&token, now).is_none());
    }

    #[test]
    fn e03_a_tenant_is_a_plain_name() {
        for bad in ["", "../x", "a/b", "A", "1a", "a b", ".a"] {
            assert!(bad.parse::<Tenant>().is_err(), "{bad:?}");
        }
        assert!("acme-2".parse::<Tenant>().is_ok());
    }
}
