//! GitHub's REST API, as far as listing repositories needs it.

use serde_json::{Value, json};

use super::catalogue::{Catalogue, Namespace, Project};
use super::http::{Response, Seen};
use super::misbehaviour::Rules;
use super::page::{Page, decoded};

/// Where GitHub Enterprise has it.
pub(crate) const BASE: &str = "/api/v3";

/// Pages have so many entries, unless asked otherwise.
const PER_PAGE: usize = 30;

/// What an answer is made from.
pub(crate) struct Api<'a> {
    pub(crate) forge: &'a Catalogue,
    pub(crate) base: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) clone_origin: &'a str,
    pub(crate) seen: &'a Seen,
    pub(crate) rules: &'a Rules,
}

impl Api<'_> {
    /// Answers what is below the base.
    pub(crate) fn answer(&self) -> Response {
        if self.forge.shows_a_wrong_token(self.seen) {
            return message(401, "Bad credentials");
        }
        let path = self.seen.path().strip_prefix(self.base).unwrap_or_default().trim_start_matches('/');
        let segments: Vec<String> = path.split('/').map(decoded).collect();
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let answer = match segments.as_slice() {
            ["orgs", name] => self.owner(name, Some(false)).map(|owner| self.account(owner)),
            ["users", name] => self.owner(name, None).map(|owner| self.account(owner)),
            // With the number and not the name, as the links to further pages have it.
            ["orgs" | "organizations", name, "repos"] => self.owner(name, Some(false)).map(|owner| self.repos(owner)),
            ["users" | "user", name, "repos"] => self.owner(name, None).map(|owner| self.repos(owner)),
            ["repos", owner, name] => {
                let project = self.forge.visible_project(&format!("{owner}/{name}"), self.seen);
                project.map(|project| Response::json(200, &self.repo_json(project)))
            }
            _ => None,
        };
        answer.unwrap_or_else(|| message(404, "Not Found"))
    }

    fn owner(&self, name: &str, person: Option<bool>) -> Option<&Namespace> {
        let found = self.forge.visible_namespace(name, self.seen).filter(|owner| !owner.path.contains('/'));
        found.filter(|owner| person.is_none_or(|person| person == owner.person))
    }

    fn account(&self, owner: &Namespace) -> Response {
        let kind = if owner.person { "User" } else { "Organization" };
        let path = &owner.path;
        let url = format!("{}/{path}", self.origin);
        Response::json(200, &json!({ "login": path, "id": owner.id, "type": kind, "html_url": url }))
    }

    fn repos(&self, owner: &Namespace) -> Response {
        let projects = self.forge.visible_below(&owner.path, false, self.seen);
        let all = projects.into_iter().map(|project| self.repo_json(project)).collect();
        let kind = if owner.person { "user" } else { "organizations" };
        let path = format!("{}/{kind}/{}/repos", self.base, owner.id);
        Page::of(all, self.seen, PER_PAGE, self.rules).answer(self.origin, &path, self.seen, self.rules)
    }

    fn repo_json(&self, project: &Project) -> Value {
        let path = &project.path;
        let (owner, name) = path.split_once('/').unwrap_or_default();
        json!({
            "id": project.id,
            "name": name,
            "full_name": path,
            "owner": { "login": owner },
            "private": project.token.is_some(),
            "html_url": format!("{}/{path}", self.origin),
            "clone_url": format!("{}/{path}.git", self.clone_origin),
            "git_url": format!("git://localhost/{path}.git"),
            "ssh_url": format!("git@localhost:{path}.git"),
            "default_branch": project.history.as_ref().map_or("main", |history| history.branch()),
            "archived": project.archived,
            "disabled": false,
            "fork": project.fork,
            // In kibibytes; a new repository has 0 for a while, an empty one always.
            "size": u8::from(project.history.is_some()),
        })
    }
}

fn message(status: u16, text: &str) -> Response {
    Response::json(status, &json!({ "message": text, "documentation_url": "", "status": status.to_string() }))
}
