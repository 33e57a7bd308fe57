//! What one tenant may have, and what it cannot do to others.

#![expect(clippy::disallowed_methods, reason = "tests touch files on their own")]

use e2e::Repo;
use e2e::service::Service;
use serde_json::{Value, json};

fn started(quotas: &str) -> (Service, Repo, String, String) {
    let repo = Repo::attack("spin");
    let root = repo.path().display().to_string();
    let text = format!(
        "[service.quotas]\n{quotas}\n[[tenants]]\nname = \"rich\"\nquotas = {{ requests_burst = 1000, jobs = 100, queued_repositories = 100, stored_mebibytes = 1024 }}\n"
    );
    let service = Service::new().hostile().config(&text).arg("--local-root").arg(root);
    let (poor, rich) = (service.token("poor", "scan,read"), service.token("rich", "scan,read"));
    (service.start(), repo, poor, rich)
}

const SCAN: &str = r#"{"path":"."}"#;

/// E04: requests a second.
#[test]
fn e04_who_asks_too_often_is_told_when_to_come_again() {
    let (service, _repo, poor, rich) = started("requests_a_second = 1\nrequests_burst = 3");
    let ask = |token: &str| service.ask_once("GET", "/scan", Some(token), &[], "");
    let first = ask(&poor);
    assert_eq!((first.status, first.header("x-ratelimit-limit")), (200, Some("3")));
    assert_eq!(first.header("x-ratelimit-remaining"), Some("2"));
    assert!(first.header("ratelimit").unwrap().starts_with("\"requests\";r=2"), "{first:?}");
    let answers: Vec<_> = (0..20).map(|_| ask(&poor)).collect();
    let refused = answers.iter().find(|answer| answer.status == 429).unwrap();
    assert_eq!(refused.json()["code"], "rate");
    assert_eq!(refused.header("retry-after"), Some("1"));
    // Another tenant does not notice.
    assert!((0..20).all(|_| ask(&rich).status == 200));
}

/// E04: jobs and repositories that wait.
#[test]
fn e04_a_tenant_has_so_many_jobs_and_no_more() {
    let (service, _repo, poor, rich) = started("jobs = 2\nqueued_repositories = 2");
    let taken: Vec<_> = (0..2).map(|_| service.scan(Some(&poor), &json!({ "path": "." }))).collect();
    let refused = service.ask("POST", "/scan", Some(&poor), SCAN);
    assert_eq!((refused.status, refused.json()["code"].as_str()), (429, Some("quota")), "{refused:?}");
    let many = json!({ "repositories": ["https://h.example/a", "https://h.example/b", "https://h.example/c"] });
    service.ask("DELETE", &format!("/scan/{}", taken[0]), Some(&poor), "");
    service.ended(Some(&poor), &taken[0]);
    let refused = service.ask("POST", "/scan", Some(&poor), &many.to_string());
    assert!(refused.json()["detail"].as_str().unwrap().contains("repositories"), "{refused:?}");
    let theirs = service.scan(Some(&rich), &json!({ "path": "." }));
    for (token, id) in [(&poor, &taken[1]), (&rich, &theirs)] {
        assert_eq!(service.ask("DELETE", &format!("/scan/{id}"), Some(token), "").status, 202);
        service.ended(Some(token), id);
    }
}

/// E04: what is stored. It is measured when the job has ended, and what is removed makes room.
#[test]
fn e04_a_tenant_stores_so_much_and_no_more() {
    let repo = Repo::with_package("a");
    let text = "[service.retention]\nplain_minutes = 0\n[service.quotas]\nstored_mebibytes = 0\n";
    let service = Service::new().config(text).arg("--local-root").arg(repo.path().display().to_string()).start();
    let id = service.scan(None, &json!({ "path": "." }));
    service.ended(None, &id);
    let full = || service.ask("POST", "/scan", None, SCAN);
    assert!(e2e::soon(std::time::Duration::from_secs(30), || full().status == 429));
    assert!(full().json()["detail"].as_str().unwrap().contains("remove some"));
    loop {
        let page = service.ask("GET", "/scan?limit=100", None, "").json();
        let jobs = page["jobs"].as_array().unwrap();
        for job in jobs {
            let id = job["job_id"].as_str().unwrap();
            service.ended(None, id);
            assert_eq!(service.ask("DELETE", &format!("/scan/{id}?remove=true"), None, "").status, 204);
        }
        if jobs.is_empty() {
            break;
        }
    }
    assert_eq!(full().status, 202);
}

