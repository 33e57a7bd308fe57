//! Repositories that git itself would refuse to make: row C of the catalogue of attacks.

use super::pack::{Id, Kind};
use super::repository::GitRepository;
use super::tree::{Entry, Mode, write_tree};

impl GitRepository {
    /// With an entry at the root, its name any bytes but NUL: whatever else there is of that name.
    pub fn entry(mut self, mode: Mode, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let id = self.pack.add(Kind::Blob, content.as_ref());
        self.root.put_raw(Entry { mode, name: name.as_ref().to_owned(), id });
        self.touched()
    }

    /// With a folder at the root, its name any bytes but NUL, that holds one file.
    pub fn folder_entry(mut self, name: impl AsRef<[u8]>, file: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let id = self.pack.add(Kind::Blob, content.as_ref());
        let inside = Entry { mode: Mode::File, name: file.as_ref().to_owned(), id };
        let id = write_tree(&mut self.pack, vec![inside]);
        self.root.put_raw(Entry { mode: Mode::Folder, name: name.as_ref().to_owned(), id });
        self.touched()
    }

    /// C01: `width` to the power of `levels` files below `bomb`, in `levels` + 1 objects.
    pub fn bomb(mut self, levels: u32, width: usize) -> Self {
        let mut inside = (Mode::File, self.pack.add(Kind::Blob, b"version = 4\n"));
        for level in 1..=levels {
            let prefix = if level == 1 { "f" } else { "d" };
            let entries = (0..width).map(|number| named(inside, format!("{prefix}{number}")));
            inside = (Mode::Folder, write_tree(&mut self.pack, entries.collect()));
        }
        self.root.put("bomb", inside.0, inside.1);
        self.touched()
    }

    /// C02: names that mean something to git or to a file system; each is a folder with this Cargo.lock.
    /// [`ODD_NAMES`] lists them.
    pub fn odd_names(self, lock: &str) -> Self {
        let repo = ODD_NAMES.iter().fold(self, |repo, name| repo.folder_entry(name, "Cargo.lock", lock));
        repo.folder_entry(vec![b'x'; 4000], "Cargo.lock", lock)
    }

    /// C03: a link and a folder of one name; the folder holds a file, which would be written where the
    /// link leads.
    pub fn link_and_folder(self, name: &str, target: &str, file: &str, content: &str) -> Self {
        self.entry(Mode::Link, name, target).folder_entry(name, file, content)
    }

    /// C07: folders inside each other below `deep`, with a Cargo.lock in the innermost.
    pub fn deep(mut self, depth: usize) -> Self {
        let mut inside = (Mode::File, self.pack.add(Kind::Blob, crate::cargo_lock("deep").as_bytes()));
        for level in 0..depth {
            let name = if level == 0 { "Cargo.lock" } else { "d" };
            inside = (Mode::Folder, write_tree(&mut self.pack, vec![named(inside, name.to_owned())]));
        }
        self.root.put("deep", inside.0, inside.1);
        self.touched()
    }

    /// C08: so many files in the folder `wide`, all of one blob.
    pub fn wide(mut self, files: usize) -> Self {
        let blob = (Mode::File, self.pack.add(Kind::Blob, b""));
        let entries = (0..files).map(|number| named(blob, format!("{number}"))).collect();
        let id = write_tree(&mut self.pack, entries);
        self.root.put("wide", Mode::Folder, id);
        self.touched()
    }

    /// C09: a file of zeros. A gibibyte of them is a mebibyte on the wire.
    pub fn zeros(mut self, path: &str, mebibytes: usize) -> Self {
        let id = self.pack.add_zeros(mebibytes);
        self.root.put(path, Mode::File, id);
        self.touched()
    }

    /// C10: so many files below `many`, a thousand in a folder, each with a blob of its own.
    pub fn many_objects(mut self, files: usize) -> Self {
        let mut folders = Vec::new();
        for start in (0..files).step_by(1000) {
            let numbers = start..files.min(start + 1000);
            let entries = numbers.map(|number| {
                let blob = self.pack.add(Kind::Blob, number.to_string().as_bytes());
                named((Mode::File, blob), format!("{number}"))
            });
            let entries = entries.collect();
            folders.push(named((Mode::Folder, write_tree(&mut self.pack, entries)), format!("{start}")));
        }
        let id = write_tree(&mut self.pack, folders);
        self.root.put("many", Mode::Folder, id);
        self.touched()
    }
}

/// Names of [`GitRepository::odd_names`]; one of 4,000 bytes comes on top.
pub const ODD_NAMES: &[&[u8]] = &[
    b".git",
    b".GIT",
    b".Git",
    b"git~1",
    b"GIT~1",
    b".git ",
    b".git.",
    b".git::$INDEX_ALLOCATION",
    b".g\xe2\x80\x8cit",
    b".",
    b"..",
    b"../up",
    b"a/b",
    b"/etc",
    b"sub/../../up",
    b"back\\slash",
    b"..\\up",
    b"new\nline",
    b"esc\x1b[31m",
    b"bell\x07",
    b"bidi\xe2\x80\xaetxt",
    b"caf\xe9",
    b"\xff\xfe",
    b"-rf",
    b"CON",
    b"colon:name",
];

fn named((mode, id): (Mode, Id), name: String) -> Entry {
    Entry { mode, name: name.into_bytes(), id }
}
