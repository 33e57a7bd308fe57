//! Scanners that others wrote: programs for wasm32-wasip1, in any language.

#![expect(clippy::disallowed_methods, reason = "tests touch files on their own")]

use e2e::forge::ForgeKind;
use e2e::{Finished, Forge, Fumehood, Repo, c_program};
use serde_json::json;

const MANIFEST: &str = "# what we ship\nzlib 1.3.1 Zlib\n\nlib/odd+name 2.0\n";

#[test]
fn a_program_in_c_scans_a_folder() {
    let Some((_folder, program)) = c_program("c-third-party") else { return };
    let repo = Repo::new()
        .file("deep/er/third-party.txt", MANIFEST)
        .file("third-party/more.txt", "sqlite 3.46.0\nbroken\n")
        .file("Cargo.lock", "not for it")
        .file("odd \"name\"\\\u{e9}/third-party.txt", "last 1\n");
    let scan = Fumehood::new().scanner(&program).scan(&[&repo]).exits(0).outcome(0, "incomplete");
    let scan = scan.packages(0, &["zlib", "lib/odd+name", "last", "sqlite"]);
    let found: Vec<_> = scan.each_package(0).collect();
    assert_eq!(found[0]["license"], "Zlib");
    assert_eq!((&found[1]["purl"], &found[1]["line"]), (&json!("pkg:generic/lib%2Fodd%2Bname@2.0"), &json!(4)));
    assert_eq!(scan.problems(0), ["third-party/more.txt: no name and version"]);
    let status = scan.file("repo_0.json");
    assert_eq!((&status["status"], &status["total_files"]), (&json!("completed"), &json!(4)));
    assert_eq!(status["dependencies_found"], 4);
    let hash = blake3::hash(&std::fs::read(&program).unwrap()).to_hex().to_string();
    assert_eq!(scan.file("master.json")["scanner"], hash);
    let left = scan.files_below_job();
    assert!(!left.iter().any(|name| name.ends_with("request.json")), "{left:?}");
}

/// It has no `select`: every file that is listed is written out for it.
#[test]
fn a_program_in_c_scans_a_fetched_commit() {
    let Some((_folder, program)) = c_program("c-third-party") else { return };
    let Some(forge) = Forge::start() else { return };
    forge.repository("acme/tool", |repo| {
        repo.file("src/third-party.txt", MANIFEST).file("third-party/more.txt", "sqlite 3.46.0\n").file("README", "x")
    });
    let url = forge.url("acme/tool");
    let scan = Fumehood::new().config(forge.config(ForgeKind::Git)).scanner(&program).scan(&[&url]);
    scan.exits(0).outcome(0, "completed").packages(0, &["zlib", "lib/odd+name", "sqlite"]);
}

/// A program of the smallest kind, that ends as `body` says.
fn ends(body: &str) -> Finished {
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func (export "_start") {body}))"#
    );
    Fumehood::new().wat(&text).scan(&[&Repo::with_package("a")])
}

#[test]
fn a_program_says_by_its_exit_code_whether_it_scanned() {
    ends("(call $exit (i32.const 3))").exits(2).outcome(0, "trapped").error_says(0, "gave up");
    ends("unreachable").exits(2).outcome(0, "trapped").error_says(0, "unreachable");
    // Success alone is not believed: there is no report.
    for success in ["(call $exit (i32.const 0))", ""] {
        ends(success).exits(2).outcome(0, "protocol_violation").error_says(0, "there is no report");
    }
}
