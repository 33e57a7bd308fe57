//! Where a repository's files come from: a folder on this machine, or a git server.

pub mod git;
mod left_out;
mod local;
pub mod location;
mod repositories;

use serde::{Deserialize, Serialize};

pub use local::{Root, list};
pub use repositories::{RepositoriesError, below};

use crate::limits::SKIPPED_NAMED_MAX;
use crate::text;

/// How a tree is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListOptions {
    /// Go into `node_modules`, `target`, `.git` and their like too.
    pub include_installed: bool,
}

/// What listing a tree gave, apart from the paths themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Regular files that were listed.
    pub files: u64,
    /// Files that the scanner chose to read.
    pub selected: u64,
    /// Folders of installed or built things that were left out on purpose.
    pub left_out: Skips,
    /// Links to places inside the tree: what they lead to is listed where it lies.
    pub inner_links: Skips,
    /// FIFOs, sockets, devices.
    pub special: Skips,
    /// Links that lead outside, to nothing, or through another link. What they would bring is not read.
    pub outer_links: Skips,
    /// Other repositories at some commit: what they hold is scanned where they lie.
    pub submodules: Skips,
    /// Names that are not UTF-8, hold control characters, stand twice in a folder, or mean something else to
    /// some file system.
    pub odd_names: Skips,
    /// Files and folders that could not be opened.
    pub unreadable: Skips,
    /// What went over a budget.
    pub over_budget: Skips,
}

impl Listing {
    /// Whether something was passed over that could hold dependencies.
    pub fn is_complete(&self) -> bool {
        let harmful = [&self.outer_links, &self.odd_names, &self.unreadable, &self.over_budget];
        harmful.iter().all(|skips| skips.count == 0)
    }

    /// Adds what was passed over elsewhere in the tree.
    fn add(&mut self, other: Self) {
        let Self {
            files,
            selected,
            left_out,
            inner_links,
            special,
            outer_links,
            submodules,
            odd_names,
            unreadable,
            over_budget,
        } = other;
        self.files += files;
        self.selected += selected;
        self.left_out.add_all(left_out);
        self.inner_links.add_all(inner_links);
        self.special.add_all(special);
        self.outer_links.add_all(outer_links);
        self.submodules.add_all(submodules);
        self.odd_names.add_all(odd_names);
        self.unreadable.add_all(unreadable);
        self.over_budget.add_all(over_budget);
    }

    /// Every kind of skip with its name for people, and whether it makes a report incomplete.
    pub fn skips(&self) -> [(&'static str, &Skips, bool); 8] {
        [
            ("folder of installed or built files", &self.left_out, false),
            ("link inside the tree", &self.inner_links, false),
            ("special file", &self.special, false),
            ("link to outside or nowhere", &self.outer_links, true),
            ("submodule", &self.submodules, false),
            ("odd name", &self.odd_names, true),
            ("unreadable entry", &self.unreadable, true),
            ("entry over a budget", &self.over_budget, true),
        ]
    }
}

/// Entries passed over for one reason: counted, and the first [`SKIPPED_NAMED_MAX`] named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skips {
    /// All of them.
    pub count: u64,
    /// Paths, made fit to be shown, in their order.
    pub names: Vec<String>,
}

impl Skips {
    /// Counts one more.
    pub fn add(&mut self, name: impl Into<String>) {
        self.count += 1;
        self.name(name.into());
    }

    fn add_all(&mut self, other: Self) {
        self.count += other.count;
        other.names.into_iter().for_each(|name| self.name(name));
    }

    fn name(&mut self, name: String) {
        let at = self.names.partition_point(|other| *other <= name);
        if at < SKIPPED_NAMED_MAX {
            self.names.insert(at, name);
            self.names.truncate(SKIPPED_NAMED_MAX);
        }
    }
}

/// A path for people: the root is `.`, a long one is shortened.
fn shown(path: &str) -> String {
    let path = if path.is_empty() { "." } else { path };
    let cut = fumehood_contract::status::cut(path, 300);
    let rest = if cut.len() < path.len() { "…" } else { "" };
    format!("{}{rest}", text::clean(cut))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
