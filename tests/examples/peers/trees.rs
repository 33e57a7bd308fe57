//! Repositories to scan, made of published packages that the ordinary clients bring in, and kept outside of this
//! repository: below `$FUMEHOOD_BENCH`, or `fumehood-bench` in the user's folder for caches.

mod fetched;
mod made;

use std::fs;
use std::path::{Path, PathBuf};

/// A repository to scan.
#[derive(Debug)]
pub struct Tree {
    /// With the number of its files.
    pub name: String,
    pub folder: PathBuf,
}

type Make = fn(&Path) -> Result<(), String>;

const TREES: &[(&str, Make)] = &[
    ("small", fetched::small),
    ("npm", fetched::npm),
    ("go, made up", made::go),
    ("maven, made up", made::maven),
    ("cargo", fetched::cargo),
    ("python", fetched::python),
    ("npm, large", fetched::npm_large),
];

/// All trees that can be had here.
pub fn all() -> Vec<Tree> {
    TREES.iter().filter_map(|(name, make)| one(name, *make)).collect()
}

fn one(name: &str, make: Make) -> Option<Tree> {
    let folder = cache().join(name.replace(", ", "-").replace(' ', "-"));
    if !folder.is_dir() {
        let new = folder.with_extension(std::process::id().to_string());
        fs::create_dir_all(&new).expect("a folder for trees");
        eprintln!("bench-peers: making the tree \"{name}\", once");
        if let Err(why) = make(&new) {
            println!("the tree \"{name}\" cannot be made here and is left out: {why}");
            let _later = fs::remove_dir_all(&new);
            return None;
        }
        fs::rename(&new, &folder).expect("a tree in its place");
    }
    Some(Tree { name: format!("{name}, {} files", count(&folder)), folder })
}

fn cache() -> PathBuf {
    let named = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
    let usual = || named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
    named("FUMEHOOD_BENCH").unwrap_or_else(|| usual().unwrap_or_else(std::env::temp_dir).join("fumehood-bench"))
}

fn count(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
}
