//! The hosts that repositories are fetched from: what is known of each, and how a group's URL becomes the
//! repositories in it.
//!
//! [`expand`] asks the APIs of [`gitlab`] and [`github`] through [`api`], which pages and waits;
//! [`filter`] says which of the repositories are wanted.

mod api;
mod expand;
pub mod filter;
mod github;
mod gitlab;

use std::net::SocketAddr;
use std::path::PathBuf;

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

pub use api::ForgeError;
pub use expand::{Expansion, expand};

use crate::client::{Trust, TrustError};
use crate::guard::{self, GuardError};
use crate::secret::Secret;

/// What sort of API a host has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// GitLab's, at `/api/v4`.
    Gitlab,
    /// GitHub's, at `/api/v3`, or api.github.com.
    Github,
    /// None: every URL is a repository.
    Git,
}

/// What is known of one host.
#[derive(Clone, Debug, Default)]
pub struct Forge {
    /// As in its URLs: a name, with `:port` where that is not 443.
    pub host: String,
    /// `None`: GitLab if it answers as GitLab, otherwise a plain server of repositories.
    pub kind: Option<Kind>,
    /// Where its API is, if not where it usually is.
    pub api: Option<Url>,
    /// For the API and for fetching. It is sent to this host (and its API) alone.
    pub token: Option<Secret>,
    /// An authority to trust besides those of the system; a PEM file.
    pub ca_file: Option<PathBuf>,
    /// Networks that it may lie in although they are not public.
    pub allow_addresses: Vec<IpNet>,
}

/// All hosts that something is known of.
#[derive(Clone, Debug, Default)]
pub struct Forges {
    /// In no order; each host once.
    pub known: Vec<Forge>,
    /// For hosts that nothing is known of.
    pub others: Forge,
}

impl Forges {
    /// What is known of the host of `url`.
    pub fn of(&self, url: &Url) -> Forge {
        let host = authority(url);
        let known = self.known.iter().find(|forge| forge.host.eq_ignore_ascii_case(&host)).cloned();
        let mut forge = known.unwrap_or_else(|| self.others.clone());
        forge.kind = forge.kind.or_else(|| usual_kind(&host));
        forge.host = host;
        forge
    }
}

impl Forge {
    /// Where the API begins, without a slash at its end.
    fn api_base(&self, origin: &Url, kind: Kind) -> Result<Url, ForgeError> {
        let address = match (&self.api, kind) {
            (Some(api), _) => api.as_str().trim_end_matches('/').to_owned(),
            (None, Kind::Github) if self.host == "github.com" => "https://api.github.com".to_owned(),
            (None, Kind::Github) => format!("https://{}/api/v3", authority(origin)),
            (None, Kind::Gitlab | Kind::Git) => format!("https://{}/api/v4", authority(origin)),
        };
        let url = Url::parse(&address).ok().filter(|url| url.scheme() == "https" && url.has_host());
        url.ok_or(ForgeError::BadApi(address))
    }

    /// The addresses of a URL on this host, checked.
    pub fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, GuardError> {
        guard::resolve(url, &self.allow_addresses)
    }

    /// Whom to trust on this host.
    pub fn trust(&self) -> Result<Trust, TrustError> {
        Trust::load(self.ca_file.as_deref())
    }

    /// The user name that goes with the token, which git sends as a password.
    pub fn user(&self) -> &'static str {
        match self.kind {
            Some(Kind::Github) => "x-access-token",
            Some(Kind::Gitlab | Kind::Git) | None => "oauth2",
        }
    }
}

/// Host and port of a URL, as [`Forge::host`] has them.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn usual_kind(host: &str) -> Option<Kind> {
    match host {
        "github.com" => Some(Kind::Github),
        "gitlab.com" => Some(Kind::Gitlab),
        "bitbucket.org" | "codeberg.org" => Some(Kind::Git),
        _ => None,
    }
}
