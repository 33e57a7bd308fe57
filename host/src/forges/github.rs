//! GitHub's REST API: organisations and users.
//! <https://docs.github.com/rest/repos/repos#list-organization-repositories>

use serde::Deserialize;

use super::api::{Api, ForgeError};
use super::expand::{Found, TakePage};

#[derive(Debug, Deserialize)]
struct Repository {
    full_name: String,
    clone_url: String,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    fork: bool,
    /// In KiB; 0 also for a repository of one small commit, so emptiness is only supposed.
    #[serde(default)]
    size: u64,
    /// When something was last pushed; null for a repository that nothing was ever pushed to.
    pushed_at: Option<String>,
}

/// The repositories of an organisation or user, page by page.
pub(super) fn list(api: &mut Api<'_>, owner: &str, take: &mut TakePage<'_>) -> Result<(), ForgeError> {
    let organisation = api.url(&format!("orgs/{owner}/repos"), "?type=all&sort=full_name&per_page=100")?;
    let what = format!("organisation or user {owner}");
    match api.pages(organisation, &what, |api, page| take(api, found(page))) {
        Err(ForgeError::NotFound { .. }) => {
            let user = api.url(&format!("users/{owner}/repos"), "?type=owner&sort=full_name&per_page=100")?;
            api.pages(user, &what, |api, page| take(api, found(page)))
        }
        listed => listed,
    }
}

fn found(page: Vec<Repository>) -> Vec<Found> {
    page.into_iter()
        .map(|repository| Found {
            path: repository.full_name,
            clone_url: repository.clone_url,
            archived: repository.archived,
            fork: repository.fork,
            empty: repository.size == 0 && repository.pushed_at.is_none(),
        })
        .collect()
}
