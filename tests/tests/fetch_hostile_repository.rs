//! Row C of the catalogue of attacks, as far as a repository holds them, through a real fetch.

#![expect(clippy::disallowed_methods, reason = "a test")]

use std::time::Duration;

use e2e::forge::{ForgeKind, GitRepository, Mode, ODD_NAMES};
use e2e::{Finished, Forge, Fumehood, cargo_lock};

const MIB: u64 = 1024 * 1024;

/// Serves one repository and scans it. The forge lives as long as what it returns.
fn scan(describe: impl FnOnce(GitRepository) -> GitRepository) -> Option<(Forge, Finished)> {
    let forge = Forge::start()?;
    forge.repository("evil/one", describe);
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).start(&[&forge.url("evil/one")]);
    let finished = scan.ends_within(Duration::from_secs(120));
    Some((forge, finished))
}

fn peak_mebibytes(scan: &Finished) -> u64 {
    scan.report(0)["peak_memory_bytes"].as_u64().expect("the peak memory") / MIB
}

#[test]
fn c01_a_git_bomb_ends_at_the_budget_in_little_memory() {
    let Some((_forge, scan)) = scan(|repo| repo.package("good").bomb(10, 10)) else { return };
    let scan = scan.exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    assert!(scan.skipped(0, "budget")["count"].as_u64() > Some(0), "{:#}", scan.report(0)["skipped"]);
    assert!(peak_mebibytes(&scan) < 64, "{} MiB", peak_mebibytes(&scan));
}

#[test]
fn c02_odd_names_are_named_and_the_rest_is_scanned() {
    let Some((_forge, scan)) = scan(|repo| repo.package("good").odd_names(&cargo_lock("odd"))) else { return };
    let scan = scan.exits(0).outcome(0, "incomplete");
    let odd = scan.skipped(0, "odd");
    // Those that are no more than ugly are scanned; those that lead elsewhere or cannot be shown are not.
    let at_least = ["git~1", ".GIT", ".git", "..", "a/b", "../up", "/etc", "sub/../../up"];
    let names: Vec<&str> = odd["names"].as_array().unwrap().iter().filter_map(|name| name.as_str()).collect();
    let missing: Vec<_> = at_least.iter().filter(|name| !names.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?} in {odd:#}");
    // And the newline, the escape, the bell, two that are not UTF-8, and the one of 4,000 bytes.
    assert!(odd["count"].as_u64() >= Some(at_least.len() as u64 + 6), "{odd:#}");
    let packages: Vec<_> = scan.each_package(0).map(|package| package["name"].clone()).collect();
    assert!(packages.contains(&"good".into()) && packages.len() < ODD_NAMES.len(), "{packages:?}");
    assert!(!scan.stdout().contains('\u{1b}') && !scan.stdout().contains('\u{202e}'));
    assert!(!scan.stderr().contains('\u{1b}'));
}

#[test]
fn c03_a_link_and_a_folder_of_one_name_write_nothing_outside() {
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().to_str().unwrap();
    let lock = cargo_lock("owned");
    let evil = |repo: GitRepository| {
        let repo = repo.package("good").link_and_folder("a", target, "Cargo.lock", &lock);
        // The other way round, and with a link in the middle of a path.
        let repo = repo.folder_entry("b", "Cargo.lock", &lock).entry(Mode::Link, "b", target);
        repo.entry(Mode::Link, "c", target).entry(Mode::File, "c/Cargo.lock", &lock)
    };
    let Some((_forge, scan)) = scan(evil) else { return };
    let scan = scan.exits(0).outcome(0, "incomplete");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    assert!(scan.each_package(0).any(|package| package["name"] == "good"));
}

#[test]
fn c05_links_to_elsewhere_are_never_made() {
    let evil = |repo: GitRepository| {
        let repo =
            repo.package("good").link("etc", "/etc").link("go.mod", "/etc/passwd").link("up/Cargo.lock", "../../x");
        repo.link("loop", "loop").link("inner", "Cargo.lock").link("proc/package.json", "/proc/self/environ")
    };
    let Some((_forge, scan)) = scan(evil) else { return };
    let scan = scan.exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    assert_eq!(scan.skipped(0, "outside")["count"], 5, "{:#}", scan.report(0)["skipped"]);
    assert_eq!(scan.skipped(0, "inside")["count"], 1);
    let links = walk(scan.data()).into_iter().filter(|(kind, _)| kind.is_symlink());
    // The job's own: each repository's status file is a relative link.
    let made: Vec<_> = links.filter(|(_, path)| !path.ends_with("repo_0.json")).collect();
    assert!(made.is_empty(), "{made:?}");
}

#[test]
fn c06_a_submodule_is_never_fetched() {
    let Some(forge) = Forge::start() else { return };
    let other = forge.neighbour();
    forge.repository("evil/x", |repo| repo.package("x"));
    other.repository("evil/x", |repo| repo.package("x"));
    let elsewhere = other.url("evil/x");
    forge.repository("evil/one", |repo| repo.package("good").submodule("near", "../x").submodule("far", &elsewhere));
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).scan(&[&forge.url("evil/one")]).exits(0);
    assert!(scan.each_package(0).any(|package| package["name"] == "good"));
    assert_eq!(scan.skipped(0, "submodule")["count"], 2, "{:#}", scan.report(0)["skipped"]);
    assert!(forge.requests_for("evil/x").is_empty());
    assert_eq!(other.connections(), 0);
}

