//! What the code talks to, from the source to the report.

#![expect(clippy::disallowed_methods, reason = "tests touch files on their own")]

use e2e::{Fumehood, Repo};
use serde_json::{Value, json};

const CLIENT: &str = r#"
import requests

BASE = "https://api.shop.example/v2"
# requests.get("https://comment.example/")

def order(number, token):
    """See https://docs.example/orders"""
    return requests.post(f"{BASE}/orders/{number}", headers={"Authorization": f"Bearer {token}"})
"#;

const SECRETIVE: &str = r#"
const TOKEN = "hunter2hunter2hunter2";
fetch("https://user:hunter2hunter2hunter2@api.pay.example/charge?api_key=hunter2hunter2hunter2", { method: "POST" });
"#;

fn repo() -> Repo {
    Repo::with_package("left-pad")
        .file("src/client.py", CLIENT)
        .file("web/pay.js", SECRETIVE)
        .file("tests/test_client.py", CLIENT)
        .file("ours/client.py", CLIENT)
        .file("config/application.yml", "shop:\n  url: https://config.shop.example/base\n")
}

fn places(report: &Value) -> Vec<String> {
    let calls = report["api_calls"].as_array().cloned().unwrap_or_default();
    calls.iter().map(|call| format!("{}:{}", call["file"].as_str().unwrap(), call["line"])).collect()
}

#[test]
fn calls_are_found_with_what_the_source_tells_of_them() {
    let repo = repo();
    let scan = Fumehood::new().scan(&[&repo]).exits(0);
    let report = scan.report(0);
    assert_eq!(report["dependencies_found"], 1);
    let expected = ["config/application.yml:2", "ours/client.py:9", "src/client.py:9", "web/pay.js:3"];
    assert_eq!(places(&report), expected, "{report}");
    let call = &report["api_calls"][2];
    assert_eq!(call["method"], "POST");
    assert_eq!(call["url"], "https://api.shop.example/v2/orders/{number}");
    assert_eq!((&call["host"], &call["library"]), (&json!("api.shop.example"), &json!("requests")));
    assert_eq!((&call["kind"], &call["authentication"]), (&json!("rest"), &json!("bearer")));
    let status = scan.file("repo_0.json");
    assert_eq!((&status["api_calls_found"], &status["status"]), (&json!(4), &json!("completed")));
}

#[test]
fn secrets_are_written_nowhere() {
    let scan = Fumehood::new().scan(&[&repo()]).exits(0);
    assert!(scan.report(0).to_string().contains("api.pay.example/charge"));
    for name in scan.files_below_job() {
        let text = std::fs::read(scan.job().join(&name)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&text).contains("hunter2"), "{name}");
    }
    assert!(!scan.json().to_string().contains("hunter2"));
}

#[test]
fn where_they_are_looked_for_is_the_users_choice() {
    let repo = repo();
    let off = Fumehood::new().arg("--no-api-calls").scan(&[&repo]).exits(0);
    assert_eq!(places(&off.report(0)), Vec::<String>::new());
    assert_eq!(off.report(0)["dependencies_found"], 1);
    let ours = Fumehood::new().arg("--exclude-api-calls=ours,config/,web").scan(&[&repo]).exits(0);
    assert_eq!(places(&ours.report(0)), ["src/client.py:9", "tests/test_client.py:9"]);
}

#[test]
fn a_policy_restricts_them_at_their_lines() {
    let repo = repo();
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("strict.yaml");
    let text = "version: 1\ncategories:\n  Payments:\n    status: restricted\n    api_patterns:\n      - \"https://*.pay.example/**\"\n";
    std::fs::write(&policy, text).unwrap();
    let scan = Fumehood::new().arg(&format!("--policy={}", policy.display())).scan(&[&repo]).exits(1);
    let restricted = scan.json().to_string();
    assert!(restricted.contains("restricted") && restricted.contains("Payments"), "{restricted}");
}
