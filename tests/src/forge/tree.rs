//! Folders, and the tree objects they become.

use std::collections::BTreeMap;

use super::pack::{Id, Kind, Pack};

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A file.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link; its blob is the target.
    Link,
    /// A commit of another repository.
    Submodule,
    /// A folder.
    Folder,
}

impl Mode {
    fn octal(self) -> &'static str {
        match self {
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Link => "120000",
            Self::Submodule => "160000",
            Self::Folder => "40000",
        }
    }
}

/// An entry of a tree object: anything at all, also what git would refuse.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) mode: Mode,
    pub(crate) name: Vec<u8>,
    pub(crate) id: Id,
}

/// A folder that is not a tree object yet.
#[derive(Clone, Default)]
pub(crate) struct Folder {
    entries: BTreeMap<String, Node>,
    raw: Vec<Entry>,
}

#[derive(Clone)]
enum Node {
    Folder(Folder),
    Leaf(Mode, Id),
}

impl Folder {
    /// Puts an entry at a path, with the folders on the way.
    pub(crate) fn put(&mut self, path: &str, mode: Mode, id: Id) {
        let Some((first, rest)) = path.split_once('/') else {
            self.entries.insert(path.to_owned(), Node::Leaf(mode, id));
            return;
        };
        let node = self.entries.entry(first.to_owned()).or_insert_with(|| Node::Folder(Self::default()));
        match node {
            Node::Folder(folder) => folder.put(rest, mode, id),
            Node::Leaf(..) => panic!("{first} is a file already"),
        }
    }

    /// Removes the entry at a path.
    pub(crate) fn remove(&mut self, path: &str) {
        match path.split_once('/') {
            None => drop(self.entries.remove(path)),
            Some((first, rest)) => {
                if let Some(Node::Folder(folder)) = self.entries.get_mut(first) {
                    folder.remove(rest);
                }
            }
        }
    }

    /// One more entry, whatever else there is of its name.
    pub(crate) fn put_raw(&mut self, entry: Entry) {
        self.raw.push(entry);
    }

    /// Writes the folder and those inside.
    pub(crate) fn write(&self, pack: &mut Pack) -> Id {
        let mut entries = self.raw.clone();
        for (name, node) in &self.entries {
            let (mode, id) = match node {
                Node::Folder(folder) => (Mode::Folder, folder.write(pack)),
                Node::Leaf(mode, id) => (*mode, *id),
            };
            entries.push(Entry { mode, name: name.clone().into_bytes(), id });
        }
        write_tree(pack, entries)
    }
}

/// Writes a tree object. Git sorts folders as if their names ended in a slash.
pub(crate) fn write_tree(pack: &mut Pack, mut entries: Vec<Entry>) -> Id {
    entries.sort_by_cached_key(|entry| {
        let mut key = entry.name.clone();
        key.extend((entry.mode == Mode::Folder).then_some(b'/'));
        key
    });
    let mut content = Vec::new();
    for entry in entries {
        content.extend(entry.mode.octal().bytes());
        content.push(b' ');
        content.extend(entry.name);
        content.push(0);
        content.extend(entry.id.0);
    }
    pack.add(Kind::Tree, &content)
}
