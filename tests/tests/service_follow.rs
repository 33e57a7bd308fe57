//! Following a job, being told of its end, and asking for it twice.

#![expect(clippy::disallowed_methods, reason = "tests touch files and processes on their own")]

use e2e::forge::{Forge, ForgeKind};
use e2e::service::Service;
use e2e::{Repo, soon};
use serde_json::{Value, json};
use std::time::Duration;
use tungstenite::{Message, client::IntoClientRequest as _};

const SECRET: &str = "whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0";

fn forge_service(forge: &Forge) -> Service {
    let text = format!(
        "{}\n[service.webhooks]\nca_file = \"{}\"\nallow_addresses = [\"127.0.0.0/8\", \"::1/128\"]\n\
         [[tenants]]\nname = \"local\"\nwebhook_secret_file = \"hook\"\n",
        forge.entry(ForgeKind::GitLab),
        forge.ca_file().display()
    );
    Service::new().file("hook", SECRET).config(&text)
}

#[test]
fn events_tell_a_job_from_its_beginning_to_its_end() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 6);
    let service = forge_service(&forge).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme") }));
    let events = service.follow(None, &id, None);
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!((names[0], names[names.len() - 1]), ("snapshot", "end"), "{names:?}");
    assert_eq!(events[0].data["job_id"], id.as_str());
    let ended = events.iter().filter(|event| event.data["outcome"] == "completed").count();
    let before = events[0].data["summary"]["completed"].as_u64().unwrap();
    assert_eq!(before as usize + ended, 6, "{events:?}");
    assert_eq!(events.last().unwrap().data["status"], "completed");
    // Who comes late gets the end alone.
    let late = service.follow(None, &id, Some(&events[0].id));
    assert_eq!(late.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["end"]);
}

/// After a restart nothing is kept of what happened before: who comes back begins again with the whole document.
#[test]
fn who_follows_is_told_everything_after_a_restart() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 20);
    let service = forge_service(&forge).arg("--jobs=1").start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme") }));
    let completed = || service.ask("GET", &format!("/scan/{id}"), None, "").json()["summary"]["completed"].clone();
    assert!(soon(Duration::from_secs(60), || completed().as_u64().unwrap() >= 2));
    let first = service.event(None, &id);
    assert_eq!(first.name, "snapshot");
    let service = service.again();
    let events = service.follow(None, &id, Some(&first.id));
    assert_eq!(events[0].name, "snapshot", "{events:?}");
    let before = events[0].data["summary"]["completed"].as_u64().unwrap();
    let ended = events.iter().filter(|event| event.data["outcome"] == "completed").count() as u64;
    assert_eq!(before + ended, 20, "{events:?}");
    assert_eq!(events.last().unwrap().name, "end");
}

#[test]
fn a_websocket_tells_the_same() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 3);
    let service = forge_service(&forge).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme") }));
    let request = format!("ws://{}/scan/{id}/ws", service.address()).into_client_request().unwrap();
    let stream = std::net::TcpStream::connect(service.address()).unwrap();
    let (mut socket, _) = tungstenite::client(request, stream).unwrap();
    let mut names = Vec::new();
    while let Ok(message) = socket.read() {
        if let Message::Text(text) = message {
            let told: Value = serde_json::from_str(&text).unwrap();
            names.push(told["event"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!((names.first().unwrap().as_str(), names.last().unwrap().as_str()), ("snapshot", "end"), "{names:?}");
    let plain = service.ask("GET", &format!("/scan/{id}/ws"), None, "");
    assert_eq!((plain.status, plain.json()["code"].as_str()), (422, Some("invalid")));
}

#[test]
fn who_waits_is_answered_when_something_is_new() {
    let repo = Repo::attack("spin");
    let service = Service::new().hostile().arg("--local-root").arg(repo.path().display().to_string()).start();
    let id = service.scan(None, &json!({ "path": "." }));
    let path = format!("/scan/{id}");
    assert!(soon(Duration::from_secs(30), || {
        service.ask("GET", &path, None, "").json()["summary"]["in_progress"] == 1
    }));
    let waiting = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| service.ask("GET", &format!("{path}?wait=60"), None, "").json());
        assert_eq!(service.ask("DELETE", &path, None, "").status, 202);
        waiting.join().unwrap()
    });
    assert!(waiting["status"] == "cancelled" || waiting["status"] == "in_progress", "{waiting}");
    assert_eq!(service.ended(None, &id)["status"], "cancelled");
    let removed = service.ask("DELETE", &format!("{path}?remove=true"), None, "");
    assert_eq!(removed.status, 204);
    assert_eq!(service.ask("GET", &path, None, "").status, 404);
    assert!(!service.job_folder("local", &id).exists());
}

