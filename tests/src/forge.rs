//! Real servers for fetching: git over https, GitLab's API and GitHub's, on loopback, and everything that
//! such servers can do wrong.
//!
//! ```ignore
//! let Some(forge) = Forge::start() else { return };
//! forge.repository("acme/tools/lint", |repo| repo.package("lint"));
//! forge.repository("acme/secret", |repo| repo.package("secret")).private("acme/secret", TOKEN);
//! forge.misbehave_times(1, "/api/v4/", Misbehaviour::RateLimit);
//! ```
//!
//! A forge lives as long as its value: then its threads end, and its repositories are removed.

mod authority;
mod backend;
mod canary;
mod catalogue;
mod config;
mod curl;
mod endless;
mod github;
mod gitlab;
mod hostile_repository;
mod http;
mod misbehaviour;
mod pack;
mod page;
mod receiver;
mod repository;
mod server;
mod site;
mod tree;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

pub use canary::Canary;
pub use config::ForgeKind;
pub use curl::Answer;
pub use hostile_repository::ODD_NAMES;
pub use http::Seen;
pub use misbehaviour::Misbehaviour;
pub use receiver::{Delivery, Receiver};
pub use repository::GitRepository;
pub use tree::Mode;

use authority::Authority;
use server::{Server, Service};
use site::Site;
use tempfile::TempDir;

/// A forge on loopback: https on a port of its own, its certificate signed by an authority of its own.
pub struct Forge {
    // Before the folder, which the server still uses while it ends.
    server: Server,
    site: Arc<Site>,
    authority: Authority,
    folder: TempDir,
    token: Mutex<Option<String>>,
}

impl Forge {
    /// Starts one. `None`, and a word on standard error, where git has no `http-backend`.
    pub fn start() -> Option<Self> {
        if backend::is_there() {
            return Some(Self::with(Authority::new()));
        }
        eprintln!("skipped: this machine's git has no http-backend");
        None
    }

    /// Another forge on another port, whose certificate is trusted by who trusts this one's: so what keeps
    /// a client away is never only that it cannot make a connection.
    pub fn neighbour(&self) -> Self {
        Self::with(self.authority.clone())
    }

