use fumehood_contract::{FileRecord, Package, Timestamp};

use super::testing::repository;
use super::*;
use crate::policy::{Date, Policy};

const POLICY: &str = "categories:\n  Payments:\n    status: restricted\n    api_patterns: [\"*.pay.example\"]\n  \
                      Own:\n    status: allowed\n    api_patterns: [own.example]\n";

fn call(method: Option<&str>, url: &str, host: Option<&str>, line: u32) -> ApiCall {
    ApiCall {
        method: method.map(ToOwned::to_owned),
        url: url.to_owned(),
        host: host.map(ToOwned::to_owned),
        library: Some("requests".to_owned()),
        kind: "rest".to_owned(),
        authentication: host.map(|_| "bearer".to_owned()),
        file: "src/client.py".to_owned(),
        line: Some(line),
    }
}

/// A repository that talks to others, judged.
fn talking() -> Vec<RepoReport> {
    let package = Package { name: "x".to_owned(), purl: "pkg:npm/x@1".to_owned(), ..Package::default() };
    let file = FileRecord { path: "lock".to_owned(), packages: vec![package], ..FileRecord::default() };
    let mut report = repository("acme/app", vec![file]);
    report.calls = vec![
        call(Some("POST"), "https://api.pay.example/v1/{id}", Some("api.pay.example"), 7),
        call(None, "https://own.example/<script>", Some("own.example"), 8),
        call(Some("GET"), "{base}/users", None, 9),
    ];
    let mut reports = vec![report];
    Policy::parse("p", POLICY).unwrap().judge(&mut reports, Date::default());
    reports
}

fn written(write: impl Fn(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_format_tells_of_calls() {
    let reports = talking();
    let moment = Timestamp::from_unix_seconds(0);
    let formats = [
        written(|out| table::write(out, &reports, false)),
        written(|out| cyclonedx::write(out, &reports)),
        written(|out| spdx::write(out, &reports, moment)),
        written(|out| markdown::write(out, &reports)),
        written(|out| csv::write(out, &reports)),
        written(|out| html::write(out, &reports)),
        written(|out| sarif::write(out, &reports)),
        written(|out| junit::write(out, &reports)),
    ];
    for text in &formats {
        assert!(text.contains("api.pay.example/v1/{id}") && text.contains("client.py"), "{text}");
        assert!(text.contains("estricted") || text.contains("RESTRICTED"), "{text}");
    }
}

#[test]
fn hosts_are_services() {
    let reports = talking();
    let bom: serde_json::Value = serde_json::from_str(&written(|out| cyclonedx::write(out, &reports))).unwrap();
    let service = &bom["services"][0];
    assert_eq!(service["name"], "api.pay.example", "{bom:#}");
    assert_eq!(service["endpoints"][0], "https://api.pay.example/v1/%7Bid%7D");
    assert_eq!(service["authenticated"], true);
    assert_eq!(service["properties"][0]["value"], "POST https://api.pay.example/v1/{id} at src/client.py:7");
    assert_eq!(bom["services"][2]["name"], "unknown");
    assert_eq!(bom["services"][2]["authenticated"], serde_json::Value::Null);
}

#[test]
fn calls_are_counted_and_found() {
    let reports = talking();
    let verdict = reports[0].verdict.as_ref().unwrap();
    assert_eq!(verdict.found.iter().map(|found| found.api_calls).collect::<Vec<_>>(), [1, 1]);
    let log: serde_json::Value = serde_json::from_str(&written(|out| sarif::write(out, &reports))).unwrap();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&serde_json::json!("src/client.py"), &serde_json::json!(7))
    );
}

/// A hostile report may be larger than memory: a service keeps so much of it and no more.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test")]
fn a_report_larger_than_its_room_is_let_go() {
    let data = tempfile::tempdir().unwrap();
    let store = JobStore::create(data.path(), "acme").unwrap();
    let status = store.begin_attempt(0, 1).unwrap().status;
    let package = Package { name: "x".to_owned(), purl: "pkg:npm/x@1".to_owned(), ..Package::default() };
    let file = |number| FileRecord {
        path: format!("lock-{number}"),
        packages: vec![package.clone(); 10],
        ..FileRecord::default()
    };
    let header =
        fumehood_contract::report::Header { format: fumehood_contract::report::FORMAT, scanner: "x".to_owned() };
    let mut lines = vec![serde_json::to_string(&fumehood_contract::ReportLine::Header(header)).unwrap()];
    lines.extend(
        (0..20).map(|number| serde_json::to_string(&fumehood_contract::ReportLine::File(file(number))).unwrap()),
    );
    std::fs::write(status.join("report.jsonl"), lines.join("\n") + "\n").unwrap();
    let ended = repository("x", Vec::new()).ended;
    let read = |room: &mut usize| of_repository_within(&store, 0, "x", &ended, room).package_count();
    let mut room = 1000;
    assert_eq!((read(&mut room), room), (200, 1000 - 20 * 11));
    let mut room = 100;
    assert_eq!((read(&mut room), room), (90, 0));
}
