//! What a hostile guest can do to the folder that it may write, and to what is read from there: rows B of the
//! catalogue of attacks, by their ids.

#![expect(clippy::disallowed_methods, reason = "tests touch files on their own")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use e2e::service::Service;
use e2e::{Finished, Fumehood, Repo, Running};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::{Value, json};

fn attack(name: &str) -> Finished {
    Fumehood::new().attack(name)
}

/// Stopped at the budget of the folder; what is there can be removed as any job.
fn is_over_budget(name: &str) {
    let scan = attack(name).exits(2).outcome(0, "too_large").complete(0, false);
    let status = scan.job().join("repos/0/a1/status");
    let left: Vec<_> = fs::read_dir(&status).unwrap().map(|entry| entry.unwrap().metadata().unwrap()).collect();
    assert!(left.len() < 200, "{} entries", left.len());
    let blocks: u64 = left.iter().map(std::os::unix::fs::MetadataExt::blocks).sum();
    assert!(blocks * 512 < 3 << 30, "{blocks} blocks");
    fs::remove_dir_all(scan.job()).unwrap();
}

#[test]
fn b01_ten_gigabytes_are_stopped_at_the_budget() {
    is_over_budget("fill-disk");
}

#[test]
fn b02_eight_sparse_tebibytes_are_stopped_at_the_budget() {
    is_over_budget("sparse");
}

#[test]
fn b03_a_hundred_thousand_files_are_stopped_at_the_budget() {
    is_over_budget("many-files");
}

#[test]
fn b03_twenty_thousand_nested_folders_are_stopped_at_the_budget() {
    is_over_budget("nested-folders");
}

#[test]
fn b06_a_folder_in_the_place_of_the_report_is_a_violation() {
    attack("plant-folder").exits(2).outcome(0, "protocol_violation").error_says(0, "not a plain file");
}

#[test]
fn b06_a_folder_in_the_place_of_the_status_is_a_violation() {
    attack("status-folder").exits(2).outcome(0, "protocol_violation").error_says(0, "not a plain file");
}

#[test]
fn b06_a_gigabyte_in_the_place_of_the_status_is_a_violation() {
    attack("status-huge").exits(2).outcome(0, "protocol_violation").error_says(0, "larger than 65536 bytes");
}

/// WASI has no links for it.
#[test]
fn a06_b06_a_hard_link_to_the_status_cannot_be_made() {
    let notes = attack("status-hard-link").exits(0).problems(0);
    assert!(notes.len() == 1 && notes[0].contains("link: refused ("), "{notes:?}");
}

/// A scan whose guest has written its status, and waits.
fn waiting(repo: &Repo) -> (Running, std::path::PathBuf) {
    let running = Fumehood::new().hostile().arg("--status-interval=10ms").start(&[repo]);
    let running = running.until("started").until_state(0, "scanning");
    let status = running.job().join("repos/0/a1/status");
    (running, status)
}

