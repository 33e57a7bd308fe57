//! Fetches one commit of a git repository that may be an attack, without ever checking it out.
//!
//! In the order of the data: [`transport`] carries git's bytes over our own HTTP client, [`fetch`] has
//! libgit2 speak the protocol and index the pack, [`tree`] lists the commit's files within budgets, [`links`] says
//! where its symbolic links lead, [`materialize`] writes the few files that the scanner wants.
//!
//! libgit2 is C that reads hostile bytes. It runs in a worker that gave up every right it does not need
//! before the first of them arrived ([`crate::worker`]), it knows no configuration but its own defaults,
//! and the only URL it ever sees is one that we made up.

pub mod fetch;
mod links;
pub mod materialize;
mod transport;
pub mod tree;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::secret::Secret;

/// All that a worker needs to fetch a repository. Everything was checked by its parent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GitOrigin {
    /// https, without credentials.
    pub url: Url,
    /// Branch, tag, full name of a reference, or commit; `None` for the server's HEAD.
    pub reference: Option<String>,
    /// Where the URL's host is; nothing else is reached.
    pub addresses: Vec<SocketAddr>,
    /// User name and token, if it is private.
    pub login: Option<Login>,
    /// An authority to trust besides those of the system.
    pub ca_file: Option<PathBuf>,
    /// The worker's own folder; exists and is empty.
    pub folder: PathBuf,
}

/// HTTP Basic authentication, as git servers take tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Most servers take any.
    pub user: String,
    /// The token.
    pub token: Secret,
}

/// Why a repository could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// 401, or a page that asks people to log in.
    #[error("it needs authentication: {}", if *.had_token { "the token was not accepted" } else { "it is private or does not exist, and no token is configured for its host (--token-file)" })]
    Unauthenticated {
        /// Whether a token was sent.
        had_token: bool,
    },
    /// 403.
    #[error("access is forbidden{}", if *.had_token { " with this token" } else { "; it may need a token (--token-file)" })]
    Forbidden {
        /// Whether a token was sent.
        had_token: bool,
    },
    /// 404.
    #[error("it does not exist{}", if *.had_token { ", or the token may not see it" } else { ", or it is private and needs a token (--token-file)" })]
    NotFound {
        /// Whether a token was sent.
        had_token: bool,
    },
    /// Any other status than 200.
    #[error("its server answers with status {0}")]
    Status(u16),
    /// A redirect to another origin, or too many.
    #[error("its server leads to {0}, which is not followed; name that URL if it is right")]
    LeadsAway(String),
    /// The answer is no git.
    #[error("there is no git repository at this URL (the server answers with {0})")]
    NotGit(String),
    /// The exchange failed.
    #[error("its server cannot be reached: {0}")]
    Unreachable(Box<ureq::Error>),
    /// The connection broke in the middle.
    #[error("the connection to its server broke: {0}")]
    Broken(std::io::Error),
    /// It trickles.
    #[error("its server sends less than {} bytes a second", crate::limits::FETCH_BYTES_PER_SECOND_MIN)]
    TooSlow,
    /// A budget is used up.
    #[error("it is larger than we take: {0}")]
    TooLarge(String),
    /// The reference is not there.
    #[error("it has no branch, tag, reference or commit {0}")]
    NoReference(String),
    /// The commit has no name, and the server gives only what has one.
    #[error("its server gives only commits that a branch or tag points at; name one of those")]
    NotGiven,
    /// No commit at all.
    #[error("it is empty: it has no commit")]
    Empty,
    /// The pack or its objects are damaged, or libgit2 gave up.
    #[error("its data are not what git wants: {0}")]
    Git(git2::Error),
    /// Our own disk, certificates or memory.
    #[error("it cannot be kept here: {0}")]
    Ours(String),
}