/// D09: signed, retried with the same id, and only where the operator lets it.
#[test]
fn d09_a_webhook_is_signed_and_retried() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 2);
    let receiver = forge.receiver(&[500]);
    let service = forge_service(&forge).start();
    let request = json!({ "group_url": forge.group_url("acme"), "webhook_url": receiver.url() });
    let id = service.scan(None, &request);
    let got = receiver.deliveries(2);
    assert!(got.iter().all(|delivery| delivery.is_signed_with(SECRET)));
    assert!(!got[0].is_signed_with("whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo="));
    assert_eq!(got[0].seen.header("webhook-id"), got[1].seen.header("webhook-id"));
    let message = got[1].json();
    assert_eq!((&message["type"], &message["data"]["job_id"]), (&json!("scan.ended"), &json!(id)));
    assert_eq!(message["data"]["summary"]["completed"], 2);
    let state = || std::fs::read_to_string(service.job_folder("local", &id).join("webhook.json")).unwrap();
    assert!(soon(Duration::from_secs(10), || state().contains("\"delivered\"")), "{}", state());
}

#[test]
fn d09_a_webhook_goes_nowhere_else() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 1);
    // It redirects, and wants no more afterwards.
    let receiver = forge.receiver(&[302, 410]);
    let service = forge_service(&forge).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme"), "webhook_url": receiver.url() }));
    receiver.deliveries(2);
    let state = |id: &str| std::fs::read_to_string(service.job_folder("local", id).join("webhook.json")).unwrap();
    assert!(soon(Duration::from_secs(10), || state(&id).contains("\"given_up\"")), "{}", state(&id));

    for bad in ["http://h.example/", "https://u:p@h.example/", "x"] {
        let refused = service.ask(
            "POST",
            "/scan",
            None,
            &json!({ "group_url": forge.group_url("acme"), "webhook_url": bad }).to_string(),
        );
        assert_eq!((refused.status, refused.json()["code"].as_str()), (422, Some("invalid")), "{bad}");
    }
    let closed = Service::new().config(&forge.entry(ForgeKind::GitLab)).start();
    let refused = closed.ask(
        "POST",
        "/scan",
        None,
        &json!({ "group_url": forge.group_url("acme"), "webhook_url": receiver.url() }).to_string(),
    );
    assert!(refused.json()["detail"].as_str().unwrap().contains("no secret"), "{refused:?}");
}

/// Private networks are closed to webhooks unless the operator opens them.
#[test]
fn d09_a_webhook_does_not_reach_this_machine() {
    let Some(forge) = Forge::start() else { return };
    let receiver = forge.receiver(&[]);
    forge.repositories("acme", 1);
    let text =
        format!("{}\n[[tenants]]\nname = \"local\"\nwebhook_secret_file = \"hook\"\n", forge.entry(ForgeKind::GitLab));
    let service = Service::new().file("hook", SECRET).config(&text).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme"), "webhook_url": receiver.url() }));
    service.ended(None, &id);
    let state = || std::fs::read_to_string(service.job_folder("local", &id).join("webhook.json")).unwrap();
    assert!(soon(Duration::from_secs(30), || state().contains("not a public address")), "{}", state());
    assert_eq!(receiver.deliveries(0).len(), 0);
}

