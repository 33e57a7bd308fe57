//! The HTTP API, as its clients see it.

#![expect(clippy::disallowed_methods, reason = "tests touch files and processes on their own")]

use e2e::forge::{Forge, ForgeKind};
use e2e::service::Service;
use e2e::{Repo, soon};
use serde_json::json;
use std::time::Duration;

/// The ordered document, field by field.
#[test]
fn a_group_is_scanned_behind_the_answer() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 5);
    let service = Service::new().arg("--config").arg(forge.config(ForgeKind::GitLab).display().to_string()).start();
    let url = forge.group_url("acme");
    let accepted = service.ask("POST", "/scan", None, &json!({ "group_url": url }).to_string());
    assert_eq!(accepted.status, 202);
    let id = accepted.json()["job_id"].as_str().unwrap().to_owned();
    assert_eq!(accepted.header("location"), Some(format!("/scan/{id}").as_str()));

    let document = service.ended(None, &id);
    let names: Vec<_> = (0..5).map(|number| format!("{}/acme/repo-{number:02}", forge.host())).collect();
    assert_eq!(document["job_id"], id.as_str());
    assert_eq!(document["status"], "completed");
    assert_eq!(document["group_url"], url.as_str());
    let summary = json!({
        "total_repositories": 5, "completed": 5, "in_progress": 0, "pending": 0, "failed": 0, "cancelled": 0
    });
    assert_eq!(document["summary"], summary);
    assert_eq!(document["completed_repositories"], json!(names));
    for empty in ["current_repositories", "failed_repositories", "pending_repositories"] {
        assert_eq!(document[empty], json!([]), "{empty}");
    }
    assert!(document["last_update"].as_str().unwrap().ends_with('Z'));
    assert!(document["elapsed_time_seconds"].is_u64());

    let report = service.ask("GET", &format!("/scan/{id}/report"), None, "").json();
    assert_eq!(report["reports"].as_array().unwrap().len(), 5);
    assert_eq!(report["reports"][0]["dependencies_found"], 1);
    let sbom = service.ask("GET", &format!("/scan/{id}/report?format=cyclonedx"), None, "");
    assert_eq!(sbom.json()["specVersion"], "1.6");
    assert_eq!(service.ask("GET", "/scan", None, "").json()["jobs"][0]["job_id"], id.as_str());
}

#[test]
fn what_cannot_be_found_fails_the_job_and_says_why() {
    let Some(forge) = Forge::start() else { return };
    let service = Service::new().arg("--config").arg(forge.config(ForgeKind::GitLab).display().to_string()).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("nobody") }));
    let document = service.ended(None, &id);
    assert_eq!(document["status"], "failed");
    assert!(document["error"].as_str().unwrap().contains("has no group"), "{document}");
}

#[test]
fn a_folder_is_scanned_where_the_operator_allows_it_and_nowhere_else() {
    let repo = Repo::with_package("left-pad");
    let root = repo.path().parent().unwrap();
    let name = repo.path().file_name().unwrap().to_str().unwrap();
    let service = Service::new().arg("--local-root").arg(root.display().to_string()).start();
    let id = service.scan(None, &json!({ "path": name }));
    assert_eq!(service.ended(None, &id)["status"], "completed");
    for bad in ["../etc", "/etc", "a/../../etc", "", "nowhere"] {
        let refused = service.ask("POST", "/scan", None, &json!({ "path": bad }).to_string());
        // The root itself may be scanned.
        assert!(refused.status == 422 || bad.is_empty(), "{bad}: {refused:?}");
    }
    let closed = Service::new().start();
    assert_eq!(closed.ask("POST", "/scan", None, &json!({ "path": name }).to_string()).status, 422);
}

#[test]
fn requests_that_make_no_sense_are_told_so() {
    let service = Service::new().start();
    let bodies = [
        "",
        "{}",
        "[]",
        r#"{"group_url":"ssh://h.example/a"}"#,
        r#"{"group_url":"https://u:p@h.example/a"}"#,
        r#"{"repositories":[]}"#,
        r#"{"group_url":"https://h.example/a","path":"x"}"#,
        r#"{"unknown":1}"#,
    ];
    for body in bodies {
        let answer = service.ask("POST", "/scan", None, body);
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.json()["code"], "invalid");
    }
    assert_eq!(service.ask("GET", "/nothing", None, "").json()["code"], "no_route");
    assert_eq!(service.ask("GET", "/healthz", None, "").body, "ok\n");
    assert_eq!(service.ask("GET", "/readyz", None, "").status, 200);
}