/// E05: what a client sends cannot make a line of its own, nor a terminal do anything.
#[test]
fn e05_the_audit_log_has_a_line_an_event_and_nothing_else() {
    let (service, _repo, poor, _rich) = started("");
    let evil = "x\u{1b}[2J\u{202e}\\r\\n{\\\"forged\\\":1}";
    let headers = [("x-request-id", "mine-1")];
    let answer = service.ask_with("POST", "/scan", Some(&poor), &headers, &format!("{{\"group_url\":\"{evil}\"}}"));
    assert_eq!((answer.status, answer.header("x-request-id")), (422, Some("mine-1")));
    assert!(!answer.body.contains('\u{1b}') && !answer.body.contains('\u{202e}'), "{answer:?}");
    let odd = service.ask_with("GET", "/scan/%0a%1b[2Jx/report", Some(&poor), &[("x-request-id", "a b;c")], "");
    assert_eq!(odd.status, 404);
    assert_ne!(odd.header("x-request-id"), Some("a b;c"));
    assert_eq!(service.ask_with("GET", "/scan", Some(&poor), &[("user-agent", "a\u{1b}[31m")], "").status, 400);
    let id = service.scan(Some(&poor), &json!({ "path": "." }));
    service.ask("DELETE", &format!("/scan/{id}"), Some(&poor), "");
    service.ask("GET", "/scan", None, "");

    // Lines are written in their order, so with the line of the last request all the others are there.
    let log = || std::fs::read_to_string(service.data().join("audit.jsonl")).unwrap();
    let records = || -> Vec<Value> { log().lines().flat_map(serde_json::from_str).collect() };
    let last = |record: &Value| record["status"] == 401;
    assert!(e2e::soon(std::time::Duration::from_secs(10), || records().iter().any(last)), "{}", log());
    assert_eq!(records().len(), log().lines().count(), "a line of the log is no JSON: {}", log());
    let records = records();
    assert!(!log().contains('\u{1b}') && !log().contains(poor.rsplit('_').next().unwrap()));
    let taken = records.iter().find(|record| record["status"] == 202 && record["method"] == "POST").unwrap();
    assert_eq!((&taken["tenant"], &taken["route"], &taken["job_id"]), (&json!("poor"), &json!("/scan"), &json!(id)));
    assert!(taken["token"].is_string() && taken["request_id"].is_string());
    assert!(records.iter().any(|record| record["status"] == 401 && record["tenant"].is_null()));
    assert!(records.iter().any(|record| record["method"] == "DELETE" && record["job_id"] == json!(id)));
    service.ended(Some(&poor), &id);
}

/// E08: without HTTP/2 there are no streams to reset.
#[test]
fn e08_http2_is_not_spoken() {
    let service = Service::new().start();
    let answer = service.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(answer.status == 400 || answer.status == 505 || answer.status == 0, "{answer:?}");
    assert_eq!(service.ask("GET", "/healthz", None, "").status, 200);
}

/// E09: one request is one request.
#[test]
fn e09_what_could_be_two_requests_is_refused() {
    let service = Service::new().start();
    let heads = [
        "content-length: 4\r\ntransfer-encoding: chunked\r\n",
        "content-length: 4\r\ncontent-length: 5\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "content-length: +2\r\n",
        "content-length: 2\r\n folded: x\r\n",
    ];
    for head in heads {
        let request = format!(
            "POST /scan HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{head}\r\n\
             0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        );
        let answer = service.raw(&request);
        // At most one answer, or the connection ends after a refusal.
        assert!(matches!(answer.status, 400 | 411 | 501 | 422 | 0), "{head}: {answer:?}");
        assert!(!answer.body.contains("no_route"), "{head}: {answer:?}");
    }
    assert_eq!(service.ask("GET", "/healthz", None, "").status, 200);
}

/// E07.
#[test]
fn e07_headers_and_bodies_have_an_end() {
    let service = Service::new().start();
    let big = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-big: {}\r\n\r\n", "a".repeat(64 * 1024));
    assert!(matches!(service.raw(&big).status, 431 | 400 | 0));
    let many = format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{}\r\n", "x-a: b\r\n".repeat(2_000));
    assert!(matches!(service.raw(&many).status, 431 | 400 | 0));
    let deep = "[".repeat(100_000);
    assert_eq!(service.ask("POST", "/scan", None, &deep).status, 422);
}

#[test]
fn metrics_are_for_who_may_see_them() {
    let repo = Repo::with_package("a");
    let service = Service::new().arg("--local-root").arg(repo.path().display().to_string());
    let (admin, user) = (service.token("ops", "admin"), service.token("acme", "scan,read"));
    let service = service.start();
    let id = service.scan(Some(&user), &json!({ "path": "." }));
    service.ended(Some(&user), &id);
    assert_eq!(service.ask("GET", "/metrics", Some(&user), "").status, 403);
    let metrics = service.ask("GET", "/metrics", Some(&admin), "");
    for line in [
        "fumehood_jobs_accepted_total 1",
        "fumehood_jobs_ended_total{status=\"completed\"} 1",
        "fumehood_repositories_ended_total{outcome=\"completed\"} 1",
        "fumehood_http_requests_total{method=\"POST\",route=\"/scan\",status=\"202\"} 1",
        "# EOF",
    ] {
        assert!(metrics.body.contains(line), "{line}: {}", metrics.body);
    }
}
