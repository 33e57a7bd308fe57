//! GitLab's REST API, as far as listing projects needs it.

use serde_json::{Map, Value, json};

use super::catalogue::{Catalogue, Namespace, Project};
use super::http::{Response, Seen};
use super::misbehaviour::Rules;
use super::page::{Page, decoded};

pub(crate) const BASE: &str = "/api/v4";

/// Pages have so many entries, unless asked otherwise.
const PER_PAGE: usize = 20;

/// Answers what is below `/api/v4`.
pub(crate) fn answer(forge: &Catalogue, origin: &str, clone_origin: &str, seen: &Seen, rules: &Rules) -> Response {
    if forge.shows_a_wrong_token(seen) {
        return Response::json(401, &json!({ "message": "401 Unauthorized" }));
    }
    let path = seen.path().strip_prefix(BASE).unwrap_or_default().trim_start_matches('/');
    let segments: Vec<String> = path.split('/').map(decoded).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let api = Api { forge, origin, clone_origin, seen, rules };
    let answer = match segments.as_slice() {
        ["groups", id] => api.namespace(id, false).map(|group| Response::json(200, &api.group_json(group))),
        ["groups", id, "projects"] => api.namespace(id, false).map(|group| api.group_projects(group)),
        ["users"] => Some(api.users()),
        ["users", id, "projects"] => api.namespace(id, true).map(|user| api.user_projects(user)),
        ["projects", id] => {
            let project = forge.visible_project(id, seen);
            project.map(|project| Response::json(200, &api.project_json(project, !api.is_signed_in())))
        }
        _ => None,
    };
    answer.unwrap_or_else(|| not_found(segments.first().copied()))
}

fn not_found(what: Option<&str>) -> Response {
    let what = match what {
        Some("groups") => "Group ",
        Some("users") => "User ",
        Some("projects") => "Project ",
        _ => "",
    };
    Response::json(404, &json!({ "message": format!("404 {what}Not Found") }))
}

struct Api<'a> {
    forge: &'a Catalogue,
    origin: &'a str,
    clone_origin: &'a str,
    seen: &'a Seen,
    rules: &'a Rules,
}

impl Api<'_> {
    fn namespace(&self, id: &str, person: bool) -> Option<&Namespace> {
        self.forge.visible_namespace(id, self.seen).filter(|namespace| namespace.person == person)
    }

    fn is_signed_in(&self) -> bool {
        !self.seen.credentials().is_empty()
    }

    fn flag(&self, name: &str) -> bool {
        self.seen.parameter(name).is_some_and(|value| matches!(value, "true" | "1"))
    }

    fn group_json(&self, group: &Namespace) -> Value {
        let path = &group.path;
        let visibility = if group.token.is_some() { "private" } else { "public" };
        json!({ "id": group.id, "name": name(path), "path": name(path), "full_path": path,
                "visibility": visibility, "web_url": format!("{}/groups/{path}", self.origin) })
    }

    fn group_projects(&self, group: &Namespace) -> Response {
        let projects = self.forge.visible_below(&group.path, self.flag("include_subgroups"), self.seen);
        self.list(projects, self.flag("simple"))
    }

    /// Who is not signed in gets what `simple` gives.
    fn user_projects(&self, user: &Namespace) -> Response {
        let projects = self.forge.visible_below(&user.path, false, self.seen);
        self.list(projects, self.flag("simple") || !self.is_signed_in())
    }

    fn users(&self) -> Response {
        let wanted = self.seen.parameter("username").map(decoded).unwrap_or_default();
        let found = self.forge.visible_namespace(&wanted, self.seen).filter(|namespace| namespace.person);
        let users = found.map(|user| {
            let url = format!("{}/{}", self.origin, user.path);
            json!({ "id": user.id, "username": user.path, "name": user.path, "state": "active", "web_url": url })
        });
        Response::json(200, &Value::Array(users.into_iter().collect()))
    }

    /// Newest first, unless asked otherwise.
    fn list(&self, mut projects: Vec<&Project>, simple: bool) -> Response {
        if let Some(archived) = self.seen.parameter("archived") {
            projects.retain(|project| project.archived == (archived == "true"));
        }
        if self.seen.parameter("sort") != Some("asc") {
            projects.reverse();
        }
        let all = projects.into_iter().map(|project| self.project_json(project, simple)).collect();
        Page::of(all, self.seen, PER_PAGE, self.rules).answer_with_counts(
            self.origin,
            self.seen.path(),
            self.seen,
            self.rules,
        )
    }

    /// The fields that everybody sees, and those that `simple` leaves out.
    fn project_json(&self, project: &Project, simple: bool) -> Value {
        let path = &project.path;
        let mut fields = Map::new();
        let mut set = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
        set("id", project.id.into());
        set("name", name(path).into());
        set("path", name(path).into());
        set("path_with_namespace", path.as_str().into());
        set("http_url_to_repo", format!("{}/{path}.git", self.clone_origin).into());
        set("ssh_url_to_repo", format!("git@localhost:{path}.git").into());
        set("web_url", format!("{}/{path}", self.origin).into());
        // An empty repository has the branch that its first commit would make.
        set("default_branch", project.history.as_ref().map_or("main", |history| history.branch()).into());
        if !simple {
            set("archived", project.archived.into());
            set("empty_repo", project.history.is_none().into());
            set("visibility", if project.token.is_some() { "private" } else { "public" }.into());
            if project.fork {
                set("forked_from_project", json!({ "id": 1, "path_with_namespace": "upstream/original" }));
            }
        }
        Value::Object(fields)
    }
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
