//! Restarts, power cuts, full disks, and what is tidied up.

#![expect(clippy::disallowed_methods, reason = "tests touch files and processes on their own")]

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use e2e::forge::{Forge, ForgeKind};
use e2e::service::Service;
use e2e::{Repo, soon};
use serde_json::{Value, json};

/// How often the service is killed; `FUMEHOOD_KILLS` says otherwise.
const KILLS: usize = 12;

/// F05: killed at random moments under load, it loses no accepted job, does none twice, and leaves nothing behind.
#[test]
fn f05_killed_again_and_again_it_loses_nothing() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 8);
    let kills = std::env::var("FUMEHOOD_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut service = Service::new().config(&forge.entry(ForgeKind::GitLab)).start();
    let request = json!({ "group_url": forge.group_url("acme") });
    let (mut accepted, mut workers) = (Vec::new(), BTreeSet::new());
    for round in 0..kills {
        for _ in 0..2 {
            accepted.push(service.scan(None, &request));
        }
        // A moment that no two rounds share: after so many more repositories were seen to end.
        let wanted = (round * 7) % 11;
        let ended = |service: &Service| {
            let recent = accepted.iter().rev().take(6);
            let shown = recent.map(|id| service.ask("GET", &format!("/scan/{id}"), None, "").json());
            shown.map(|document| document["summary"]["completed"].as_u64().unwrap_or(0)).sum::<u64>()
        };
        let before = ended(&service);
        let is_reached = soon(Duration::from_secs(60), || {
            workers.extend(known(&service));
            ended(&service) >= before + wanted as u64
        });
        assert!(is_reached, "round {round}");
        workers.extend(known(&service));
        service = service.again();
    }
    for id in &accepted {
        let document = service.ended(None, id);
        assert_eq!(document["status"], "completed", "{document}");
        assert_eq!(document["summary"]["completed"], 8);
        let names: BTreeSet<_> =
            document["completed_repositories"].as_array().unwrap().iter().map(Value::to_string).collect();
        assert_eq!(names.len(), 8, "none twice");
        let fetched = Command::new("find").arg(service.job_folder("local", id)).args(["-name", "fetch"]).output();
        assert_eq!(String::from_utf8_lossy(&fetched.unwrap().stdout), "", "nothing fetched is left");
    }
    let listed = service.ask("GET", "/scan?limit=100", None, "").json()["jobs"].as_array().unwrap().len();
    assert_eq!(listed, accepted.len().min(100));
    let alive = || -> Vec<_> { workers.iter().filter(|(pid, begin)| begun(*pid).as_ref() == Some(begin)).collect() };
    assert!(soon(Duration::from_secs(10), || alive().is_empty()), "these outlive their service: {:?}", alive());
}

/// The workers of a service, each with its beginning: a number alone is soon another process's.
fn known(service: &Service) -> Vec<(u32, String)> {
    service.workers().into_iter().filter_map(|pid| Some((pid, begun(pid)?))).collect()
}

/// When a process began, proc(5), the twenty-second field of `stat`; `None` if it is gone.
fn begun(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the program's name, which may hold anything; a zombie has ended.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    (*fields.first()? != "Z").then(|| fields.get(19).map(|begin| (*begin).to_owned()))?
}

/// A supervisor asks it to end: what runs is left for the next service.
#[test]
fn a_service_that_is_asked_to_end_leaves_its_jobs_to_the_next() {
    let Some(forge) = Forge::start() else { return };
    forge.repositories("acme", 30);
    let service = Service::new().config(&forge.entry(ForgeKind::GitLab)).arg("--jobs=1").start();
    let id = service.scan(None, &json!({ "group_url": forge.group_url("acme") }));
    let completed = |service: &Service| {
        service.ask("GET", &format!("/scan/{id}"), None, "").json()["summary"]["completed"].as_u64().unwrap()
    };
    assert!(soon(Duration::from_secs(30), || completed(&service) >= 1));
    let service = service.ask_to_end().start();
    assert_eq!(service.ended(None, &id)["summary"]["completed"], 30);
}

