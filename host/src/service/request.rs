//! What a client asks to have scanned.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Service;
use super::index::Repeat;
use super::webhook::{BadWebhook, Webhook};
use crate::source::location::Remote;
use crate::tenants::Tenant;

/// The body of `POST /scan`: one of `group_url`, `repositories` and `path`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanRequest {
    /// A group, an organisation, a user, or a repository, by its https URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_url: Option<String>,
    /// Several of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repositories: Option<Vec<String>>,
    /// A folder on the server, relative to the folder that its operator allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Another scanner than the usual one, by the BLAKE3 of its file in hexadecimal. One that the operator does not let you
    /// use is refused with the code `no_scanner`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scanner: Option<String>,
    /// An https URL that is told when the job has ended, as standard-webhooks says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_url: Option<String>,
}

/// `request.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredRequest {
    /// What was asked for.
    pub request: ScanRequest,
    /// With which key, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
}

/// A request that makes no sense, whoever asks.
#[derive(Debug, thiserror::Error)]
pub enum BadRequest {
    /// None of the three, or more than one.
    #[error("give one of group_url, repositories and path")]
    One,
    /// An empty list.
    #[error("repositories is empty")]
    Empty,
    /// More than a job may have.
    #[error("{0} repositories are more than the {1} that a job may have")]
    TooMany(usize, usize),
    /// Not an https URL of the kind that we fetch.
    #[error("{0}")]
    Url(String),
    /// The operator allows none.
    #[error("this service scans no folders of its own machine")]
    NoPaths,
    /// It leads out of the folder that the operator allows.
    #[error("path must be relative and lead to a folder below the one that is allowed, without .. in it")]
    Path,
    /// There is none of this hash, or it is not for this tenant; nobody can tell which.
    #[error("{NO_SCANNER}")]
    Scanner,
    /// Its end cannot be told.
    #[error(transparent)]
    Webhook(#[from] BadWebhook),
}

/// See [`BadRequest::Scanner`].
pub(super) const NO_SCANNER: &str =
    "there is no such scanner for you; name one that the operator lets you use, or none";

impl ScanRequest {
    /// What stands as `group_url` in the job's documents.
    pub fn asked(&self) -> String {
        let many = || self.repositories.as_ref().map(|urls| urls.join(" "));
        let asked = self.group_url.clone().or_else(|| self.path.clone()).or_else(many).unwrap_or_default();
        fumehood_contract::status::cut(&asked, 2048).to_owned()
    }

    /// It will have at least so many.
    pub(super) fn least_repositories(&self) -> usize {
        self.repositories.as_ref().map_or(1, Vec::len)
    }

    /// The URLs that it names.
    pub(super) fn urls(&self) -> impl Iterator<Item = &String> {
        self.group_url.iter().chain(self.repositories.iter().flatten())
    }
}

impl Service {
    /// Holds a request against what can be asked at all, before anything is stored of it.
    pub fn check(&self, tenant: &Tenant, request: &ScanRequest) -> Result<(), BadRequest> {
        let given = [request.group_url.is_some(), request.repositories.is_some(), request.path.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            return Err(BadRequest::One);
        }
        let many = request.repositories.as_ref().map(Vec::len);
        if many == Some(0) {
            return Err(BadRequest::Empty);
        }
        let most = self.quotas(tenant).repositories_a_job;
        if let Some(many) = many.filter(|many| *many > most) {
            return Err(BadRequest::TooMany(many, most));
        }
        self.scanner(tenant, request.scanner.as_deref()).ok_or(BadRequest::Scanner)?;
        if let Some(url) = &request.webhook_url {
            Webhook::url(url)?;
            if self.rules.of(tenant).webhook_secret.is_none() {
                return Err(BadWebhook::NoSecret.into());
            }
        }
        for url in request.urls() {
            Remote::parse(url).map_err(|error| BadRequest::Url(error.to_string()))?;
        }
        request.path.as_ref().map_or(Ok(()), |path| self.local_folder(path).map(drop))
    }

    /// The folder that a path of a request names. Links on the way are resolved, and must not lead out.
    pub(super) fn local_folder(&self, path: &str) -> Result<PathBuf, BadRequest> {
        let root = self.rules.local_root.as_ref().ok_or(BadRequest::NoPaths)?;
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(path).components().all(is_plain) || path.contains('\0') {
            return Err(BadRequest::Path);
        }
        let folder = root.join(path).canonicalize().map_err(|_| BadRequest::Path)?;
        let root = root.canonicalize().map_err(|_| BadRequest::Path)?;
        if folder.starts_with(root) && folder.is_dir() { Ok(folder) } else { Err(BadRequest::Path) }
    }
}