#[test]
fn c07_a_tree_of_5000_folders_inside_each_other_ends_at_the_budget() {
    let Some((_forge, scan)) = scan(|repo| repo.package("good").deep(5_000)) else { return };
    let scan = scan.exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    assert_eq!(scan.skipped(0, "budget")["count"], 1, "{:#}", scan.report(0)["skipped"]);
}

#[test]
fn c08_a_folder_of_100000_files_is_listed() {
    let Some((_forge, scan)) = scan(|repo| repo.package("good").wide(100_000)) else { return };
    let scan = scan.exits(0).packages(0, &["good"]);
    let listed = scan.report(0)["files_listed"].as_u64().unwrap();
    let skipped = scan.skipped(0, "budget")["count"].as_u64().unwrap_or(0);
    assert!(listed == 100_001 || skipped > 0, "{listed} listed, {skipped} over a budget");
    assert_eq!(scan.report(0)["complete"], skipped == 0);
}

#[test]
fn c09_a_gibibyte_of_zeros_is_passed_over() {
    let evil = |repo: GitRepository| repo.package("good").zeros("evil/Cargo.lock", 1024).zeros("other/zeros.bin", 1024);
    let Some((_forge, scan)) = scan(evil) else { return };
    let scan = scan.exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let report = scan.report(0).to_string();
    assert!(report.contains("evil/Cargo.lock"), "it is not named in {report}");
    assert!(peak_mebibytes(&scan) < 256, "{} MiB", peak_mebibytes(&scan));
    let kept: u64 = walk(scan.data()).iter().filter_map(|(_, path)| path.metadata().ok()).map(|file| file.len()).sum();
    assert!(kept < 16 * MIB, "{kept} bytes are left in the data folder");
}

#[test]
fn c10_many_objects_are_scanned_in_bounds() {
    let Some((_forge, scan)) = scan(|repo| repo.package("good").many_objects(200_000)) else { return };
    let scan = scan.exits(0).packages(0, &["good"]);
    assert_eq!(scan.report(0)["files_listed"], 200_001);
    assert!(peak_mebibytes(&scan) < 512, "{} MiB", peak_mebibytes(&scan));
}

/// What is listed can be named in the report, and a report is no larger than its budget.
#[test]
fn c02_many_odd_names_are_counted_and_few_of_them_named() {
    let evil = |repo: GitRepository| {
        let repo = repo.package("good");
        (0..5_000).fold(repo, |repo, number| repo.entry(Mode::File, format!("\x1b[{number}m\n"), ""))
    };
    let Some((_forge, scan)) = scan(evil) else { return };
    let scan = scan.exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    let odd = scan.skipped(0, "odd");
    assert_eq!(odd["count"], 5_000);
    assert!(odd["names"].as_array().unwrap().len() <= 200);
}

/// Nothing that a repository says about git is believed.
#[test]
fn c14_a_repository_that_holds_a_gitconfig_is_only_files() {
    let evil = |repo: GitRepository| {
        let config = "[core]\n\tfsmonitor = touch owned\n\thooksPath = hooks\n[include]\n\tpath = /etc/passwd\n";
        let repo = repo.package("good").file(".gitconfig", config).file("config", config).file("HEAD", "ref: x\n");
        repo.executable("hooks/post-checkout", "#!/bin/sh\ntouch /tmp/owned\n")
            .file(".gitattributes", "* filter=evil\n")
    };
    let Some((_forge, scan)) = scan(evil) else { return };
    scan.exits(0).outcome(0, "completed").packages(0, &["good"]);
}

#[test]
fn g01_one_bad_file_does_not_keep_the_others() {
    let evil = |repo: GitRepository| {
        let deep = format!("{{\"packages\":{}", "[".repeat(200_000));
        let repo = repo.package("good").file("deep/package-lock.json", deep).file("nul/Cargo.lock", b"\0\x01");
        repo.file("latin/Cargo.lock", b"name = \"caf\xe9\"")
    };
    let Some((_forge, scan)) = scan(evil) else { return };
    let scan = scan.exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    assert_eq!(scan.problems(0).len(), 3, "{:?}", scan.problems(0));
}

/// Everything below a folder: what it is, and where.
fn walk(folder: &std::path::Path) -> Vec<(std::fs::FileType, std::path::PathBuf)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                waiting.push(entry.path());
            }
            found.push((kind, entry.path()));
        }
    }
    found
}
