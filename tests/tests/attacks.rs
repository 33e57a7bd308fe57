//! Every row of SECURITY.md's table of attacks has a test, whose name begins with the row's id.

#![expect(clippy::disallowed_methods, reason = "a test reads the project's own files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn every_row_has_a_test_and_every_test_a_row() {
    let rows = rows(&fs::read_to_string(root().join("SECURITY.md")).unwrap());
    let tests = tests();
    assert!(rows.len() > 60, "{rows:?}");
    let untested: Vec<_> = rows.difference(&tests).collect();
    let unknown: Vec<_> = tests.difference(&rows).collect();
    assert!(untested.is_empty() && unknown.is_empty(), "without a test: {untested:?}; without a row: {unknown:?}");
}

/// The catalogue that the table was made of, where it lies beside the project.
#[test]
fn no_attack_of_the_catalogue_is_left_out() {
    let shared = std::env::var_os("FUMEHOOD_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let Ok(catalogue) = fs::read_to_string(shared.join("SECURITY-CATALOGUE.md")) else {
        println!("skipped: the catalogue is not here");
        return;
    };
    let rows = rows(&fs::read_to_string(root().join("SECURITY.md")).unwrap());
    let wanted = catalogued(&catalogue);
    assert!(wanted.len() > 60, "{wanted:?}");
    assert!(wanted.is_subset(&rows), "{:?}", wanted.difference(&rows).collect::<Vec<_>>());
}

/// `| A01 | …`.
fn rows(document: &str) -> BTreeSet<String> {
    document
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.get(..3))
        .filter(|id| is_id(id))
        .map(str::to_owned)
        .collect()
}

/// Ids as the catalogue writes them, also as ranges: `A17-19`.
fn catalogued(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for word in text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-') {
        let (first, last) = word.split_once('-').unwrap_or((word, ""));
        if !is_id(first) {
            continue;
        }
        let from: u32 = first[1..].parse().unwrap();
        let to = last.parse().unwrap_or(from);
        found.extend((from..=to).map(|number| format!("{}{number:02}", &first[..1])));
    }
    found
}

fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes, [b'A'..=b'G', tens, ones] if tens.is_ascii_digit() && ones.is_ascii_digit())
}

/// The ids that names of test functions begin with: `f01_f02_…`.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting: Vec<_> = ["host/src", "tests/tests", "guest-scanner/src", "guest-scanner/tests", "wit/src"]
        .map(|folder| root().join(folder))
        .into();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names =
                text.lines().filter_map(|line| line.trim_start().trim_start_matches("async ").strip_prefix("fn "));
            found.extend(names.flat_map(ids).collect::<Vec<_>>());
        }
    }
    found
}

fn ids(name: &str) -> impl Iterator<Item = String> {
    let parts = name.split('_').map(str::to_ascii_uppercase).take_while(|part| is_id(part)).collect::<Vec<_>>();
    parts.into_iter()
}