/// A job that goes on before its end was told is told of at its next end, once, by another message.
#[test]
fn d09_a_webhook_does_not_tell_of_a_job_that_goes_on() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 2);
    forge.misbehave("repo-01.git", e2e::forge::Misbehaviour::Status(403));
    let receiver = forge.receiver(&[500]);
    let service = forge_service(&forge).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme"), "webhook_url": receiver.url() }));
    service.ended(None, &id);
    // It failed once and will be tried again five seconds later.
    let first = receiver.deliveries(1)[0].clone();
    forge.behave();
    assert_eq!(service.ask("POST", &format!("/scan/{id}/retry"), None, "").status, 202);
    assert_eq!(service.ended(None, &id)["status"], "completed");
    let state = || std::fs::read_to_string(service.job_folder("local", &id).join("webhook.json")).unwrap();
    assert!(soon(Duration::from_secs(30), || state().contains("\"delivered\"")), "{}", state());
    let got = receiver.deliveries(2);
    assert_eq!((got.len(), got[1].json()["data"]["status"].as_str()), (2, Some("completed")));
    assert_ne!(got[1].seen.header("webhook-id"), first.seen.header("webhook-id"));
    // A restart tells nobody twice.
    let service = service.again();
    assert_eq!(service.ask("GET", &format!("/scan/{id}"), None, "").status, 200);
    assert_eq!(receiver.deliveries(2).len(), 2);
}

/// Many ask for the same at the same moment: it is done once.
#[test]
fn retries_and_removals_at_once_are_one() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 2);
    forge.misbehave("repo-01.git", e2e::forge::Misbehaviour::Status(403));
    let service = forge_service(&forge).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme") }));
    let at_once = |method: &str, target: &str| -> Vec<u16> {
        std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| service.ask(method, target, None, "").status)).collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect()
        })
    };
    for _ in 0..3 {
        service.ended(None, &id);
        let answers = at_once("POST", &format!("/scan/{id}/retry"));
        // One that comes after the end of another's is another.
        assert!(answers.contains(&202) && answers.iter().all(|status| matches!(status, 202 | 409)), "{answers:?}");
    }
    service.ended(None, &id);
    let answers = at_once("DELETE", &format!("/scan/{id}?remove=true"));
    assert_eq!(answers.iter().filter(|status| **status == 204).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 204 | 404 | 409)), "{answers:?}");
    assert!(!service.job_folder("local", &id).exists());
}

