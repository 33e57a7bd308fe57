//! GitLab's REST API, version 4: groups with their subgroups, users, projects.
//! <https://docs.gitlab.com/api/groups/#list-projects>

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::api::{Api, ForgeError};
use super::expand::{Found, TakePage};

#[derive(Debug, Deserialize)]
struct Project {
    path_with_namespace: String,
    http_url_to_repo: String,
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    empty_repo: bool,
    forked_from_project: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct User {
    id: u64,
}

const LIST: &str = "?include_subgroups=true&with_shared=false&order_by=id&sort=asc&per_page=100";

/// What `path` names: a group, a user, or one project. `take` gets the projects page by page.
pub(super) fn list(api: &mut Api<'_>, path: &str, take: &mut TakePage<'_>) -> Result<(), ForgeError> {
    let encoded = path.replace('/', "%2F");
    let what = format!("group {path}");
    let group = api.url(&format!("groups/{encoded}/projects"), LIST)?;
    match api.pages(group, &what, |api, page| take(api, found(page))) {
        Err(ForgeError::NotFound { host, had_token, .. }) => {
            let what = format!("group, user or project {path}");
            no_group(api, path, &encoded, take, ForgeError::NotFound { host, what, had_token })
        }
        listed => listed,
    }
}

fn no_group(
    api: &mut Api<'_>,
    path: &str,
    encoded: &str,
    take: &mut TakePage<'_>,
    missing: ForgeError,
) -> Result<(), ForgeError> {
    if path.contains('/') {
        let url = api.url(&format!("projects/{encoded}"), "")?;
        return match api.get::<Project>(&url, path) {
            Ok(project) => take(api, found(vec![project])),
            Err(ForgeError::NotFound { .. }) => Err(missing),
            Err(error) => Err(error),
        };
    }
    let users = api.url("users", &format!("?username={encoded}"))?;
    let users: Vec<User> = match api.get(&users, path) {
        // Servers that show their users to nobody.
        Err(ForgeError::Forbidden { .. }) => return Err(missing),
        users => users?,
    };
    let Some(user) = users.first() else { return Err(missing) };
    let projects = api.url(&format!("users/{}/projects", user.id), "?order_by=id&sort=asc&per_page=100")?;
    api.pages(projects, &format!("user {path}"), |api, page| take(api, found(page)))
}

fn found(page: Vec<Project>) -> Vec<Found> {
    page.into_iter()
        .map(|project| Found {
            path: project.path_with_namespace,
            clone_url: project.http_url_to_repo,
            archived: project.archived,
            fork: project.forked_from_project.is_some(),
            empty: project.empty_repo,
        })
        .collect()
}