#[test]
fn a_full_disk_refuses_jobs_and_goes_on_answering() {
    let repo = Repo::with_package("a");
    let root = repo.path().display().to_string();
    // More than any disk has free.
    let text = "[service.retention]\nfree_mebibytes_min = 1000000000000\n";
    let open = Service::new().arg("--local-root").arg(&root).start();
    let id = open.scan(None, &json!({ "path": "." }));
    open.ended(None, &id);
    let full = open.ask_to_end().config(text).start();
    let refused = full.ask("POST", "/scan", None, r#"{"path":"."}"#);
    assert_eq!((refused.status, refused.json()["code"].as_str()), (507, Some("no_room")), "{refused:?}");
    assert_eq!(full.ask("GET", "/readyz", None, "").status, 507);
    assert_eq!(full.ask("GET", "/healthz", None, "").status, 200);
    assert_eq!(full.ask("GET", &format!("/scan/{id}/report"), None, "").json()["reports"][0]["dependencies_found"], 1);
}

/// The same on a disk that is really full: a job that runs ends, and is stored when there is room.
#[test]
fn a_disk_that_fills_up_loses_no_end() {
    let repo = Repo::attack("spin");
    let Some(service) = Service::new().on_a_small_disk() else { return };
    let text = "[service.retention]\nfree_mebibytes_min = 0\n";
    let service = service.hostile().config(text).arg("--local-root").arg(repo.path().display().to_string()).start();
    let id = service.scan(None, &json!({ "path": "." }));
    let shown = |id: &str| service.ask("GET", &format!("/scan/{id}"), None, "").json();
    assert!(soon(Duration::from_secs(30), || shown(&id)["summary"]["in_progress"] == 1));
    let ballast = service.data().join("ballast");
    service.fill(&ballast);
    let refused = service.ask("POST", "/scan", None, r#"{"path":"."}"#);
    assert_eq!((refused.status, refused.json()["code"].as_str()), (507, Some("no_room")), "{refused:?}");
    assert_eq!(service.ask("DELETE", &format!("/scan/{id}"), None, "").status, 202);
    assert!(soon(Duration::from_secs(30), || shown(&id)["summary"]["cancelled"] == 1));
    service.empty(&ballast);
    assert_eq!(service.ended(None, &id)["status"], "cancelled");
    let stored = || {
        let master = service.read(&service.job_folder("local", &id).join("master.json"));
        serde_json::from_str::<Value>(&master).map(|master| master["status"].clone()).unwrap_or_default()
    };
    assert!(soon(Duration::from_secs(60), || stored() == "cancelled"), "{}", stored());
}

#[test]
fn what_ended_is_compressed_and_can_still_be_read() {
    let repo = Repo::with_package("left-pad");
    let root = repo.path().display().to_string();
    let service = Service::new().config("[service.retention]\nplain_minutes = 0\n").arg("--local-root").arg(root);
    let service = service.start();
    let id = service.scan(None, &json!({ "path": "." }));
    let before = service.ended(None, &id);
    let folder = service.job_folder("local", &id);
    assert!(soon(Duration::from_secs(30), || folder.join("compressed").exists()));
    assert!(folder.join("repos/0/a1/kept/report.jsonl.zst").exists());
    assert!(!folder.join("repos/0/a1/status").exists());
    let report = service.ask("GET", &format!("/scan/{id}/report"), None, "").json();
    assert_eq!(report["reports"][0]["files"][0]["packages"][0]["name"], "left-pad");
    assert_eq!(report["reports"][0]["complete"], true);
    let one = service.ask("GET", &format!("/scan/{id}/repositories/0"), None, "").json();
    assert_eq!((&one["dependencies_found"], &one["status"]), (&json!(1), &json!("completed")));
    assert_eq!(service.ended(None, &id), before);
}

#[test]
fn the_jobs_that_ended_first_make_room() {
    let repo = Repo::with_package("a");
    let text = "[service.retention]\nplain_minutes = 0\nkeep_mebibytes = 1\n";
    let service = Service::new().config(text).arg("--local-root").arg(repo.path().display().to_string()).start();
    let first = service.scan(None, &json!({ "path": "." }));
    service.ended(None, &first);
    let ballast = vec![7; 2 * 1024 * 1024];
    std::fs::write(service.job_folder("local", &first).join("ballast"), ballast).unwrap();
    // The job was measured already, perhaps; a retry is not possible, so a restart measures it anew.
    let service = service.ask_to_end().start();
    assert!(soon(Duration::from_secs(30), || !service.job_folder("local", &first).exists()));
    assert_eq!(service.ask("GET", &format!("/scan/{first}"), None, "").status, 404);
}

/// Our own kind of failure is tried again; a worker that is killed from outside is one.
#[test]
fn a_killed_worker_is_tried_again() {
    let repo = Repo::attack("spin");
    let root = repo.path().display().to_string();
    let service = Service::new().hostile().arg("--retries=1").arg("--local-root").arg(root).start();
    let id = service.scan(None, &json!({ "path": "." }));
    for _ in 0..2 {
        let mut killed = None;
        assert!(soon(Duration::from_secs(30), || {
            killed = service.workers().into_iter().next();
            killed.is_some()
        }));
        let pid = rustix::process::Pid::from_raw(i32::try_from(killed.unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        assert!(soon(Duration::from_secs(10), || service.workers().iter().all(|worker| Some(*worker) != killed)));
    }
    let document = service.ended(None, &id);
    assert_eq!((&document["status"], &document["failures"][0]["outcome"]), (&json!("failed"), &json!("killed")));
    let one = service.ask("GET", &format!("/scan/{id}/repositories/0"), None, "").json();
    assert_eq!(one["attempt"], 2);
}

/// Two services on one folder would do every job twice.
#[test]
fn a_data_folder_has_one_service() {
    let service = Service::new().start();
    let second = Command::new(e2e::binary())
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(service.data())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(second.status.code() == Some(70) && said.contains("another service has the data folder"), "{said}");
    assert_eq!(service.again().ask("GET", "/healthz", None, "").status, 200);
}

/// Flags over environment over file, and `token` looks where the service does.
#[test]
fn settings_count_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let text = "[service]\nworkers = 3\nretries = 7\ntimeout_seconds = 60\ndata_dir = \"jobs\"\n";
    std::fs::write(&file, text).unwrap();
    let out = Command::new(e2e::binary())
        .args(["config", "check", "--jobs", "5"])
        .env("FUMEHOOD_CONFIG", &file)
        .env("FUMEHOOD_WORKERS", "4")
        .env("FUMEHOOD_TIMEOUT", "2m")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let data = folder.path().join("jobs");
    for line in ["workers           5", "timeout           2m", "retries           7"] {
        assert!(said.lines().any(|found| found == line), "{line}: {said}");
    }
    assert!(said.contains(&data.display().to_string()), "{said}");
    let made = Command::new(e2e::binary()).args(["token", "create", "acme", "--config"]).arg(&file).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(data.join("tokens.json").exists());
}

#[test]
fn a_wrong_configuration_is_named_and_a_right_one_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let out = Command::new(e2e::binary()).args(["config", "check"]).arg(&file).output().unwrap();
        (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
    };
    std::fs::write(folder.path().join("hook"), "whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0").unwrap();
    let right = "[service]\nworkers = 3\n[service.retention]\nkeep_hours = 48\n\
                 [[tenants]]\nname = \"acme\"\nwebhook_secret_file = \"hook\"\nquotas = { jobs = 7 }\n";
    let (code, said) = check(right);
    assert_eq!(code, Some(0), "{said}");
    for part in ["workers           3", "2days", "acme: 3 workers, weight 1, 7 jobs", "webhooks signed"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("whsec_"));
    for (text, part) in [
        ("[service]\nworker = 3\n", "unknown field `worker`"),
        ("[service.retention]\nkeep_hours = 0\n", "line 2"),
        ("[[tenants]]\nname = \"acme\"\nwebhook_secret_file = \"nowhere\"\n", "nowhere"),
        ("[[tenants]]\nname = \"acme\"\nwebhook_secret_file = \"config.toml\"\n", "webhook_secret_file"),
    ] {
        let (code, said) = check(text);
        assert!(code == Some(64) && said.contains(part), "{part}: {said}");
    }
}
