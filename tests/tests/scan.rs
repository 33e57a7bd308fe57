//! What a person gets who scans folders.

#![expect(clippy::disallowed_methods, reason = "a test")]

use e2e::{Fumehood, Repo, cargo_lock};
use serde_json::Value;

#[test]
fn a_repository_is_scanned() {
    let repo = Repo::new().file("a/Cargo.lock", &cargo_lock("itoa")).file("b/Cargo.lock", &cargo_lock("ryu"));
    Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "completed").complete(0, true).packages(0, &["itoa", "ryu"]);
}

/// A file comes out of the sandbox in pieces of 64 KiB and then of 256 KiB. The package is the last of it.
#[test]
fn a_file_is_read_whole_whatever_pieces_it_is_read_in() {
    let sizes = [64 * 1024 - 1, 64 * 1024, 64 * 1024 + 1, 320 * 1024, 320 * 1024 + 1, 2_000_003];
    let repo = sizes.iter().fold(Repo::new(), |repo, size| {
        let (lock, version) = (cargo_lock(&format!("p{size}")), "version = 4\n");
        let comment = format!("#{}\n", "-".repeat(size - lock.len() - 2));
        repo.file(&format!("{size}/Cargo.lock"), &lock.replacen(version, &format!("{version}{comment}"), 1))
    });
    let names = sizes.map(|size| format!("p{size}"));
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    let scan = Fumehood::new().scan(&[&repo]).exits(0).outcome(0, "completed").complete(0, true);
    let found = scan.each_package(0).map(|package| package["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(sorted(found), sorted(names.to_vec()));
}

#[test]
fn three_repositories_have_a_worker_each_and_the_files_of_the_seed() {
    let repos = ["one", "two", "three"].map(Repo::with_package);
    let scan = Fumehood::new().arg("--jobs=3").scan(&[&repos[0], &repos[1], &repos[2]]).exits(0);
    let statuses: Vec<Value> = (0..3).map(|index| scan.file(&format!("repo_{index}.json"))).collect();
    let mut pids: Vec<_> = statuses.iter().filter_map(|status| status["pid"].as_u64()).collect();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 3, "three processes: {statuses:#?}");

    let fields = [
        "repo_index",
        "repo_name",
        "status",
        "total_files",
        "current_file",
        "current_filename",
        "started_at",
        "last_update",
        "errors",
        "pid",
    ];
    for (index, status) in statuses.iter().enumerate() {
        let missing: Vec<_> = fields.iter().filter(|field| status.get(*field).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?} are missing in {status:#}");
        assert_eq!(status["repo_index"], index);
        assert_eq!(status["status"], "completed");
        assert_eq!(status["total_files"], status["current_file"]);
        assert_eq!(status["percentage"], 100.0);
    }
    let master = scan.file("master.json");
    for field in ["job_id", "group_url", "started_at", "last_aggregation"] {
        assert!(master[field].is_string(), "{field} in {master:#}");
    }
    assert_eq!(master["total_repositories"], 3);
    assert_eq!(master["status"], "completed");
    assert_eq!(master["summary"]["completed"], 3);
    assert_eq!(master["job_id"], scan.json()["job_id"]);
}

#[test]
fn what_cannot_be_scanned_is_named_and_the_rest_is_scanned() {
    let good = Repo::with_package("good");
    let missing = good.path().join("no-such-folder");
    let file = good.path().join("Cargo.lock");
    let scan = Fumehood::new().scan(&[&good, &missing, &file]).exits(2);
    let scan = scan.outcome(0, "completed").packages(0, &["good"]);
    let scan = scan.outcome(1, "fetch_failed").error_says(1, "no-such-folder cannot be opened: No such file");
    let scan = scan.outcome(2, "fetch_failed").error_says(2, "Not a directory");
    assert_eq!(scan.json()["status"], "completed_with_errors");
}

#[test]
fn fuel_is_finite_and_its_end_is_said() {
    let repo = Repo::with_package("never-read");
    let scan = Fumehood::new().arg("--fuel=1000").scan(&[&repo]).exits(2);
    scan.outcome(0, "out_of_fuel").error_says(0, "used up its fuel; see --fuel").complete(0, false);
}

#[test]
fn an_incomplete_scan_fails_only_if_that_is_asked_for() {
    let repo = || Repo::with_package("good").file("sub/Cargo.lock", "version = 4\n[[package]]\nname = \"cut");
    let scan = Fumehood::new().scan(&[&repo()]).exits(0).outcome(0, "incomplete").packages(0, &["good"]);
    assert_eq!(scan.problems(0).len(), 1, "{:?}", scan.problems(0));
    assert!(scan.problems(0)[0].starts_with("sub/Cargo.lock: "), "{:?}", scan.problems(0));
    Fumehood::new().arg("--require-complete").scan(&[&repo()]).exits(2).outcome(0, "incomplete");
    Fumehood::new().arg("--require-complete").scan(&[&Repo::with_package("good")]).exits(0);
}

#[test]
fn installed_folders_are_left_out_unless_they_are_asked_for() {
    let repo = Repo::with_package("mine").file("node_modules/x/Cargo.lock", &cargo_lock("theirs"));
    Fumehood::new().scan(&[&repo]).exits(0).complete(0, true).packages(0, &["mine"]);
    Fumehood::new().arg("--include-installed").scan(&[&repo]).exits(0).packages(0, &["mine", "theirs"]);
}

#[test]
fn each_scans_every_repository_below_a_folder() {
    let group = Repo::new()
        .file("a/.git/HEAD", "")
        .file("a/Cargo.lock", &cargo_lock("in-a"))
        .file("deep/down/b/.git/HEAD", "")
        .file("deep/down/b/Cargo.lock", &cargo_lock("in-b"))
        .file("a/vendored/.git/HEAD", "")
        .file("no-repository/Cargo.lock", &cargo_lock("in-none"));
    let scan = Fumehood::new().arg("--each").scan(&[&group]).exits(0);
    assert_eq!(scan.json()["completed_repositories"], serde_json::json!(["a", "deep/down/b"]));
    scan.packages(0, &["in-a"]).packages(1, &["in-b"]);
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    let repo = Repo::new();
    Fumehood::new().arg("--no-such-flag").scan(&[&repo]).exits(64);
    Fumehood::new().arg("--timeout=soon").scan(&[&repo]).exits(64);
    let scan = Fumehood::new().arg("--each").scan(&[&repo]).exits(64);
    assert!(scan.stderr().contains("no repository lies below"), "{}", scan.stderr());
}

#[test]
fn the_output_can_go_to_a_file() {
    let repo = Repo::with_package("good");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sbom.json");
    let scan = Fumehood::new().format("cyclonedx").arg(&format!("--output={}", path.display())).scan(&[&repo]).exits(0);
    assert_eq!(scan.stdout(), "");
    let text = std::io::read_to_string(std::fs::File::options().read(true).open(&path).unwrap()).unwrap();
    let sbom: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(sbom["bomFormat"], "CycloneDX");
    assert_eq!(sbom["components"][0]["purl"], "pkg:cargo/good@1.0.0");
    assert_eq!(sbom["components"][0]["evidence"]["occurrences"][0]["location"], "Cargo.lock");
    assert_eq!(sbom["components"][0]["evidence"]["occurrences"][0]["line"], 4);
}

#[test]
fn the_table_says_what_matters() {
    let repo = Repo::with_package("good").file("sub/Cargo.lock", "version = 9\n");
    let scan = Fumehood::new().format("table").scan(&[&repo]).exits(0);
    for words in ["1 package in 1 file", "INCOMPLETE", "good", "1.0.0", "cargo", "Cargo.lock:4", "sub/Cargo.lock:1: "] {
        assert!(scan.stdout().contains(words), "{words} is not in:\n{}", scan.stdout());
    }
}
