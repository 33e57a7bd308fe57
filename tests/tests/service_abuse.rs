//! Clients that wait, hang, flood or come from the wrong place, and what others notice of them.

#![expect(clippy::disallowed_methods, reason = "tests touch files and processes on their own")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use e2e::forge::{Forge, ForgeKind, Misbehaviour};
use e2e::service::Service;
use e2e::{Repo, soon};
use serde_json::{Value, json};

/// A body that never ends, and a connection on which nothing is asked, have their time.
#[test]
fn e06_bodies_that_trickle_and_idle_connections_end() {
    let service = Service::new().start();
    let connect = || {
        let stream = TcpStream::connect(service.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    };
    let (mut idle, mut used, mut slow) = (connect(), connect(), connect());
    used.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    slow.write_all(
        b"POST /scan HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
    )
    .unwrap();
    let mut rest = String::new();
    idle.read_to_string(&mut rest).unwrap();
    assert!(rest.is_empty() || rest.contains(" 408 "), "{rest}");
    used.read_to_string(&mut rest).unwrap();
    assert!(rest.contains(" 200 ") && rest.contains("ok\n"), "{rest}");
    let mut told = String::new();
    slow.read_to_string(&mut told).unwrap();
    assert!(told.contains(" 408 ") && told.contains("\"code\":\"timeout\""), "{told}");
}

/// Groups of a forge that does not answer keep threads waiting: those of one tenant are few, and a job that waits for
/// them can be cancelled.
#[test]
fn e04_a_tenants_slow_forge_keeps_no_other_waiting() {
    let (Some(slow), Some(forge)) = (Forge::start(), Forge::start()) else { return };
    slow.repositories("acme", 1).misbehave("/api/v4/", Misbehaviour::SlowBody);
    forge.repositories("acme", 2);
    let service = Service::new().config(&(slow.entry(ForgeKind::GitLab) + &forge.entry(ForgeKind::GitLab)));
    let (greedy, modest) = (service.token("greedy", "scan,read"), service.token("modest", "scan,read"));
    let service = service.start();
    let stuck: Vec<_> =
        (0..40).map(|_| service.scan(Some(&greedy), &json!({ "group_url": slow.group_url("acme") }))).collect();
    assert!(soon(Duration::from_secs(30), || slow.requests_for("/api/v4/").len() >= 4));
    let done = service.scan(Some(&modest), &json!({ "group_url": forge.group_url("acme") }));
    assert_eq!(service.ended(Some(&modest), &done)["summary"]["completed"], 2);
    assert_eq!(slow.requests_for("/api/v4/").len(), 4, "so many of one tenant at once");

    assert_eq!(service.ask("DELETE", &format!("/scan/{}", stuck[0]), Some(&greedy), "").status, 202);
    let cancelled = service.ended(Some(&greedy), &stuck[0]);
    assert_eq!((&cancelled["status"], &cancelled["summary"]["total_repositories"]), (&json!("cancelled"), &json!(0)));

    // Nor does it keep the service from ending, and the next one asks again.
    let service = service.ask_to_end();
    slow.behave();
    let service = service.start();
    assert_eq!(service.ended(Some(&greedy), &stuck[1])["summary"]["completed"], 1);
    assert_eq!(service.ended(Some(&greedy), &stuck[0])["status"], "cancelled");
}

/// Made-up methods and paths would be labels and lines without end.
#[test]
fn e05_nobody_fills_metrics_or_the_audit_log_from_outside() {
    let service = Service::new();
    let admin = service.token("ops", "admin");
    let service = service.start();
    let before = service.ask("GET", "/metrics", Some(&admin), "").body.lines().count();
    for number in 0..50 {
        service.ask(&format!("M{number}"), &format!("/nowhere/{number}"), None, "");
        service.ask(&format!("M{number}"), "/scan", None, "");
    }
    let after = service.ask("GET", "/metrics", Some(&admin), "").body;
    assert!(after.lines().count() <= before + 6, "{after}");
    assert!(!after.contains("M7"), "{after}");

    // On one connection, because there are many.
    let mut stream = TcpStream::connect(service.address()).unwrap();
    let request = "GET /scan HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);
    let mut answers = stream.try_clone().unwrap();
    let reading = std::thread::spawn(move || std::io::copy(&mut answers, &mut std::io::sink()));
    (0..30).for_each(|_| stream.write_all(request.as_bytes()).unwrap());
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    reading.join().unwrap().unwrap();
    let log = || std::fs::read_to_string(service.data().join("audit.jsonl")).unwrap();
    let refused = |log: &str| log.lines().filter(|line| line.contains("\"status\":401")).count();
    assert!(soon(Duration::from_secs(10), || refused(&log()) >= 1000), "{}", refused(&log()));
    assert!(refused(&log()) < 2900, "{}", refused(&log()));
    // What was left out is counted in the next one that is written.
    let left_out = |log: &str| -> u64 {
        let records = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        records.filter_map(|record| record["left_out"].as_u64()).sum()
    };
    assert!(soon(Duration::from_secs(10), || {
        service.ask("GET", "/scan", None, "");
        left_out(&log()) > 0
    }));
    assert!(log().lines().all(|line| !line.contains("\"remote\":null") || line.contains("\"method\":\"token\"")));
}

/// A page in a browser on this machine may open a WebSocket wherever it likes, and says where it comes from.
#[test]
fn without_tokens_pages_of_others_are_not_served() {
    let service = Service::new().start();
    let from = |origin: &str| service.ask_with("GET", "/scan", None, &[("origin", origin)], "");
    for origin in ["https://evil.example", "http://localhost.evil.example", "null", "http://127.0.0.1.evil.example:80"]
    {
        assert_eq!((from(origin).status, from(origin).json()["code"].as_str()), (403, Some("host")), "{origin}");
    }
    for origin in ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:8080"] {
        assert_eq!(from(origin).status, 200, "{origin}");
    }
}

