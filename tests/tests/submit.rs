//! `fumehood submit`: as a person or a pipeline uses a service.

#![expect(clippy::disallowed_methods, reason = "tests start processes on their own")]

use std::process::{Command, Output};

use e2e::forge::{Forge, ForgeKind, Misbehaviour};
use e2e::service::Service;

fn submit(service: &Service, token: Option<&str>, args: &[&str]) -> Output {
    let mut command = Command::new(e2e::binary());
    command.arg("submit").args(args).args(["--server", &format!("http://{}", service.address())]);
    command.env_remove("FUMEHOOD_TOKEN");
    if let Some(token) = token {
        command.env("FUMEHOOD_TOKEN", token);
    }
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_group_is_submitted_and_waited_for() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 4);
    let service = Service::new().config(&forge.entry(ForgeKind::GitLab));
    let token = service.token("acme", "scan,read");
    let service = service.start();
    let url = forge.group_url("acme");
    let done = submit(&service, Some(&token), &[&url, "--wait", "--format", "cyclonedx"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let sbom: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(sbom["bomFormat"], "CycloneDX");
    let said = text(&done.stderr);
    assert!(said.contains("[4/4]") && said.contains("completed"), "{said}");

    assert!(said.contains("fumehood: job "), "{said}");

    let only_id = submit(&service, Some(&token), &[&url]);
    let id = text(&only_id.stdout);
    assert_eq!(service.ended(Some(&token), id.trim())["status"], "completed");

    forge.misbehave("repo-01.git", Misbehaviour::Status(403));
    let failed = submit(&service, Some(&token), &[&url, "--wait"]);
    assert_eq!(failed.status.code(), Some(2), "{}", text(&failed.stderr));

    let stranger = submit(&service, None, &[&url, "--wait"]);
    assert_eq!(stranger.status.code(), Some(70));
    assert!(text(&stranger.stderr).contains("A token is needed"), "{}", text(&stranger.stderr));
    let nowhere = Command::new(e2e::binary())
        .args(["submit", &url, "--server", "http://192.0.2.1:1"])
        .env("FUMEHOOD_TOKEN", &token)
        .output()
        .unwrap();
    assert!(text(&nowhere.stderr).contains("without TLS"), "{}", text(&nowhere.stderr));
}

/// A service that is started anew in the meantime is nothing that a pipeline notices.
#[test]
fn who_waits_outlives_a_restart_of_the_service() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 20);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let service = Service::new().config(&forge.entry(ForgeKind::GitLab)).arg("--jobs=1").listen(port).start();
    let server = format!("http://{}", service.address());
    let url = forge.group_url("acme");
    let waiting = Command::new(e2e::binary())
        .args(["submit", &url, "--wait", "--format", "json", "--server", &server])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let completed = |service: &Service| {
        let list = service.ask("GET", "/scan", None, "").json();
        let Some(id) = list["jobs"][0]["job_id"].as_str() else { return 0 };
        let document = service.ask("GET", &format!("/scan/{id}"), None, "").json();
        document["summary"]["completed"].as_u64().unwrap()
    };
    assert!(e2e::soon(std::time::Duration::from_secs(60), || completed(&service) >= 2));
    let service = service.again();
    let done = waiting.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let report: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(report["reports"].as_array().unwrap().len(), 20);
    assert_eq!(service.ask("GET", "/scan", None, "").json()["jobs"].as_array().unwrap().len(), 1);
}