/// Another tenant's job is as absent as one that never was.
#[test]
fn e01_e02_a_strangers_job_is_not_there() {
    let repo = Repo::with_package("secret-lib");
    let service = Service::new().arg("--local-root").arg(repo.path().display().to_string());
    let (mine, theirs) = (service.token("acme", "scan,read"), service.token("other", "scan,read"));
    let reader = service.token("acme", "read");
    let service = service.start();
    let id = service.scan(Some(&mine), &json!({ "path": "." }));
    assert_eq!(service.ended(Some(&mine), &id)["status"], "completed");

    let random = "6a0b3a51-6a2e-4f0c-9d34-0f3c5d0f7b11";
    for (method, path) in [("GET", ""), ("DELETE", ""), ("GET", "/report")] {
        let foreign = service.ask(method, &format!("/scan/{id}{path}"), Some(&theirs), "");
        let unknown = service.ask(method, &format!("/scan/{random}{path}"), Some(&theirs), "");
        assert_eq!((foreign.status, &foreign.body), (404, &unknown.body), "{method} {path}");
        assert_eq!(foreign.json()["status"], "not_found");
        assert_eq!(service.ask(method, &format!("/scan/{id}{path}"), None, "").status, 401);
        assert_eq!(service.ask(method, &format!("/scan/{id}{path}"), Some("fh_x_y"), "").status, 401);
    }
    assert_eq!(service.ask("GET", "/scan", Some(&theirs), "").json()["jobs"], json!([]));
    assert_eq!(service.ask("DELETE", &format!("/scan/{id}"), Some(&reader), "").status, 403);
    assert_eq!(service.ask("POST", "/scan", Some(&reader), r#"{"path":"."}"#).status, 403);
    for odd in ["..%2f..%2fetc", "x", "%00", "-1"] {
        assert_eq!(service.ask("GET", &format!("/scan/{odd}"), Some(&mine), "").status, 404, "{odd}");
    }
    let stored = std::fs::read_to_string(service.data().join("tokens.json")).unwrap();
    assert!(!stored.contains(mine.rsplit('_').next().unwrap()));
}

/// E04: the pool is shared by turns.
#[test]
fn e04_many_repositories_of_one_tenant_do_not_keep_another_waiting() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("many", 30).repositories("few", 1);
    let service =
        Service::new().arg("--jobs=1").arg("--config").arg(forge.config(ForgeKind::GitLab).display().to_string());
    let (greedy, modest) = (service.token("greedy", "scan,read"), service.token("modest", "scan,read"));
    let service = service.start();
    let many = service.scan(Some(&greedy), &json!({ "group_url": forge.group_url("many") }));
    let few = service.scan(Some(&modest), &json!({ "group_url": forge.group_url("few") }));
    assert_eq!(service.ended(Some(&modest), &few)["status"], "completed");
    let others = service.ask("GET", &format!("/scan/{many}"), Some(&greedy), "").json();
    assert!(others["summary"]["pending"].as_u64().unwrap() > 0, "{others}");
    assert_eq!(service.ended(Some(&greedy), &many)["summary"]["completed"], 30);
}

/// F05: a power cut loses nothing, and nothing outlives it.
#[test]
fn f05_a_killed_service_goes_on_where_it_was() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 40);
    let service = Service::new().arg("--config").arg(forge.config(ForgeKind::GitLab).display().to_string()).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme") }));
    let completed = |service: &Service| {
        service.ask("GET", &format!("/scan/{id}"), None, "").json()["summary"]["completed"].as_u64().unwrap()
    };
    assert!(soon(Duration::from_secs(60), || completed(&service) >= 3));
    let service = service.again();
    let document = service.ended(None, &id);
    assert_eq!(document["summary"]["completed"], 40, "{document}");
    let master = std::fs::read_to_string(service.job_folder("local", &id).join("master.json")).unwrap();
    let master: serde_json::Value = serde_json::from_str(&master).unwrap();
    let attempts = master["ended"].as_object().unwrap().values().map(|ended| ended["attempt"].as_u64().unwrap());
    // What was stored as ended before the cut was not done again.
    assert!(attempts.max().unwrap() <= 2);
}

#[test]
fn a_job_is_cancelled_and_its_workers_are_gone() {
    let repo = Repo::attack("spin");
    let service = Service::new().hostile().arg("--local-root").arg(repo.path().display().to_string()).start();
    let id = service.scan(None, &json!({ "path": "." }));
    let shown = |service: &Service| service.ask("GET", &format!("/scan/{id}"), None, "").json();
    assert!(soon(Duration::from_secs(30), || shown(&service)["summary"]["in_progress"] == 1));
    assert_eq!(service.ask("DELETE", &format!("/scan/{id}"), None, "").status, 202);
    assert_eq!(service.ended(None, &id)["status"], "cancelled");
    assert_eq!(service.ask("DELETE", &format!("/scan/{id}"), None, "").status, 409);
    let children = || {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", service.pid())).unwrap().flatten();
        tasks.map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default()).collect::<String>()
    };
    assert!(soon(Duration::from_secs(10), || children().trim().is_empty()));
}

#[test]
fn nothing_new_is_not_sent_again() {
    let repo = Repo::with_package("a");
    let service = Service::new().arg("--local-root").arg(repo.path().display().to_string()).start();
    let id = service.scan(None, &json!({ "path": "." }));
    service.ended(None, &id);
    let shown = service.ask("GET", &format!("/scan/{id}"), None, "");
    let etag = shown.header("etag").unwrap();
    let again = service.raw(&format!(
        "GET /scan/{id} HTTP/1.1\r\nhost: localhost\r\nif-none-match: {etag}\r\nconnection: close\r\n\r\n"
    ));
    assert_eq!((again.status, again.body.as_str()), (304, ""));
}

#[test]
fn e06_e07_e09_clients_that_trickle_or_overdo_it_are_cut_off() {
    let service = Service::new().start();
    // A header that never ends in time: closed by the service, perhaps with 408.
    let slow = service.raw("GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ");
    assert!(slow.status == 0 || slow.status == 408, "{slow:?}");
    let big = service.ask("POST", "/scan", None, &format!("{{\"path\":\"{}\"}}", "a".repeat(17 * 1024 * 1024)));
    assert_eq!(big.status, 413, "{}", big.head);
    let smuggled = service.raw(
        "POST /scan HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 5\r\nconnection: close\r\n\r\n{}  ",
    );
    assert_eq!(smuggled.status, 400, "{smuggled:?}");
    assert_eq!(service.ask("GET", "/healthz", None, "").status, 200);
}

#[test]
fn without_tokens_only_this_machine_is_served() {
    let data = tempfile::tempdir().unwrap();
    let refused = std::process::Command::new(e2e::binary())
        .args(["serve", "--listen", "0.0.0.0:0", "--data-dir"])
        .arg(data.path())
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(70));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("fumehood token create"));
}
