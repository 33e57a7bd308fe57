//! One file, as its extractor sees it.

use crate::lines::Lines;
use crate::tree::{ReadError, Tree};

/// A file's path and text, and the way to the files around it.
#[derive(Debug)]
pub struct Source<'a> {
    path: &'a str,
    text: &'a str,
    lines: Lines,
    tree: &'a Tree,
}

/// A reference that leads out of the repository. Such files are never read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it lies outside the repository")]
pub struct OutsideRoot;

impl<'a> Source<'a> {
    /// The file at `path` in `tree`, which holds `text`.
    pub fn new(path: &'a str, text: &'a str, tree: &'a Tree) -> Self {
        Self { path, text, lines: Lines::new(text), tree }
    }

    /// Relative to the repository, separated by `/`.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// What the file holds.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The line (from 1) of a byte offset into [`Source::text`].
    pub fn line_at(&self, offset: usize) -> u32 {
        self.lines.at(offset)
    }

    /// The line of a piece of [`Source::text`], if it was borrowed from there.
    pub fn line_of(&self, fragment: &str) -> Option<u32> {
        self.lines.of(fragment)
    }

    /// The path of what this file calls `reference`, relative to its own folder. Judged by the
    /// letters alone; `Err` where it leads above the repository's root, or is absolute.
    pub fn resolve(&self, reference: &str) -> Result<String, OutsideRoot> {
        resolve(self.path, reference)
    }

    /// A file of that name in the same folder; `None` if there is none.
    pub fn sibling(&self, name: &str) -> Option<Result<String, ReadError>> {
        let path = self.path.rsplit_once('/').map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"));
        match self.tree.text(&path) {
            Err(ReadError::NotFound) => None,
            other => Some(other),
        }
    }

    /// Whether a file of that name lies in the same folder.
    pub fn has_sibling(&self, name: &str) -> bool {
        self.resolve(name).is_ok_and(|path| self.tree.exists(&path))
    }

    /// The folders around this file from its own up to the repository's root, which is `""`.
    pub fn folders(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let parent = |path: &&'a str| Some(path.rsplit_once('/').map_or("", |(folder, _)| folder));
        let own = parent(&self.path);
        std::iter::successors(own, move |folder| if folder.is_empty() { None } else { parent(folder) })
    }

    /// The tree, to read files at paths that [`Source::resolve`] gave.
    pub fn tree(&self) -> &'a Tree {
        self.tree
    }
}

/// The path of what the file at `path` calls `reference`: see [`Source::resolve`].
pub fn resolve(path: &str, reference: &str) -> Result<String, OutsideRoot> {
    if reference.starts_with('/') || reference.starts_with('\\') || reference.contains(':') {
        return Err(OutsideRoot);
    }
    let mut segments: Vec<&str> = path.split('/').collect();
    segments.pop();
    for segment in reference.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop().ok_or(OutsideRoot)?;
            }
            name => segments.push(name),
        }
    }
    Ok(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{OutsideRoot, Source, Tree, resolve};

    #[test]
    fn folders_lead_up_to_the_root() {
        let tree = Tree::new("");
        let folders = |path| Source::new(path, "", &tree).folders().collect::<Vec<_>>();
        assert_eq!(folders("a/b/c.txt"), ["a/b", "a", ""]);
        assert_eq!(folders("c.txt"), [""]);
    }

    #[test]
    fn references_stay_below_the_root() {
        assert_eq!(resolve("a/b.txt", "c.txt"), Ok("a/c.txt".to_owned()));
        assert_eq!(resolve("a/b.txt", "../c/./d.txt"), Ok("c/d.txt".to_owned()));
        assert_eq!(resolve("b.txt", "x\\y.txt"), Ok("x/y.txt".to_owned()));
        assert_eq!(resolve("a/b.txt", "../../etc/passwd"), Err(OutsideRoot));
        assert_eq!(resolve("a/b.txt", "x/../../../y"), Err(OutsideRoot));
        assert_eq!(resolve("a/b.txt", "/etc/passwd"), Err(OutsideRoot));
        assert_eq!(resolve("a/b.txt", "C:\\x"), Err(OutsideRoot));
    }
}
