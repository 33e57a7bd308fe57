//! A repository as a test describes it, and how it is written as a bare one.

use std::fs;
use std::path::Path;

use super::pack::{Id, Kind, Pack};
use super::tree::{Folder, Mode};

/// A repository that is being described. What it holds at the end is committed on its default branch;
/// [`GitRepository::commit`] makes commits before that one.
pub struct GitRepository {
    pub(super) pack: Pack,
    pub(super) root: Folder,
    history: History,
    modules: String,
    /// Whether anything came since the last commit.
    changed: bool,
}

/// What is remembered of a repository, so that more can be committed to it later.
#[derive(Clone)]
pub(crate) struct History {
    root: Folder,
    branch: String,
    head: Option<Id>,
    refs: Vec<(String, Id)>,
    commits: u64,
}

impl Default for History {
    fn default() -> Self {
        let branch = "main".to_owned();
        Self { root: Folder::default(), branch, head: None, refs: Vec::new(), commits: 0 }
    }
}

impl GitRepository {
    pub(crate) fn after(history: History) -> Self {
        let (root, changed) = (history.root.clone(), history.head.is_none());
        Self { pack: Pack::default(), root, history, modules: String::new(), changed }
    }

    /// With a file.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.put(path, Mode::File, content.as_ref())
    }

    /// With a file that may be run.
    pub fn executable(self, path: &str, content: &str) -> Self {
        self.put(path, Mode::Executable, content.as_bytes())
    }

    /// With a Cargo.lock that names one package.
    pub fn package(self, name: &str) -> Self {
        self.file("Cargo.lock", crate::cargo_lock(name))
    }

    /// With a symbolic link.
    pub fn link(self, path: &str, target: &str) -> Self {
        self.put(path, Mode::Link, target.as_bytes())
    }

    /// With a submodule, and an entry in .gitmodules that says where it comes from.
    pub fn submodule(mut self, path: &str, url: &str) -> Self {
        self.root.put(path, Mode::Submodule, Id([0x5b; 20]));
        self.modules += &format!("[submodule \"{path}\"]\n\tpath = {path}\n\turl = {url}\n");
        let modules = self.modules.clone();
        self.file(".gitmodules", modules)
    }

    /// Without a file or folder.
    pub fn without(mut self, path: &str) -> Self {
        self.root.remove(path);
        self.changed = true;
        self
    }

    /// Commits what there is. What follows comes into the next commit.
    pub fn commit(mut self) -> Self {
        let tree = self.root.write(&mut self.pack);
        let history = &mut self.history;
        // Each a second later than the one before, so that no two commits are the same.
        let by = format!("A Test <test@fumehood.example> {} +0000", 1_700_000_000 + history.commits);
        let parent = history.head.map(|head| format!("parent {head}\n")).unwrap_or_default();
        let commit = format!("tree {tree}\n{parent}author {by}\ncommitter {by}\n\nCommit {}\n", history.commits);
        history.head = Some(self.pack.add(Kind::Commit, commit.as_bytes()));
        history.commits += 1;
        self.changed = false;
        self
    }

    /// With the default branch called so.
    pub fn default_branch(mut self, name: &str) -> Self {
        name.clone_into(&mut self.history.branch);
        self
    }

    /// With a branch at the last commit; what is not committed yet is.
    pub fn branch(self, name: &str) -> Self {
        self.reference(&format!("refs/heads/{name}"))
    }

    /// With a tag at the last commit; what is not committed yet is.
    pub fn tag(self, name: &str) -> Self {
        self.reference(&format!("refs/tags/{name}"))
    }

    /// With a tag that is an object of its own.
    pub fn annotated_tag(self, name: &str) -> Self {
        let mut repo = self.sealed();
        let head = repo.history.head.unwrap();
        let by = "A Test <test@fumehood.example> 1700000000 +0000";
        let tag = format!("object {head}\ntype commit\ntag {name}\ntagger {by}\n\n{name}\n");
        let id = repo.pack.add(Kind::Tag, tag.as_bytes());
        repo.set(format!("refs/tags/{name}"), id);
        repo
    }

    pub(super) fn put(mut self, path: &str, mode: Mode, content: &[u8]) -> Self {
        let id = self.pack.add(Kind::Blob, content);
        self.root.put(path, mode, id);
        self.changed = true;
        self
    }

    /// For those that put something into `root` themselves.
    pub(super) fn touched(mut self) -> Self {
        self.changed = true;
        self
    }

    fn reference(self, full_name: &str) -> Self {
        let mut repo = self.sealed();
        let head = repo.history.head.unwrap();
        repo.set(full_name.to_owned(), head);
        repo
    }

    fn set(&mut self, full_name: String, id: Id) {
        self.history.refs.retain(|(name, _)| *name != full_name);
        self.history.refs.push((full_name, id));
    }

    fn sealed(self) -> Self {
        if self.changed { self.commit() } else { self }
    }

    /// Writes it as a bare repository at `path`, into what may be there already.
    pub(crate) fn write(self, path: &Path) -> History {
        let mut repo = self.sealed();
        let head = repo.history.head.unwrap();
        let branch = format!("refs/heads/{}", repo.history.branch);
        repo.set(branch, head);
        write_empty(path, &repo.history.branch);
        if !repo.pack.is_empty() {
            repo.pack.write(&path.join("objects/pack"));
        }
        let mut refs = repo.history.refs.clone();
        refs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let lines = refs.iter().map(|(name, id)| format!("{id} {name}\n"));
        fs::write(path.join("packed-refs"), format!("# pack-refs with: sorted \n{}", lines.collect::<String>()))
            .unwrap();
        repo.history.root = repo.root;
        repo.history
    }
}

impl History {
    pub(crate) fn branch(&self) -> &str {
        &self.branch
    }

    pub(crate) fn head(&self) -> Option<String> {
        self.head.map(|id| id.to_string())
    }
}

/// Writes a bare repository without any commit. What the forges let clients ask for, this lets them too;
/// and trees may be as deep as the attack wants them.
pub(crate) fn write_empty(path: &Path, branch: &str) {
    fs::create_dir_all(path.join("objects/pack")).unwrap();
    fs::create_dir_all(path.join("refs/heads")).unwrap();
    fs::write(path.join("HEAD"), format!("ref: refs/heads/{branch}\n")).unwrap();
    let config = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n\tmaxTreeDepth = 1000000\n\
                  [uploadpack]\n\tallowTipSHA1InWant = true\n\tallowReachableSHA1InWant = true\n";
    fs::write(path.join("config"), config).unwrap();
}