/// A token that is revoked is worth nothing a moment later, and a file that cannot be read lets nobody in.
#[test]
fn e02_revoking_a_token_shuts_every_door() {
    let repo = Repo::attack("spin");
    let service = Service::new().hostile().arg("--local-root").arg(repo.path().display().to_string());
    let (token, other) = (service.token("acme", "scan,read"), service.token("acme", "scan,read"));
    let service = service.start();
    let id = service.scan(Some(&token), &json!({ "path": "." }));
    std::thread::scope(|scope| {
        let following = scope.spawn(|| service.follow(Some(&token), &id, None));
        assert!(soon(Duration::from_secs(30), || {
            service.ask("GET", &format!("/scan/{id}"), Some(&other), "").json()["summary"]["in_progress"] == 1
        }));
        let listed = service.run_token(&["list"]);
        assert!(listed.contains("acme") && listed.contains("scan,read") && listed.contains("never"), "{listed}");
        assert!(!listed.contains(&token));
        service.run_token(&["revoke", &token]);
        assert!(soon(Duration::from_secs(10), || service.ask("GET", "/scan", Some(&token), "").status == 401));
        // The stream ends by itself, without an end of the job.
        let events = following.join().unwrap();
        assert!(events.iter().all(|event| event.name != "end"), "{events:?}");
    });
    assert_eq!(service.ask("GET", "/scan", Some(&other), "").status, 200);
    let log = std::fs::read_to_string(service.data().join("audit.jsonl")).unwrap();
    assert!(log.contains("\"route\":\"create\"") && log.contains("\"route\":\"revoke\""), "{log}");
    assert!(!log.contains(token.rsplit('_').next().unwrap()));

    std::fs::write(service.data().join("tokens.json"), "{").unwrap();
    assert!(soon(Duration::from_secs(10), || service.ask("GET", "/scan", Some(&other), "").status == 401));
}

#[test]
fn e02_tokens_that_cannot_be_read_open_no_door() {
    let service = Service::new().start();
    assert_eq!(service.ask("GET", "/scan", None, "").status, 200);
    let token = service.token("acme", "scan,read");
    assert!(soon(Duration::from_secs(10), || service.ask("GET", "/scan", None, "").status == 401));
    assert_eq!(service.ask("GET", "/scan", Some(&token), "").status, 200);
    std::fs::write(service.data().join("tokens.json"), "{").unwrap();
    assert!(soon(Duration::from_secs(10), || service.ask("GET", "/scan", Some(&token), "").status == 401));
    assert_eq!(service.ask("GET", "/scan", None, "").status, 401);
}

/// What waits is bounded for each tenant: who has too many waiting is answered at once.
#[test]
fn e04_waiting_has_an_end_for_each_tenant() {
    let repo = Repo::attack("spin");
    let service = Service::new().hostile().arg("--local-root").arg(repo.path().display().to_string());
    let (greedy, modest) = (service.token("greedy", "scan,read"), service.token("modest", "scan,read"));
    let service = service.start();
    let id = service.scan(Some(&greedy), &json!({ "path": "." }));
    let theirs = service.scan(Some(&modest), &json!({ "path": "." }));
    let follow = |token: &str, id: &str| {
        let mut stream = TcpStream::connect(service.address()).unwrap();
        let head =
            format!("GET /scan/{id}/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        (stream, String::from_utf8_lossy(&status[9..]).into_owned())
    };
    let followers: Vec<_> = (0..256).map(|_| follow(&greedy, &id)).collect();
    assert!(followers.iter().all(|(_, status)| status == "200"));
    assert_eq!(follow(&greedy, &id).1, "503");
    assert_eq!(follow(&modest, &theirs).1, "200");
    // Whatever is new: it does not wait for it.
    let shown = service.ask("GET", &format!("/scan/{id}?wait=60"), Some(&greedy), "");
    assert_eq!(shown.status, 200);
    drop(followers);
    assert!(soon(Duration::from_secs(60), || follow(&greedy, &id).1 == "200"));
}
