//! Every extractor against its fixtures: `fixtures/<extractor id>/<case>/` is scanned as a tree, the
//! report is compared with `expected.json` beside the case's `tree/` folder.
//! `FUMEHOOD_ACCEPT=1 cargo nextest run -p guest-scanner` writes what was found as expected: review it.

#![expect(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fumehood_contract::FileRecord;
use guest_scanner::extractors::EXTRACTORS;
use guest_scanner::scan::extract;
use guest_scanner::select::Selector;
use guest_scanner::tree::Tree;

#[test]
fn every_case_gives_what_is_expected() {
    let accept = std::env::var_os("FUMEHOOD_ACCEPT").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let found = serde_json::to_string_pretty(&scan_tree(&case.join("tree"))).unwrap() + "\n";
        let file = case.join("expected.json");
        if accept {
            fs::write(&file, &found).unwrap();
        } else if fs::read_to_string(&file).ok().as_deref() != Some(&found) {
            wrong.push(format!("{}\n{}", case.display(), first_difference(&file, &found)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases differ. If they are right now, accept them with FUMEHOOD_ACCEPT=1 cargo nextest run -p guest-scanner\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_extractor_has_fixtures_and_every_folder_an_extractor() {
    let folders: BTreeSet<String> = folders(&fixtures()).iter().map(|path| name(path)).collect();
    let ids: BTreeSet<String> = EXTRACTORS.iter().map(|extractor| extractor.id.to_owned()).collect();
    assert_eq!(folders, ids, "fixture folders (left) and extractors (right) differ");
    for id in &ids {
        assert!(!self::folders(&fixtures().join(id)).is_empty(), "tests/fixtures/{id} holds no case");
    }
}

#[test]
fn every_extractor_file_is_registered() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/extractors");
    let files: BTreeSet<String> = fs::read_dir(sources)
        .unwrap()
        .map(|entry| name(&entry.unwrap().path()))
        .filter(|file| file.ends_with(".rs"))
        .map(|file| file.trim_end_matches(".rs").replace('_', "-"))
        .collect();
    let ids: BTreeSet<String> = EXTRACTORS.iter().map(|extractor| extractor.id.to_owned()).collect();
    assert_eq!(files, ids, "files in src/extractors (left) and the registry's ids (right) differ");
}

fn scan_tree(root: &Path) -> Vec<FileRecord> {
    let selector = Selector::new();
    let tree = Tree::new(root);
    let mut paths = Vec::new();
    list(root, root, &mut paths);
    paths.sort();
    let read = |path: String| {
        let extractor = selector.extractor(&path)?;
        let records = extract(&path, extractor, &tree);
        if records.are_none() {
            return None;
        }
        let (packages, problems, _) = records.finish();
        Some(FileRecord { path, extractor: extractor.id.to_owned(), packages, problems })
    };
    paths.into_iter().filter_map(read).collect()
}

fn list(root: &Path, folder: &Path, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(root, &path, paths);
        } else {
            paths.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

fn first_difference(file: &Path, found: &str) -> String {
    let expected = fs::read_to_string(file).unwrap_or_default();
    let pair = expected.lines().zip(found.lines()).enumerate().find(|(_, (old, new))| old != new);
    match pair {
        Some((line, (old, new))) => format!("  line {}: expected {old}\n           found    {new}", line + 1),
        None => format!("  expected {} lines, found {}", expected.lines().count(), found.lines().count()),
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn cases() -> Vec<PathBuf> {
    folders(&fixtures()).iter().flat_map(|format| folders(format)).collect()
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
