//! What a forge answers: git, GitLab's API and GitHub's, and what it was told to do wrong.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::backend;
use super::catalogue::Catalogue;
use super::github;
use super::gitlab;
use super::http::{Request, Response, Seen};
use super::misbehaviour::{MOVED, Misbehaviour, Rules};
use super::server::Stop;

/// What a forge knows.
pub(crate) struct Site {
    /// `https://localhost:PORT`.
    pub(crate) origin: String,
    /// Where the bare repositories are.
    pub(crate) root: PathBuf,
    pub(crate) catalogue: Mutex<Catalogue>,
    pub(crate) rules: Rules,
    pub(crate) github_base: Mutex<String>,
    seen: Mutex<Vec<Seen>>,
}

impl Site {
    pub(crate) fn new(origin: String, root: &Path) -> Self {
        Self {
            origin,
            root: root.to_owned(),
            catalogue: Mutex::default(),
            rules: Rules::default(),
            github_base: Mutex::new(github::BASE.to_owned()),
            seen: Mutex::default(),
        }
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Answers a request, or closes the connection.
    pub(crate) fn answer(&self, request: &Request, stop: &Stop) -> Option<Response> {
        self.seen.lock().unwrap().push(request.seen.clone());
        let target = &request.seen.target;
        if let Some(moved) = target.strip_prefix(MOVED) {
            let seen = request.seen.with_target(moved);
            return Some(self.answer_rightly(&Request { seen, body: request.body.clone() }));
        }
        let replaces = |what: &Misbehaviour| what.replaces_answer(target);
        match self.rules.take(target, replaces) {
            None => Some(self.answer_rightly(request)),
            Some(what) => what.answer(request, self.is_github(target), &self.head(request.seen.path()), stop),
        }
    }

    fn answer_rightly(&self, request: &Request) -> Response {
        let seen = &request.seen;
        // Git's paths first: at a GitHub whose API is at the root, both begin alike.
        if let Some((repository, service)) = backend::route(seen.path()) {
            return self.git(repository, service, request);
        }
        let clones = self.rules.take(&seen.target, |what| matches!(what, Misbehaviour::CloneUrlsAt(_)));
        let clone_origin = match &clones {
            Some(Misbehaviour::CloneUrlsAt(origin)) => origin,
            _ => &self.origin,
        };
        let forge = &self.catalogue.lock().unwrap();
        let (origin, rules) = (&self.origin, &self.rules);
        if seen.path().starts_with(gitlab::BASE) {
            gitlab::answer(forge, origin, clone_origin, seen, rules)
        } else if self.is_github(&seen.target) {
            let base = &self.github_base.lock().unwrap();
            github::Api { forge, base, origin, clone_origin, seen, rules }.answer()
        } else {
            Response::text(404, "Not Found")
        }
    }

    fn git(&self, repository: &str, service: &str, request: &Request) -> Response {
        let seen = &request.seen;
        let forge = self.catalogue.lock().unwrap();
        if forge.find(repository).is_none() {
            return Response::text(404, "Not Found");
        }
        if !forge.may_see(repository, seen) {
            return Response::text(401, "HTTP Basic: Access denied")
                .header("WWW-Authenticate", "Basic realm=\"A forge\"");
        }
        drop(forge); // others may be served while git works
        let asked = seen.header("git-protocol").unwrap_or_default();
        let version = if self.rules.wants_first_version(&seen.target) { "" } else { asked };
        backend::answer(&self.root, repository, service, request, version)
    }

    fn is_github(&self, target: &str) -> bool {
        !target.starts_with(gitlab::BASE) && target.starts_with(self.github_base.lock().unwrap().as_str())
    }

    /// The last commit of the repository that a path of git's names.
    fn head(&self, path: &str) -> String {
        let forge = self.catalogue.lock().unwrap();
        let project = backend::route(path).and_then(|(repository, _)| forge.find(repository));
        project.and_then(|project| project.history.as_ref()?.head()).unwrap_or_default()
    }
}