    fn with(authority: Authority) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("home")).unwrap();
        std::fs::write(folder.path().join("authority.pem"), &authority.pem).unwrap();
        let listener = server::listen();
        let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let site = Arc::new(Site::new(origin, folder.path()));
        let answering = Arc::clone(&site);
        let service: Service = Arc::new(move |request, stop| answering.answer(request, stop));
        let server = Server::start(listener, Some(Arc::clone(&authority.server)), service);
        Self { server, site, authority, folder, token: Mutex::default() }
    }

    /// A repository. One that is there already gets one more commit, on top of what it holds.
    pub fn repository(&self, path: &str, describe: impl FnOnce(GitRepository) -> GitRepository) -> &Self {
        let history = self.site.catalogue.lock().unwrap().project(path).history.clone();
        let repository = describe(GitRepository::after(history.unwrap_or_default()));
        let history = repository.write(&self.bare(path));
        self.site.catalogue.lock().unwrap().project(path).history = Some(history);
        self
    }

    /// So many repositories `repo-00`, `repo-01`… with a package each that is called like the repository.
    pub fn repositories(&self, namespace: &str, count: usize) -> &Self {
        for number in 0..count {
            let name = format!("repo-{number:02}");
            self.repository(&format!("{namespace}/{name}"), |repo| repo.package(&name));
        }
        self
    }

    /// A repository with all that another has: it is the same folder.
    pub fn same_as(&self, path: &str, other: &str) -> &Self {
        let mut catalogue = self.site.catalogue.lock().unwrap();
        let history = catalogue.project(other).history.clone();
        catalogue.project(path).history = history;
        std::os::unix::fs::symlink(self.bare(other), self.bare(path)).unwrap();
        drop(catalogue);
        self
    }

    /// A repository that is there only for who shows this token.
    pub fn private(&self, path: &str, token: &str) -> &Self {
        self.ensure(path);
        self.site.catalogue.lock().unwrap().project(path).token = Some(token.to_owned());
        self
    }

    /// A group or organisation that, with all it holds, is there only for who shows this token.
    pub fn private_group(&self, path: &str, token: &str) -> &Self {
        self.site.catalogue.lock().unwrap().namespace(path).token = Some(token.to_owned());
        self
    }

    /// A token that the APIs take, though it opens nothing that is shut. They refuse those they do not know.
    pub fn accepts(&self, token: &str) -> &Self {
        self.site.catalogue.lock().unwrap().tokens.push(token.to_owned());
        self
    }

    /// An archived repository.
    pub fn archived(&self, path: &str) -> &Self {
        self.ensure(path);
        self.site.catalogue.lock().unwrap().project(path).archived = true;
        self
    }

    /// A repository that is a fork of another.
    pub fn fork(&self, path: &str) -> &Self {
        self.ensure(path);
        self.site.catalogue.lock().unwrap().project(path).fork = true;
        self
    }

    /// A repository without any commit.
    pub fn empty(&self, path: &str) -> &Self {
        repository::write_empty(&self.bare(path), "main");
        self.site.catalogue.lock().unwrap().project(path);
        self
    }

    /// A group or organisation, which may stay without repositories.
    pub fn group(&self, path: &str) -> &Self {
        self.site.catalogue.lock().unwrap().namespace(path);
        self
    }

    /// A person, below whose name repositories may be.
    pub fn person(&self, name: &str) -> &Self {
        self.site.catalogue.lock().unwrap().namespace(name).person = true;
        self
    }

    /// Serves GitHub's API below this path instead of `/api/v3`.
    pub fn github_api_at(&self, base: &str) -> &Self {
        base.trim_end_matches('/').clone_into(&mut self.site.github_base.lock().unwrap());
        self
    }

    /// From now on does this wrong wherever path and query contain `within`.
    pub fn misbehave(&self, within: &str, what: Misbehaviour) -> &Self {
        self.misbehave_times(u64::MAX, within, what)
    }

    /// As [`Forge::misbehave`], for so many requests.
    pub fn misbehave_times(&self, times: u64, within: &str, what: Misbehaviour) -> &Self {
        self.site.rules.add(within, what, times);
        self
    }

    /// Does everything right again.
    pub fn behave(&self) -> &Self {
        self.site.rules.clear();
        self
    }

    /// `https://localhost:PORT`.
    pub fn origin(&self) -> &str {
        &self.site.origin
    }

    /// `localhost:PORT`.
    pub fn host(&self) -> String {
        format!("localhost:{}", self.server.port())
    }

    /// The origin of a place at this forge where everything is right: for redirects that may be followed.
    pub fn moved(&self) -> String {
        format!("{}{}", self.origin(), misbehaviour::MOVED)
    }

    /// Where a repository is cloned from.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}.git", self.origin())
    }

    /// Where people find a group, an organisation or a person.
    pub fn group_url(&self, path: &str) -> String {
        format!("{}/{path}", self.origin())
    }

    /// The certificate of the authority, in PEM.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// The bare repository on disk.
    pub fn bare(&self, path: &str) -> PathBuf {
        self.folder.path().join(format!("{path}.git"))
    }

    /// The last commit on the default branch.
    pub fn head(&self, path: &str) -> String {
        let catalogue = self.site.catalogue.lock().unwrap();
        catalogue.find(path).and_then(|project| project.history.as_ref()?.head()).expect("a commit")
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Seen> {
        self.site.seen()
    }

    /// The requests whose path and query contain `within`.
    pub fn requests_for(&self, within: &str) -> Vec<Seen> {
        self.requests().into_iter().filter(|seen| seen.target.contains(within)).collect()
    }

    /// The connections so far, whether or not anything was asked on them.
    pub fn connections(&self) -> u64 {
        self.server.connections()
    }

    /// git without any configuration, except that it trusts this forge.
    pub fn git(&self) -> Command {
        let mut git = backend::git(&self.folder.path().join("home"));
        git.arg("-c").arg(format!("http.sslCAInfo={}", self.ca_file().display()));
        git
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn ensure(&self, path: &str) {
        let missing = self.site.catalogue.lock().unwrap().find(path).is_none_or(|found| found.history.is_none());
        if missing {
            let name = path.rsplit('/').next().unwrap_or(path).to_owned();
            self.repository(path, |repo| repo.package(&name));
        }
    }
}