#[test]
fn the_same_key_starts_one_job() {
    let repo = Repo::with_package("a");
    let service = Service::new().arg("--local-root").arg(repo.path().display().to_string()).start();
    let key = [("idempotency-key", "a-key-of-mine")];
    let ask = |service: &Service, body: &str| service.ask_with("POST", "/scan", None, &key, body);
    let first = ask(&service, r#"{"path":"."}"#);
    let id = first.json()["job_id"].clone();
    assert_eq!((first.status, first.header("idempotency-replayed")), (202, None));
    let again = ask(&service, r#"{"path":"."}"#);
    assert_eq!((again.status, &again.json()["job_id"]), (202, &id));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(ask(&service, r#"{"path":"./"}"#).json()["code"], "key_reused");
    service.ended(None, id.as_str().unwrap());
    // A restart does not forget it.
    let service = service.again();
    assert_eq!(ask(&service, r#"{"path":"."}"#).json()["job_id"], id);
    assert_eq!(service.ask("GET", "/scan", None, "").json()["jobs"].as_array().unwrap().len(), 1);
    let long = "k".repeat(256);
    let refused = service.ask_with("POST", "/scan", None, &[("idempotency-key", &long)], r#"{"path":"."}"#);
    assert_eq!(refused.status, 422);
}

#[test]
fn what_failed_is_scanned_again_when_somebody_asks() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 4);
    forge.misbehave("repo-02.git", e2e::forge::Misbehaviour::Status(403));
    let service = forge_service(&forge).start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme") }));
    let document = service.ended(None, &id);
    assert_eq!(document["status"], "completed_with_errors", "{document}");
    let failed = service.ask("GET", &format!("/scan/{id}/repositories?status=failed"), None, "").json();
    assert_eq!(failed["repositories"].as_array().unwrap().len(), 1, "{failed}");
    let index = failed["repositories"][0]["repo_index"].as_u64().unwrap();
    assert!(failed["repositories"][0]["error"].is_string());

    forge.behave();
    let again = service.ask("POST", &format!("/scan/{id}/retry"), None, "");
    assert_eq!((again.status, again.json()["repositories"].as_u64()), (202, Some(1)), "{again:?}");
    assert_eq!(service.ended(None, &id)["summary"]["completed"], 4);
    assert_eq!(service.ask("POST", &format!("/scan/{id}/retry"), None, "").status, 409);

    let one = service.ask("GET", &format!("/scan/{id}/repositories/{index}"), None, "").json();
    assert_eq!((&one["status"], &one["attempt"]), (&json!("completed"), &json!(2)));
    let report = service.ask("GET", &format!("/scan/{id}/repositories/{index}/report"), None, "").json();
    assert_eq!(report["reports"].as_array().unwrap().len(), 1);
    assert_eq!(report["reports"][0]["dependencies_found"], 1);
    assert_eq!(service.ask("GET", &format!("/scan/{id}/repositories/4"), None, "").status, 404);
    let page = service.ask("GET", &format!("/scan/{id}/repositories?limit=3"), None, "").json();
    assert_eq!((page["repositories"].as_array().unwrap().len(), &page["next"]), (3, &json!(2)));
    let rest = service.ask("GET", &format!("/scan/{id}/repositories?after=2"), None, "").json();
    assert_eq!((rest["repositories"].as_array().unwrap().len(), rest.get("next")), (1, None));
}

/// Each tenant's reports are judged by its own policy, which no repository can bring along.
#[test]
fn a_tenants_policy_judges_its_reports() {
    let repo = Repo::with_package("left-pad");
    std::fs::write(repo.path().join("fumehood.yaml"), "version: 1\ncategories: {}\n").unwrap();
    let strict = "version: 1\ncategories:\n  forbidden:\n    status: restricted\n    dependencies:\n      - left-pad\n";
    let text = "[[tenants]]\nname = \"strict\"\npolicy_file = \"strict.yaml\"\n";
    let service = Service::new()
        .file("strict.yaml", strict)
        .config(text)
        .arg("--local-root")
        .arg(repo.path().display().to_string());
    let (strict, free) = (service.token("strict", "scan,read"), service.token("free", "scan,read"));
    let service = service.start();
    for (token, verdict) in [(&strict, Some("restricted")), (&free, None)] {
        let id = service.scan(Some(token), &json!({ "path": "." }));
        service.ended(Some(token), &id);
        for format in ["json", "sarif", "html", "csv", "spdx", "junit", "markdown", "cyclonedx", "table"] {
            let report = service.ask("GET", &format!("/scan/{id}/report?format={format}"), Some(token), "");
            assert_eq!((report.status, report.header("fumehood-verdict")), (200, verdict), "{format}");
            // Two formats have findings alone, and without a policy there are none.
            let has_packages = !matches!(format, "sarif" | "junit") || verdict.is_some();
            assert!(!has_packages || report.body.contains("left-pad"), "{format}");
            let one = service.ask("GET", &format!("/scan/{id}/repositories/0/report?format={format}"), Some(token), "");
            assert_eq!(one.header("content-type"), report.header("content-type"));
        }
        let sarif = [("accept", "application/sarif+json")];
        let report = service.ask_with("GET", &format!("/scan/{id}/report"), Some(token), &sarif, "");
        assert_eq!(report.json()["version"], "2.1.0");
        let none = [("accept", "image/png")];
        assert_eq!(service.ask_with("GET", &format!("/scan/{id}/report"), Some(token), &none, "").status, 406);
    }
}
