//! Hostile repositories on disk: rows C and G of the catalogue of attacks that a local folder can hold.

#![expect(clippy::disallowed_methods, reason = "a test")]

use e2e::{Fumehood, Repo, cargo_lock};
use serde_json::Value;

fn skipped<'a>(report: &'a Value, what: &str) -> &'a Value {
    let all = report["skipped"].as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().find(|entry| entry["what"].as_str().is_some_and(|name| name.contains(what))).unwrap_or(&Value::Null)
}

/// C02.
#[test]
fn odd_names_are_named_and_the_rest_is_scanned() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::with_package("good").file("esc\u{1b}[31m/Cargo.lock", &cargo_lock("hidden"));
    let undecodable = repo.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(undecodable).unwrap();
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let report = scan.report(0);
    assert_eq!(skipped(&report, "odd name")["count"], 2, "{report:#}");
    assert!(!scan.stdout().contains('\u{1b}'));
}

/// C05, A02.
#[test]
fn links_are_not_followed() {
    let outside = Repo::with_package("outside");
    let target = outside.path().display().to_string();
    let repo = Repo::with_package("good")
        .link("absolute", &target)
        .link("lock", &format!("{target}/Cargo.lock"))
        .link("dangling", "nowhere")
        .link("inner", "Cargo.lock");
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let report = scan.report(0);
    assert_eq!(skipped(&report, "outside")["count"], 3, "{report:#}");
    assert_eq!(skipped(&report, "inside the tree")["count"], 1, "{report:#}");
}

#[test]
fn a_lockfile_that_is_a_fifo_does_not_hang_the_scan() {
    let repo = Repo::with_package("good").fifo("go.mod");
    let scan = Fumehood::new().arg("--timeout=60s").scan(&[&repo]).exits(0).packages(0, &["good"]);
    assert_eq!(skipped(&scan.report(0), "special")["count"], 1);
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem() {
    let repo = Repo::with_package("good").file("bad/Cargo.lock", "\u{0}\u{1}").file("latin/Cargo.lock", "x");
    std::fs::write(repo.path().join("latin/Cargo.lock"), b"name = \"caf\xe9\"").unwrap();
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let problems = scan.problems(0);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[1].contains("latin/Cargo.lock: cannot be read: it is not UTF-8"), "{problems:?}");
}

/// Root may read everything, so this shows itself to others only.
#[test]
fn a_file_without_read_permission_is_a_problem() {
    let repo = Repo::with_package("good").file("shut/Cargo.lock", &cargo_lock("shut")).mode("shut/Cargo.lock", 0);
    let scan = Fumehood::new().scan(&[&repo]).exits(0);
    if rustix::process::geteuid().is_root() {
        scan.packages(0, &["good", "shut"]);
    } else {
        let scan = scan.outcome(0, "incomplete").packages(0, &["good"]);
        assert!(scan.problems(0)[0].starts_with("shut/Cargo.lock: cannot be read"), "{:?}", scan.problems(0));
    }
}

/// C07.
#[test]
fn a_tree_deeper_than_paths_can_be_ends_at_the_budget() {
    let repo = Repo::with_package("good").deep(2_500);
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    assert_eq!(skipped(&scan.report(0), "budget")["count"], 1, "{:#}", scan.report(0));
}

/// C08.
#[test]
fn a_wide_folder_is_listed_whole() {
    let mut repo = Repo::with_package("good");
    for number in 0..20_000 {
        repo = repo.file(&format!("wide/{number}"), "");
    }
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "completed");
    assert_eq!(scan.report(0)["files_listed"], 20_001);
}

/// G01.
#[test]
fn bombs_are_problems_of_their_own_file() {
    let deep_json = format!("{{\"packages\":{}", "[".repeat(200_000));
    let deep_toml = format!("x = {}", "[".repeat(200_000));
    let long_line = format!("version = 4\n# {}", "x".repeat(30_000_000));
    let repo = Repo::with_package("good")
        .file("deep-json/package-lock.json", &deep_json)
        .file("deep-toml/Cargo.lock", &deep_toml)
        .file("long-line/Cargo.lock", &long_line);
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let problems = scan.problems(0);
    assert_eq!(problems.len(), 2, "{problems:?}");
}
