//! The three documents that the system was ordered with, field by field, in their order: `repo_N.json`, `master.json`
//! and the answer of `GET /scan/{job_id}`. What was added comes after.

#![expect(clippy::disallowed_methods, reason = "tests touch files on their own")]

use std::time::Duration;

use e2e::service::Service;
use e2e::{Repo, soon};
use serde_json::{Map, Value, json};

/// The field's name and what its value must be like, `null` where it may be absent, in the order of the document.
type Fields<'a> = &'a [(&'a str, fn(&Value) -> bool)];

const TEXT: fn(&Value) -> bool = |value| value.as_str().is_some_and(|text| !text.is_empty());
const COUNT: fn(&Value) -> bool = Value::is_u64;
const NUMBER: fn(&Value) -> bool = Value::is_number;
const LIST: fn(&Value) -> bool = Value::is_array;
const OBJECT: fn(&Value) -> bool = Value::is_object;
const TIME: fn(&Value) -> bool = |value| {
    let text = value.as_str().unwrap_or_default();
    text.len() == "2024-01-15T10:28:00Z".len() && text.ends_with('Z') && text.as_bytes()[10] == b'T'
};

const REPOSITORY: Fields<'_> = &[
    ("repo_index", COUNT),
    ("repo_name", TEXT),
    ("status", TEXT),
    ("total_files", COUNT),
    ("current_file", COUNT),
    ("current_filename", |value| value.is_string() || value.is_null()),
    ("started_at", TIME),
    ("last_update", TIME),
    ("errors", LIST),
    ("pid", |pid| pid.as_u64().is_some_and(|pid| pid > 1)),
];

const MASTER: Fields<'_> = &[
    ("job_id", TEXT),
    ("group_url", TEXT),
    ("total_repositories", COUNT),
    ("status", TEXT),
    ("summary", OBJECT),
    ("started_at", TIME),
    ("last_aggregation", TIME),
];

const MASTER_SUMMARY: Fields<'_> =
    &[("completed", COUNT), ("in_progress", COUNT), ("pending", COUNT), ("failed", COUNT)];

const ANSWER: Fields<'_> = &[
    ("job_id", TEXT),
    ("status", TEXT),
    ("group_url", TEXT),
    ("summary", OBJECT),
    ("current_repositories", LIST),
    ("completed_repositories", LIST),
    ("failed_repositories", LIST),
    ("pending_repositories", LIST),
    ("last_update", TIME),
    ("elapsed_time_seconds", COUNT),
];

const ANSWER_SUMMARY: Fields<'_> = &[
    ("total_repositories", COUNT),
    ("completed", COUNT),
    ("in_progress", COUNT),
    ("pending", COUNT),
    ("failed", COUNT),
];

const CURRENT: Fields<'_> = &[("repo_name", TEXT), ("status", TEXT), ("progress", OBJECT), ("started_at", TIME)];

const PROGRESS: Fields<'_> = &[("total_files", COUNT), ("current_file", COUNT), ("percentage", NUMBER)];

/// Asserts that the document begins with these fields; `text` is how it was written.
fn begins_with(document: &Value, text: &str, fields: Fields<'_>) {
    let object: &Map<_, _> = document.as_object().unwrap();
    let mut last = 0;
    for (name, fits) in fields {
        let value = object.get(*name).unwrap_or_else(|| panic!("{name} is missing: {text}"));
        assert!(fits(value), "{name}: {value}");
        let at = text.find(&format!("\"{name}\"")).unwrap();
        assert!(at >= last, "{name} is not in its place: {text}");
        last = at;
    }
}

#[test]
fn the_documents_are_those_that_were_ordered() {
    let repo = Repo::attack("half-then-spin");
    let service = Service::new().hostile().arg("--local-root").arg(repo.path().display().to_string()).start();
    let id = service.scan(None, &json!({ "path": "." }));
    let path = format!("/scan/{id}");
    let shown = || service.ask("GET", &path, None, "");
    assert!(soon(Duration::from_secs(30), || shown().json()["current_repositories"][0]["status"] == "scanning"));
    let folder = service.job_folder("local", &id);
    // A second passes until the states are aggregated again.
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    assert!(soon(Duration::from_secs(30), || read("master.json").contains("\"in_progress\": 1")));

    let text = read("repo_0.json");
    let status: Value = serde_json::from_str(&text).unwrap();
    begins_with(&status, &text, REPOSITORY);
    assert_eq!((&status["repo_index"], &status["status"]), (&json!(0), &json!("scanning")));
    assert!(service.workers().contains(&u32::try_from(status["pid"].as_u64().unwrap()).unwrap()));

    let text = read("master.json");
    let master: Value = serde_json::from_str(&text).unwrap();
    begins_with(&master, &text, MASTER);
    begins_with(&master["summary"], &text[text.find("\"summary\"").unwrap()..], MASTER_SUMMARY);
    assert_eq!((&master["job_id"], &master["status"]), (&json!(id), &json!("in_progress")));

    let text = shown().body;
    let answer: Value = serde_json::from_str(&text).unwrap();
    begins_with(&answer, &text, ANSWER);
    begins_with(&answer["summary"], &text[text.find("\"summary\"").unwrap()..], ANSWER_SUMMARY);
    let current = &answer["current_repositories"][0];
    let part = &text[text.find("\"current_repositories\"").unwrap()..];
    begins_with(current, part, CURRENT);
    begins_with(&current["progress"], part, PROGRESS);
    assert_eq!(answer["status"], "in_progress");

    assert_eq!(service.ask("DELETE", &path, None, "").status, 202);
    let ended = service.ended(None, &id);
    assert_eq!((&ended["status"], &ended["summary"]["cancelled"]), (&json!("cancelled"), &json!(1)));
    let one = service.ask("GET", &format!("{path}/repositories/0"), None, "");
    begins_with(&one.json(), &one.body, REPOSITORY);
    let unknown = service.ask("GET", "/scan/6a0b3a51-6a2e-4f0c-9d34-0f3c5d0f7b11", None, "");
    assert_eq!((unknown.status, &unknown.json()["status"]), (404, &json!("not_found")));
}
