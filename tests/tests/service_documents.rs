//! Pages, entity tags, problems and reports, as programs read them.

#![expect(clippy::disallowed_methods, reason = "tests touch files on their own")]

use std::time::Duration;

use e2e::service::Service;
use e2e::{Repo, soon};
use serde_json::{Value, json};

fn service_with(repo: &Repo) -> Service {
    Service::new().arg("--local-root").arg(repo.path().display().to_string())
}

#[test]
fn pages_of_jobs_go_on_where_one_was_removed() {
    let repo = Repo::with_package("a");
    let service = service_with(&repo).start();
    let ids: Vec<_> = (0..7).map(|_| service.scan(None, &json!({ "path": "." }))).collect();
    ids.iter().for_each(|id| drop(service.ended(None, id)));
    let page = |after: &str| service.ask("GET", &format!("/scan?limit=3{after}"), None, "").json();
    let listed = |page: &Value| -> Vec<String> {
        page["jobs"].as_array().unwrap().iter().map(|job| job["job_id"].as_str().unwrap().to_owned()).collect()
    };
    let first = page("");
    let last = listed(&first)[2].clone();
    assert_eq!(service.ask("DELETE", &format!("/scan/{last}?remove=true"), None, "").status, 204);
    let after = format!("&after={}", first["next"].as_str().unwrap());
    // A job that comes meanwhile is newer than the page.
    let new = service.scan(None, &json!({ "path": "." }));
    let second = page(&after);
    let third = page(&format!("&after={}", second["next"].as_str().unwrap()));
    let mut seen: Vec<_> = [first, second, third].iter().flat_map(listed).filter(|id| *id != new).collect();
    seen.sort();
    let mut all = ids.clone();
    all.sort();
    assert_eq!(seen, all);
    for bad in ["x", "5", "1-2", &ids[0]] {
        let refused = service.ask("GET", &format!("/scan?after={bad}"), None, "");
        assert_eq!((refused.status, refused.json()["code"].as_str()), (422, Some("invalid")), "{bad}");
    }
}

/// Proxies weaken tags and clients send several.
#[test]
fn tags_are_known_in_every_form() {
    let repo = Repo::attack("spin");
    let service = service_with(&repo).hostile().start();
    let id = service.scan(None, &json!({ "path": "." }));
    let path = format!("/scan/{id}");
    let ask = |tags: &str| service.ask_with("GET", &path, None, &[("if-none-match", tags)], "");
    assert!(soon(Duration::from_secs(30), || {
        let tag = service.ask("GET", &path, None, "").header("etag").unwrap().to_owned();
        // Time passes in a document that is otherwise the same, so its tag is weak.
        assert!(tag.starts_with("W/"), "{tag}");
        ask(&tag).status == 304 && ask(&format!("\"other\", {}", tag.trim_start_matches("W/"))).status == 304
    }));
    assert_eq!((ask("*").status, ask("\"other\"").status), (304, 200));
    assert_eq!(service.ask("DELETE", &path, None, "").status, 202);
    service.ended(None, &id);
    let tag = service.ask("GET", &path, None, "").header("etag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "{tag}");
    assert_eq!(ask(&format!("W/{tag}")).status, 304);
}

/// Whatever goes wrong is a problem document, and its code is documented.
#[test]
fn everything_wrong_is_a_documented_problem() {
    let service = Service::new().start();
    let document = service.ask("GET", "/openapi.json", None, "").json();
    let codes = document["components"]["schemas"]["ProblemCode"]["enum"].as_array().unwrap().clone();
    let page = service.ask("GET", "/docs", None, "").body;
    for code in &codes {
        assert!(page.contains(&format!("<code>{}</code>", code.as_str().unwrap())), "{code}");
    }
    let big = format!("{{\"path\":\"{}\"}}", "a".repeat(17 * 1024 * 1024));
    let wrong = [
        (service.ask("GET", "/scan/%ff", None, ""), 404, "not_found"),
        (service.ask("GET", "/scan/x/repositories/%ff", None, ""), 404, "not_found"),
        (service.ask("POST", "/scan", None, &big), 413, "too_large"),
        (service.ask("GET", "/nowhere", None, ""), 404, "no_route"),
        (service.ask("PATCH", "/scan", None, ""), 405, "method"),
        (service.ask("GET", "/scan?limit=x", None, ""), 422, "invalid"),
        (service.ask("GET", "/scan?limit=0", None, ""), 422, "invalid"),
        (service.ask("GET", "/scan?limit=%ff", None, ""), 422, "invalid"),
        (service.raw("POST /scan HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"), 415, "media_type"),
    ];
    for (answer, status, code) in wrong {
        assert_eq!((answer.status, answer.header("content-type")), (status, Some("application/problem+json")));
        assert_eq!(answer.json()["code"], code, "{answer:?}");
        assert!(codes.contains(&json!(code)));
        assert!(answer.header("x-request-id").is_some());
    }
}

/// Compressed or not, every route and format says the same.
#[test]
fn a_compressed_job_reads_as_before_in_every_format() {
    let repo = Repo::with_package("left-pad").file("broken/package.json", "{");
    let root = repo.path().display().to_string();
    let started = |text: &str| Service::new().config(text).arg("--local-root").arg(&root);
    let service = started("[service.retention]\nplain_minutes = 60\n").start();
    let id = service.scan(None, &json!({ "path": "." }));
    service.ended(None, &id);
    let formats = ["table", "json", "cyclonedx", "spdx", "sarif", "junit", "markdown", "csv", "html"];
    let read = |service: &Service| -> Vec<String> {
        let mut targets = vec![format!("/scan/{id}"), format!("/scan/{id}/repositories")];
        targets.push(format!("/scan/{id}/repositories/0"));
        for format in formats {
            targets.push(format!("/scan/{id}/report?format={format}"));
            targets.push(format!("/scan/{id}/repositories/0/report?format={format}"));
        }
        let answers = targets.iter().map(|target| service.ask("GET", target, None, ""));
        answers.map(|answer| format!("{} {:?} {}", answer.status, answer.header("etag"), answer.body)).collect()
    };
    let before = read(&service);
    assert!(before.iter().all(|answer| answer.starts_with("200 ")), "{before:?}");
    assert!(before.iter().filter(|answer| answer.contains("left-pad")).count() >= 12, "{before:?}");
    let service = service.ask_to_end().config("[service.retention]\nplain_minutes = 0\n").start();
    let folder = service.job_folder("local", &id);
    assert!(soon(Duration::from_secs(30), || folder.join("compressed").exists()));
    assert!(!folder.join("repos/0/a1/status").exists());
    assert_eq!(read(&service), before);
}

/// A report whose files are gone is not a clean one.
#[test]
fn a_report_that_is_gone_is_not_complete() {
    let repo = Repo::with_package("left-pad");
    let service = service_with(&repo).start();
    let id = service.scan(None, &json!({ "path": "." }));
    service.ended(None, &id);
    std::fs::remove_dir_all(service.job_folder("local", &id).join("repos/0/a1/status")).unwrap();
    let report = service.ask("GET", &format!("/scan/{id}/report"), None, "").json();
    let report = &report["reports"][0];
    assert_eq!((&report["complete"], &report["defect"]), (&json!(false), &json!("there is no report")));
}