/// A guest can make neither; whoever could would have the host wait for the other end of the FIFO, or read what is
/// another's.
#[test]
fn b06_a_fifo_a_link_or_a_hard_link_in_the_place_of_the_status_blocks_nobody() {
    type Plant = fn(&Path);
    let plants: [(&str, Plant); 3] = [
        ("FIFO", |place| mknodat(CWD, place, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap()),
        ("link", |place| std::os::unix::fs::symlink("/etc/passwd", place).unwrap()),
        ("hard link", |place| {
            let other = place.with_file_name("other");
            fs::write(&other, "{}").unwrap();
            fs::hard_link(other, place).unwrap();
        }),
    ];
    for (what, plant) in plants {
        let repo = Repo::attack("until-told");
        let (running, folder) = waiting(&repo);
        let place = folder.join("repo_0.json");
        fs::remove_file(&place).unwrap();
        plant(&place);
        fs::write(repo.path().join("stop"), "").unwrap();
        let scan = running.ends_within(Duration::from_secs(60)).exits(2).outcome(0, "protocol_violation");
        let error = scan.report(0)["error"].as_str().unwrap().to_owned();
        assert!(error.contains("not a plain file"), "{what}: {error}");
    }
}

/// Whoever reads while the guest renames sees one status or the other, never a part of both.
#[test]
fn b07_what_is_renamed_while_it_is_read_is_read_whole() {
    let repo = Repo::attack("rename-storm");
    let root = repo.path().display().to_string();
    let service = Service::new().hostile().arg("--local-root").arg(root).start();
    let id = service.scan(None, &json!({ "path": "." }));
    let mut seen = [0, 0];
    let both = e2e::soon(Duration::from_secs(60), || {
        let document = service.ask("GET", &format!("/scan/{id}"), None, "").json();
        let progress = &document["current_repositories"][0]["progress"];
        if progress["total_files"].as_u64() == Some(2) {
            let expected = match progress["current_file"].as_u64().unwrap() {
                1 => "a".repeat(3000),
                2 => "b".repeat(4000),
                other => panic!("file {other} of 2"),
            };
            seen[progress["current_file"].as_u64().unwrap() as usize - 1] += 1;
            assert_eq!(progress["message"].as_str(), Some(expected.as_str()));
        }
        seen[0] > 2 && seen[1] > 2
    });
    assert!(both, "{seen:?}");
    fs::write(repo.path().join("stop"), "").unwrap();
    assert_eq!(service.ended(None, &id)["status"], "completed");
}

fn status() -> Value {
    json!({
        "repo_index": 0, "repo_name": "x", "status": "completed", "total_files": 1, "current_file": 1,
        "current_filename": null, "started_at": "2024-01-15T10:28:00Z", "last_update": "2024-01-15T10:28:00Z",
        "errors": [], "pid": 1, "percentage": 100.0, "message": null, "completed_at": "2024-01-15T10:28:00Z",
        "attempt": 1, "dependencies_found": 0, "api_calls_found": 0
    })
}

/// The honest status with these texts instead of others.
fn altered(from: &str, to: &str) -> String {
    let honest = status().to_string();
    assert!(honest.contains(from), "{honest}");
    honest.replacen(from, to, 1)
}

fn told(file: &str, text: &str) -> Finished {
    let repo = Repo::attack("as-told").file(&format!("told/{file}"), text);
    Fumehood::new().hostile().scan(&[&repo])
}

/// Each of them alone makes a scan a failure that is as good as any other without it.
#[test]
fn b08_a_hostile_status_is_a_violation() {
    told("status.json", &status().to_string()).exits(0).outcome(0, "completed");
    let cases = [
        ("depth", altered("\"errors\":[]", &format!("\"errors\":{}", "[".repeat(50_000)))),
        ("depth of objects", altered("\"message\":null", &format!("\"message\":{}", "{\"a\":".repeat(10_000)))),
        ("duplicate key", altered("\"pid\":1", "\"pid\":1,\"pid\":2")),
        ("number without end", altered("\"percentage\":100.0", "\"percentage\":1e999")),
        ("number below zero", altered("\"total_files\":1", "\"total_files\":-1")),
        ("number over its type", altered("\"attempt\":1", "\"attempt\":99999999999999999999")),
        ("text for a number", altered("\"total_files\":1", "\"total_files\":\"1\"")),
        ("number for a text", altered("\"repo_name\":\"x\"", "\"repo_name\":7")),
        ("list for an object", "[]".to_owned()),
        ("unknown field", altered("\"pid\":1", "\"pid\":1,\"admin\":true")),
        ("unknown state", altered("\"completed\"", "\"perfect\"")),
        ("missing field", altered("\"pid\":1,", "")),
        ("no time", altered("\"last_update\":\"2024-01-15T10:28:00Z\"", "\"last_update\":\"yesterday\"")),
        ("two documents", format!("{0}{0}", status())),
        ("cut off", status().to_string().split_off(1)),
        ("nothing", String::new()),
        ("NUL", "\0".repeat(100)),
        ("long text", altered("\"message\":null", &format!("\"message\":\"{}\"", "m".repeat(5_000)))),
        ("many errors", altered("\"errors\":[]", &format!("\"errors\":{}", json!(vec!["e"; 21])))),
    ];
    for (case, text) in cases {
        let scan = told("status.json", &text).exits(2);
        assert_eq!(scan.report(0)["outcome"], "protocol_violation", "{case}: {:#}", scan.report(0));
        scan.error_says(0, "repo_0.json is not what it must be");
    }
}

const HEADER: &str = r#"{"header":{"format":2,"scanner":"x"}}"#;
const FILE: &str = r#"{"file":{"path":"a","extractor":"x","packages":[{"name":"p","purl":"pkg:generic/p"}]}}"#;
const FOOTER: &str = r#"{"footer":{"files":1,"packages":1,"problems":0,"calls":0}}"#;

#[test]
fn b08_a_hostile_report_is_a_violation() {
    let report = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    told("report.jsonl", &report(&[HEADER, FILE, FOOTER])).exits(0).outcome(0, "completed").packages(0, &["p"]);
    let altered = |from: &str, to: &str| {
        assert!(FILE.contains(from));
        report(&[HEADER, &FILE.replacen(from, to, 1), FOOTER])
    };
    let cases = [
        ("depth", altered("\"name\":\"p\"", &format!("\"name\":{}", "[".repeat(100_000)))),
        ("depth of lines", report(&["{\"header\":".repeat(10_000).as_str()])),
        ("duplicate key", altered("\"name\":\"p\"", "\"name\":\"p\",\"name\":\"q\"")),
        ("number without end", altered("\"name\":\"p\"", "\"name\":\"p\",\"line\":1e999")),
        ("number over its type", altered("\"name\":\"p\"", "\"name\":\"p\",\"line\":4294967296")),
        ("number for a text", altered("\"name\":\"p\"", "\"name\":7")),
        ("unknown field", altered("\"name\":\"p\"", "\"name\":\"p\",\"admin\":true")),
        ("unknown line", report(&[HEADER, "{\"order\":{}}", FOOTER])),
        ("unknown scope", altered("\"name\":\"p\"", "\"name\":\"p\",\"scope\":\"all\"")),
        ("no package URL", altered("pkg:generic/p", "javascript:alert(1)")),
        ("edge to nowhere", altered("\"name\":\"p\"", "\"name\":\"p\",\"depends_on\":[7]")),
        ("two headers", report(&[HEADER, HEADER, FILE, FOOTER])),
        ("another format", report(&[HEADER.replace('2', "3").as_str(), FILE, FOOTER])),
        ("lies in the footer", report(&[HEADER, FILE, FOOTER.replace("1,", "2,").as_str()])),
        ("more after the footer", report(&[HEADER, FILE, FOOTER, FILE])),
        ("no footer", report(&[HEADER, FILE])),
        ("long name", altered("\"name\":\"p\"", &format!("\"name\":\"{}\"", "n".repeat(5_000)))),
        ("nothing", String::new()),
        ("NUL", "\0".repeat(100)),
    ];
    for (case, text) in cases {
        let scan = told("report.jsonl", &text).exits(2);
        assert_eq!(scan.report(0)["outcome"], "protocol_violation", "{case}: {:#}", scan.report(0));
        assert_eq!(scan.report(0)["complete"], false, "{case}");
    }
}

#[test]
fn b08_garbage_in_the_place_of_a_report_is_a_violation() {
    attack("garbage").exits(2).outcome(0, "protocol_violation").packages(0, &[]);
}

#[test]
fn b10_lies_about_identity_are_overwritten() {
    let scan = attack("lie").exits(0).outcome(0, "completed");
    assert_eq!(scan.json()["completed_repositories"].as_array().map(Vec::len), Some(1));
    assert!(!scan.stdout().contains("somebody else's"), "{}", scan.stdout());
}

#[test]
fn b10_impossible_progress_is_a_violation() {
    let scan = told("status.json", &altered("\"current_file\":1", "\"current_file\":2"));
    scan.exits(2).outcome(0, "protocol_violation").error_says(0, "it read file 2 of 1");
}

#[test]
fn b10_nothing_comes_back_to_life() {
    attack("back-to-life").exits(2).outcome(0, "protocol_violation");
}

/// A time before the attempt began, or after now, is none that the guest can know of.
#[test]
fn b10_a_guest_does_not_make_times() {
    let lies = status().to_string().replace("2024-01-15", "9999-12-31");
    let repo = Repo::attack("as-told").file("told/status.json", &lies);
    let root = repo.path().display().to_string();
    let service = Service::new().hostile().arg("--local-root").arg(root).start();
    let id = service.scan(None, &json!({ "path": "." }));
    assert_eq!(service.ended(None, &id)["status"], "completed");
    for path in ["", "/repositories", "/repositories/0"] {
        let answer = service.ask("GET", &format!("/scan/{id}{path}"), None, "");
        assert!(answer.status == 200 && !answer.body.contains("9999-"), "{path}: {answer:?}");
    }
}
