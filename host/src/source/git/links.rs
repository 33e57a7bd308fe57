//! Where the symbolic links of a commit lead. They are never created; a link that stays inside the
//! commit is no loss, because what it leads to is listed where it lies.

use std::collections::{HashMap, HashSet};

use git2::{ObjectType, Oid, Repository};

use crate::limits::LINKS_MAX;

/// The links and folders of a commit.
#[derive(Debug, Default)]
pub(super) struct Links {
    targets: HashMap<String, String>,
    folders: HashSet<String>,
}

/// A link that was followed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) path: String,
    /// It leads to a file or folder of the commit, through other links at most.
    pub(super) stays_inside: bool,
}

/// Linux gives up after as many links in one path.
const LINKS_IN_A_PATH_MAX: usize = 40;

impl Links {
    /// Takes in a link. Gives its path back if where it leads cannot be known.
    pub(super) fn read(&mut self, repository: &Repository, path: String, blob: Oid) -> Result<(), String> {
        match target(repository, blob) {
            Some(target) if self.targets.len() < LINKS_MAX => {
                self.targets.insert(path, target);
                Ok(())
            }
            Some(_) | None => Err(path),
        }
    }

    /// Takes in a folder.
    pub(super) fn folder(&mut self, path: &str) {
        self.folders.insert(path.to_owned());
    }

    /// Every link, in the order of their paths, followed to its end.
    pub(super) fn followed(&self, is_file: &dyn Fn(&str) -> bool) -> Vec<Link> {
        let mut links: Vec<_> = self
            .targets
            .keys()
            .map(|path| Link { path: path.clone(), stays_inside: self.stays_inside(path, is_file) })
            .collect();
        links.sort_unstable();
        links
    }

    fn stays_inside(&self, link: &str, is_file: &dyn Fn(&str) -> bool) -> bool {
        let mut at: Vec<&str> = Vec::new();
        let mut ahead: Vec<&str> = link.split('/').rev().collect();
        let mut links_left = LINKS_IN_A_PATH_MAX;
        while let Some(part) = ahead.pop() {
            match part {
                "" | "." => {}
                ".." => match at.pop() {
                    Some(_) => {}
                    None => return false,
                },
                name => {
                    at.push(name);
                    let path = at.join("/");
                    let Some(target) = self.targets.get(&path) else {
                        let is_there = self.folders.contains(&path) || (ahead.is_empty() && is_file(&path));
                        if is_there { continue } else { return false }
                    };
                    let Some(left) = links_left.checked_sub(1) else { return false };
                    links_left = left;
                    at.pop();
                    if target.starts_with('/') {
                        return false;
                    }
                    ahead.extend(target.split('/').rev());
                }
            }
        }
        true
    }
}

/// `PATH_MAX`: no system makes a link with a longer target.
const TARGET_BYTES_MAX: usize = 4096;

fn target(repository: &Repository, blob: Oid) -> Option<String> {
    let odb = repository.odb().ok()?;
    let (size, kind) = odb.read_header(blob).ok()?;
    if kind != ObjectType::Blob || size > TARGET_BYTES_MAX {
        return None;
    }
    String::from_utf8(odb.read(blob).ok()?.data().to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c05_links_that_leave_are_told_from_links_that_stay() {
        let targets = [
            ("a/up", "../lib/x"),
            ("a/out", "../../etc/passwd"),
            ("abs", "/etc/passwd"),
            ("loop1", "loop2"),
            ("loop2", "loop1"),
            ("dir", "lib"),
            ("through", "dir/x"),
            ("nowhere", "lib/y"),
            ("root", "."),
            ("out-and-in", "../repo/lib/x"),
            ("file-as-folder", "lib/x/.."),
        ];
        let links = Links {
            targets: targets.iter().map(|(path, target)| ((*path).to_owned(), (*target).to_owned())).collect(),
            folders: ["a", "lib"].map(str::to_owned).into(),
        };
        let staying: Vec<_> = links
            .followed(&|path| path == "lib/x")
            .into_iter()
            .filter(|link| link.stays_inside)
            .map(|link| link.path)
            .collect();
        assert_eq!(staying, ["a/up", "dir", "root", "through"]);
    }
}
